//! One staff certificate: parsed, and judged by policy at a moment.

use crate::clock::Timestamp;

/// A parsed OpenPGP certificate, public parts only.
#[derive(Clone)]
pub struct Certificate {
    pub(in crate::openpgp) inner: sequoia_openpgp::Cert,
}

/// Why a certificate cannot be used. Each variant's text says what is wrong and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateProblem {
    #[error("this is not an OpenPGP certificate")]
    NotACertificate,
    // … the rest by the room's owner
}

/// What is known about a certificate at a moment, for lists and `check`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Health {
    pub fingerprint: String,
    pub user_ids: Vec<String>,
    /// `Cv25519`, `RSA 4096`, `NIST P-384` …, of the encryption key.
    pub algorithm: String,
    pub created: Timestamp,
    /// When the certificate or its last usable encryption key stops being usable.
    pub expires: Option<Timestamp>,
    /// None when it can be used; else the problem in words.
    pub problem: Option<String>,
}

impl Certificate {
    /// Parses one certificate, armored or binary. A file with several certificates, or with secret keys, is refused.
    pub fn parse(_bytes: &[u8]) -> Result<Self, CertificateProblem> {
        todo!()
    }

    /// Upper-case hexadecimal.
    pub fn fingerprint(&self) -> String {
        todo!()
    }

    /// The armored certificate.
    pub fn armored(&self) -> String {
        todo!()
    }

    /// Fails when the certificate cannot be encrypted to at `now`: expired, revoked, weak, without an encryption key, or
    /// with one that this backend does not support.
    pub fn check(&self, _now: Timestamp) -> Result<(), CertificateProblem> {
        todo!()
    }

    /// What to tell people about it.
    pub fn health(&self, _now: Timestamp) -> Health {
        todo!()
    }

    /// This certificate with the newer signatures of `other` merged in; fails for another fingerprint.
    pub fn merge(self, _other: Self) -> Result<Self, CertificateProblem> {
        todo!()
    }
}
