//! BMP: the header says where the rows start and how long they are.

use super::{
    Ending, Observer, Pixels,
    steps::{Steps, little},
};

/// Watches a bitmap.
pub(super) struct Bitmap {
    steps: Steps,
    pixels: Option<Pixels>,
    /// Bytes that the file must have, when the rows are not compressed.
    least: u64,
    header: Header,
}

/// What the first 26 bytes say.
#[derive(Clone, Copy, Default)]
struct Header {
    read: bool,
    /// Where the rows start.
    rows: u64,
    /// Bits of a pixel, in an OS/2 bitmap.
    bits: u64,
}

impl Bitmap {
    pub(super) fn new() -> Self {
        Self { steps: Steps::new(26), pixels: None, least: 26, header: Header::default() }
    }

    fn step(&mut self, bytes: &[u8]) {
        if self.header.read {
            // Of the longer header: bits of a pixel, compression, bytes of the compressed rows.
            let (bits, compression) = (little(bytes, 2, 2), little(bytes, 4, 4));
            self.least = match compression {
                0 | 3 | 6 => self.rows_end(bits),
                _ => self.header.rows,
            };
            return;
        }
        let os2 = little(bytes, 14, 4) == 12;
        let side = |at: usize| match os2 {
            true => little(bytes, 18 + at * 2, 2),
            // A negative height means that the rows run downwards.
            false => u64::from((little(bytes, 18 + at * 4, 4) as u32).cast_signed().unsigned_abs()),
        };
        self.pixels = Pixels::new(side(0), side(1));
        self.header = Header { read: true, rows: little(bytes, 10, 4), bits: little(bytes, 24, 2) };
        if os2 {
            self.least = self.rows_end(self.header.bits);
        } else {
            self.least = 38;
            self.steps.next(12);
        }
    }

    /// Where the last row ends; the padding behind it may be missing.
    fn rows_end(&self, bits: u64) -> u64 {
        let Some(Pixels { width, height }) = self.pixels else { return self.header.rows };
        let (width, height) = (u64::from(width), u64::from(height));
        let row = (width * bits).div_ceil(8);
        row.next_multiple_of(4).saturating_mul(height - 1).saturating_add(row).saturating_add(self.header.rows)
    }
}

impl Observer for Bitmap {
    fn push(&mut self, mut bytes: &[u8]) {
        while let Some(read) = self.steps.take(&mut bytes) {
            self.step(&*read);
        }
    }

    fn pixels(&self) -> Option<Pixels> {
        self.pixels
    }

    fn ending(&self, size: u64) -> Ending {
        if size < self.least { Ending::CutOff } else { Ending::Whole }
    }
}
