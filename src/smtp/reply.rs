//! What the peer is told (RFC 5321, section 4.2, with the enhanced codes of RFC 3463). Every text can be read by a client
//! whose own mail server shows it in a bounce. Must never hold anything that came with the mail, and never our own reasons.

use super::command::Fault;
use crate::{ids::MessageId, store::Committed};
use std::{borrow::Cow, fmt::Write as _};

/// Why something is not taken: what the peer sees, apart from our own errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// 550 5.1.1
    UnknownCase,
    /// 550 5.2.1
    ClosedCase,
    /// 550 5.7.1
    NotOurDomain,
    /// 550 5.7.1: the case takes mail from known senders alone.
    UnexpectedSender,
    /// 451 4.3.0
    NobodyCanRead,
    /// 552 5.3.4
    TooLarge,
    /// 452 4.5.3
    TooManyRecipients,
    /// 452 4.3.1
    DiskFull,
    /// 451 4.3.0: store, spool or sealing failed, or the memory budget is spent.
    NotNow,
    /// 554 5.4.6: a mail loop.
    Loop,
}

/// One reply: code, enhanced code, lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// As it goes over the wire, CRLFs included.
    text: Cow<'static, str>,
}

impl Reply {
    pub(super) const OK: Self = Self::fixed("250 2.0.0 OK\r\n");
    pub(super) const SENDER_OK: Self = Self::fixed("250 2.1.0 OK\r\n");
    pub(super) const RECIPIENT_OK: Self = Self::fixed("250 2.1.5 OK\r\n");
    pub(super) const START_TLS: Self = Self::fixed("220 2.0.0 Ready for TLS\r\n");
    pub(super) const GO_AHEAD: Self = Self::fixed("354 Send the message, end it with a dot on a line of its own\r\n");
    pub(super) const BYE: Self = Self::fixed("221 2.0.0 Goodbye\r\n");
    pub(super) const HELP: Self = Self::fixed("214 2.0.0 RFC 5321 says it all; mail is taken over TLS only\r\n");
    pub(super) const VRFY: Self =
        Self::fixed("252 2.1.5 Addresses are not verified here, but mail to them is taken if they exist\r\n");
    pub(super) const EXPN: Self = Self::fixed("502 5.5.1 There are no lists to expand here\r\n");
    pub(super) const TLS_FIRST: Self = Self::fixed(
        "530 5.7.0 Mail is taken here over an encrypted (TLS) connection only. The sending mail server must use STARTTLS.\r\n",
    );
    pub(super) const TLS_ALREADY: Self = Self::fixed("503 5.5.1 TLS is in use already\r\n");
    pub(super) const NO_AUTH: Self = Self::fixed("502 5.5.1 Nobody needs to log in here\r\n");
    pub(super) const HELLO_FIRST: Self = Self::fixed("503 5.5.1 Send EHLO first\r\n");
    pub(super) const MAIL_FIRST: Self = Self::fixed("503 5.5.1 Send MAIL first\r\n");
    pub(super) const NESTED_MAIL: Self =
        Self::fixed("503 5.5.1 The sender is named already; send RSET to start over\r\n");
    pub(super) const RECIPIENT_FIRST: Self = Self::fixed("503 5.5.1 No recipient was accepted\r\n");
    pub(super) const IN_CHUNKS: Self = Self::fixed("503 5.5.1 A message in chunks is under way; send BDAT or RSET\r\n");
    pub(super) const SMTPUTF8_NEEDED: Self =
        Self::fixed("553 5.6.7 An address with letters beyond ASCII needs SMTPUTF8\r\n");
    pub(super) const TOO_MANY_CONNECTIONS: Self =
        Self::fixed("421 4.7.0 Too many connections at the moment, please try again later\r\n");
    pub(super) const TOO_MANY_ERRORS: Self =
        Self::fixed("421 4.7.0 Too many errors or unknown addresses, please check and try again later\r\n");
    pub(super) const SILENCE: Self = Self::fixed("421 4.4.2 Nothing was heard for too long, closing\r\n");
    pub(super) const TOO_SLOW: Self = Self::fixed("421 4.4.2 The message comes in too slowly, closing\r\n");
    pub(super) const SESSION_TOO_LONG: Self = Self::fixed("421 4.4.2 This session took too long, closing\r\n");
    pub(super) const STOPPING: Self = Self::fixed("421 4.3.2 The service is restarting, please try again shortly\r\n");

