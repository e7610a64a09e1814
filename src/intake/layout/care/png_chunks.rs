//! PNG (W3C PNG, section 5): follows the chunks to IEND. Checksums are not checked: that is a decoder's work.

use super::{
    Ending, Observer, Pixels,
    steps::{Steps, big},
};

#[derive(Clone, Copy)]
enum State {
    Signature,
    /// The length and type of a chunk; whether it is the first.
    Chunk(bool),
    /// The first bytes of IHDR, whose chunk ends at this place.
    Header(u64),
}

/// Watches a PNG.
pub(super) struct Png {
    steps: Steps,
    state: State,
    pixels: Option<Pixels>,
    data: bool,
    end: bool,
    broken: bool,
}

impl Png {
    pub(super) fn new() -> Self {
        let steps = Steps::new(8);
        Self { steps, state: State::Signature, pixels: None, data: false, end: false, broken: false }
    }

    fn step(&mut self, bytes: &[u8]) {
        match self.state {
            State::Signature => self.chunk_at(self.steps.at(), true),
            State::Chunk(first) => self.chunk(&bytes[4..8], big(bytes, 0, 4), first),
            State::Header(end) => {
                self.pixels = Pixels::new(big(bytes, 0, 4), big(bytes, 4, 4));
                self.broken |= self.pixels.is_none();
                self.chunk_at(end, false);
            }
        }
    }

    fn chunk(&mut self, kind: &[u8], length: u64, first: bool) {
        // Apple's own variant has a chunk before the header.
        let expected = !first || matches!(kind, b"IHDR" | b"CgBI");
        if !kind.iter().all(u8::is_ascii_alphabetic) || length > i32::MAX as u64 || !expected {
            self.broken = true;
            return;
        }
        let end = self.steps.at() + length + 4;
        match kind {
            b"IHDR" if length >= 8 => {
                self.state = State::Header(end);
                self.steps.next(8);
                return;
            }
            b"IDAT" => self.data = true,
            b"IEND" => {
                self.end = true;
                return;
            }
            _ => {}
        }
        self.chunk_at(end, false);
    }

    fn chunk_at(&mut self, place: u64, first: bool) {
        self.state = State::Chunk(first);
        self.steps.go(place, 8);
    }
}

impl Observer for Png {
    fn push(&mut self, mut bytes: &[u8]) {
        while let Some(read) = self.steps.take(&mut bytes) {
            self.step(&*read);
        }
    }

    fn pixels(&self) -> Option<Pixels> {
        self.pixels
    }

    fn ending(&self, _size: u64) -> Ending {
        match self.end {
            _ if self.broken => Ending::Broken,
            true if self.data => Ending::Whole,
            true => Ending::Broken,
            false => Ending::CutOff,
        }
    }
}
