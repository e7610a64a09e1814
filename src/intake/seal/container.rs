//! The encrypted, integrity-protected container (SEIPD, RFC 9580, section 5.13): inner packets in, one packet out.
//! Ciphertext goes straight to the caller's buffer. What is left of plaintext inside is overwritten when it is dropped.

use super::{SealError, secret::SessionSecret, seipd1::Seipd1, seipd2::Seipd2};
use crate::config::Profile;

/// First octet of a SEIPD packet (tag 18, new format).
pub(super) const SEIPD: u8 = 0xD2;

/// A container of either version.
pub(super) enum Container {
    V1(Seipd1),
    V2(Seipd2),
}

impl Container {
    /// Starts a container and appends its beginning to `out`.
    pub(super) fn begin(secret: &SessionSecret, out: &mut Vec<u8>) -> Result<Self, SealError> {
        match secret.profile {
            Profile::Compatible => Seipd1::begin(secret, out).map(Self::V1),
            Profile::Rfc9580 => Seipd2::begin(secret, out).map(Self::V2),
        }
    }

    /// A container that goes on from here on its own. See [`SealStream::ended_with`](super::SealStream::ended_with) for what
    /// must not become of both.
    pub(super) fn fork(&self) -> Result<Self, SealError> {
        match self {
            Self::V1(container) => container.fork().map(Self::V1),
            Self::V2(container) => Ok(Self::V2(container.fork())),
        }
    }

    /// Bytes that went in and did not come out yet.
    pub(super) fn held(&self) -> usize {
        match self {
            Self::V1(container) => container.held(),
            Self::V2(container) => container.held(),
        }
    }

    /// Encrypts the next bytes of the inner packets, and appends what comes of it to `out`.
    pub(super) fn write(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
        match self {
            Self::V1(container) => container.write(plain, out),
            Self::V2(container) => container.write(plain, out),
        }
    }

    /// Seals the container and appends its end to `out`.
    pub(super) fn finish(self, out: &mut Vec<u8>) -> Result<(), SealError> {
        match self {
            Self::V1(container) => container.finish(out),
            Self::V2(container) => container.finish(out),
        }
    }
}
