//! Why a mail did not go out, and whether trying again can help.
//!
//! A server's own words are kept for mail to staff only: an answer may repeat the address that it is about, so what is
//! kept of a confirmation's failure is [`SendError::codes`].

use lettre::transport::smtp::response::Response;
use std::{fmt, io};

/// Characters of a server's text that are kept.
const MAX_TEXT: usize = 200;

/// Where in the conversation something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Greeting,
    Hello,
    StartTls,
    Login,
    Reset,
    Sender,
    Recipient,
    Data,
    Content,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Greeting => "the greeting",
            Self::Hello => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Login => "AUTH",
            Self::Reset => "RSET",
            Self::Sender => "MAIL",
            Self::Recipient => "RCPT",
            Self::Data => "DATA",
            Self::Content => "the end of the data",
        })
    }
}

/// A negative answer (RFC 5321, section 4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: u16,
    /// The enhanced status code (RFC 3463), if the server gave one that agrees with the code.
    pub enhanced: Option<[u16; 3]>,
    text: String,
}

impl Refusal {
    /// What a negative response says.
    pub fn new(response: &Response) -> Self {
        let code = u16::from(response.code());
        let enhanced = response.first_word().and_then(|word| enhanced(word, code));
        let lines: Vec<&str> = response.message().collect();
        let text = lines.join(" ");
        let text = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_TEXT).collect();
        Self { code, enhanced, text }
    }

    /// Whether the address itself is at fault (a bounce), and not policy, set-up or the mail: an enhanced status of
    /// subject 1 or 2, or without one a code that means the mailbox.
    pub fn blames_address(&self) -> bool {
        match self.enhanced {
            Some([_, subject, _]) => matches!(subject, 1 | 2),
            None => matches!(self.code, 550 | 551 | 553),
        }
    }

    /// The codes alone: `550 5.1.1`.
    pub fn codes(&self) -> String {
        match self.enhanced {
            Some([class, subject, detail]) => format!("{} {class}.{subject}.{detail}", self.code),
            None => self.code.to_string(),
        }
    }

    fn about_size(&self) -> bool {
        self.code == 552 || self.enhanced.is_some_and(|[class, subject, detail]| (class, subject, detail) == (5, 3, 4))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.text)
    }
}

fn enhanced(word: &str, code: u16) -> Option<[u16; 3]> {
    let parts: Vec<u16> = word.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let parts: [u16; 3] = parts.try_into().ok()?;
    (parts[0] == code / 100).then_some(parts)
}

/// A mail did not go out.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    #[error("no connection to the mail server ({0}): is it running, and are [staff_mail] host and port right?")]
    Connect(io::ErrorKind),
    #[error("no answer within {0} s")]
    Silent(u64),
    #[error("the mail server is not on this machine, and tls = \"none\" is for a loopback host only")]
    NotLoopback,
    #[error("the mail server does not offer STARTTLS: nothing is sent without TLS")]
    NoStartTls,
    #[error("the mail server sent more after its answer to STARTTLS (CVE-2011-0411): somebody may be in between")]
    Injected,
    #[error("TLS with the mail server failed: {0}")]
    Handshake(String),
    #[error("TLS is not ready: {0}")]
    TlsSetup(String),
    #[error("the mail server offers no AUTH PLAIN or AUTH LOGIN: a user name is set in the configuration")]
    NoMechanism,
    #[error("the password file cannot be read ({0})")]
    Password(io::ErrorKind),
    #[error("the mail server's answer to {0} is not SMTP")]
    NotSmtp(Stage),
    #[error("the connection to the mail server broke at {0} ({1})")]
    Broken(Stage, io::ErrorKind),
    #[error("the mail server answered {0} with {1}")]
    Refused(Stage, Refusal),
    #[error("the mail server takes {limit} bytes at most, and this mail has {size}")]
    TooLarge { size: u64, limit: u64 },
    #[error("the address needs SMTPUTF8 (RFC 6531), which the mail server does not offer")]
    NeedsUtf8,
    #[error("the sealed message could not be read ({0})")]
    Content(io::ErrorKind),
}

