//! Byte buffers that hold a client's words for a moment: wiped when dropped, and when they grow (a plain `Vec` leaves its
//! old bytes behind in the allocator). Must never be printed.

use zeroize::Zeroizing;

/// A buffer that is wiped, its whole capacity, when it is dropped. Emptying it does not wipe it.
pub(super) type Wiped = Zeroizing<Vec<u8>>;

/// Appends `bytes`; growing moves to a new buffer and wipes the old one.
pub(super) fn append(buffer: &mut Wiped, bytes: &[u8]) {
    let needed = buffer.len() + bytes.len();
    if needed > buffer.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(needed.next_power_of_two()));
        larger.extend_from_slice(buffer);
        *buffer = larger;
    }
    buffer.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows() {
        let mut buffer = Wiped::default();
        for _ in 0..100 {
            append(&mut buffer, b"abc");
        }
        assert_eq!(buffer.len(), 300);
        assert!(buffer.ends_with(b"cabc") && buffer.capacity() >= 300);
    }
}
