//! The configuration: TOML, parsed once into valid types. Unknown keys are refused with file, line and the nearest known
//! key. The reply texts are read with it. Secrets are never in it, only the paths of the files that hold them; those files are opened elsewhere.

mod document;
mod settings;
mod template;
#[cfg(test)]
mod tests;
mod units;

use crate::texts::Texts;
use document::Document;
use std::{
    env, fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

pub use template::{InitOptions, template};
pub use units::{parse_duration, parse_size, show_duration, show_size};

/// The whole configuration, valid. Paths are absolute (those of the file are relative to it).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The file that it was read from.
    pub file: PathBuf,
    pub relay: Relay,
    pub smtp: Smtp,
    pub intake: Intake,
    pub tls: Tls,
    pub openpgp: OpenPgp,
    pub staff_mail: StaffMail,
    pub client_reply: ClientReply,
    pub senders: Senders,
    pub retention: Retention,
    pub limits: Limits,
    pub store: Store,
    pub sandbox: Sandbox,
    pub log: Log,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// Mail to this domain is ours. Lower case.
    pub domain: String,
    /// Greeting, Received, certificate.
    pub hostname: String,
    pub data_dir: PathBuf,
    /// Lower case.
    pub admins: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smtp {
    pub listen: Vec<SocketAddr>,
    pub listen_tls: Vec<SocketAddr>,
    /// Bytes.
    pub max_message_size: u64,
    /// Connections at once, from everybody.
    pub max_connections: usize,
    /// Connections at once from one address (IPv6: one /64).
    pub max_connections_per_address: usize,
    /// Recipients of one transaction.
    pub max_recipients: usize,
    /// Errors in one session before it is closed.
    pub max_errors: usize,
    /// Unknown recipients in one session before it is closed.
    pub max_unknown_recipients: usize,
    /// Silence before and between commands.
    pub command_timeout: Duration,
    /// Silence within DATA or a BDAT chunk.
    pub data_timeout: Duration,
    /// The longest that one transaction's data may take.
    pub data_deadline: Duration,
    /// Bytes a second that data must reach on average once `data_timeout` has passed.
    pub min_data_rate: u64,
    /// The longest that a whole session may take.
    pub session_deadline: Duration,
    /// Received headers beyond which a message is a loop.
    pub max_hops: usize,
}

/// How closely pictures are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureCare {
    /// In stream: nothing is held beyond the window.
    Headers,
    /// JPEG and PNG photos are held whole in memory and measured.
    Sharpness,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intake {
    pub picture_care: PictureCare,
    /// Bytes of the largest photo that is held to be measured.
    pub max_photo_size: u64,
    /// Bytes that all held photos and their decoders may take.
    pub photo_budget: u64,
    /// The longest that measuring may hold up one message.
    pub photo_time: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// SEIPDv1 and PKESK v3: opens in every OpenPGP program.
    Compatible,
    /// SEIPDv2 and PKESK v6 where every certificate of a message can (RFC 9580).
    Rfc9580,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPgp {
    pub profile: Profile,
    /// A certificate that every message is sealed to as well; its key is kept offline.
    pub recovery_certificate: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmarthostTls {
    StartTls,
    Implicit,
    /// Only for a loopback host.
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// `[river-tiger-42] Documents received`
    Case,
    /// `Documents received`
    Hidden,
}

/// A mail server that takes our mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smarthost {
    pub host: String,
    pub port: u16,
    pub tls: SmarthostTls,
    pub ca_file: Option<PathBuf>,
    /// User name and the file that holds the password.
    pub login: Option<(String, PathBuf)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffMail {
    pub smarthost: Smarthost,
    /// From of the mail to staff and clients.
    pub from: String,
    pub subject: Subject,
    /// Bytes of one sealed mail as sent.
    pub max_message_size: u64,
    /// Deliveries at once.
    pub workers: usize,
    /// The longest that one delivery may take.
    pub timeout: Duration,
    /// Deferred mail is given up after this.
    pub give_up_after: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientReply {
    pub enabled: bool,
    /// Languages of a confirmation whose case names none, in order.
    pub languages: Vec<String>,
    /// What clients read, in every language that there is.
    pub texts: Texts,
    /// Where the files of further languages are, if any.
    pub texts_dir: Option<PathBuf>,
    /// Another smarthost for confirmations, if wanted.
    pub smarthost: Option<Smarthost>,
    /// One confirmation a sender and case in this time.
    pub min_interval: Duration,
    /// Confirmations a sender in a day.
    pub max_per_day: u32,
    /// Confirmations to everybody in an hour.
    pub max_per_hour: u32,
}

/// How senders are verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Senders {
    pub verify: bool,
    /// The longest that the answer to the end of data waits for DNS.
    pub dns_timeout: Duration,
    /// Resolvers to ask; with none, the system's.
    pub resolvers: Vec<SocketAddr>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    pub originals: Duration,
    pub trail: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that must stay free on the spool's disk.
    pub min_free_space: u64,
    /// Copies of messages arriving at once, one for each mailbox: the memory budget.
    pub max_arrivals: usize,
    /// MIME parts of one message.
    pub max_parts: usize,
    /// MIME nesting.
    pub max_depth: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// The file that holds the at-rest key (32 bytes in hexadecimal), outside the data directory.
    pub key_file: PathBuf,
}

/// What happens where this system lacks a part of the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SandboxMode {
    /// The relay does not start.
    Required,
    /// It starts with what there is.
    Available,
    /// Files and system calls are not restricted at all.
    Off,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sandbox {
    pub mode: SandboxMode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    pub format: LogFormat,
    pub level: String,
}

/// The configuration is unusable: each line of the text names file, line, what is wrong and the mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

impl Config {
    /// Reads and checks a file.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(file).map_err(|error| unreadable(file, &error))?;
        Self::parse(&text, file)
    }

    /// Checks `text` as if it stood in `file`. Where systemd handed over credentials (`CREDENTIALS_DIRECTORY`), they
    /// stand in for the files of the same secrets: `at-rest-key`, `staff-mail-password`, `client-reply-password`.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        let credentials = env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        Self::parse_with(text, file, credentials.as_deref())
    }

    fn parse_with(text: &str, file: &Path, credentials: Option<&Path>) -> Result<Self, ConfigError> {
        let absolute = std::path::absolute(file).map_err(|error| unreadable(file, &error))?;
        let document = Document::parse(text, file, absolute.parent().unwrap_or(&absolute))?;
        let config = settings::read(&document, &absolute, credentials);
        document.finish().map(|()| config)
    }
}

fn unreadable(file: &Path, error: &io::Error) -> ConfigError {
    let file = file.display();
    ConfigError(match error.kind() {
        io::ErrorKind::NotFound => format!(
            "{file}: there is no such file; `sealdrop init DIR --domain DOMAIN` writes a first configuration, and --config \
             FILE names one that you have"
        ),
        io::ErrorKind::InvalidData => format!("{file}: the file is not text in UTF-8; save it as such"),
        _ => format!("{file}: cannot be read ({error}); see that it is a file that the relay may read"),
    })
}
