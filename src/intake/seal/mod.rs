//! Sealing: OpenPGP encryption and signature in stream. Plaintext goes in, packets come out; nothing of the plaintext is
//! held back but less than [`partial::LEAST`] bytes for the framing and a cipher block (with RFC 9580's profile, less than
//! an AEAD chunk). Never compresses, never skips encryption, whatever the content claims.
//!
//! ```text
//! PKESK … PKESK, SEIPD( OPS, literal data, signature )
//! ```
//!
//! Packets, primitives and certificates are sequoia's; only the framing around them is ours, as sequoia's writer buffers
//! megabytes of plaintext for each message (docs/decisions.md).

mod container;
mod partial;
mod secret;
mod seipd1;
mod seipd2;
mod stream;
#[cfg(test)]
mod tests;

pub use secret::SessionSecret;
pub use stream::{MOST_WORDS, SealStream, Sealer, WITHHELD};

use crate::{
    clock::Timestamp,
    openpgp::{EncryptionSet, RelayKey},
};
use sequoia_openpgp::anyhow;

/// Sealing failed: the message is refused for now (451). Carries no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("the encryption backend failed")]
    Backend,
}

impl SealError {
    /// The backend's own words are dropped: they could name content.
    fn backend(_: anyhow::Error) -> Self {
        Self::Backend
    }
}

/// Seals a short text of the relay's own, such as an alert: binary OpenPGP, signed by the relay.
pub fn encrypt_and_sign_small(
    set: &EncryptionSet,
    signer: &RelayKey,
    plain: &[u8],
    now: Timestamp,
) -> Result<Vec<u8>, SealError> {
    let mut stream = SealStream::begin(&SessionSecret::new(set)?, signer, now)?;
    stream.write(plain)?;
    stream.finish()
}
