//! One connection to a mail server: opened, protected, greeted, logged in; then one mail after another. Never a byte of
//! a mail before TLS was verified, and no way back to plaintext: a server that does not offer STARTTLS gets nothing
//! (RFC 3207, section 4.1; RFC 8314).

use super::{
    Outgoing,
    error::{SendError, Stage},
    wire::{Duplex, Wire},
};
use crate::{config, envelope::Address};
use lettre::transport::smtp::{
    authentication::{Credentials, DEFAULT_MECHANISMS},
    commands::{Auth, Data, Ehlo, Mail, Quit, Rcpt, Rset, Starttls},
    extension::{ClientId, Extension, MailParameter, ServerInfo},
    response::Response,
};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, pki_types::ServerName},
};

/// How a connection is protected; what needs TLS cannot be had without it.
pub enum Security {
    StartTls(Arc<ClientConfig>),
    Implicit(Arc<ClientConfig>),
    /// No TLS, on this machine alone.
    Loopback,
}

/// A connection that is ready for mail.
pub struct Connection {
    wire: Wire,
    offers: Offers,
    /// Mails begun on it.
    pub mails: u32,
}

/// What the server said that it can do.
pub struct Offers {
    info: ServerInfo,
    /// The largest mail in bytes, if the server has a limit (RFC 1870).
    pub max_size: Option<u64>,
}

impl Connection {
    /// Opens a connection and does everything before the first MAIL. `hello` is our name; `credentials` the user and
    /// the password of `to.login`.
    pub async fn open(
        to: &config::Smarthost,
        hello: &str,
        security: Security,
        credentials: Option<Credentials>,
    ) -> Result<Self, SendError> {
        let tcp = TcpStream::connect((to.host.as_str(), to.port)).await;
        let tcp = tcp.map_err(|error| SendError::Connect(error.kind()))?;
        // A command is one small write, and content is written in large pieces: there is nothing to gather.
        let _ = tcp.set_nodelay(true);
        let mut wire = match security {
            Security::Implicit(tls) => greeted(Wire::new(handshake(tcp, &to.host, tls).await?)).await?,
            Security::StartTls(tls) => start_tls(greeted(Wire::new(tcp)).await?, &to.host, hello, tls).await?,
            Security::Loopback => {
                let peer = tcp.peer_addr().map_err(|error| SendError::Connect(error.kind()))?;
                if !peer.ip().to_canonical().is_loopback() {
                    return Err(SendError::NotLoopback);
                }
                greeted(Wire::new(tcp)).await?
            }
        };
        let offers = say_hello(&mut wire, hello).await?;
        if let Some(credentials) = credentials {
            log_in(&mut wire, &offers, credentials).await?;
        }
        Ok(Self { wire, offers, mails: 0 })
    }

    /// Whether the server is still there, and at a point where MAIL may come.
    pub async fn is_alive(&mut self) -> bool {
        self.wire.command(Stage::Reset, Rset).await.is_ok()
    }

    /// Sends one mail; Ok once the server has taken it over.
    pub async fn send(&mut self, mail: Outgoing) -> Result<(), SendError> {
        self.mails += 1;
        let parameters = self.offers.parameters(&mail)?;
        self.wire.command(Stage::Sender, Mail::new(mail.from.as_ref().map(path), parameters)).await?;
        self.wire.command(Stage::Recipient, Rcpt::new(path(&mail.to), Vec::new())).await?;
        let go_ahead = self.wire.command(Stage::Data, Data).await?;
        if !go_ahead.has_code(354) {
            return Err(SendError::NotSmtp(Stage::Data));
        }
        self.wire.content(mail.content).await?;
        Ok(())
    }

    /// What the server said that it can do.
    pub fn offers(&self) -> &Offers {
        &self.offers
    }

    /// Says goodbye, as RFC 5321 wants it. The answer matters to nobody.
    pub async fn quit(mut self) {
        let _ = self.wire.command(Stage::Reset, Quit).await;
    }
}

impl Offers {
    fn new(hello: &Response) -> Result<Self, SendError> {
        let info = ServerInfo::from_response(hello).map_err(|_| SendError::NotSmtp(Stage::Hello))?;
        // `SIZE` alone and `SIZE 0` mean that there is no fixed limit.
        let size = hello.message().find_map(|line| line.strip_prefix("SIZE "));
        let max_size = size.and_then(|size| size.trim().parse().ok()).filter(|&size| size > 0);
        Ok(Self { info, max_size })
    }

