//! A whole agency: a set-up made by `sealdrop init`, the real relay as a process of its own, and clients who mail it with lettre.

use super::smtp_client::{HOST, Place};
use lettre::{
    Address,
    address::Envelope,
    transport::smtp::{
        Error,
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        extension::ClientId,
        response::Response,
    },
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// Longer than anything that is waited for takes.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// The program.
pub const RELAY: &str = env!("CARGO_BIN_EXE_sealdrop");
/// The domain of the case addresses.
pub const DOMAIN: &str = "in.example.org";

/// A set-up, and the relay when it runs. What it had is removed with it.
pub struct Agency {
    dir: tempfile::TempDir,
    relay: Option<Relay>,
    /// Everything that relays of this agency wrote to stderr.
    log: Arc<Mutex<String>>,
}

struct Relay {
    process: Child,
    smtp: SocketAddr,
    smtps: SocketAddr,
}

impl Agency {
    /// A set-up whose mail goes out through `smarthost`; `more` is appended to its configuration.
    pub fn new(smarthost: SocketAddr, more: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("sd-").tempdir_in("/tmp").unwrap();
        let agency = Self { dir, relay: None, log: Arc::default() };
        let place = agency.path("").display().to_string();
        let host = smarthost.to_string();
        agency.must(&[
            "init",
            &place,
            "--domain",
            DOMAIN,
            "--hostname",
            HOST,
            "--admin",
            "alice@example.org",
            "--smarthost",
            &host,
        ]);
        agency.configure("0.0.0.0:25", "127.0.0.1:0");
        agency.configure("0.0.0.0:465", "127.0.0.1:0");
        // Tests ask no DNS but one of their own.
        agency.configure("[client_reply]", "[senders]\nverify = false\n\n[client_reply]");
        let text = fs::read_to_string(agency.path("sealdrop.toml")).unwrap();
        fs::write(agency.path("sealdrop.toml"), text + more).unwrap();
        agency
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("agency").join(name)
    }

    /// Replaces a piece of the configuration, which must be there.
    pub fn configure(&self, old: &str, new: &str) {
        let file = self.path("sealdrop.toml");
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(old), "{old:?} is not in the configuration");
        fs::write(file, text.replace(old, new)).unwrap();
    }

    /// Runs a command of sealdrop on this set-up.
    pub fn run(&self, arguments: &[&str]) -> Output {
        Command::new(RELAY)
            .args(arguments)
            .env("SEALDROP_CONFIG", self.path("sealdrop.toml"))
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// Runs a command, which must succeed, and gives what it printed.
    pub fn must(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "sealdrop {arguments:?} failed: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Adds a person with this certificate.
    pub fn hire(&self, email: &str, certificate: &[u8]) {
        let file = self.path("certificate.asc");
        fs::write(&file, certificate).unwrap();
        self.must(&["staff", "add", email, "--key", file.to_str().unwrap()]);
    }

    /// Runs a command, which must succeed, and gives its data.
    pub fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.must(&[arguments, &["--json"]].concat())).unwrap()
    }

    /// Opens a case for these people and gives its whole address.
    pub fn open_case(&self, staff: &[&str]) -> String {
        self.open_case_with(staff, &[])
    }

    /// Opens a case with more than its people.
    pub fn open_case_with(&self, staff: &[&str], more: &[&str]) -> String {
        let mut arguments = [&["case", "open"], more].concat();
        staff.iter().for_each(|email| arguments.extend(["--staff", email]));
        self.must(&arguments).lines().next().unwrap().to_owned()
    }

    /// Starts the relay and waits until it is ready.
    pub fn start(&mut self) {
        self.start_under(&[]);
    }

    /// Starts the relay under another program, such as `strace -D`, which must leave it our child.
    pub fn start_under(&mut self, wrapper: &[&str]) {
        let ready = self.try_start_under(wrapper);
        assert!(ready, "the relay did not start:\n{}", self.log());
    }

    /// Whether the relay came as far as to say that it is ready.
    pub fn try_start_under(&mut self, wrapper: &[&str]) -> bool {
        let words: Vec<&str> = wrapper.iter().copied().chain([RELAY, "serve"]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::null());
        self.try_start_as(command)
    }

    /// Whether the relay that this command runs came as far as to say that it is ready.
    pub fn try_start_as(&mut self, mut command: Command) -> bool {
        command.env("SEALDROP_CONFIG", self.path("sealdrop.toml")).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        // The command may hold sockets that are the relay's now.
        drop(command);
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        let ready = lines.by_ref().inspect(|line| self.note(line)).find(|line| line.starts_with("sealdrop ready: "));
        let Some(ready) = ready else {
            process.wait().unwrap();
            return false;
        };
        let log = self.log.clone();
        thread::spawn(move || lines.for_each(|line| log.lock().unwrap().push_str(&(line + "\n"))));
        let words: Vec<&str> = ready.split(' ').collect();
        let address = |at: usize| words[at].parse().unwrap();
        self.relay = Some(Relay { process, smtp: address(4), smtps: address(6) });
        true
    }

    fn note(&self, line: &str) {
        self.log.lock().unwrap().push_str(&format!("{line}\n"));
    }

    /// Everything that the relay wrote to stderr so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    fn relay(&self) -> &Relay {
        self.relay.as_ref().expect("the relay runs")
    }

    pub fn pid(&self) -> u32 {
        self.relay().process.id()
    }

    /// Whether the relay has not ended on its own.
    pub fn runs(&mut self) -> bool {
        self.relay.as_mut().is_some_and(|relay| relay.process.try_wait().unwrap().is_none())
    }

    /// Sends the relay a signal by its name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.pid().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Makes the relay read its configuration again and waits until it has.
    pub async fn reload(&self) {
        let ready = || self.log().matches("sealdrop ready: ").count();
        let before = ready();
        self.signal("HUP");
        eventually("the relay to be ready again", || (ready() > before).then_some(())).await;
    }

    /// Asks the relay to stop and waits until it has.
    pub fn stop(&mut self) {
        self.signal("TERM");
        self.wait();
    }

    /// Waits until the relay has ended, which it must do well.
    pub fn wait(&mut self) {
        assert!(self.end().success(), "the relay did not stop well:\n{}", self.log());
    }

    /// Waits until the relay has ended, however it does.
    pub fn end(&mut self) -> ExitStatus {
        self.relay.take().unwrap().process.wait().unwrap()
    }

    /// Kills the relay as a power cut would, or takes note that it is dead already.
    pub fn kill(&mut self) {
        if let Some(mut relay) = self.relay.take() {
            let _ = relay.process.kill();
            relay.process.wait().unwrap();
        }
    }

    /// Opens a connection of a client's mail server: STARTTLS, verified against the relay's certificate.
    pub async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let certificate = Certificate::from_pem(&fs::read(self.path("tls/cert.pem")).unwrap())?;
        let tls = TlsParameters::builder(HOST.to_owned()).add_root_certificate(certificate).build()?;
        let hello = ClientId::Domain("client.example".to_owned());
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(self.starttls(), Some(PATIENCE), &hello, None, None).await?;
        connection.starttls(tls, &hello).await?;
        Ok(connection)
    }

    /// Mails the relay and gives its answer to the data.
    pub async fn send(&self, from: &str, to: &[&str], mail: &[u8]) -> Result<Response, Error> {
        let from = (!from.is_empty()).then(|| from.parse::<Address>().unwrap());
        let to = to.iter().map(|to| to.parse().unwrap()).collect();
        let mut connection = self.connect().await?;
        let answer = connection.send(&Envelope::new(from, to).unwrap(), mail).await;
        let _ = connection.quit().await;
        answer
    }
}

impl Place for Agency {
    fn starttls(&self) -> SocketAddr {
        self.relay().smtp
    }

    fn implicit(&self) -> SocketAddr {
        self.relay().smtps
    }

    fn certificate(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(self.path("tls/cert.pem")).unwrap()
    }
}

impl Drop for Agency {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Waits until `done` gives something: for what happens in another process. Gives up after [`PATIENCE`].
pub async fn eventually<T>(what: &str, mut done: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = done() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A mail with a note and these documents, as a phone makes it.
pub fn mail_with(note: &str, documents: &[(&str, &str, &[u8])]) -> Vec<u8> {
    use lettre::message::{Attachment, Message, MultiPart, SinglePart};
    let mut parts = MultiPart::mixed().singlepart(SinglePart::plain(note.to_owned()));
    for (name, kind, bytes) in documents {
        let attachment = Attachment::new((*name).to_owned()).body(bytes.to_vec(), kind.parse().unwrap());
        parts = parts.singlepart(attachment);
    }
    Message::builder()
        .from("ana@client.example".parse().unwrap())
        .to("in@in.example.org".parse().unwrap())
        .subject("my papers")
        .multipart(parts)
        .unwrap()
        .formatted()
}
