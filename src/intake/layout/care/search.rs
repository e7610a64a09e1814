//! Looks for words in a stream: what lies across two pieces is found as well.

use zeroize::Zeroizing;

/// Bytes of the stream that are looked at again with the next piece: the longest word with what follows it.
pub(super) const OVERLAP: usize = 63;

/// Hands out windows of a stream that overlap.
pub(super) struct Search {
    tail: Zeroizing<[u8; OVERLAP]>,
    held: usize,
    /// The offset of the next byte.
    at: u64,
}

impl Search {
    pub(super) fn new() -> Self {
        Self { tail: Zeroizing::new([0; OVERLAP]), held: 0, at: 0 }
    }

    /// Calls `look` with windows and their offsets. Each word of up to [`OVERLAP`] bytes is whole in at least one; it may be
    /// in two.
    pub(super) fn push(&mut self, bytes: &[u8], mut look: impl FnMut(&[u8], u64)) {
        let mut seam = Zeroizing::new([0; 2 * OVERLAP]);
        let head = bytes.len().min(OVERLAP);
        seam[..self.held].copy_from_slice(&self.tail[..self.held]);
        seam[self.held..self.held + head].copy_from_slice(&bytes[..head]);
        let seam_length = self.held + head;
        look(&seam[..seam_length], self.at - self.held as u64);
        if bytes.len() > OVERLAP {
            look(bytes, self.at);
        }
        let last = if bytes.len() >= OVERLAP { bytes } else { &seam[..seam_length] };
        self.held = last.len().min(OVERLAP);
        self.tail[..self.held].copy_from_slice(&last[last.len() - self.held..]);
        self.at += bytes.len() as u64;
    }
}