    /// The parameters of MAIL, or why the server cannot take this mail.
    fn parameters(&self, mail: &Outgoing) -> Result<Vec<MailParameter>, SendError> {
        let mut parameters = Vec::new();
        if let Some(limit) = self.max_size {
            if mail.size > limit {
                return Err(SendError::TooLarge { size: mail.size, limit });
            }
            parameters.push(MailParameter::Size(usize::try_from(mail.size).unwrap_or(usize::MAX)));
        }
        let addresses = mail.from.iter().chain([&mail.to]);
        if addresses.into_iter().any(|address| !address.as_str().is_ascii()) {
            if !self.info.supports_feature(Extension::SmtpUtfEight) {
                return Err(SendError::NeedsUtf8);
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        Ok(parameters)
    }
}

async fn greeted(mut wire: Wire) -> Result<Wire, SendError> {
    wire.answer(Stage::Greeting).await?;
    Ok(wire)
}

async fn say_hello(wire: &mut Wire, hello: &str) -> Result<Offers, SendError> {
    let answer = wire.command(Stage::Hello, Ehlo::new(ClientId::Domain(hello.to_owned()))).await?;
    Offers::new(&answer)
}

/// Upgrades, or fails. What the server offered in plaintext is forgotten (RFC 3207, section 4.2).
async fn start_tls(mut wire: Wire, host: &str, hello: &str, tls: Arc<ClientConfig>) -> Result<Wire, SendError> {
    let offers = say_hello(&mut wire, hello).await?;
    if !offers.info.supports_feature(Extension::StartTls) {
        return Err(SendError::NoStartTls);
    }
    wire.command(Stage::StartTls, Starttls).await?;
    Ok(Wire::new(handshake(wire.into_stream()?, host, tls).await?))
}

async fn handshake(
    stream: impl Duplex + 'static,
    host: &str,
    tls: Arc<ClientConfig>,
) -> Result<impl Duplex + 'static, SendError> {
    let name = ServerName::try_from(host.to_owned());
    let name = name.map_err(|_| SendError::Handshake(format!("{host} is not a name that a certificate can have")))?;
    let stream = TlsConnector::from(tls).connect(name, stream).await;
    stream.map_err(|error| SendError::Handshake(error.to_string()))
}

async fn log_in(wire: &mut Wire, offers: &Offers, credentials: Credentials) -> Result<(), SendError> {
    let mechanism = offers.info.get_auth_mechanism(DEFAULT_MECHANISMS).ok_or(SendError::NoMechanism)?;
    let not_smtp = |_| SendError::NotSmtp(Stage::Login);
    let first = Auth::new(mechanism, credentials.clone(), None).map_err(not_smtp)?;
    let mut answer = wire.command(Stage::Login, first).await?;
    // LOGIN asks for the user, then for the password; nothing asks more often.
    for _ in 0..2 {
        if answer.has_code(334) {
            let next = Auth::new_from_response(mechanism, credentials.clone(), &answer).map_err(not_smtp)?;
            answer = wire.command(Stage::Login, next).await?;
        }
    }
    if answer.has_code(235) { Ok(()) } else { Err(SendError::NotSmtp(Stage::Login)) }
}

/// An address as it stands between the angle brackets: a local part that is no dot-string is quoted (RFC 5321, section
/// 4.1.2). [`Address`] has refused control characters, so no address can end the command.
fn path(address: &Address) -> lettre::Address {
    lettre::Address::new_dangerous(quoted_local(address.local()), address.domain())
}

/// A local part as SMTP and mail headers write it.
pub fn quoted_local(local: &str) -> String {
    let atom = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_alphanumeric() || !c.is_ascii() || "!#$%&'*+-/=?^_`{|}~".contains(c))
    };
    if local.split('.').all(atom) {
        return local.to_owned();
    }
    let escaped: String =
        local.chars().flat_map(|c| ['\\', c].into_iter().skip(usize::from(!"\"\\".contains(c)))).collect();
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_parts_are_quoted_where_they_must_be() {
        for (local, written) in [
            ("ana", "ana"),
            ("ana.maria+x", "ana.maria+x"),
            ("añá", "añá"),
            ("ana maria", "\"ana maria\""),
            (".ana", "\".ana\""),
            ("a..b", "\"a..b\""),
            ("a>b", "\"a>b\""),
            ("a\"b\\c", "\"a\\\"b\\\\c\""),
            ("a@b", "\"a@b\""),
        ] {
            assert_eq!(quoted_local(local), written);
        }
    }

    fn offers(lines: &[&str]) -> Offers {
        let last = lines.len() - 1;
        let lines =
            lines.iter().enumerate().map(|(i, line)| format!("250{}{line}\r\n", if i == last { ' ' } else { '-' }));
        Offers::new(&lines.collect::<String>().parse().unwrap()).unwrap()
    }

    fn mail(to: &str, size: u64) -> Outgoing {
        let from = Some(Address::parse("intake@in.example.org").unwrap());
        Outgoing { from, to: Address::parse(to).unwrap(), size, content: Box::new(std::io::empty()) }
    }

    #[test]
    fn a_mail_over_the_servers_size_is_not_even_offered() {
        let limited = offers(&["mx", "SIZE 1000", "8BITMIME"]);
        assert!(matches!(
            limited.parameters(&mail("a@b.example", 1001)),
            Err(SendError::TooLarge { size: 1001, limit: 1000 })
        ));
        assert_eq!(limited.parameters(&mail("a@b.example", 1000)).unwrap(), [MailParameter::Size(1000)]);
        for unlimited in [&["mx", "SIZE 0"][..], &["mx", "SIZE"], &["mx"]] {
            assert_eq!(offers(unlimited).parameters(&mail("a@b.example", u64::MAX)).unwrap(), []);
        }
    }

    #[test]
    fn an_address_beyond_ascii_needs_smtputf8() {
        assert!(matches!(offers(&["mx"]).parameters(&mail("añá@b.example", 1)), Err(SendError::NeedsUtf8)));
        let able = offers(&["mx", "SMTPUTF8"]).parameters(&mail("añá@b.example", 1));
        assert_eq!(able.unwrap(), [MailParameter::SmtpUtfEight]);
    }
}
