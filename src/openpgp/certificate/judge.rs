//! The judgement: which keys of a certificate can be encrypted to at a moment, and if none, why.
//! sequoia's iterators drop what they do not like without a word; here nothing is dropped silently.

use super::{CertificateProblem, algorithm_name, policy, to_timestamp};
use crate::clock::Timestamp;
use sequoia_openpgp::{
    Cert, anyhow,
    cert::{
        Preferences, ValidCert,
        amalgamation::{ValidAmalgamation, key::ValidErasedKeyAmalgamation},
    },
    crypto::mpi::PublicKey,
    packet::{
        Key, Signature,
        key::{PublicParts, UnspecifiedRole},
    },
    policy::{AsymmetricAlgorithm, StandardPolicy},
    types::{HashAlgorithm, RevocationStatus},
};

type Candidate<'a> = ValidErasedKeyAmalgamation<'a, PublicParts>;

/// A certificate that can be encrypted to.
pub(in crate::openpgp) struct Judged {
    /// Every usable encryption key; never empty. All of them, as the owner may have kept any one.
    pub keys: Vec<Key<PublicParts, UnspecifiedRole>>,
    /// When the certificate or its last usable encryption key stops being usable.
    pub expires: Option<Timestamp>,
    /// Its owner's program says that it reads SEIPDv2.
    pub seipdv2: bool,
}

pub(super) fn judge(cert: &Cert, now: Timestamp) -> Result<Judged, CertificateProblem> {
    let policy = policy(now);
    // First of all: a revoked certificate stays so, whatever else is wrong with it.
    if let RevocationStatus::Revoked(signatures) = cert.revocation_status(&policy, now.to_system_time()) {
        return Err(CertificateProblem::Revoked { reason: reason(&signatures) });
    }
    let valid = cert.with_policy(&policy, now.to_system_time()).map_err(|_| why_invalid(cert, now))?;
    valid.alive().map_err(|error| lifetime(&error, |on| CertificateProblem::Expired { on }))?;

    let candidates = encryption_keys(&valid);
    let usable: Vec<&Candidate> = candidates.iter().filter(|key| why_not(key).is_none()).collect();
    if usable.is_empty() {
        return Err(why_none(cert, now, &candidates));
    }
    Ok(Judged {
        keys: usable.iter().map(|key| key.key().clone()).collect(),
        expires: last_day(&valid, &usable),
        seipdv2: valid.features().is_some_and(|features| features.supports_seipdv2()),
    })
}

/// The keys that are meant for encryption and that the policy does not call weak, dead or alive.
fn encryption_keys<'a>(valid: &ValidCert<'a>) -> Vec<Candidate<'a>> {
    valid.keys().for_transport_encryption().for_storage_encryption().collect()
}

/// Why this key cannot be encrypted to; None when it can.
fn why_not(key: &Candidate) -> Option<CertificateProblem> {
    if matches!(key.revocation_status(), RevocationStatus::Revoked(_)) {
        return Some(CertificateProblem::EncryptionKeyRevoked);
    }
    if let Err(error) = key.alive() {
        return Some(lifetime(&error, |on| CertificateProblem::EncryptionKeyExpired { on }));
    }
    (!supported(key.key())).then(|| CertificateProblem::Unsupported { algorithm: algorithm_name(key.key()) })
}

/// Whether the backend knows the key's algorithm, and where it has one its curve.
fn supported(key: &Key<PublicParts, UnspecifiedRole>) -> bool {
    let algorithm = key.pk_algo().is_supported();
    match key.mpis() {
        PublicKey::ECDH { curve, .. } => algorithm && curve.is_supported(),
        _ => algorithm,
    }
}

