//! The demo's relay, its two staff members and the servers around it, in one directory.

use super::{
    Failure, ask,
    client::ANA,
    failed,
    mailbox::{Mail, Mailboxes, PATIENCE, start_staff_server},
    open::{Opened, open},
    provider,
    story::Story,
};
use crate::{
    cli::{files, init},
    clock::Clock,
    config::Config,
    control::{CaseRequest, Data, NewCase, QueueRequest, Request, StaffRequest},
    openpgp::ReaderKey,
    serve::Running,
    tls::make_self_signed,
};
use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

/// Who may read documents.
pub const STAFF: [&str; 2] = ["alice@example.org", "bo@example.org"];

/// Everything around the message.
pub struct House {
    pub config: Config,
    /// Each staff member's own key, which the relay never has.
    pub keys: Vec<(&'static str, ReaderKey)>,
    staff_server: SocketAddr,
    mailboxes: Mailboxes,
}

impl House {
    /// Starts the servers around the relay and writes the relay's set-up.
    pub fn build(dir: &Path) -> Result<Self, Failure> {
        let now = Clock::system().now();
        let mailboxes = Mailboxes::default();
        let made = make_self_signed("127.0.0.1", now).map_err(|error| failed(&error.to_string()))?;
        let (certificate, key) = (dir.join("staff-server-cert.pem"), dir.join("staff-server-key.pem"));
        files::write_new(&certificate, 0o644, made.certificate_pem.as_bytes())?;
        files::write_new(&key, 0o600, made.key_pem.as_bytes())?;
        let staff_server = start_staff_server(&mailboxes, &certificate, &key)?;
        let provider = provider::start(&mailboxes)?;
        let config = init::write(dir, &configuration(staff_server, provider))?;
        let keys = STAFF.map(|email| (email, ReaderKey::generate(email, now))).into();
        Ok(Self { config, keys, staff_server, mailboxes })
    }

    /// Adds the staff through the running relay's desk.
    pub async fn add_staff(&self) -> Result<(), Failure> {
        for (email, key) in &self.keys {
            let keys = vec![key.certificate_armored()];
            let add = StaffRequest::Add { email: (*email).to_owned(), name: None, keys };
            ask(&self.config, Request::Staff(add)).await?;
        }
        Ok(())
    }

    /// Says who and what is there.
    pub fn introduce(&self, relay: &Running, story: &Story) -> Result<(), Failure> {
        let smtps = relay.smtps_addr().map(|address| format!(", and {address} for TLS from the first byte"));
        story.say(&format!(
            "the relay     {} on {}{}",
            self.config.relay.hostname,
            relay.smtp_addr(),
            smtps.unwrap_or_default()
        ))?;
        for (email, key) in &self.keys {
            story.say(&format!("{email:<19} OpenPGP certificate {}", key.fingerprint()))?;
        }
        story.say(&format!(
            "their mail server on {}: takes sealed mail over verified TLS, cannot open it",
            self.staff_server
        ))
    }

    /// Opens a case for both; gives its address.
    pub async fn open_case(&self) -> Result<String, Failure> {
        let new = NewCase {
            staff: STAFF.map(str::to_owned).into(),
            label: Some("Moreno, Juniper Street".to_owned()),
            language: None,
            ..NewCase::default()
        };
        match ask(&self.config, Request::Case(CaseRequest::Open(new))).await?.data {
            Data::Opened(case) => Ok(case.address),
            _ => Err(Failure::unexpected()),
        }
    }

    /// The answer that Ana gets.
    pub async fn wait_for_answer(&self) -> Result<Mail, Failure> {
        self.mailboxes.first_for(ANA).await
    }

    /// Each staff member's mail, as it came and opened with their key.
    pub async fn wait_and_open(&self) -> Result<Vec<Opened>, Failure> {
        let relay = self.relay_certificate()?;
        let mut opened = Vec::new();
        for (email, key) in &self.keys {
            opened.push(open(email, self.mailboxes.first_for(email).await?, key, &relay)?);
        }
        Ok(opened)
    }

    /// Waits until the queue is empty: what was delivered is then in the trail, too.
    pub async fn wait_until_nothing_is_due(&self) -> Result<(), Failure> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            match ask(&self.config, Request::Queue(QueueRequest::List)).await?.data {
                Data::Jobs(jobs) if jobs.is_empty() => return Ok(()),
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        Err(failed("mail still waits in the queue"))
    }

    /// The relay's public certificate, as staff import it.
    pub fn relay_certificate(&self) -> Result<String, Failure> {
        let path = self.config.file.with_file_name("relay-cert.asc");
        std::fs::read_to_string(path).map_err(|error| failed(&format!("the relay's certificate: {error}")))
    }

    /// Keeps the mails, the staff's keys and what was decrypted.
    pub fn keep(&self, dir: &Path, answer: &Mail, opened: &[Opened]) -> Result<(), Failure> {
        let (mails, decrypted) = (dir.join("mails"), dir.join("decrypted"));
        files::make_dir(&mails, 0o700)?;
        files::make_dir(&decrypted, 0o700)?;
        files::write_new(&mails.join("to-ana.eml"), 0o600, &answer.bytes)?;
        for ((email, key), opened) in self.keys.iter().zip(opened) {
            files::write_new(&mails.join(format!("to-{email}.eml")), 0o600, &opened.mail.bytes)?;
            files::write_new(&dir.join(format!("{email}-secret-key.asc")), 0o600, &key.to_armored())?;
            files::write_new(&decrypted.join(format!("{email}.eml")), 0o600, &opened.plain)?;
        }
        for (number, document) in opened.iter().take(1).flat_map(|opened| &opened.documents).enumerate() {
            let name = document.name.replace(['/', '\0'], "_");
            files::write_new(&decrypted.join(format!("{}-{name}", number + 1)), 0o600, &document.bytes)?;
        }
        Ok(())
    }
}

/// The demo's configuration: as `init` writes one, but on loopback and free ports.
fn configuration(staff_server: SocketAddr, provider: SocketAddr) -> String {
    format!(
        r#"# The demo's configuration.
[relay]
domain = "in.example.org"
hostname = "mx.in.example.org"
data_dir = "data"
admins = ["alice@example.org"]

[smtp]
listen = ["127.0.0.1:0"]
listen_tls = ["127.0.0.1:0"]

[tls]
certificate = "tls/cert.pem"
key = "tls/key.pem"

[store]
key_file = "at-rest.key"

[staff_mail]
host = "127.0.0.1"
port = {}
tls = "starttls"
ca_file = "staff-server-cert.pem"
from = "intake@in.example.org"

[client_reply]
host = "127.0.0.1"                   # stands for the way to the client's own provider
port = {}
tls = "none"

[senders]
verify = false                       # the demo's domains are in no DNS
"#,
        staff_server.port(),
        provider.port(),
    )
}
