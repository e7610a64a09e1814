//! SEIPD version 2 (RFC 9580, section 5.13.2): AES-256 in OCB mode, chunk by chunk, each with a tag of its own, and a last
//! tag over the length. Only for readers whose programs all know it.

use super::{
    SealError,
    container::SEIPD,
    partial::PartialBody,
    secret::{CIPHER, SessionSecret},
};
use sequoia_openpgp::{
    anyhow,
    crypto::{
        self, AEADAlgorithm, SessionKey,
        aead::{EncryptionContext, SEIPv2Schedule, Schedule},
    },
};
use zeroize::{Zeroize, Zeroizing};

/// OCB: the mode that RFC 9580 demands of everybody.
const MODE: AEADAlgorithm = AEADAlgorithm::OCB;
/// Bytes of a chunk: larger ones hold back more plaintext, smaller ones cost a cipher context more often.
pub(super) const CHUNK: usize = 16 * 1024;
pub(super) const TAG: usize = 16;
const SALT: usize = 32;

/// A container of version 2 being made.
pub(super) struct Seipd2 {
    schedule: SEIPv2Schedule,
    body: PartialBody,
    /// Less than a chunk of plaintext.
    held: Zeroizing<Vec<u8>>,
    /// One sealed chunk.
    sealed: Vec<u8>,
    chunks: u64,
    length: u64,
}

impl Seipd2 {
    pub(super) fn begin(secret: &SessionSecret, out: &mut Vec<u8>) -> Result<Self, SealError> {
        let mut salt = [0; SALT];
        crypto::random(&mut salt).map_err(SealError::backend)?;
        let schedule = SEIPv2Schedule::new(&secret.key, CIPHER, MODE, CHUNK, &salt).map_err(SealError::backend)?;
        let mut body = PartialBody::default();
        out.push(SEIPD);
        let chunk_octet = (CHUNK.ilog2() - 6) as u8;
        body.append_to(out, &[2, CIPHER.into(), MODE.into(), chunk_octet]);
        body.append_to(out, &salt);
        let held = Zeroizing::new(Vec::with_capacity(CHUNK));
        Ok(Self { schedule, body, held, sealed: Vec::with_capacity(CHUNK + TAG), chunks: 0, length: 0 })
    }

    /// The same container, with a buffer of its own as large as the first.
    pub(super) fn fork(&self) -> Self {
        let mut held = Zeroizing::new(Vec::with_capacity(CHUNK));
        held.extend_from_slice(&self.held);
        let (schedule, body) = (self.schedule.clone(), self.body.clone());
        Self { schedule, body, held, sealed: Vec::new(), chunks: self.chunks, length: self.length }
    }

    pub(super) fn held(&self) -> usize {
        self.held.len() + self.body.held()
    }

    pub(super) fn write(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
        let mut plain = plain;
        while self.held.len() + plain.len() >= CHUNK {
            let (now, later) = plain.split_at(CHUNK - self.held.len());
            plain = later;
            if self.held.is_empty() {
                self.seal(now, out)?;
                continue;
            }
            self.held.extend_from_slice(now);
            self.seal_held(out)?;
        }
        self.held.extend_from_slice(plain);
        Ok(())
    }

    pub(super) fn finish(mut self, out: &mut Vec<u8>) -> Result<(), SealError> {
        if !self.held.is_empty() {
            self.seal_held(out)?;
        }
        let context = self.schedule.finalizer(self.chunks, self.length, &mut context);
        let mut tag = [0; TAG];
        context.and_then(|mut context| context.encrypt_seal(&mut tag, &[])).map_err(SealError::backend)?;
        self.body.append_to(out, &tag);
        self.body.end_in(out);
        Ok(())
    }

    /// Seals what is held as a chunk, keeping the buffer.
    fn seal_held(&mut self, out: &mut Vec<u8>) -> Result<(), SealError> {
        let mut held = std::mem::take(&mut self.held);
        let sealed = self.seal(&held, out);
        held.zeroize();
        self.held = held;
        sealed
    }

    fn seal(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
        let context = self.schedule.chunk(self.chunks, &mut context);
        self.sealed.resize(chunk.len() + TAG, 0);
        context.and_then(|mut context| context.encrypt_seal(&mut self.sealed, chunk)).map_err(SealError::backend)?;
        self.body.append_to(out, &self.sealed);
        self.chunks += 1;
        self.length += chunk.len() as u64;
        Ok(())
    }
}

fn context(key: &SessionKey, nonce: &[u8], associated: &[u8]) -> anyhow::Result<EncryptionContext> {
    MODE.context(CIPHER, key, associated, nonce)?.for_encryption()
}