/// Why no key can be used: the newest candidate's problem; without a candidate, whether there is a weak one.
fn why_none(cert: &Cert, now: Timestamp, candidates: &[Candidate]) -> CertificateProblem {
    let newest = candidates.iter().max_by_key(|key| (key.key().creation_time(), key.key_expiration_time()));
    if let Some(problem) = newest.and_then(why_not) {
        return problem;
    }
    let lenient = lenient(now);
    let Ok(valid) = cert.with_policy(&lenient, now.to_system_time()) else {
        return CertificateProblem::NotBound;
    };
    if let Some(key) = encryption_keys(&valid).first() {
        return CertificateProblem::Weak { what: weakness(key.binding_signature(), key.key()) };
    }
    // The policy turns down whatever it has not heard of, as if it were not there.
    let mut subkeys = cert.keys().subkeys().map(|key| key.key().clone().role_into_unspecified());
    match subkeys.find(|key| !supported(key)) {
        Some(key) => CertificateProblem::Unsupported { algorithm: algorithm_name(&key) },
        None => CertificateProblem::NoEncryptionKey,
    }
}

/// Why the policy finds no valid self-signature: from the future, weak, or none at all.
fn why_invalid(cert: &Cert, now: Timestamp) -> CertificateProblem {
    let created = to_timestamp(cert.primary_key().key().creation_time());
    if created > now {
        return CertificateProblem::NotYetValid { from: created };
    }
    let lenient = lenient(now);
    match cert.with_policy(&lenient, now.to_system_time()) {
        Ok(valid) => {
            let primary = valid.primary_key();
            let key = primary.key().clone().role_into_unspecified();
            CertificateProblem::Weak { what: weakness(primary.binding_signature(), &key) }
        }
        Err(_) => CertificateProblem::NotBound,
    }
}

/// The policy with yesterday's algorithms let in: only to tell a weak certificate from a broken one.
fn lenient(now: Timestamp) -> StandardPolicy<'static> {
    let mut policy = policy(now);
    for hash in [HashAlgorithm::MD5, HashAlgorithm::SHA1, HashAlgorithm::RipeMD] {
        policy.accept_hash(hash);
    }
    use AsymmetricAlgorithm::{DSA1024, DSA2048, DSA3072, DSA4096};
    use AsymmetricAlgorithm::{ElGamal1024, ElGamal2048, ElGamal3072, ElGamal4096, RSA1024};
    for algorithm in [RSA1024, DSA1024, DSA2048, DSA3072, DSA4096, ElGamal1024, ElGamal2048, ElGamal3072, ElGamal4096] {
        policy.accept_asymmetric_algo(algorithm);
    }
    policy
}

/// What is weak about a key that only the lenient policy lets in: the hash that binds it, or its own algorithm.
fn weakness(binding: &Signature, key: &Key<PublicParts, UnspecifiedRole>) -> String {
    match binding.hash_algo() {
        HashAlgorithm::MD5 | HashAlgorithm::SHA1 | HashAlgorithm::RipeMD => {
            "signed with SHA-1 or an older hash".to_owned()
        }
        _ => algorithm_name(key),
    }
}

/// What sequoia's error about a lifetime means.
fn lifetime(error: &anyhow::Error, expired: impl FnOnce(Timestamp) -> CertificateProblem) -> CertificateProblem {
    match error.downcast_ref() {
        Some(sequoia_openpgp::Error::Expired(on)) => expired(to_timestamp(*on)),
        Some(sequoia_openpgp::Error::NotYetLive(from)) => CertificateProblem::NotYetValid { from: to_timestamp(*from) },
        _ => CertificateProblem::NotBound,
    }
}

/// The owner's reason, in words of the standard: the owner's own words are not repeated.
fn reason(signatures: &[&Signature]) -> String {
    let reason = signatures.iter().find_map(|signature| signature.reason_for_revocation());
    reason.map_or_else(|| "no reason given".to_owned(), |(code, _)| code.to_string())
}

fn last_day(valid: &ValidCert, usable: &[&Candidate]) -> Option<Timestamp> {
    let certificate = valid.primary_key().key_expiration_time();
    let keys = match usable.iter().map(|key| key.key_expiration_time()).collect::<Option<Vec<_>>>() {
        Some(days) => days.into_iter().max(),
        None => None,
    };
    match (certificate, keys) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
    .map(to_timestamp)
}
