//! Mailboxes that servers of the demo deliver to, and the staff's mail server: mailin-embedded over STARTTLS.

use super::{Failure, failed};
use mailin_embedded::{Handler, Response, Server, SslConfig, response};
use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener},
    path::Path,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::Duration,
};

/// The longest that the demo waits for a mail.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// A mail as a server received it.
#[derive(Clone)]
pub struct Mail {
    /// The envelope's sender; empty for the null reverse-path.
    pub from: String,
    pub to: String,
    pub bytes: Vec<u8>,
}

/// Mail that arrived, for anybody. Clones share it.
#[derive(Clone, Default)]
pub struct Mailboxes(Arc<(Mutex<Vec<Mail>>, Condvar)>);

impl Mailboxes {
    /// Puts a mail in.
    pub fn deliver(&self, mail: Mail) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
        self.0.1.notify_all();
    }

    /// The first mail to `email`, as soon as there is one.
    pub async fn first_for(&self, email: &str) -> Result<Mail, Failure> {
        let (mailboxes, to) = (self.clone(), email.to_owned());
        let found = tokio::task::spawn_blocking(move || mailboxes.wait_for(&to)).await;
        found.ok().flatten().ok_or_else(|| failed(&format!("no mail to {email} within {} s", PATIENCE.as_secs())))
    }

    fn wait_for(&self, to: &str) -> Option<Mail> {
        let (mails, arrived) = &*self.0;
        let mails = mails.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = arrived.wait_timeout_while(mails, PATIENCE, |mails| !mails.iter().any(|mail| mail.to == to));
        let (mails, _) = waited.unwrap_or_else(PoisonError::into_inner);
        mails.iter().find(|mail| mail.to == to).cloned()
    }
}

/// Starts the staff's mail server with this certificate; gives where it listens. It runs as long as the process.
pub fn start_staff_server(mailboxes: &Mailboxes, certificate: &Path, key: &Path) -> Result<SocketAddr, Failure> {
    let broken = |error: &dyn std::fmt::Display| failed(&format!("the staff's mail server does not start: {error}"));
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| broken(&error))?;
    let address = listener.local_addr().map_err(|error| broken(&error))?;
    let mut server = Server::new(Receiver { mailboxes: mailboxes.clone(), mail: None });
    let ssl = SslConfig::SelfSigned {
        cert_path: certificate.to_string_lossy().into_owned(),
        key_path: key.to_string_lossy().into_owned(),
    };
    server.with_name("mail.example.org").with_ssl(ssl).map_err(|error| broken(&error))?.with_tcp_listener(listener);
    thread::spawn(move || drop(server.serve()));
    Ok(address)
}

/// One session of the staff's mail server.
#[derive(Clone)]
struct Receiver {
    mailboxes: Mailboxes,
    mail: Option<Mail>,
}

impl Handler for Receiver {
    fn mail(&mut self, _: IpAddr, _: &str, from: &str) -> Response {
        self.mail = Some(Mail { from: from.to_owned(), to: String::new(), bytes: Vec::new() });
        response::OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        if let Some(mail) = &mut self.mail {
            to.clone_into(&mut mail.to);
        }
        response::OK
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        if let Some(mail) = &mut self.mail {
            mail.bytes.extend_from_slice(line);
        }
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        if let Some(mail) = self.mail.take() {
            self.mailboxes.deliver(mail);
        }
        response::OK
    }
}
