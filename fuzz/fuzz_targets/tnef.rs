//! Any bytes as a TNEF stream: no panic, events nest, the same parts whatever the pieces, never more than the limits allow.

#![no_main]

#[path = "../../tests/mime_support/mod.rs"]
mod mime_support;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let stream = [b"\x78\x9f\x3e\x22", bytes].concat();
    mime_support::unpacker_holds(&mime_support::mail_of("application/ms-tnef", &stream));
});
