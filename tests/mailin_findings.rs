//! Why mailin-embedded 0.8.3 does not stand at the door (docs/decisions.md): each finding as it was seen, so that a newer
//! version that mends one is noticed. It serves well as the staff's server in the demo and the tests.

use mailin_embedded::{Handler, Response, Server, SslConfig, response};
use std::{
    io::{BufRead, BufReader, Write},
    net::{IpAddr, TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

/// Tells what it is told: that is all it can ever know of a connection.
#[derive(Clone)]
struct Witness {
    told: mpsc::Sender<String>,
}

impl Handler for Witness {
    fn mail(&mut self, _ip: IpAddr, _domain: &str, from: &str) -> Response {
        self.told.send(format!("mail from {from}")).unwrap();
        response::OK
    }

    fn data(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.told.send(format!("data {:?}", String::from_utf8_lossy(line))).unwrap();
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        self.told.send("end of data".to_owned()).unwrap();
        response::OK
    }
}

/// A connection to a fresh server, which lives as long as this process.
struct Visit {
    stream: TcpStream,
    replies: BufReader<TcpStream>,
    told: mpsc::Receiver<String>,
}

impl Visit {
    fn new(ssl: SslConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, told) = mpsc::channel();
        let mut server = Server::new(Witness { told: tell });
        server.with_tcp_listener(listener).with_ssl(ssl).unwrap();
        thread::spawn(move || server.serve().is_ok());
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let replies = BufReader::new(stream.try_clone().unwrap());
        let mut visit = Self { stream, replies, told };
        assert_eq!(visit.reply(), "220");
        visit
    }

    /// Sends bytes and gives the code of the reply.
    fn say(&mut self, bytes: &str) -> String {
        self.stream.write_all(bytes.as_bytes()).unwrap();
        self.reply()
    }

    /// The code of the next reply.
    fn reply(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.replies.read_line(&mut line).unwrap();
            if line.as_bytes().get(3) != Some(&b'-') {
                return line[..3].to_owned();
            }
        }
    }
}

#[test]
fn it_ends_a_message_at_lf_dot_crlf() {
    let mut visit = Visit::new(SslConfig::None);
    visit.say("EHLO a\r\n");
    visit.say("MAIL FROM:<a@example.org>\r\n");
    visit.say("RCPT TO:<b@example.org>\r\n");
    assert_eq!(visit.say("DATA\r\n"), "354");
    // Only CRLF.CRLF ends a message; what follows here would be a second, smuggled one.
    assert_eq!(visit.say("words\n.\r\n"), "250");
    assert_eq!(visit.told.iter().find(|told| told == "end of data").as_deref(), Some("end of data"));
    assert_eq!(visit.say("MAIL FROM:<smuggled@example.org>\r\n"), "250");
}

#[test]
fn it_refuses_the_null_sender_and_any_size() {
    let mut visit = Visit::new(SslConfig::None);
    visit.say("EHLO a\r\n");
    assert_eq!(visit.say("MAIL FROM:<>\r\n"), "500");
    assert_eq!(visit.say("MAIL FROM:<a@example.org> SIZE=100\r\n"), "500");
    assert_eq!(visit.say("MAIL FROM:<a@example.org>\r\n"), "250");
}

#[test]
fn it_reads_a_line_without_a_bound() {
    let mut visit = Visit::new(SslConfig::None);
    let megabyte = "x".repeat(1024 * 1024);
    for _ in 0..8 {
        // Each of these goes into one growing buffer; nothing is answered and nothing closed.
        visit.stream.write_all(megabyte.as_bytes()).unwrap();
    }
    assert_eq!(visit.say("\r\n"), "500", "the line was still being waited for");
}

#[test]
fn it_cannot_demand_tls() {
    let directory = tempfile::tempdir().unwrap();
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| directory.path().join(name));
    let made = sealdrop::tls::make_self_signed("localhost", sealdrop::clock::Clock::system().now()).unwrap();
    std::fs::write(&cert, &made.certificate_pem).unwrap();
    std::fs::write(&key, &*made.key_pem).unwrap();
    let [cert_path, key_path] = [cert, key].map(|path| path.to_str().unwrap().to_owned());
    let mut visit = Visit::new(SslConfig::SelfSigned { cert_path, key_path });
    visit.say("EHLO a\r\n");
    // TLS is set up, the client does not use it, and nothing that the handler is told differs.
    assert_eq!(visit.say("MAIL FROM:<a@example.org>\r\n"), "250");
    assert_eq!(visit.told.recv().unwrap(), "mail from a@example.org");
}
