//! Armor around a sealed message, made while it is read (RFC 9580, section 6.2). Takes ciphertext only.

use super::{Base64Lines, LINE, LINE_BYTES, base64, crc24::Crc24};
use std::io::{self, Read};

const HEAD: &[u8] = b"-----BEGIN PGP MESSAGE-----\r\n\r\n";
const TAIL: &[u8] = b"-----END PGP MESSAGE-----\r\n";
/// Bytes of the line that holds the CRC-24.
const CRC_LINE: u64 = 7;
/// Ciphertext taken in at a time: whole lines, some 16 KiB.
const PIECE: usize = 288 * LINE_BYTES;

/// Reads as the armored form of the sealed message that `R` reads as: kind `PGP MESSAGE`, lines of 76 columns ended by
/// CRLF, a CRC-24. RFC 9580 calls the CRC obsolete, but without it GnuPG 2.2.40 loses the end of every message whose
/// length is a multiple of three, and reports it as manipulated (seen in tests/openpgp_interop.rs).
pub struct ArmoredMessage<R> {
    binary: R,
    piece: Vec<u8>,
    lines: Base64Lines,
    crc: Crc24,
    /// Armor that is ready, and how much of it was taken.
    ready: Vec<u8>,
    taken: usize,
    ended: bool,
}

impl<R> ArmoredMessage<R> {
    /// Armor around the binary OpenPGP message that `binary` reads as.
    pub fn new(binary: R) -> Self {
        let piece = vec![0; PIECE];
        let ready = HEAD.to_vec();
        Self { binary, piece, lines: Base64Lines::new(), crc: Crc24::new(), ready, taken: 0, ended: false }
    }

    /// Length in bytes of the armored form of a message of `length` bytes.
    pub const fn length(length: u64) -> u64 {
        HEAD.len() as u64 + Base64Lines::encoded_length(length) + CRC_LINE + TAIL.len() as u64
    }
}

impl<R> ArmoredMessage<R> {
    /// The largest length, in whole lines, whose armored form is of at most `bytes` more than an empty message's.
    pub const fn most_in(bytes: u64) -> u64 {
        bytes / (LINE as u64 + 2) * LINE_BYTES as u64
    }
}

impl<R: Read> ArmoredMessage<R> {
    fn refill(&mut self) -> io::Result<()> {
        // An interrupted read is left to the caller: nothing was taken in.
        let length = self.binary.read(&mut self.piece)?;
        self.ready.clear();
        self.taken = 0;
        if length > 0 {
            self.crc.update(&self.piece[..length]);
            self.lines.push(&self.piece[..length], &mut self.ready);
        } else {
            self.lines.finish(&mut self.ready);
            let crc = base64(&self.crc.finish());
            self.ready.extend([b"=", crc.as_bytes(), b"\r\n", TAIL].concat());
            self.ended = true;
        }
        Ok(())
    }
}

impl<R: Read> Read for ArmoredMessage<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.ready.len() && !self.ended {
            self.refill()?;
        }
        let length = buffer.len().min(self.ready.len() - self.taken);
        buffer[..length].copy_from_slice(&self.ready[self.taken..self.taken + length]);
        self.taken += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives at most seven bytes at a time.
    struct Dribble<'a>(&'a [u8]);

    impl Read for Dribble<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(7);
            self.0.read(&mut buffer[..length])
        }
    }

    fn armored(binary: impl Read) -> String {
        let mut text = String::new();
        ArmoredMessage::new(binary).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn wraps_the_message_whatever_the_pieces() {
        for length in [0, 1, 56, 57, 58, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 20] {
            let binary: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let text = armored(&binary[..]);
            assert_eq!(text, armored(Dribble(&binary)));
            assert_eq!(text.len() as u64, ArmoredMessage::<&[u8]>::length(length as u64));
            let body = text.strip_prefix("-----BEGIN PGP MESSAGE-----\r\n\r\n").unwrap();
            let (body, end) = body.split_at(body.len() - TAIL.len() - CRC_LINE as usize);
            assert!(end.starts_with('=') && end.ends_with("\r\n-----END PGP MESSAGE-----\r\n"), "{end}");
            assert_eq!(crate::armor::unbase64(body.replace("\r\n", "").as_bytes()).unwrap(), binary);
        }
    }

    #[test]
    fn an_error_of_the_source_comes_through() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::PermissionDenied.into())
            }
        }
        let error = ArmoredMessage::new(Broken).read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    }
}
