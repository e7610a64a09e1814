//! How large a picture is, by its own claim. Nothing is ever allocated by it.

/// Width and height in pixels, neither of them 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::intake::layout) struct Pixels {
    pub(in crate::intake::layout) width: u32,
    pub(in crate::intake::layout) height: u32,
}

impl Pixels {
    /// None for sides of 0 or beyond 32 bits.
    pub(super) fn new(width: u64, height: u64) -> Option<Self> {
        let (width, height) = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
        (width > 0 && height > 0).then_some(Self { width, height })
    }

    pub(in crate::intake::layout) fn short_side(self) -> u32 {
        self.width.min(self.height)
    }

    pub(in crate::intake::layout) fn long_side(self) -> u32 {
        self.width.max(self.height)
    }

    pub(in crate::intake::layout) fn area(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// At least five times as wide as high: a banner, a line.
    pub(in crate::intake::layout) fn is_banner(self) -> bool {
        u64::from(self.width) >= 5 * u64::from(self.height)
    }
}
