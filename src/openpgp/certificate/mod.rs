//! One staff certificate: parsed, and judged by policy at a moment. Holds public parts only: a file with a secret key is
//! refused, so that nobody's key comes to lie on the relay by mistake.

mod judge;
mod problem;
#[cfg(test)]
mod tests;

pub use problem::CertificateProblem;

use crate::clock::Timestamp;
use judge::{Judged, judge};
use sequoia_openpgp::{
    Cert,
    cert::CertParser,
    crypto::mpi::PublicKey,
    packet::{
        Key,
        key::{PublicParts, UnspecifiedRole},
    },
    parse::Parse,
    policy::StandardPolicy,
    serialize::SerializeInto,
    types::Curve,
};
use std::time::SystemTime;

/// The largest file that is read as a certificate, in bytes: flooded certificates are larger.
const LARGEST: usize = 1 << 20;

/// A parsed OpenPGP certificate, public parts only.
#[derive(Clone)]
pub struct Certificate {
    pub(in crate::openpgp) inner: Cert,
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
    /// Parses one certificate, armored or binary, of at most 1 MiB. A file with several certificates, or with secret keys,
    /// is refused. Whether it can be used is for [`check`](Self::check) to say.
    pub fn parse(bytes: &[u8]) -> Result<Self, CertificateProblem> {
        if bytes.len() > LARGEST {
            return Err(CertificateProblem::TooLarge);
        }
        if count(bytes, b"-----BEGIN PGP PRIVATE KEY BLOCK-----") > 0 {
            return Err(CertificateProblem::SecretKey);
        }
        let mut certs = Vec::new();
        for cert in CertParser::from_bytes(bytes).map_err(|_| CertificateProblem::NotACertificate)? {
            certs.push(cert.map_err(|_| CertificateProblem::NotACertificate)?);
        }
        if certs.iter().any(Cert::is_tsk) {
            return Err(CertificateProblem::SecretKey);
        }
        // The parser stops after the first armored block.
        let several = certs.len().max(count(bytes, b"-----BEGIN PGP PUBLIC KEY BLOCK-----"));
        if several > 1 {
            return Err(CertificateProblem::Several { count: several });
        }
        let inner = certs.pop().ok_or(CertificateProblem::NotACertificate)?;
        // sequoia reads some damaged subpackets that it cannot write again.
        inner.to_vec().map_err(|_| CertificateProblem::NotBound)?;
        Ok(Self { inner })
    }

    /// Upper-case hexadecimal.
    pub fn fingerprint(&self) -> String {
        self.inner.fingerprint().to_hex()
    }

    /// The armored certificate.
    pub fn armored(&self) -> String {
        let armored = self.inner.armored().to_vec().expect("it was written once when it was parsed");
        String::from_utf8(armored).expect("armor is ASCII, and its comments are those user IDs that are text")
    }

    /// Fails when the certificate cannot be encrypted to at `now`: expired, revoked, weak, without an encryption key, or
    /// with one that this backend does not support.
    pub fn check(&self, now: Timestamp) -> Result<(), CertificateProblem> {
        self.usable(now).map(|_| ())
    }

    /// What to tell people about it.
    pub fn health(&self, now: Timestamp) -> Health {
        let judged = judge(&self.inner, now);
        let (expires, problem) = match &judged {
            Ok(judged) => (judged.expires, None),
            Err(problem) => (problem.moment(), Some(problem.to_string())),
        };
        let primary = self.inner.primary_key().key();
        Health {
            fingerprint: self.fingerprint(),
            user_ids: self
                .inner
                .userids()
                .map(|id| String::from_utf8_lossy(id.userid().value()).into_owned())
                .collect(),
            algorithm: match &judged {
                Ok(Judged { keys, .. }) => keys.first().map_or_else(String::new, algorithm_name),
                Err(_) => self.likely_algorithm(),
            },
            created: to_timestamp(primary.creation_time()),
            expires,
            problem,
        }
    }

    /// This certificate with the newer signatures of `other` merged in; fails for another fingerprint.
    pub fn merge(self, other: Self) -> Result<Self, CertificateProblem> {
        let (ours, theirs) = (self.fingerprint(), other.fingerprint());
        let merged = self.inner.merge_public(other.inner);
        merged.map(|inner| Self { inner }).map_err(|_| CertificateProblem::Another { ours, theirs })
    }

    /// The keys that messages are encrypted to at `now`, and whether they can all take SEIPDv2.
    pub(in crate::openpgp) fn usable(&self, now: Timestamp) -> Result<Judged, CertificateProblem> {
        judge(&self.inner, now)
    }

    /// The algorithm of the last subkey that looks like one for encryption, whatever its state; else of the primary key.
    fn likely_algorithm(&self) -> String {
        let encrypts = |key: &Key<PublicParts, UnspecifiedRole>| key.pk_algo().for_encryption();
        let subkeys = self.inner.keys().subkeys().map(|key| key.key().clone().role_into_unspecified());
        let last = subkeys.filter(encrypts).last();
        algorithm_name(&last.unwrap_or_else(|| self.inner.primary_key().key().clone().role_into_unspecified()))
    }
}

/// How often `needle` stands in `bytes`.
fn count(bytes: &[u8], needle: &[u8]) -> usize {
    bytes.windows(needle.len()).filter(|window| *window == needle).count()
}

/// The algorithm in the words that people know: `Cv25519`, `RSA 4096`, `NIST P-384`.
fn algorithm_name(key: &Key<PublicParts, UnspecifiedRole>) -> String {
    let bits = key.mpis().bits().unwrap_or(0);
    match key.mpis() {
        PublicKey::RSA { .. } => format!("RSA {bits}"),
        PublicKey::ElGamal { .. } => format!("ElGamal {bits}"),
        PublicKey::DSA { .. } => format!("DSA {bits}"),
        PublicKey::ECDH { curve, .. } | PublicKey::ECDSA { curve, .. } | PublicKey::EdDSA { curve, .. } => {
            match curve {
                Curve::NistP256 => "NIST P-256".to_owned(),
                Curve::NistP384 => "NIST P-384".to_owned(),
                Curve::NistP521 => "NIST P-521".to_owned(),
                Curve::Cv25519 => "Cv25519".to_owned(),
                Curve::Ed25519 => "Ed25519".to_owned(),
                other => other.to_string(),
            }
        }
        _ => key.pk_algo().to_string(),
    }
}

/// sequoia's rules of this year, applied as of `now`.
pub(in crate::openpgp) fn policy(now: Timestamp) -> StandardPolicy<'static> {
    StandardPolicy::at(now.to_system_time())
}

pub(in crate::openpgp) fn to_timestamp(time: SystemTime) -> Timestamp {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
