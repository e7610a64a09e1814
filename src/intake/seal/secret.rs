//! The session key of one sealed message, and the packets that carry it to its readers.

use super::SealError;
use crate::{config::Profile, openpgp::EncryptionSet};
use sequoia_openpgp::{
    Packet,
    crypto::{SessionKey, SymmetricAlgorithm},
    packet::{
        PKESK,
        pkesk::{PKESK3, PKESK6},
    },
    serialize::Serialize,
};

/// AES-256 for every container: every OpenPGP program has it.
pub(super) const CIPHER: SymmetricAlgorithm = SymmetricAlgorithm::AES256;
const KEY_LENGTH: usize = 32;

/// The session key of one sealed message and the PKESK packets that carry it: made once, shared by layout and original.
///
/// Sharing is safe. A SEIPDv1 container starts its CFB with 16 random bytes of its own, so its first ciphertext block is
/// uniformly random and every later block is masked by the encryption of the one before: two containers under one key are
/// related exactly as two halves of one long container are, and stay 2^40 below the birthday bound of AES at any size that
/// a mail has. SEIPDv2 derives a key of its own for each container from a random salt of 32 bytes (RFC 9580, section
/// 5.13.2). Both copies go to the same readers, so that nobody learns a key to something not meant for them. What it
/// saves is one public-key operation for each reader and message.
pub struct SessionSecret {
    /// sequoia wipes it.
    pub(super) key: SessionKey,
    /// The serialized PKESK packets.
    pub(super) packets: Vec<u8>,
    pub(super) profile: Profile,
}

impl SessionSecret {
    /// A fresh session key, encrypted to every key of `set`.
    pub fn new(set: &EncryptionSet) -> Result<Self, SealError> {
        let key = SessionKey::new(KEY_LENGTH).map_err(SealError::backend)?;
        let mut packets = Vec::with_capacity(set.keys().len() * 128);
        for reader in set.keys() {
            let session = match set.profile() {
                Profile::Compatible => PKESK3::for_recipient(CIPHER, &key, reader).map(PKESK::from),
                Profile::Rfc9580 => PKESK6::for_recipient(&key, reader).map(PKESK::from),
            };
            Packet::from(session.map_err(SealError::backend)?).serialize(&mut packets).map_err(SealError::backend)?;
        }
        Ok(Self { key, packets, profile: set.profile() })
    }
}
