//! A bounded, zeroised piece of an arriving message. It has no Debug, no Clone and no Serialize, and its bytes can be read
//! only inside `intake`.
//!
//! ```compile_fail
//! let chunk = sealdrop::intake::Chunk::new();
//! println!("{chunk:?}");
//! ```
//! ```compile_fail
//! let chunk = sealdrop::intake::Chunk::new();
//! let copy = chunk.clone();
//! ```
//! ```compile_fail
//! let chunk = sealdrop::intake::Chunk::new();
//! let bytes = chunk.bytes();
//! ```

use zeroize::Zeroize;

/// A piece of a message, at most [`Chunk::CAPACITY`] bytes. Wiped when cleared and when dropped; made once for a
/// connection and used again.
pub struct Chunk {
    bytes: Vec<u8>,
}

impl Chunk {
    /// The most bytes that a chunk holds.
    pub const CAPACITY: usize = 32 * 1024;

    /// An empty chunk.
    pub fn new() -> Self {
        Self { bytes: Vec::with_capacity(Self::CAPACITY) }
    }

    /// How many more bytes fit.
    pub fn room(&self) -> usize {
        Self::CAPACITY - self.bytes.len()
    }

    /// Appends as much of `bytes` as fits and says how much that was.
    pub fn fill(&mut self, bytes: &[u8]) -> usize {
        let taken = bytes.len().min(self.room());
        self.bytes.extend_from_slice(&bytes[..taken]);
        taken
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Wipes the chunk and makes it empty.
    pub fn clear(&mut self) {
        // `zeroize` writes byte by byte, and the whole capacity: too slow for every 32 KiB of a message. What lies beyond
        // the length was wiped before. The compiler cannot leave the fill out: the barrier may read what it wrote.
        self.bytes.fill(0);
        std::hint::black_box(&self.bytes);
        self.bytes.clear();
    }

    pub(in crate::intake) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Default for Chunk {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_fits_and_clears_to_nothing() {
        let mut chunk = Chunk::new();
        assert_eq!(chunk.fill(&[7; 20_000]), 20_000);
        assert_eq!(chunk.fill(&[8; 20_000]), Chunk::CAPACITY - 20_000);
        assert_eq!((chunk.room(), chunk.len()), (0, Chunk::CAPACITY));
        let place = chunk.bytes.as_ptr();
        chunk.clear();
        assert!(chunk.is_empty());
        // The memory is kept, and zero: resizing within the capacity writes only what it is told to.
        chunk.fill(&[9]);
        assert_eq!((chunk.bytes(), chunk.bytes.as_ptr()), (&[9][..], place));
    }
}
