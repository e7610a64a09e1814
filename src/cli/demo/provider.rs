//! Ana's mail provider, as far as the demo needs one: it takes mail with a null reverse-path, which confirmations have
//! (RFC 5321, section 4.5.5) and mailin-embedded 0.8.3 answers with 500. On loopback only, without TLS, one mail a session.

use super::{
    Failure, failed,
    mailbox::{Mail, Mailboxes},
};
use std::{
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

/// Starts the provider; gives where it listens. It runs as long as the process.
pub fn start(mailboxes: &Mailboxes) -> Result<SocketAddr, Failure> {
    let broken = |error: io::Error| failed(&format!("the client's mail provider does not start: {error}"));
    let listener = TcpListener::bind("127.0.0.1:0").map_err(broken)?;
    let address = listener.local_addr().map_err(broken)?;
    let mailboxes = mailboxes.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mailboxes = mailboxes.clone();
            // A broken session shows as a mail that never comes.
            thread::spawn(move || drop(converse(&stream, &mailboxes)));
        }
    });
    Ok(address)
}

fn converse(stream: &TcpStream, mailboxes: &Mailboxes) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut reader = BufReader::new(stream);
    let say = |reply: &str| {
        let mut stream = stream;
        write!(stream, "{reply}\r\n")
    };
    say("220 mail.example.com")?;
    let mut mail = Mail { from: String::new(), to: String::new(), bytes: Vec::new() };
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 {
        let verb: String = line.chars().take(4).collect::<String>().to_uppercase();
        match verb.as_str() {
            "EHLO" | "HELO" | "RSET" | "NOOP" => say("250 mail.example.com")?,
            "MAIL" => {
                mail.from = path_of(&line);
                say("250 ok")?;
            }
            "RCPT" => {
                mail.to = path_of(&line);
                say("250 ok")?;
            }
            "DATA" => {
                say("354 go on")?;
                mail.bytes = read_data(&mut reader)?;
                mailboxes.deliver(mail.clone());
                say("250 thank you")?;
            }
            "QUIT" => return say("221 bye"),
            _ => say("502 not here")?,
        }
        line.clear();
    }
    Ok(())
}

/// What stands between the angle brackets.
fn path_of(line: &str) -> String {
    line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(path, _)| path).to_owned()
}

fn read_data(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 && line != b".\r\n" {
        data.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        line.clear();
    }
    Ok(data)
}
