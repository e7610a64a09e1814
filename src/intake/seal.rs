//! Sealing: OpenPGP encryption and signature in stream. Plaintext goes in, packets come out; nothing of the plaintext is
//! held back but a cipher block. Never compresses, never skips encryption, whatever the content claims.

use crate::{
    clock::Timestamp,
    openpgp::{EncryptionSet, RelayKey},
};

/// The session key of one sealed message and the PKESK packets that carry it: made once, shared by layout and original.
pub struct SessionSecret {}

/// Sealing failed: the message is refused for now (451). Carries no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("the encryption backend failed")]
    Backend,
}

impl SessionSecret {
    /// A fresh session key, encrypted to every key of `set`.
    pub fn new(_set: &EncryptionSet) -> Result<Self, SealError> {
        todo!()
    }
}

/// One OpenPGP message being made: PKESKs, SEIPD, within it a one-pass signature, a literal packet and the signature.
pub struct SealStream {}

impl SealStream {
    pub fn begin(_secret: &SessionSecret, _signer: &RelayKey, _now: Timestamp) -> Result<Self, SealError> {
        todo!()
    }

    /// Takes in the next plaintext.
    pub fn write(&mut self, _plain: &[u8]) -> Result<(), SealError> {
        todo!()
    }

    /// The ciphertext made so far; the caller takes it away (`clear`) whenever it likes.
    pub fn ciphertext(&mut self) -> &mut Vec<u8> {
        todo!()
    }

    /// Ends the message and gives the rest of the ciphertext.
    pub fn finish(self) -> Result<Vec<u8>, SealError> {
        todo!()
    }
}
