//! Any bytes as a header block: no panic, and answers that agree with each other.

#![no_main]

#[path = "../../tests/mime_support/mod.rs"]
mod mime_support;

libfuzzer_sys::fuzz_target!(|block: &[u8]| mime_support::header_holds(block));
