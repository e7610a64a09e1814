//! The real relay, set up as an admin would: `init`, `staff add`, `case open`, `serve`. On loopback, with free ports.

use super::client::Target;
use sealdrop::{clock::Clock, openpgp::ReaderKey, tls::client_config};
use std::{
    fs,
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
};
use tempfile::TempDir;

const HOST: &str = "mx.in.example.org";

/// A relay that runs until it is dropped.
pub struct Relay {
    pub target: Target,
    process: Child,
    _dir: TempDir,
}

impl Relay {
    /// Starts a relay for `recipients` of staff, whose mail server is `staff_server` (a port on which nobody listens when
    /// None).
    pub fn start(recipients: usize, staff_server: Option<SocketAddr>) -> Self {
        let dir = place();
        let home = dir.path().join("relay");
        let smarthost = staff_server.unwrap_or_else(nobody).to_string();
        run(&["init", path(&home), "--domain", "in.example.org", "--hostname", HOST, "--smarthost", &smarthost]);
        let config = home.join("sealdrop.toml");
        open_to_load(&config);
        let to = open_case(dir.path(), path(&config), recipients);
        let (process, address) = serve(path(&config));
        let trust = client_config(Some(&home.join("tls/cert.pem"))).expect("the relay's certificate");
        let tls = Some((HOST.try_into().expect("a name"), Arc::clone(&trust)));
        Self { target: Target { address, to, tls }, process, _dir: dir }
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A directory on a real disk: in SEALDROP_BENCH_DIR, else in the build directory.
pub fn place() -> TempDir {
    let base = std::env::var_os("SEALDROP_BENCH_DIR").unwrap_or_else(|| env!("CARGO_TARGET_TMPDIR").into());
    tempfile::tempdir_in(base).expect("a directory to measure in")
}

/// An address at which nobody listens.
fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port")
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// Runs one command of the relay; gives the first line that it prints.
fn run(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sealdrop")).args(arguments).output().expect("the relay's binary");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned()
}

/// Free ports, and limits that one address with all the load does not reach.
fn open_to_load(config: &Path) {
    let text = fs::read_to_string(config).expect("init wrote it");
    let smtp = "[senders]\nverify = false\n[smtp]\nmax_connections = 5000\nmax_connections_per_address = 5000\n";
    let text = text
        .replace("[smtp]\n", smtp)
        .replace("0.0.0.0:25", "127.0.0.1:0")
        .replace("0.0.0.0:465", "127.0.0.1:0")
        .replace("[retention]", "[limits]\nmax_arrivals = 1000\n\n[retention]");
    fs::write(config, text).expect("room on the disk");
}

fn open_case(dir: &Path, config: &str, recipients: usize) -> String {
    let mut opening = vec!["--config".to_owned(), config.to_owned(), "case".to_owned(), "open".to_owned()];
    for n in 0..recipients {
        let (email, key) = (format!("staff{n}@example.org"), dir.join(format!("staff{n}.asc")));
        let certificate = ReaderKey::generate(&email, Clock::system().now()).certificate_armored();
        fs::write(&key, certificate).expect("room on the disk");
        run(&["--config", config, "staff", "add", &email, "--key", path(&key)]);
        opening.extend(["--staff".to_owned(), email]);
    }
    run(&opening.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Starts the relay and waits for its ready line; what it says after that is thrown away.
fn serve(config: &str) -> (Child, SocketAddr) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_sealdrop"))
        .args(["--config", config, "serve"])
        // A developer's setting that makes every error costly.
        .env_remove("RUST_BACKTRACE")
        .stderr(Stdio::piped())
        .spawn()
        .expect("the relay's binary");
    let mut lines = BufReader::new(process.stderr.take().expect("a pipe")).lines().map_while(Result::ok);
    let mut said = Vec::new();
    let address = lines.by_ref().find_map(|line| {
        let address = line.strip_prefix("sealdrop ready: ").and_then(|ready| ready.split(' ').nth(2)?.parse().ok());
        said.push(line);
        address
    });
    let Some(address) = address else { panic!("the relay did not start:\n{}", said.join("\n")) };
    thread::spawn(move || lines.for_each(drop));
    (process, address)
}