    const fn fixed(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text) }
    }

    /// The only 250 to a message's data: its ids are durable.
    pub fn accepted(committed: &Committed) -> Self {
        Self { text: Cow::Owned(accepted(committed.ids())) }
    }

    pub(super) fn greeting(hostname: &str) -> Self {
        Self { text: Cow::Owned(format!("220 {hostname} ESMTP Sealdrop\r\n")) }
    }

    pub(super) fn helo(hostname: &str) -> Self {
        Self { text: Cow::Owned(format!("250 {hostname}\r\n")) }
    }

    /// What we can do; STARTTLS is offered only where it is not in use yet (RFC 3207, section 4.2).
    pub(super) fn ehlo(hostname: &str, max_message_size: u64, offer_starttls: bool) -> Self {
        let starttls = if offer_starttls { "250-STARTTLS\r\n" } else { "" };
        let text = format!(
            "250-{hostname}\r\n250-PIPELINING\r\n250-SIZE {max_message_size}\r\n{starttls}250-8BITMIME\r\n\
             250-SMTPUTF8\r\n250-CHUNKING\r\n250 ENHANCEDSTATUSCODES\r\n"
        );
        Self { text: Cow::Owned(text) }
    }

    /// A chunk that is not the last one is in (RFC 3030). It promises nothing yet.
    pub(super) fn chunk_taken(size: u64) -> Self {
        Self { text: Cow::Owned(format!("250 2.0.0 {size} bytes taken\r\n")) }
    }

    /// The three digits.
    pub fn code(&self) -> u16 {
        self.text.bytes().take(3).fold(0, |code, digit| code * 10 + u16::from(digit.wrapping_sub(b'0')))
    }

    /// The peer did something wrong, as far as this reply says.
    pub(super) fn is_error(&self) -> bool {
        self.code() >= 500
    }

    /// As it goes over the wire.
    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

/// Ids as far as a reply's line has room for them (512 bytes: RFC 5321, section 4.5.3.1.5).
fn accepted(ids: &[MessageId]) -> String {
    const MOST: usize = 16;
    let mut text = "250 2.0.0".to_owned();
    for id in ids.iter().take(MOST) {
        write!(text, " {id}").expect("writing to a String cannot fail");
    }
    if ids.len() > MOST {
        write!(text, " and {} more", ids.len() - MOST).expect("writing to a String cannot fail");
    }
    text + " received and sealed\r\n"
}

impl From<Rejection> for Reply {
    fn from(rejection: Rejection) -> Self {
        Self::fixed(match rejection {
            Rejection::UnknownCase => {
                "550 5.1.1 We do not know this address. Please check each letter and number of the address you were \
                 given, or call the office that gave it to you.\r\n"
            }
            Rejection::ClosedCase => {
                "550 5.2.1 This address does not take documents any more. Please call the office that gave it to you.\r\n"
            }
            Rejection::NotOurDomain => {
                "550 5.7.1 Mail for this address is not taken here. Please check what you wrote after the @ sign.\r\n"
            }
            Rejection::UnexpectedSender => {
                "550 5.7.1 This address takes mail only from the phone or email address that the office knows. Please send \
                 from that one, or call the office that gave you this address.\r\n"
            }
            Rejection::NobodyCanRead => {
                "451 4.3.0 Your documents cannot be protected at the moment, so they were not taken. Your mail server \
                 will try again.\r\n"
            }
            Rejection::TooLarge => {
                "552 5.3.4 This message is too large. Please send fewer photos in one message, in several messages.\r\n"
            }
            Rejection::TooManyRecipients => {
                "452 4.5.3 Too many recipients in one message; the others are taken in another\r\n"
            }
            Rejection::DiskFull => {
                "452 4.3.1 There is no room for this message at the moment. Your mail server will try again.\r\n"
            }
            Rejection::NotNow => {
                "451 4.3.0 This message cannot be taken at the moment. Your mail server will try again.\r\n"
            }
            Rejection::Loop => "554 5.4.6 This message is going in circles between mail servers and was not taken.\r\n",
        })
    }
}

