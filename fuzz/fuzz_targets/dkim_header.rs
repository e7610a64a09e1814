//! See `bodies/dkim_header.rs`.

#![no_main]

#[path = "../bodies/dkim_header.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::holds(bytes));
