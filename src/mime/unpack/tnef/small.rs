//! A few bytes gathered until they are a whole header. Wiped.

use zeroize::Zeroize;

/// Longest header: GUID and kind of a named property; interface and first bytes of an object.
const MOST: usize = 20;

#[derive(Default)]
pub(super) struct Small {
    bytes: [u8; MOST],
    length: usize,
}

impl Small {
    /// Takes as much of `input` as is missing to `wanted` bytes, at most 20; tells how much.
    pub(super) fn take(&mut self, input: &[u8], wanted: usize) -> usize {
        let used = input.len().min(wanted.min(MOST).saturating_sub(self.length));
        self.bytes[self.length..self.length + used].copy_from_slice(&input[..used]);
        self.length += used;
        used
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    pub(super) fn len(&self) -> usize {
        self.length
    }

    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(super) fn clear(&mut self) {
        self.length = 0;
    }

    /// The number at `at`, little-endian.
    pub(super) fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]])
    }

    /// The number at `at`, little-endian.
    pub(super) fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes([self.bytes[at], self.bytes[at + 1], self.bytes[at + 2], self.bytes[at + 3]])
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}
