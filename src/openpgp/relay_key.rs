//! The relay's own OpenPGP key: it signs, and cannot decrypt anything. Its secret part leaves this file only as
//! [`RelayKey::to_armored`], for a file of mode 0600.

use crate::clock::Timestamp;
use sequoia_openpgp::{
    Cert, Packet,
    cert::{CertBuilder, CertParser, CipherSuite},
    crypto::KeyPair,
    packet::signature::SignatureBuilder,
    parse::Parse,
    serialize::SerializeInto,
    types::{Features, HashAlgorithm, KeyFlags, SignatureType},
};
use zeroize::Zeroizing;

/// The relay's signing key, in memory. Shared by all sessions: a signature works on a copy of the key pair, which costs
/// less than a microsecond and holds no lock (sequoia keeps the secret part encrypted in memory, in the copy too).
pub struct RelayKey {
    cert: Cert,
    pair: KeyPair,
}

/// The relay's key file is unusable.
#[derive(Debug, thiserror::Error)]
pub enum RelayKeyError {
    #[error(
        "the relay's key is not an OpenPGP key that can sign: restore it from the backup, or make a new one with `sealdrop init`"
    )]
    NotASigningKey,
    #[error(
        "the relay's key is protected by a password: the relay reads it without a person; export it without one into a file of mode 0600"
    )]
    Encrypted,
}

impl RelayKey {
    /// A new Ed25519 key (v4, so that every OpenPGP program can verify) named `Sealdrop relay <address>`, without an
    /// encryption subkey and without an expiry.
    pub fn generate(address: &str, now: Timestamp) -> Self {
        let made = CertBuilder::new()
            .set_cipher_suite(CipherSuite::Cv25519)
            .set_creation_time(now.to_system_time())
            .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
            .add_userid(format!("Sealdrop relay <{address}>"))
            .set_features(Features::empty().set_seipdv1())
            .and_then(CertBuilder::generate);
        let (cert, _revocation) = made.expect("Ed25519 is in every backend, and the system's generator works");
        Self::from_cert(cert).expect("a key made here signs")
    }

    /// Reads a key that [`to_armored`](Self::to_armored) wrote.
    pub fn parse(armored: &[u8]) -> Result<Self, RelayKeyError> {
        let mut certs = CertParser::from_bytes(armored).map_err(|_| RelayKeyError::NotASigningKey)?;
        match (certs.next(), certs.next()) {
            (Some(Ok(cert)), None) => Self::from_cert(cert),
            _ => Err(RelayKeyError::NotASigningKey),
        }
    }

    fn from_cert(cert: Cert) -> Result<Self, RelayKeyError> {
        let primary = cert.primary_key().key().clone();
        let secret = primary.parts_into_secret().map_err(|_| RelayKeyError::NotASigningKey)?;
        if !secret.pk_algo().for_signing() || secret.version() != 4 {
            return Err(RelayKeyError::NotASigningKey);
        }
        // sequoia reads some damaged subpackets that it cannot write again.
        cert.to_vec().map_err(|_| RelayKeyError::NotASigningKey)?;
        let pair = secret.role_into_unspecified().into_keypair().map_err(|_| RelayKeyError::Encrypted)?;
        Ok(Self { cert, pair })
    }

    /// The secret key, armored, for a file of mode 0600.
    pub fn to_armored(&self) -> Zeroizing<Vec<u8>> {
        let armored = self.cert.as_tsk().armored().to_vec();
        Zeroizing::new(armored.expect("its certificate was written once when it was parsed"))
    }

    /// The public certificate, armored: staff import it to verify the relay's signatures.
    pub fn certificate_armored(&self) -> String {
        let armored = self.cert.armored().to_vec().expect("it was written once when it was parsed");
        String::from_utf8(armored).expect("armor is ASCII, and its comments are the text of the user ID")
    }

    /// Upper-case hexadecimal.
    pub fn fingerprint(&self) -> String {
        self.cert.fingerprint().to_hex()
    }

    /// A detached binary signature over `text`, for checkpoints of the trail.
    pub fn sign(&self, text: &[u8]) -> Vec<u8> {
        let signature = SignatureBuilder::new(SignatureType::Binary)
            .set_hash_algo(HashAlgorithm::SHA256)
            .sign_message(&mut self.pair.clone(), text)
            .and_then(|signature| Packet::from(signature).to_vec());
        signature.expect("a key that signs signs whatever bytes are in memory")
    }

    /// Whether `signature` is this key's over `text`, whenever it was made. False for anything that is not one binary
    /// signature with a SHA-2 hash.
    pub fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        let Ok(Packet::Signature(signature)) = Packet::from_bytes(signature) else { return false };
        let strong = [HashAlgorithm::SHA256, HashAlgorithm::SHA384, HashAlgorithm::SHA512];
        strong.contains(&signature.hash_algo())
            && signature.typ() == SignatureType::Binary
            && signature.verify_message(self.pair.public(), text).is_ok()
    }

    /// A signer of one's own, for one message.
    pub(crate) fn signer(&self) -> KeyPair {
        self.pair.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

    fn shared<T: Send + Sync>(_: &T) {}

    #[test]
    fn survives_its_file() {
        let key = RelayKey::generate("intake@in.example.org", NOW);
        shared(&key);
        let again = RelayKey::parse(&key.to_armored()).unwrap();
        assert_eq!(again.fingerprint(), key.fingerprint());
        assert!(key.certificate_armored().contains("Sealdrop relay <intake@in.example.org>"));
        assert!(again.verifies(b"checkpoint", &key.sign(b"checkpoint")));
    }

    #[test]
    fn verifies_only_its_own_signature_over_the_same_text() {
        let (key, other) = (RelayKey::generate("a@b", NOW), RelayKey::generate("a@b", NOW));
        let signature = key.sign(b"checkpoint 7");
        assert!(key.verifies(b"checkpoint 7", &signature));
        assert!(!key.verifies(b"checkpoint 8", &signature));
        assert!(!other.verifies(b"checkpoint 7", &signature));
        assert!(!key.verifies(b"checkpoint 7", b""));
        assert!(!key.verifies(b"checkpoint 7", key.certificate_armored().as_bytes()));
        for at in 0..signature.len() {
            let mut changed = signature.clone();
            changed[at] ^= 1;
            // The unhashed area and the packet's framing are not signed: what is signed must still be the same text.
            let _ = key.verifies(b"checkpoint 7", &changed);
            assert!(!key.verifies(b"checkpoint 8", &changed));
        }
    }

    #[test]
    fn a_certificate_is_not_a_key() {
        let public = RelayKey::generate("a@b", NOW).certificate_armored();
        assert!(matches!(RelayKey::parse(public.as_bytes()), Err(RelayKeyError::NotASigningKey)));
        assert!(matches!(RelayKey::parse(b"garbage"), Err(RelayKeyError::NotASigningKey)));
    }

    #[test]
    fn nothing_can_be_encrypted_to_it() {
        let key = RelayKey::generate("a@b", NOW);
        let certificate = crate::openpgp::Certificate::parse(key.certificate_armored().as_bytes()).unwrap();
        assert_eq!(certificate.check(NOW), Err(crate::openpgp::CertificateProblem::NoEncryptionKey));
    }
}
