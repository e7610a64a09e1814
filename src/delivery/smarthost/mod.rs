//! The mail server that takes our mail, and the connections to it.
//!
//! TLS is always verified and never given up for plaintext. Content streams: a mail of any size takes some 150 KiB. A
//! connection is kept for a moment after a mail, so that a burst pays for one handshake.

mod connection;
mod error;
mod wire;

use crate::{
    config::{self, SmarthostTls},
    envelope::Address,
    tls,
};
use connection::{Connection, Security};
use lettre::transport::smtp::authentication::Credentials;
use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::OnceCell,
    time::{Instant, sleep, timeout},
};
use tokio_rustls::rustls::ClientConfig;

pub use connection::quoted_local;
pub use error::SendError;
pub use wire::Content;

/// How long a probe waits for the server.
const PROBE_WITHIN: Duration = Duration::from_secs(20);
/// How long a connection waits for the next mail.
const KEEP: Duration = Duration::from_secs(10);
/// How long such a connection may take to show that it is still good.
const ALIVE_WITHIN: Duration = Duration::from_secs(5);
/// Mails on one connection; servers have limits of their own, of a hundred and more.
const MAX_MAILS: u32 = 100;

/// One mail on its way out.
pub struct Outgoing {
    /// None is the null reverse-path.
    pub from: Option<Address>,
    pub to: Address,
    /// Bytes of the content.
    pub size: u64,
    /// 7-bit lines of at most 998 characters, ended by CRLF.
    pub content: Content,
}

impl Outgoing {
    /// A mail that is small enough to be in memory.
    pub fn small(from: Option<Address>, to: Address, mail: Vec<u8>) -> Self {
        Self { from, to, size: mail.len() as u64, content: Box::new(std::io::Cursor::new(mail)) }
    }
}

/// A server that would take our mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probed {
    tls: SmarthostTls,
    /// The largest mail that the server takes, in bytes, if it has a limit.
    pub max_size: Option<u64>,
}

impl fmt::Display for Probed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.tls {
            SmarthostTls::StartTls => "verified TLS by STARTTLS",
            SmarthostTls::Implicit => "verified TLS from the first byte",
            SmarthostTls::None => "no TLS, on this machine",
        })?;
        match self.max_size {
            Some(size) => write!(f, ", mails of up to {size} bytes"),
            None => f.write_str(", mails of any size"),
        }
    }
}

/// A server that could not be reached is left alone for this long: each mail that comes in meanwhile need not find out for itself,
/// and be written down as deferred.
const REST: Duration = Duration::from_secs(3);

/// A mail server that takes our mail. Clones share its connections.
#[derive(Clone)]
pub struct Smarthost(Arc<Inner>);

struct Inner {
    at: config::Smarthost,
    /// Our name in EHLO.
    hello: String,
    /// Made at the first connection; shared so that later ones resume TLS sessions.
    tls: OnceCell<Arc<ClientConfig>>,
    /// Connections that wait for mail, and since when; the latest is last.
    idle: Mutex<Vec<(Instant, Connection)>>,
    /// When a connection could not be opened, if the last one could not.
    unreachable: Mutex<Option<Instant>>,
    /// The limit that the server named last, in bytes; 0 is none.
    max_size: AtomicU64,
}

impl Smarthost {
    /// The server of the configuration. Nothing is opened or read before there is mail.
    pub fn new(at: config::Smarthost, hello: &str) -> Self {
        let inner = Inner {
            at,
            hello: hello.to_owned(),
            tls: OnceCell::new(),
            idle: Mutex::default(),
            unreachable: Mutex::default(),
            max_size: AtomicU64::new(0),
        };
        Self(Arc::new(inner))
    }

    /// Sends one mail; Ok once the server has taken it over. May wait as long as the server likes: the caller has the
    /// clock.
    pub async fn send(&self, mail: Outgoing) -> Result<(), SendError> {
        let mut connection = match self.waiting().await {
            Some(connection) => connection,
            None => self.open_noting().await?,
        };
        let sent = connection.send(mail).await;
        // After a refusal the server is where RSET brings it back; after anything else the conversation is lost.
        let in_step =
            matches!(sent, Ok(()) | Err(SendError::Refused(..) | SendError::TooLarge { .. } | SendError::NeedsUtf8));
        if in_step && connection.mails < MAX_MAILS {
            self.keep(connection);
        }
        sent
    }

