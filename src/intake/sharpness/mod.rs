//! Whether a photo is blurred, by measurement: only with `picture_care = "sharpness"`. A photo that comes in is then held whole in
//! wiped memory (without it, no more than a window is), decoded at a fraction of its size and measured when its last byte is in.
//!
//! It must never stop or hold up a document: there is one budget of memory for all arrivals, a limit for each photo, a
//! limit of pixels, a flag that stops a decoder at its next byte or row, and a decoder's panic or error means "not measured".
//! Two gaps are the libraries': their own buffers hold decoded pixels and are freed, not wiped; and jpeg-decoder hands rows to
//! threads of its own through a queue without a bound, so that on a busy machine a JPEG may take up to six bytes for each of its
//! pixels beyond the budget, for as long as it is decoded. Pure.

mod budget;
mod grid;
mod held;
mod jpeg;
mod png;
#[cfg(test)]
mod tests;

pub use budget::Budget;
pub(super) use held::Held;
pub use held::{Kind, Photo};

use grid::Grid;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// How photos are held for measuring.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Bytes of the largest photo that is held; a larger one is not measured.
    pub max_photo: u64,
    pub budget: Budget,
}

/// Below this a picture is blurred: the sharpest tenth of its detail has less than this part of its contrast at the finest
/// scale. How it was found: docs/decisions.md.
pub const BLURRED: f32 = 0.06;

/// Pixels of the largest picture that is decoded. The largest of today's phones make 50 million by default.
const MAX_PIXELS: u64 = 64_000_000;

/// Bytes that a decoder may hold while it works, taken from the budget beside the photo itself.
const MAX_DECODER: u64 = 48 << 20;

/// Tells a measurement to stop. Clones stop together.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a measurement gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The document's number in the layout.
    pub document: u32,
    /// See [`BLURRED`]. None: not measured, or nothing in it by which it could be judged, such as a blank page.
    pub sharpness: Option<f32>,
}

impl Measured {
    pub fn is_blurred(self) -> bool {
        self.sharpness.is_some_and(|sharpness| sharpness < BLURRED)
    }
}

impl Photo {
    /// Decodes and measures: some hundred milliseconds of work, so not for a thread that must not wait. The photo is wiped
    /// at the end. Never panics.
    pub fn measure(self, stop: &Stop) -> Measured {
        let document = self.document;
        let sharpness = catch_unwind(AssertUnwindSafe(|| self.grid(stop)?.sharpness())).ok().flatten();
        Measured { document, sharpness }
    }

    /// The picture in grey, shrunk. None when it cannot be decoded within the limits.
    fn grid(self, stop: &Stop) -> Option<Grid> {
        match self.kind {
            Kind::Jpeg => jpeg::decode(&self, stop),
            Kind::Png => png::decode(&self, stop),
        }
    }
}
