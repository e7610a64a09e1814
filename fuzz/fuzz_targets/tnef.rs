//! See `bodies/tnef.rs`.

#![no_main]

#[path = "../bodies/tnef.rs"]
mod body;
#[path = "../../tests/mime_support/mod.rs"]
mod mime_support;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::holds(bytes));