impl From<Fault> for Reply {
    fn from(fault: Fault) -> Self {
        Self::fixed(match fault {
            Fault::LineTooLong => "500 5.5.2 The line is too long\r\n",
            Fault::NotALine => {
                "500 5.5.2 A command ends in CR LF and holds no other control character (no bare LF, no NUL)\r\n"
            }
            Fault::NotUtf8 => "500 5.5.2 A command is ASCII or UTF-8\r\n",
            Fault::Unknown => "500 5.5.1 This command is not known here\r\n",
            Fault::Syntax(syntax) => {
                return Self { text: Cow::Owned(format!("501 5.5.4 The syntax is: {syntax}\r\n")) };
            }
            Fault::ReversePath => "501 5.1.7 The sender's address is not written as name@domain\r\n",
            Fault::ForwardPath => "501 5.1.3 The recipient's address is not written as name@domain\r\n",
            Fault::ParameterNotOffered => "555 5.5.4 A parameter was not offered here\r\n",
            Fault::ParameterValue => "501 5.5.4 A parameter has a value that makes no sense\r\n",
            Fault::ChunkSize => "501 5.5.4 The size of the chunk cannot be read, closing\r\n",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// interface.md's table.
    #[test]
    fn rejections_have_the_codes_that_people_rely_on() {
        for (rejection, code) in [
            (Rejection::UnknownCase, "550 5.1.1 "),
            (Rejection::ClosedCase, "550 5.2.1 "),
            (Rejection::NotOurDomain, "550 5.7.1 "),
            (Rejection::UnexpectedSender, "550 5.7.1 "),
            (Rejection::NobodyCanRead, "451 4.3.0 "),
            (Rejection::TooLarge, "552 5.3.4 "),
            (Rejection::TooManyRecipients, "452 4.5.3 "),
            (Rejection::DiskFull, "452 4.3.1 "),
            (Rejection::NotNow, "451 4.3.0 "),
            (Rejection::Loop, "554 5.4.6 "),
        ] {
            let reply = Reply::from(rejection);
            assert!(reply.text.starts_with(code), "{rejection:?}");
            assert_eq!(reply.code().to_string(), code[..3]);
            assert!(reply.text.ends_with("\r\n") && reply.text.len() <= 512, "{rejection:?}: RFC 5321, 4.5.3.1.5");
        }
    }

    #[test]
    fn many_ids_still_fit_a_line() {
        let id = MessageId::from_bytes([7; 16]);
        assert_eq!(accepted(&[id]), format!("250 2.0.0 {id} received and sealed\r\n"));
        let many = accepted(&[id; 100]);
        assert!(many.len() <= 512 && many.ends_with(" and 84 more received and sealed\r\n"), "{many}");
    }

    #[test]
    fn starttls_is_offered_only_before_tls() {
        let text = |offer| String::from_utf8(Reply::ehlo("mx.example.org", 7, offer).as_bytes().to_vec()).unwrap();
        assert_eq!(
            text(true),
            "250-mx.example.org\r\n250-PIPELINING\r\n250-SIZE 7\r\n250-STARTTLS\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n\
             250-CHUNKING\r\n250 ENHANCEDSTATUSCODES\r\n"
        );
        assert_eq!(text(false), text(true).replace("250-STARTTLS\r\n", ""));
    }
}
