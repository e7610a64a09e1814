//! The people who may read documents, as the store keeps them.

use crate::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// A staff member. The email address is the name by which everything else refers to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// In the form of [`crate::envelope::Address`], all in lower case.
    pub email: String,
    pub name: Option<String>,
    /// A suspended member keeps certificates and cases, and gets no ciphertext.
    pub suspended: bool,
    pub added: Timestamp,
}

/// One OpenPGP certificate of a staff member, as stored. `openpgp` parses and judges it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRecord {
    /// Upper-case hexadecimal, 40 digits (v4) or 64 (v6).
    pub fingerprint: String,
    /// The owner's email address.
    pub owner: String,
    /// The armored certificate, public parts only.
    pub armored: String,
    pub added: Timestamp,
}
