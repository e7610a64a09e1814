//! Any bytes as a TNEF stream: no panic, events nest, the same parts whatever the pieces, never more than the limits allow.

use crate::mime_support::{mail_of, unpacker_holds};

/// What holds for any bytes behind the signature.
pub fn holds(bytes: &[u8]) {
    let stream = [b"\x78\x9f\x3e\x22", bytes].concat();
    unpacker_holds(&mail_of("application/ms-tnef", &stream));
}
