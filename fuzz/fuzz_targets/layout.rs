//! See `bodies/layout.rs`.

#![no_main]

#[path = "../bodies/layout.rs"]
mod body;
#[path = "../../tests/mime_support/mod.rs"]
mod mime_support;

libfuzzer_sys::fuzz_target!(|message: &[u8]| body::holds(message));
