//! Walks a stream from place to place: skips to an offset, collects a few bytes there, asks where to go next. So a file's
//! structure is followed without holding the file. It never goes back and never holds more than [`MOST`] bytes.

use zeroize::Zeroizing;

/// Bytes that one step collects at most.
pub(super) const MOST: usize = 40;

/// What a step collected; only the bytes that were asked for mean anything.
pub(super) type Bytes = Zeroizing<[u8; MOST]>;

/// Where the walk is and what it collects next.
pub(super) struct Steps {
    /// The offset of the next byte of the stream.
    at: u64,
    /// Where the bytes start that are collected next; `u64::MAX`: nowhere, the walk is over.
    place: u64,
    need: usize,
    got: usize,
    bytes: Bytes,
}

impl Steps {
    /// Starts with the first `need` bytes of the file.
    pub(super) fn new(need: usize) -> Self {
        Self { at: 0, place: 0, need: need.clamp(1, MOST), got: 0, bytes: Zeroizing::new([0; MOST]) }
    }

    /// The offset of the next byte.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Collects `need` bytes from `place` next. False, and the walk is over, when that place has passed.
    pub(super) fn go(&mut self, place: u64, need: usize) -> bool {
        let ahead = place >= self.at;
        (self.place, self.need, self.got) = (if ahead { place } else { u64::MAX }, need.clamp(1, MOST), 0);
        ahead
    }

    /// Collects the next `need` bytes.
    pub(super) fn next(&mut self, need: usize) {
        self.go(self.at, need);
    }

    /// Goes nowhere any more.
    pub(super) fn stop(&mut self) {
        self.place = u64::MAX;
    }

    /// Passes over `count` bytes of `input` that somebody else looked at.
    pub(super) fn pass(&mut self, input: &mut &[u8], count: usize) {
        *input = input.get(count..).unwrap_or_default();
        self.at += count as u64;
    }

    /// Takes from `input` what the step needs. None: `input` is used up, and the step needs more.
    pub(super) fn take(&mut self, input: &mut &[u8]) -> Option<Bytes> {
        if self.at < self.place {
            let gap = usize::try_from(self.place - self.at).unwrap_or(usize::MAX);
            self.pass(input, gap.min(input.len()));
        }
        if input.is_empty() {
            return None;
        }
        let (from, count) = (self.got, input.len().min(self.need - self.got));
        self.bytes[from..from + count].copy_from_slice(&input[..count]);
        self.pass(input, count);
        // Bytes that were collected are behind: the place moves along.
        (self.place, self.got) = (self.at, self.got + count);
        (self.got == self.need).then(|| {
            self.stop();
            self.got = 0;
            self.bytes.clone()
        })
    }
}

/// A big-endian number of up to eight bytes; 0 where `bytes` are too few.
pub(super) fn big(bytes: &[u8], at: usize, length: usize) -> u64 {
    let number = bytes.get(at..at + length).unwrap_or_default();
    number.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// A little-endian number of up to eight bytes; 0 where `bytes` are too few.
pub(super) fn little(bytes: &[u8], at: usize, length: usize) -> u64 {
    let number = bytes.get(at..at + length).unwrap_or_default();
    number.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}
