//! See `bodies/uuencode.rs`.

#![no_main]

#[path = "../bodies/uuencode.rs"]
mod body;
#[path = "../../tests/mime_support/mod.rs"]
mod mime_support;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::holds(bytes));
