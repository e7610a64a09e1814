//! A relay's SMTP door for tests: the real listener on loopback with real TLS, and behind it a [`Door`] that knows a few
//! addresses, fails as it is told to, and tells what came. It never sees a message's bytes: nobody outside intake can.

#![allow(dead_code, reason = "each test file uses its part")]

use super::smtp_client::{HOST, Place};
use rustls::pki_types::CertificateDer;
use sealdrop::{
    clock::Clock,
    config,
    envelope::{Envelope, Mailbox, Recipient, ReversePath},
    intake::Chunk,
    smtp::{Door, Incoming, Listener, Port, Rejection, Settings},
    spool::DirectorySpool,
    store::{Committed, Committer, EmbeddedStore},
    tls::{ServerTls, make_self_signed},
};
use std::{
    fs,
    net::{IpAddr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

/// What took place behind the door, in a line of text.
type Events = mpsc::UnboundedSender<String>;

/// The addresses and senders that mean something here. Any other address of the domain is unknown.
pub struct TestDoor {
    events: Events,
}

impl Door for TestDoor {
    type Mail = TestMail;

    fn recipient(&self, Recipient(address): &Recipient, _: &ReversePath, _peer: IpAddr) -> Result<Mailbox, Rejection> {
        if address.domain() != "in.example.org" {
            return Err(Rejection::NotOurDomain);
        }
        match address.local() {
            // Two mailboxes are enough to stand for any.
            "river-tiger-42" | "river tiger 42" | "río-tigre-42" | "abuse" => Ok(Mailbox::Abuse),
            "postmaster" => Ok(Mailbox::Postmaster),
            "closed-case-11" => Err(Rejection::ClosedCase),
            "nobody-reads-22" => Err(Rejection::NobodyCanRead),
            _ => Err(Rejection::UnknownCase),
        }
    }

    async fn begin(&self, envelope: Envelope, _declared: u64) -> Result<TestMail, Rejection> {
        let from = match &envelope.reverse_path {
            ReversePath::Null => String::new(),
            ReversePath::Mailbox(address) => address.as_str().to_owned(),
        };
        match from.as_str() {
            "full-disk@example.org" => return Err(Rejection::DiskFull),
            "no-budget@example.org" => return Err(Rejection::NotNow),
            _ => {}
        }
        let mailboxes: Vec<_> = envelope.mailboxes.iter().map(ToString::to_string).collect();
        let name = format!("<{from}> to {}", mailboxes.join(" and "));
        Ok(TestMail { from, name, size: 0, finished: false, envelope, events: self.events.clone() })
    }
}

/// A message that is coming in through a [`TestDoor`].
pub struct TestMail {
    from: String,
    name: String,
    size: usize,
    finished: bool,
    envelope: Envelope,
    events: Events,
}

impl Incoming for TestMail {
    async fn push(&mut self, chunk: &Chunk) -> Result<(), Rejection> {
        self.size += chunk.len();
        match self.from.as_str() {
            "fails-midway@example.org" => Err(Rejection::NotNow),
            "panics@example.org" => panic!("a door that panics"),
            _ => Ok(()),
        }
    }

    async fn finish(mut self) -> Result<Committed, Rejection> {
        match self.from.as_str() {
            "fails-at-end@example.org" => return Err(Rejection::NotNow),
            "loop@example.org" => return Err(Rejection::Loop),
            _ => {}
        }
        self.finished = true;
        let Envelope { protection, hello, smtputf8, .. } = &self.envelope;
        let utf8 = if *smtputf8 { ", SMTPUTF8" } else { "" };
        let (version, group) = (&protection.version, &protection.key_exchange);
        let _ = self.events.send(format!("took {}: {} bytes of {hello}{utf8}", self.name, self.size));
        let _ = self.events.send(format!("over {version} {group}"));
        COMMITTER.commit(Vec::new()).await.map_err(|_| Rejection::NotNow)
    }
}

impl Drop for TestMail {
    fn drop(&mut self) {
        if !self.finished {
            // The test may be over.
            let _ = self.events.send(format!("let go of {}", self.name));
        }
    }
}

/// Commits of nothing, which are all that is asked of it, touch no file: its directory may be gone.
static COMMITTER: LazyLock<Committer> = LazyLock::new(|| {
    let directory = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(directory.path()).unwrap();
    let spool = DirectorySpool::open(directory.path(), 0).unwrap();
    Committer::start(Arc::new(store), Arc::new(spool), Clock::system())
});

/// A running listener. Stops when dropped.
pub struct Relay {
    pub starttls: SocketAddr,
    pub implicit: SocketAddr,
    pub tls: Arc<ServerTls>,
    pub listener: Arc<Listener<TestDoor>>,
    pub events: mpsc::UnboundedReceiver<String>,
    pub stop: watch::Sender<bool>,
    pub served: JoinHandle<()>,
    directory: tempfile::TempDir,
}

impl Relay {
    /// Starts with these limits.
    pub async fn start(limits: config::Smtp) -> Self {
        let directory = tempfile::tempdir().unwrap();
        write_certificate(directory.path());
        let tls = Arc::new(ServerTls::load(&certificate_in(directory.path()), &key_in(directory.path())).unwrap());
        let (sender, events) = mpsc::unbounded_channel();
        let settings = Settings { hostname: HOST.to_owned(), domain: "in.example.org".to_owned(), limits };
        let door = Arc::new(TestDoor { events: sender });
        let listener = Arc::new(Listener::new(door, tls.clone(), Clock::system(), settings));
        let sockets = [Port::StartTls, Port::ImplicitTls].map(|port| (TcpListener::bind("127.0.0.1:0").unwrap(), port));
        let [starttls, implicit] = [0, 1].map(|at: usize| sockets[at].0.local_addr().unwrap());
        let (stop, stopping) = watch::channel(false);
        let serving = listener.clone().serve(sockets.into(), stopping, Duration::from_secs(20));
        let served = tokio::spawn(async { serving.await.unwrap() });
        Self { starttls, implicit, tls, listener, events, stop, served, directory }
    }

    /// The certificate file, which clients may trust.
    pub fn certificate_file(&self) -> PathBuf {
        certificate_in(self.directory.path())
    }

    /// Puts another certificate and key into the files.
    pub fn renew_certificate(&self) {
        write_certificate(self.directory.path());
    }

    /// What took place next.
    pub async fn event(&mut self) -> String {
        let event = tokio::time::timeout(Duration::from_secs(20), self.events.recv()).await;
        event.expect("something takes place in time").expect("the door is there")
    }

    /// Stops and gives what took place and was not looked at.
    pub async fn stop(mut self) -> Vec<String> {
        self.stop.send_replace(true);
        (&mut self.served).await.unwrap();
        let mut left = Vec::new();
        while let Ok(event) = self.events.try_recv() {
            left.push(event);
        }
        left
    }
}

impl Place for Relay {
    fn starttls(&self) -> SocketAddr {
        self.starttls
    }

    fn implicit(&self) -> SocketAddr {
        self.implicit
    }

    fn certificate(&self) -> CertificateDer<'static> {
        self.tls.certificate()
    }
}

fn certificate_in(directory: &Path) -> PathBuf {
    directory.join("cert.pem")
}

fn key_in(directory: &Path) -> PathBuf {
    directory.join("key.pem")
}

fn write_certificate(directory: &Path) {
    let made = make_self_signed(HOST, Clock::system().now()).unwrap();
    for (path, text) in [(certificate_in(directory), &made.certificate_pem), (key_in(directory), &*made.key_pem)] {
        let new = path.with_extension("new");
        fs::write(&new, text).unwrap();
        fs::rename(new, path).unwrap();
    }
}

/// Generous limits that no test runs into by chance.
pub fn limits() -> config::Smtp {
    let long = Duration::from_secs(60);
    config::Smtp {
        listen: Vec::new(),
        listen_tls: Vec::new(),
        max_message_size: 100_000,
        max_connections: 100,
        max_connections_per_address: 100,
        max_recipients: 5,
        max_errors: 20,
        max_unknown_recipients: 20,
        command_timeout: long,
        data_timeout: long,
        data_deadline: long,
        min_data_rate: 1,
        session_deadline: long,
        max_hops: 30,
    }
}
