//! WebP (RFC 9649): the size is in the first chunk, and the container says how long it is.

use super::{
    Ending, Observer, Pixels,
    steps::{Steps, little},
};

/// Watches a WebP.
pub(super) struct WebP {
    steps: Steps,
    pixels: Option<Pixels>,
    /// Bytes that the file must have.
    least: u64,
}

impl WebP {
    pub(super) fn new() -> Self {
        // The container's head, the first chunk's head, and ten bytes of it.
        Self { steps: Steps::new(30), pixels: None, least: 30 }
    }
}

/// The size in the first chunk (RFC 9649, sections 2.5 to 2.7).
fn first_chunk(kind: &[u8], body: &[u8]) -> Option<Pixels> {
    match kind {
        b"VP8 " if body[3..6] == [0x9d, 0x01, 0x2a] => {
            Pixels::new(little(body, 6, 2) & 0x3fff, little(body, 8, 2) & 0x3fff)
        }
        b"VP8L" if body[0] == 0x2f => {
            let bits = little(body, 1, 4);
            Pixels::new((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1)
        }
        b"VP8X" => Pixels::new(little(body, 4, 3) + 1, little(body, 7, 3) + 1),
        _ => None,
    }
}

impl Observer for WebP {
    fn push(&mut self, mut bytes: &[u8]) {
        while let Some(read) = self.steps.take(&mut bytes) {
            self.pixels = first_chunk(&read[12..16], &read[20..30]);
            self.least = little(&*read, 4, 4) + 8;
        }
    }

    fn pixels(&self) -> Option<Pixels> {
        self.pixels
    }

    fn ending(&self, size: u64) -> Ending {
        if size < self.least { Ending::CutOff } else { Ending::Whole }
    }
}
