//! Any bytes through the MIME reader: no panic, events nest, the same parts whatever the pieces. The properties are those
//! that `tests/mime_differential.rs` checks on generated mail.

#![no_main]

#[path = "../../tests/mime_support/mod.rs"]
mod mime_support;

libfuzzer_sys::fuzz_target!(|message: &[u8]| mime_support::reader_holds(message));
