//! The configuration that `sealdrop init` writes: complete for the first set-up, with what an admin is likely to change,
//! and a pointer to `config/sealdrop.toml` for the rest. Writes no file itself.

use super::settings::is_loopback;
use std::net::SocketAddr;

/// What `sealdrop init` knows.
#[derive(Clone, Debug)]
pub struct InitOptions {
    pub domain: String,
    pub hostname: String,
    /// Who is told when the relay needs help.
    pub admin: Option<String>,
    /// Host and port of the staff's mail server; a guess to be corrected is written when it is not known.
    pub smarthost: Option<(String, u16)>,
    /// Where to listen for STARTTLS, if not on port 25 of every IPv4 address.
    pub listen: Option<SocketAddr>,
    /// Where to listen for implicit TLS, if not on port 465 of every IPv4 address.
    pub listen_tls: Option<SocketAddr>,
}

/// The text of a first `sealdrop.toml`. What the options hold is quoted, not checked: parsing the text checks it.
pub fn template(options: &InitOptions) -> String {
    format!("{HEAD}\n{}\n{}\n{}\n{TAIL}", relay(options), smtp(options), staff_mail(options))
}

const HEAD: &str = r#"# Sealdrop's configuration. Paths are relative to this file. What is not named here has its default; every key is
# explained in config/sealdrop.toml of the source. After a change: `sealdrop check`, then restart or send SIGHUP.
"#;

const TAIL: &str = r#"[tls]
certificate = "tls/cert.pem"         # self-signed to start with; put a real one there, it is reloaded when it changes
key = "tls/key.pem"

[store]
key_file = "at-rest.key"             # keep a copy elsewhere; never inside data_dir

[client_reply]
enabled = true                       # "We got 2 files. Thank you."
languages = ["en", "es"]

[openpgp]
profile = "compatible"               # opens in every OpenPGP program; or "rfc9580" when all staff can read it
recovery_certificate = ""            # a certificate whose key lies in a safe: every message can be opened with it, too

[retention]
originals = "30d"                    # sealed originals, should a delivery have to be repeated
trail = "6y"                         # the audit trail
"#;

fn relay(options: &InitOptions) -> String {
    let (domain, hostname) = (quoted(&options.domain), quoted(&options.hostname));
    let admins = options.admin.as_deref().map(quoted).unwrap_or_default();
    format!(
        "[relay]
{} # mail to this domain is ours
{} # in the greeting, in Received, and what the TLS certificate must name
{} # sealed mail, the index, the relay's key; owner only
{} # told when the relay needs help; they get postmaster@ and abuse@, too
",
        pad(&format!("domain = {domain}")),
        pad(&format!("hostname = {hostname}")),
        pad(r#"data_dir = "data""#),
        pad(&format!("admins = [{admins}]")),
    )
}

fn smtp(options: &InitOptions) -> String {
    let listen = options.listen.map_or("0.0.0.0:25".to_owned(), |address| address.to_string());
    let listen_tls = options.listen_tls.map_or("0.0.0.0:465".to_owned(), |address| address.to_string());
    format!(
        "[smtp]
{} # STARTTLS demanded; no mail is taken without it
{} # TLS from the first byte; may be empty
{}
",
        pad(&format!("listen = [{}]", quoted(&listen))),
        pad(&format!("listen_tls = [{}]", quoted(&listen_tls))),
        r#"max_message_size = "50 MiB""#,
    )
}

fn staff_mail(options: &InitOptions) -> String {
    let (guessed, note) = match &options.smarthost {
        Some(known) => (known.clone(), "the staff's mail server; everything goes out through it"),
        None => ((format!("mail.{}", parent(&options.domain)), 587), "A GUESS: name the staff's mail server here"),
    };
    let (host, port) = guessed;
    let (tls, tls_note) = match port {
        465 => ("implicit", "TLS from the first byte"),
        _ if is_loopback(&host) => ("none", "this machine only; \"starttls\" for every other host"),
        _ => ("starttls", "or \"implicit\" (port 465); the server's certificate is always verified"),
    };
    let from = quoted(&format!("intake@{}", options.domain));
    format!(
        "[staff_mail]
{} # {note}
port = {port}
{} # {tls_note}
{} # if the server wants a log-in: the user name, and a file
{} # that holds the password and nothing else
from = {from}
{} # \"[river-tiger-42] Documents received\"; \"hidden\" leaves the case out
",
        pad(&format!("host = {}", quoted(&host))),
        pad(&format!("tls = {}", quoted(tls))),
        pad(r#"username = """#),
        pad(r#"password_file = """#),
        pad(r#"subject = "case""#),
    )
}

/// The domain one level up, where the staff's own mail is likely to live.
fn parent(domain: &str) -> &str {
    match domain.split_once('.') {
        Some((_, parent)) if parent.contains('.') => parent,
        _ => domain,
    }
}

/// The setting, filled up to the column where comments start.
fn pad(setting: &str) -> String {
    format!("{setting:<36}")
}

/// As a TOML string.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
