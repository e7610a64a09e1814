//! The buffer in which decoders gather small pieces before they hand them on. Wiped on drop.

use super::{super::wiped::Wiped, Sink};

/// Size of a scratch buffer: small enough for the first cache, large enough that a visitor's call costs nothing.
pub(in crate::mime) const SCRATCH: usize = 4 * 1024;

/// A buffer of fixed size that empties itself into a sink.
#[derive(Default)]
pub(in crate::mime) struct Scratch(Wiped);

impl Scratch {
    /// Adds bytes; hands everything on first when they do not fit.
    pub fn put(&mut self, bytes: &[u8], sink: Sink) {
        if self.0.capacity() == 0 {
            self.0.reserve_exact(SCRATCH);
        }
        if self.0.len() + bytes.len() > SCRATCH {
            self.flush(sink);
        }
        if bytes.len() > SCRATCH {
            sink(bytes);
        } else {
            self.0.extend_from_slice(bytes);
        }
    }

    /// Hands everything on.
    pub fn flush(&mut self, sink: Sink) {
        if !self.0.is_empty() {
            sink(&self.0);
            self.0.clear();
        }
    }

    /// The buffer itself, empty, for work in place; its capacity is [`SCRATCH`].
    pub fn empty(&mut self, sink: Sink) -> &mut Wiped {
        self.flush(sink);
        if self.0.capacity() == 0 {
            self.0.reserve_exact(SCRATCH);
        }
        &mut self.0
    }
}
