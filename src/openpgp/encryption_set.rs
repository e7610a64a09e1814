//! Every certificate of a case that is usable at this moment; never empty.

use super::Certificate;
use crate::clock::Timestamp;

/// One person whom a message is sealed to.
#[derive(Clone)]
pub struct Reader {
    /// The staff member's email address, or `recovery`.
    pub email: String,
    pub certificate: Certificate,
}

/// Every usable certificate of a case. Made at a moment, to be used within minutes of it.
pub struct EncryptionSet {
    // encryption (sub)keys, in sequoia's types, owned so that no certificate is parsed or validated again for a message
    readers: Vec<Reader>,
}

/// No certificate of the case can be encrypted to: the sender is told to try again (451), and the admins are alerted.
#[derive(Debug, Clone, thiserror::Error)]
#[error("no certificate can be used: {}", .problems.iter().map(|(email, problem)| format!("{email}: {problem}")).collect::<Vec<_>>().join("; "))]
pub struct NoUsableCertificate {
    pub problems: Vec<(String, String)>,
}

impl EncryptionSet {
    /// Keeps the usable ones of `readers`. Those that are not are named by [`left_out`](Self::left_out).
    pub fn at(_now: Timestamp, _readers: Vec<Reader>) -> Result<Self, NoUsableCertificate> {
        todo!()
    }

    /// The fingerprints that messages are sealed to.
    pub fn fingerprints(&self) -> Vec<String> {
        todo!()
    }

    /// The email addresses of the people who can read what is sealed to this set, without repeats.
    pub fn emails(&self) -> Vec<String> {
        todo!()
    }

    /// Email address and problem of each certificate that was left out.
    pub fn left_out(&self) -> &[(String, String)] {
        todo!()
    }
}