impl SendError {
    /// Whether another try cannot help. What the server says before MAIL is about our set-up and not about the mail, so
    /// it is worth another try once somebody has mended it; so is MAIL, which is the same for every mail but for its
    /// size. 552 to RCPT is a full mailbox or a limit (RFC 5321, section 4.5.3.1.10).
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::TooLarge { .. } | Self::NeedsUtf8 => true,
            Self::Refused(_, refusal) if refusal.code < 500 => false,
            Self::Refused(Stage::Sender, refusal) => refusal.about_size(),
            Self::Refused(Stage::Recipient, refusal) => refusal.code != 552,
            Self::Refused(Stage::Data | Stage::Content, _) => true,
            _ => false,
        }
    }

    /// Whether the mail is larger than the server takes: its own word, or its SIZE (RFC 1870; RFC 3463, 5.2.3 and 5.3.4).
    pub fn is_too_large(&self) -> bool {
        match self {
            Self::TooLarge { .. } => true,
            Self::Refused(Stage::Sender | Stage::Data | Stage::Content, refusal) => match refusal.enhanced {
                Some(status) => matches!(status, [5, 2, 3] | [5, 3, 4]),
                None => refusal.code == 552,
            },
            _ => false,
        }
    }

    /// Whether the server refused the recipient's address for good.
    pub fn is_bounce(&self) -> bool {
        match self {
            Self::Refused(Stage::Recipient, refusal) => self.is_permanent() && refusal.blames_address(),
            _ => false,
        }
    }

    /// The failure without a word of the server's.
    pub fn codes(&self) -> String {
        match self {
            Self::Refused(_, refusal) => refusal.codes(),
            other => other.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(stage: Stage, text: &str) -> SendError {
        SendError::Refused(stage, Refusal::new(&text.parse().unwrap()))
    }

    #[test]
    fn only_what_is_about_this_mail_is_permanent() {
        for (stage, text, permanent) in [
            (Stage::Greeting, "554 5.7.1 go away\r\n", false),
            (Stage::Hello, "550 no\r\n", false),
            (Stage::Login, "535 5.7.8 wrong password\r\n", false),
            (Stage::Sender, "553 5.7.1 not your address\r\n", false),
            (Stage::Sender, "552 5.3.4 too big\r\n", true),
            (Stage::Sender, "554 5.3.4 too big\r\n", true),
            (Stage::Recipient, "550 5.1.1 unknown\r\n", true),
            (Stage::Recipient, "552 5.2.2 full\r\n", false),
            (Stage::Recipient, "450 4.2.1 later\r\n", false),
            (Stage::Data, "554 no\r\n", true),
            (Stage::Content, "554 5.6.0 no\r\n", true),
            (Stage::Content, "451 4.3.0 later\r\n", false),
            (Stage::Content, "421 4.3.2 bye\r\n", false),
        ] {
            assert_eq!(refused(stage, text).is_permanent(), permanent, "{stage}: {text}");
        }
    }

    #[test]
    fn too_large_is_told_from_full() {
        for (stage, text, too_large) in [
            (Stage::Sender, "552 5.3.4 too big\r\n", true),
            (Stage::Content, "552 too big\r\n", true),
            (Stage::Content, "554 5.2.3 too big\r\n", true),
            (Stage::Content, "552 5.2.2 full\r\n", false),
            (Stage::Content, "554 5.6.0 no\r\n", false),
            (Stage::Recipient, "552 full\r\n", false),
        ] {
            assert_eq!(refused(stage, text).is_too_large(), too_large, "{stage}: {text}");
        }
    }

    #[test]
    fn a_bounce_blames_the_address() {
        for (text, bounce) in [
            ("550 5.1.1 <ana@example.org> unknown\r\n", true),
            ("550 no such user\r\n", true),
            ("550 5.7.1 relaying denied\r\n", false),
            ("554 5.7.1 spam\r\n", false),
            ("450 4.1.1 later\r\n", false),
        ] {
            assert_eq!(refused(Stage::Recipient, text).is_bounce(), bounce, "{text}");
        }
    }

    #[test]
    fn codes_hold_no_address_and_no_word_of_the_server() {
        let error = refused(Stage::Recipient, "550-5.1.1 <ana@example.org>\r\n550 5.1.1 is unknown\r\n");
        assert_eq!(error.codes(), "550 5.1.1");
        assert!(error.to_string().contains("is unknown"));
        assert_eq!(refused(Stage::Recipient, "550 4.1.1 ana@example.org\r\n").codes(), "550");
    }

    #[test]
    fn a_servers_text_is_bounded_and_printable() {
        let long = format!("550 {}\u{1b}[31m\r\n", "x".repeat(900));
        let error = refused(Stage::Recipient, &long).to_string();
        assert!(error.len() < 300 && !error.contains('\u{1b}'));
    }
}
