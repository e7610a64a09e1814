//! One OpenPGP message being made in stream: what is inside the container, and its signature.

use super::{
    SealError,
    container::Container,
    partial::{LEAST, PartialBody},
    secret::SessionSecret,
    seipd2::{CHUNK, TAG},
};
use crate::{
    clock::Timestamp,
    openpgp::{EncryptionSet, RelayKey},
};
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
    /// Bytes of ciphertext made so far.
    made: u64,
}

/// Makes any number of OpenPGP messages under one [`SessionSecret`], signed by one key as of one moment.
pub struct Sealer {
    secret: SessionSecret,
    signer: KeyPair,
    now: Timestamp,
}

impl Sealer {
    /// Encrypts a fresh session key to every key of `set`.
    pub fn new(set: &EncryptionSet, signer: &RelayKey, now: Timestamp) -> Result<Self, SealError> {
        Ok(Self { secret: SessionSecret::new(set)?, signer: signer.signer(), now })
    }

    /// Starts a message.
    pub fn begin(&self) -> Result<SealStream, SealError> {
        SealStream::start(&self.secret, self.signer.clone(), self.now)
    }
}

/// Bytes that the end of a message adds at most: the signature, the hash or tag, and lengths.
const END: u64 = 400;

/// Bytes of plaintext that [`SealStream::ended_with`] takes at most.
pub const MOST_WORDS: usize = 2 * 1024;

/// Bytes of ciphertext to withhold at a fork. SEIPDv1: more than a block, as the next one depends on it. SEIPDv2: what is held,
/// `words` and signature fill the current chunk and the next, and the last tag takes one nonce more.
pub const WITHHELD: usize = 64 * 1024;
const _: () = assert!(WITHHELD > 3 * (CHUNK + TAG) + 2 * LEAST && MOST_WORDS + END as usize + LEAST < CHUNK);

impl SealStream {
    /// Starts a message, signed as of `now`. The packets that stand before the plaintext are in
    /// [`ciphertext`](Self::ciphertext) at once.
    pub fn begin(secret: &SessionSecret, signer: &RelayKey, now: Timestamp) -> Result<Self, SealError> {
        Self::start(secret, signer.signer(), now)
    }

    fn start(secret: &SessionSecret, signer: KeyPair, now: Timestamp) -> Result<Self, SealError> {
        let mut out = Vec::with_capacity(secret.packets.len() + ROOM);
        out.extend_from_slice(&secret.packets);
        let mut container = Container::begin(secret, &mut out)?;
        container.write(&one_pass_signature(&signer)?, &mut out)?;
        container.write(&[LITERAL], &mut out)?;
        let hash = HASH.context().map_err(SealError::backend)?.for_signature(signer.public().version());
        let mut stream = Self { container, literal: PartialBody::default(), hash, signer, signed: now, out, made: 0 };
        stream.write_literal(&LITERAL_HEADER)?;
        stream.made = stream.out.len() as u64;
        Ok(stream)
    }

    /// Takes in the next plaintext.
    pub fn write(&mut self, plain: &[u8]) -> Result<(), SealError> {
        let before = self.out.len();
        for piece in plain.chunks(PIECE) {
            self.hash.update(piece);
            self.write_literal(piece)?;
        }
        self.made += (self.out.len() - before) as u64;
        Ok(())
    }

    /// The rest of the ciphertext if the message ended here after `words`; the message itself goes on as if nothing had
    /// been asked.
    ///
    /// What is given and what the message goes on with were made with the same cipher stream (SEIPDv1) or the same nonces
    /// (SEIPDv2). Only one of the two may ever leave the process's memory: the other must be forgotten, or at least its first
    /// [`WITHHELD`] bytes, which take all of the common part. `words` of at most [`MOST_WORDS`] bytes.
    pub fn ended_with(&self, words: &[u8]) -> Result<Vec<u8>, SealError> {
        debug_assert!(words.len() <= MOST_WORDS);
        let (hash, signer) = (self.hash.clone(), self.signer.clone());
        let (container, literal) = (self.container.fork()?, self.literal.clone());
        let mut fork = Self { container, literal, hash, signer, signed: self.signed, out: Vec::new(), made: self.made };
        fork.write(words)?;
        fork.finish()
    }

    /// Bytes of ciphertext made so far.
    pub fn made(&self) -> u64 {
        self.made
    }

    /// The most bytes of ciphertext that the message has when it ends after `more` bytes of plaintext. Little more than what
    /// it will have: a partial length stands before 512 bytes or more, on two levels, and a tag behind 16 KiB.
    pub fn length_after(&self, more: u64) -> u64 {
        let left = (self.literal.held() + self.container.held()) as u64 + more;
        self.made + left + left / 200 + END
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
