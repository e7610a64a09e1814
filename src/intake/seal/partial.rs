//! Packet bodies of unknown length: partial body lengths (RFC 9580, section 4.2.1.4).
//!
//! A partial length is a power of two and stands before its piece, so it must be known before the piece is passed on. Each
//! call takes the largest powers of two out of the bytes at hand and holds back less than [`LEAST`] bytes; a body that
//! never reaches [`LEAST`] gets one definite length.

use std::convert::Infallible;
use zeroize::{Zeroize, Zeroizing};

/// Every partial piece has at least this many bytes: the standard demands it of the first.
pub(super) const LEAST: usize = 512;
/// The largest partial piece, in bytes.
const MOST: usize = 32 * 1024;

/// The body of one packet, being cut into pieces. What it holds back is wiped.
pub(super) struct PartialBody {
    held: Zeroizing<Vec<u8>>,
}

impl PartialBody {
    /// Bytes that are held back.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// Takes in the next bytes of the body; `out` gets headers and pieces in order.
    pub(super) fn write<E>(&mut self, bytes: &[u8], mut out: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let mut bytes = bytes;
        while self.held.len() + bytes.len() >= LEAST {
            let power = (self.held.len() + bytes.len()).min(MOST).ilog2();
            let (now, later) = bytes.split_at((1 << power) - self.held.len());
            out(&[0xE0 | power as u8])?;
            if !self.held.is_empty() {
                out(&self.held)?;
                self.held.clear();
            }
            out(now)?;
            bytes = later;
        }
        self.held.extend_from_slice(bytes);
        Ok(())
    }

    /// Ends the body: the last length is a definite one, of what is left (perhaps nothing).
    pub(super) fn finish<E>(&mut self, mut out: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        match u8::try_from(self.held.len()) {
            Ok(length @ 0..192) => out(&[length])?,
            _ => {
                let [high, low] = u16::to_be_bytes((self.held.len() - 192) as u16);
                out(&[high + 192, low])?;
            }
        }
        out(&self.held)?;
        self.held.zeroize();
        Ok(())
    }

    /// Writes to a buffer, which cannot fail.
    pub(super) fn append_to(&mut self, out: &mut Vec<u8>, bytes: &[u8]) {
        let Ok(()) = self.write(bytes, |piece| {
            out.extend_from_slice(piece);
            Ok::<_, Infallible>(())
        });
    }

    /// Finishes in a buffer, which cannot fail.
    pub(super) fn end_in(&mut self, out: &mut Vec<u8>) {
        let Ok(()) = self.finish(|piece| {
            out.extend_from_slice(piece);
            Ok::<_, Infallible>(())
        });
    }
}

/// A copy has room of its own for what it may hold: growing would leave bytes behind in freed memory.
impl Clone for PartialBody {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.held.extend_from_slice(&self.held);
        copy
    }
}

impl Default for PartialBody {
    fn default() -> Self {
        Self { held: Zeroizing::new(Vec::with_capacity(LEAST)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Cuts `body` by `cuts` and gives the framed bytes.
    fn frame(body: &[u8], cuts: &[usize]) -> Vec<u8> {
        let (mut partial, mut framed) = (PartialBody::default(), Vec::new());
        let (mut rest, mut cuts) = (body, cuts.iter().cycle());
        while !rest.is_empty() {
            let (piece, later) = rest.split_at(rest.len().min(*cuts.next().unwrap()));
            partial.append_to(&mut framed, piece);
            assert!(partial.held.len() < LEAST);
            rest = later;
        }
        partial.end_in(&mut framed);
        framed
    }

    /// Reads framed bytes after the standard; gives the pieces' lengths, the last one definite, and the body.
    fn unframe(mut framed: &[u8]) -> (Vec<usize>, Vec<u8>) {
        let (mut lengths, mut body) = (Vec::new(), Vec::new());
        loop {
            let first = usize::from(framed[0]);
            let (header, length, last) = match first {
                0..192 => (1, first, true),
                192..224 => (2, ((first - 192) << 8) + usize::from(framed[1]) + 192, true),
                224..255 => (1, 1 << (first & 0x1F), false),
                _ => unreachable!("five-octet lengths are not made"),
            };
            lengths.push(length);
            body.extend_from_slice(&framed[header..header + length]);
            framed = &framed[header + length..];
            if last {
                assert!(framed.is_empty(), "nothing after the last length");
                return (lengths, body);
            }
        }
    }

    #[test]
    fn short_bodies_have_a_definite_length() {
        for length in [0, 1, 191, 192, 193, 255, 256, 511] {
            let (lengths, body) = unframe(&frame(&vec![7; length], &[64]));
            assert_eq!((lengths, body.len()), (vec![length], length));
        }
        assert_eq!(unframe(&frame(&[7; 512], &[512])).0, [512, 0]);
        assert_eq!(unframe(&frame(&[7; 100_000], &[100_000])).0, [32_768, 32_768, 32_768, 1024, 512, 160]);
    }

    proptest! {
        #[test]
        fn any_cutting_keeps_the_body(length in 0usize..70_000, cuts in prop::collection::vec(1usize..40_000, 1..20)) {
            let body: Vec<u8> = (0..length).map(|at| ((at * 31) >> 3) as u8).collect();
            let (lengths, unframed) = unframe(&frame(&body, &cuts));
            prop_assert_eq!(unframed, body);
            let (_, partials) = lengths.split_last().unwrap();
            prop_assert!(partials.iter().all(|length| (LEAST..=MOST).contains(length)));
        }
    }
}
