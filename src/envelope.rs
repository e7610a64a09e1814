//! The envelope of one SMTP transaction (RFC 5321, section 2.3.1): who sent it, for whom, and how it was protected.
//! Addresses of clients are here: no type of this file prints one in its Debug, and none is ever logged.

use crate::{cases::CaseAddress, clock::Timestamp, tls::Protection};
use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr};

/// An address, `local@domain`: unquoted, the domain in lower case. At most 254 bytes (RFC 5321, section 4.5.3.1.3).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address {
    text: String,
    at: usize,
}

/// The text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address of the form name@domain")]
pub struct NotAnAddress;

impl Address {
    /// Parses `local@domain`. The local part may hold any character but controls (a quoted local part is given without
    /// its quotes); the last `@` divides.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let at = text.rfind('@').ok_or(NotAnAddress)?;
        let (local, domain) = (&text[..at], &text[at + 1..]);
        let domain_ok = domain.chars().all(|c| c.is_alphanumeric() || "-.:[]_".contains(c));
        let fits = text.len() <= 254 && !local.is_empty() && !domain.is_empty();
        if !fits || !domain_ok || local.chars().any(char::is_control) {
            return Err(NotAnAddress);
        }
        Ok(Self { text: format!("{local}@{}", domain.to_lowercase()), at })
    }

    /// What stands before the `@`.
    pub fn local(&self) -> &str {
        &self.text[..self.at]
    }

    /// What stands after the `@`, in lower case.
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// The whole address. The caller sees to it that it reaches no log.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

/// The envelope's sender (RFC 5321, section 4.1.1.2): null for bounces and automatic mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReversePath {
    /// `MAIL FROM:<>`.
    Null,
    /// A mailbox that a confirmation may be sent to.
    Mailbox(Address),
}

/// The forward-path of one RCPT command (RFC 5321, section 4.1.1.3), before anybody looked whether it is ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient(pub Address);

/// Where accepted mail belongs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Mailbox {
    /// A case, by its address.
    Case(CaseAddress),
    /// `postmaster@` (RFC 5321, section 4.5.1): the admins.
    Postmaster,
    /// `abuse@` (RFC 2142): the admins.
    Abuse,
}

impl Mailbox {
    /// The case, if it is one.
    pub fn case(&self) -> Option<&CaseAddress> {
        match self {
            Self::Case(case) => Some(case),
            Self::Postmaster | Self::Abuse => None,
        }
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Case(case) => case.fmt(f),
            Self::Postmaster => f.write_str("postmaster"),
            Self::Abuse => f.write_str("abuse"),
        }
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Mailbox> for String {
    fn from(mailbox: Mailbox) -> Self {
        mailbox.to_string()
    }
}

impl TryFrom<String> for Mailbox {
    type Error = crate::cases::NotACaseAddress;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "postmaster" => Ok(Self::Postmaster),
            "abuse" => Ok(Self::Abuse),
            case => case.parse().map(Self::Case),
        }
    }
}

/// One accepted MAIL and its accepted RCPTs. Only a session under TLS can make one: it takes the connection's
/// [`Protection`], which only a finished handshake yields.
#[derive(Clone, Debug)]
pub struct Envelope {
    pub reverse_path: ReversePath,
    /// At least one; no mailbox twice.
    pub mailboxes: Vec<Mailbox>,
    /// How the connection was protected.
    pub protection: Protection,
    /// The peer's address: for limits only, never kept.
    pub peer: IpAddr,
    /// What the peer called itself in EHLO; untrusted.
    pub hello: String,
    /// When MAIL was accepted.
    pub at: Timestamp,
    /// The transaction was declared SMTPUTF8 (RFC 6531).
    pub smtputf8: bool,
}
