//! One OpenPGP message being made in stream: what is inside the container, and its signature.

use super::{SealError, container::Container, partial::PartialBody, secret::SessionSecret};
use crate::{clock::Timestamp, openpgp::RelayKey};
use sequoia_openpgp::{
    Packet,
    crypto::{KeyPair, hash},
    packet::{OnePassSig, one_pass_sig::OnePassSig3, signature::SignatureBuilder},
    serialize::SerializeInto,
    types::{HashAlgorithm, SignatureType},
};

/// SHA-256: as strong as an Ed25519 signature needs, and three times as fast as SHA-512 where the processor has SHA
/// instructions.
const HASH: HashAlgorithm = HashAlgorithm::SHA256;
/// First octet of a literal data packet (tag 11, new format).
const LITERAL: u8 = 0xCB;
/// Binary data, no file name, no date: the container's content names itself.
const LITERAL_HEADER: [u8; 6] = [b'b', 0, 0, 0, 0, 0];
/// Bytes that are hashed twice and encrypted before the next ones are touched: they stay in the first-level cache.
const PIECE: usize = 8 * 1024;

/// Bytes of ciphertext that fit before the buffer grows: a chunk of the arriving message, and the framing.
const ROOM: usize = 36 * 1024;

/// One OpenPGP message being made: PKESKs, SEIPD, within it a one-pass signature, a literal packet and the signature.
pub struct SealStream {
    container: Container,
    literal: PartialBody,
    hash: hash::Context,
    signer: KeyPair,
    signed: Timestamp,
    out: Vec<u8>,
}

impl SealStream {
    /// Starts a message, signed as of `now`. The packets that stand before the plaintext are in
    /// [`ciphertext`](Self::ciphertext) at once.
    pub fn begin(secret: &SessionSecret, signer: &RelayKey, now: Timestamp) -> Result<Self, SealError> {
        let signer = signer.signer();
        let mut out = Vec::with_capacity(secret.packets.len() + ROOM);
        out.extend_from_slice(&secret.packets);
        let mut container = Container::begin(secret, &mut out)?;
        container.write(&one_pass_signature(&signer)?, &mut out)?;
        container.write(&[LITERAL], &mut out)?;
        let hash = HASH.context().map_err(SealError::backend)?.for_signature(signer.public().version());
        let mut stream = Self { container, literal: PartialBody::default(), hash, signer, signed: now, out };
        stream.write_literal(&LITERAL_HEADER)?;
        Ok(stream)
    }

    /// Takes in the next plaintext.
    pub fn write(&mut self, plain: &[u8]) -> Result<(), SealError> {
        for piece in plain.chunks(PIECE) {
            self.hash.update(piece);
            self.write_literal(piece)?;
        }
        Ok(())
    }

    /// The ciphertext made so far; the caller takes it away (`clear`) whenever it likes.
    pub fn ciphertext(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Ends the message and gives the rest of the ciphertext.
    pub fn finish(mut self) -> Result<Vec<u8>, SealError> {
        let Self { container, literal, out, .. } = &mut self;
        literal.finish(|piece| container.write(piece, out))?;
        let signature = SignatureBuilder::new(SignatureType::Binary)
            .set_signature_creation_time(self.signed.to_system_time())
            .and_then(|builder| builder.sign_hash(&mut self.signer, self.hash))
            .and_then(|signature| Packet::from(signature).to_vec())
            .map_err(SealError::backend)?;
        self.container.write(&signature, &mut self.out)?;
        self.container.finish(&mut self.out)?;
        Ok(self.out)
    }

    fn write_literal(&mut self, bytes: &[u8]) -> Result<(), SealError> {
        let Self { container, literal, out, .. } = self;
        literal.write(bytes, |piece| container.write(piece, out))
    }
}

/// The packet that tells a reader, ahead of the data, how to hash it (RFC 9580, section 5.4).
fn one_pass_signature(signer: &KeyPair) -> Result<Vec<u8>, SealError> {
    let mut packet = OnePassSig3::new(SignatureType::Binary);
    packet.set_hash_algo(HASH);
    packet.set_pk_algo(signer.public().pk_algo());
    packet.set_issuer(signer.public().keyid());
    packet.set_last(true);
    Packet::from(OnePassSig::from(packet)).to_vec().map_err(SealError::backend)
}
