//! The staff's mail server, played by mailin-embedded: with or without STARTTLS, refusing whom it is told to.
//! (It answers 500 to `MAIL FROM:<>`, so confirmations go to `scripted_server`.)

use mailin_embedded::{Handler, Response, Server, SslConfig, response};
use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener},
    path::Path,
    sync::{Arc, Mutex},
    thread,
};

/// A mail that a server took over.
#[derive(Clone, Debug)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    /// Without dot-stuffing.
    pub text: String,
}

/// A running server; it ends with the test program.
pub struct StaffServer {
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    mails: Vec<Mail>,
    /// MAIL commands, whatever came of them.
    begun: usize,
    refuse: Option<(String, u16)>,
}

#[derive(Clone)]
struct Taker {
    seen: Arc<Mutex<Seen>>,
    mail: Mail,
}

impl StaffServer {
    /// Starts on a free port of 127.0.0.1; with STARTTLS if there is a certificate and a key.
    pub fn start(tls: Option<(&Path, &Path)>) -> Self {
        let seen = Arc::<Mutex<Seen>>::default();
        let mail = Mail { from: String::new(), to: Vec::new(), text: String::new() };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut server = Server::new(Taker { seen: seen.clone(), mail });
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let ssl = match tls {
            Some((certificate, key)) => SslConfig::SelfSigned { cert_path: text(certificate), key_path: text(key) },
            None => SslConfig::None,
        };
        server.with_name("staff.example").with_ssl(ssl).unwrap().with_tcp_listener(listener).with_num_threads(8);
        thread::spawn(move || {
            let _ = server.serve();
        });
        Self { address, seen }
    }

    /// Refuses the recipient with this code (None: nobody any more).
    pub fn refuse(&self, who: Option<(&str, u16)>) {
        self.seen.lock().unwrap().refuse = who.map(|(to, code)| (to.to_owned(), code));
    }

    /// The mails taken so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.seen.lock().unwrap().mails.clone()
    }

    /// How many transactions were begun.
    pub fn begun(&self) -> usize {
        self.seen.lock().unwrap().begun
    }
}

impl Handler for Taker {
    fn mail(&mut self, _: IpAddr, _: &str, from: &str) -> Response {
        self.seen.lock().unwrap().begun += 1;
        self.mail.from = from.to_owned();
        response::OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        match &self.seen.lock().unwrap().refuse {
            Some((refused, code)) if refused == to => Response::custom(*code, format!("<{to}> is not taken")),
            _ => response::OK,
        }
    }

    fn data_start(&mut self, _: &str, _: &str, _: bool, to: &[String]) -> Response {
        self.mail.to = to.to_vec();
        self.mail.text.clear();
        response::OK
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        self.mail.text.push_str(&String::from_utf8_lossy(line));
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        self.seen.lock().unwrap().mails.push(self.mail.clone());
        response::OK
    }
}
