//! Any bytes as the words of a mail, in which files may stand: no panic, events nest, the same parts whatever the pieces, never
//! more than the limits allow.

use crate::mime_support::{mail_of, unpacker_holds};

/// What holds for any words.
pub fn holds(words: &[u8]) {
    unpacker_holds(&mail_of("text/plain", words));
}