    /// Opens a connection as for a mail (TLS, EHLO, AUTH), and closes it again without one.
    pub async fn probe(&self) -> Result<Probed, SendError> {
        let probe = async {
            let connection = self.open().await?;
            let max_size = connection.offers().max_size;
            connection.quit().await;
            Ok(Probed { tls: self.0.at.tls, max_size })
        };
        timeout(PROBE_WITHIN, probe).await.unwrap_or(Err(SendError::Silent(PROBE_WITHIN.as_secs())))
    }

    /// The limit that the server named last, in bytes, if it was asked and has one.
    pub fn max_size(&self) -> Option<u64> {
        Some(self.0.max_size.load(Ordering::Relaxed)).filter(|&size| size > 0)
    }

    /// How long a server that could not be reached is left alone.
    pub fn rest(&self) -> Duration {
        let unreachable = *self.0.unreachable.lock().unwrap_or_else(PoisonError::into_inner);
        unreachable.map_or(Duration::ZERO, |since| REST.saturating_sub(since.elapsed()))
    }

    /// Opens a connection, and takes note whether the server is there at all.
    async fn open_noting(&self) -> Result<Connection, SendError> {
        let opened = self.open().await;
        let unreachable = matches!(opened, Err(SendError::Connect(_))).then(Instant::now);
        *self.0.unreachable.lock().unwrap_or_else(PoisonError::into_inner) = unreachable;
        opened
    }

    async fn open(&self) -> Result<Connection, SendError> {
        let security = match self.0.at.tls {
            SmarthostTls::StartTls => Security::StartTls(self.tls().await?),
            SmarthostTls::Implicit => Security::Implicit(self.tls().await?),
            SmarthostTls::None => Security::Loopback,
        };
        let credentials = match &self.0.at.login {
            Some((user, file)) => Some(credentials(user, file.clone()).await?),
            None => None,
        };
        let connection = Connection::open(&self.0.at, &self.0.hello, security, credentials).await?;
        self.0.max_size.store(connection.offers().max_size.unwrap_or(0), Ordering::Relaxed);
        Ok(connection)
    }

    async fn tls(&self) -> Result<Arc<ClientConfig>, SendError> {
        let make = || async {
            let ca_file = self.0.at.ca_file.clone();
            let made = tokio::task::spawn_blocking(move || tls::client_config(ca_file.as_deref())).await;
            let made = made.map_err(|_| SendError::TlsSetup("the set-up panicked".to_owned()))?;
            made.map_err(|error| SendError::TlsSetup(error.to_string()))
        };
        self.0.tls.get_or_try_init(make).await.cloned()
    }

    /// A connection that waited and is still good.
    async fn waiting(&self) -> Option<Connection> {
        loop {
            let (since, mut connection) = self.0.idle().pop()?;
            let fresh = since.elapsed() < KEEP;
            if fresh && timeout(ALIVE_WITHIN, connection.is_alive()).await == Ok(true) {
                return Some(connection);
            }
        }
    }

    fn keep(&self, connection: Connection) {
        self.0.idle().push((Instant::now(), connection));
        tokio::spawn(close_expired(Arc::downgrade(&self.0)));
    }
}

impl Inner {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<(Instant, Connection)>> {
        // Nothing panics while it is held, and a list of connections is never half-changed.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn expired(&self) -> Vec<Connection> {
        let mut idle = self.idle();
        let fresh = idle.iter().position(|(since, _)| since.elapsed() < KEEP).unwrap_or(idle.len());
        idle.drain(..fresh).map(|(_, connection)| connection).collect()
    }
}

/// Says goodbye to connections that waited long enough, once [`KEEP`] is over.
async fn close_expired(smarthost: Weak<Inner>) {
    sleep(KEEP).await;
    let expired = smarthost.upgrade().map(|inner| inner.expired()).unwrap_or_default();
    for connection in expired {
        let _ = timeout(KEEP, connection.quit()).await;
    }
}

/// Read at each connection, so that a new password needs no restart.
async fn credentials(user: &str, file: std::path::PathBuf) -> Result<Credentials, SendError> {
    let read = tokio::task::spawn_blocking(move || std::fs::read_to_string(file)).await;
    let read = read.map_err(|_| SendError::Password(std::io::ErrorKind::Other))?;
    let password = read.map_err(|error| SendError::Password(error.kind()))?;
    Ok(Credentials::new(user.to_owned(), password.trim_end_matches(['\r', '\n']).to_owned()))
}
