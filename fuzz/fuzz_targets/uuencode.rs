//! Any bytes as the words of a mail, in which files may stand: no panic, events nest, the same parts whatever the pieces, never more than the limits allow.

#![no_main]

#[path = "../../tests/mime_support/mod.rs"]
mod mime_support;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    mime_support::unpacker_holds(&mime_support::mail_of("text/plain", bytes));
});
