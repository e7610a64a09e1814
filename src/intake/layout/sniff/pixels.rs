//! How large a picture is, read from its header. Only of the kinds that serve as decoration.

use super::Format;

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::intake::layout) struct Pixels {
    pub(in crate::intake::layout) width: u32,
    pub(in crate::intake::layout) height: u32,
}

impl Pixels {
    pub(in crate::intake::layout) fn short_side(self) -> u32 {
        self.width.min(self.height)
    }

    /// At least five times as wide as high: a banner, a line.
    pub(in crate::intake::layout) fn is_banner(self) -> bool {
        u64::from(self.width) >= 5 * u64::from(self.height)
    }
}

/// The size of the GIF, PNG or BMP that `bytes` start with; None for anything else, cut off or of no size.
pub(in crate::intake::layout) fn pixels(format: Format, bytes: &[u8]) -> Option<Pixels> {
    let little = |at: usize| Some(u32::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let little_long = |at: usize| Some(i32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?).unsigned_abs());
    let big_long = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let (width, height) = match format {
        Format::Gif => (little(6)?, little(8)?),
        Format::Png if bytes.get(12..16)? == b"IHDR" => (big_long(16)?, big_long(20)?),
        // An OS/2 bitmap has 16-bit sides; a negative height means that its rows run downwards.
        Format::Bmp if *bytes.get(14)? == 12 => (little(18)?, little(20)?),
        Format::Bmp => (little_long(18)?, little_long(22)?),
        _ => return None,
    };
    (width > 0 && height > 0).then_some(Pixels { width, height })
}
