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
        self.bytes.zeroize();
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
