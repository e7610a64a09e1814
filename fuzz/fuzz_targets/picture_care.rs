//! See `bodies/picture_care.rs`.

#![no_main]

#[path = "../bodies/picture_care.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::holds(bytes));
