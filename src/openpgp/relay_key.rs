//! The relay's own OpenPGP key: it signs, and cannot decrypt anything.

use crate::clock::Timestamp;

/// The relay's signing key, in memory.
pub struct RelayKey {
    // sequoia's Cert and a KeyPair for the signing key
}

/// The relay's key file is unusable.
#[derive(Debug, thiserror::Error)]
pub enum RelayKeyError {
    #[error("the relay's key is not an OpenPGP key that can sign")]
    NotASigningKey,
}

impl RelayKey {
    /// A new Ed25519 key (v4, so that every OpenPGP program can verify) for `intake@domain`, without an encryption subkey.
    pub fn generate(_address: &str, _now: Timestamp) -> Self {
        todo!()
    }

    /// Reads a key that [`to_armored`](Self::to_armored) wrote.
    pub fn parse(_armored: &[u8]) -> Result<Self, RelayKeyError> {
        todo!()
    }

    /// The secret key, armored, for a file of mode 0600.
    pub fn to_armored(&self) -> zeroize::Zeroizing<Vec<u8>> {
        todo!()
    }

    /// The public certificate, armored: staff import it to verify the relay's signatures.
    pub fn certificate_armored(&self) -> String {
        todo!()
    }

    /// Upper-case hexadecimal.
    pub fn fingerprint(&self) -> String {
        todo!()
    }

    /// A detached binary signature over `text`, for checkpoints of the trail.
    pub fn sign(&self, _text: &[u8]) -> Vec<u8> {
        todo!()
    }

    /// Whether `signature` is this key's over `text`.
    pub fn verifies(&self, _text: &[u8], _signature: &[u8]) -> bool {
        todo!()
    }
}
