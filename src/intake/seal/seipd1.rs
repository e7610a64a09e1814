//! SEIPD version 1 (RFC 9580, section 5.13.1): AES-256 in CFB mode over the packets and their SHA-1 (the MDC). Every OpenPGP
//! program reads it. SHA-1 is no weakness here: its input begins with random bytes that nobody but the readers learns, so
//! that a collision cannot be prepared, and what a change of ciphertext does to it cannot be computed.

use super::{
    SealError,
    container::SEIPD,
    partial::PartialBody,
    secret::{CIPHER, SessionSecret},
};
use sequoia_openpgp::crypto::{
    self, SessionKey,
    symmetric::{BlockCipherMode, Encryptor, PaddingMode},
};
use sha1::{Digest, Sha1};
use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use zeroize::Zeroizing;

const BLOCK: usize = 16;
/// Header of the MDC packet (tag 19, 20 bytes): hashed with the rest.
const MDC: [u8; 2] = [0xD3, 20];

/// A container of version 1 being made.
pub(super) struct Seipd1 {
    /// None once the container is finished.
    cipher: Option<Encryptor<Sink>>,
    sink: Sink,
    /// In a box, so that moving the container leaves no copy of what the hash has buffered.
    mdc: Box<Sha1>,
    key: SessionKey,
    /// The plaintext that the cipher holds back for want of a whole block, and its length: what a fork begins with.
    tail: Zeroizing<[u8; BLOCK]>,
    tail_length: usize,
}

impl Seipd1 {
    pub(super) fn begin(secret: &SessionSecret, out: &mut Vec<u8>) -> Result<Self, SealError> {
        let mut container = Self::from(secret.key.clone(), None, Framed::default())?;
        out.push(SEIPD);
        container.sink.lock().frame(&[1]); // the version
        // RFC 9580, section 5.13.1: a block of random bytes, whose last two come again.
        let mut prefix = Zeroizing::new([0; BLOCK + 2]);
        crypto::random(&mut prefix[..BLOCK]).map_err(SealError::backend)?;
        prefix.copy_within(BLOCK - 2..BLOCK, BLOCK);
        container.write(&*prefix, out)?;
        Ok(container)
    }

    /// A container whose cipher starts after the ciphertext block `before`.
    fn from(key: SessionKey, before: Option<&[u8]>, framed: Framed) -> Result<Self, SealError> {
        let sink = Sink(Arc::new(Mutex::new(framed)));
        let cipher = Encryptor::new(CIPHER, BlockCipherMode::CFB, PaddingMode::None, &key, before, sink.clone())
            .map_err(SealError::backend)?;
        let tail = Zeroizing::new([0; BLOCK]);
        Ok(Self { cipher: Some(cipher), sink, mdc: Box::default(), key, tail, tail_length: 0 })
    }

    /// All that CFB has of a state is its last block of ciphertext: a cipher that starts there goes on as this one would.
    pub(super) fn fork(&self) -> Result<Self, SealError> {
        let (framed, last) = {
            let framed = self.sink.lock();
            (Framed { body: framed.body.clone(), ..Framed::default() }, framed.last)
        };
        let mut fork = Self::from(self.key.clone(), Some(&last), framed)?;
        fork.mdc = self.mdc.clone();
        fork.encrypt(&self.tail[..self.tail_length], &mut Vec::new())?;
        Ok(fork)
    }

    pub(super) fn held(&self) -> usize {
        self.tail_length + self.sink.lock().body.held()
    }

    pub(super) fn write(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
        self.mdc.update(plain);
        self.encrypt(plain, out)
    }

    fn encrypt(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
        let cipher = self.cipher.as_mut().ok_or(SealError::Backend)?;
        self.sink.lend(out, || cipher.write_all(plain)).map_err(|_| SealError::Backend)?;
        self.remember(plain);
        Ok(())
    }

    /// Keeps what the cipher has of `plain` after its last whole block.
    fn remember(&mut self, plain: &[u8]) {
        let (before, all) = (self.tail_length, self.tail_length + plain.len());
        if all < BLOCK {
            self.tail[before..all].copy_from_slice(plain);
            self.tail_length = all;
            return;
        }
        self.tail_length = all % BLOCK;
        self.tail[..self.tail_length].copy_from_slice(&plain[plain.len() - self.tail_length..]);
    }

    pub(super) fn finish(mut self, out: &mut Vec<u8>) -> Result<(), SealError> {
        self.write(&MDC, out)?;
        let digest = self.mdc.finalize_reset();
        self.encrypt(&digest, out)?;
        let cipher = self.cipher.take().ok_or(SealError::Backend)?;
        self.sink.lend(out, || cipher.finalize()).map_err(SealError::backend)?;
        self.sink.lock().body.end_in(out);
        Ok(())
    }
}

/// Overwrites the plaintext (less than a block) that cipher and hash of an unfinished container hold.
impl Drop for Seipd1 {
    fn drop(&mut self) {
        if let Some(cipher) = &mut self.cipher {
            let _ = cipher.write_all(&[0; 2 * BLOCK]);
            self.mdc.update([0; 64]);
        }
    }
}

/// Where sequoia's encryptor writes: it keeps its sink to itself, so that the sink is shared, and the caller's buffer is
/// put in and taken out again around each write. The lock is never contended.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Framed>>);

impl Sink {
    fn lock(&self) -> MutexGuard<'_, Framed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `write` with the sink's output going to `out`.
    fn lend<T>(&self, out: &mut Vec<u8>, write: impl FnOnce() -> T) -> T {
        mem::swap(&mut self.lock().out, out);
        let result = write();
        mem::swap(&mut self.lock().out, out);
        result
    }
}

impl Write for Sink {
    fn write(&mut self, ciphertext: &[u8]) -> io::Result<usize> {
        let mut framed = self.lock();
        if let Some(last) = ciphertext.last_chunk() {
            framed.last = *last;
        }
        framed.frame(ciphertext);
        Ok(ciphertext.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The container's body of ciphertext, and where it goes.
#[derive(Default)]
struct Framed {
    body: PartialBody,
    out: Vec<u8>,
    /// The cipher's last block of ciphertext: before its end it writes whole blocks only.
    last: [u8; BLOCK],
}

impl Framed {
    fn frame(&mut self, ciphertext: &[u8]) {
        self.body.append_to(&mut self.out, ciphertext);
    }
}
