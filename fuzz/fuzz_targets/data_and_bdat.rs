//! See `bodies/data_and_bdat.rs`.

#![no_main]

#[path = "../bodies/data_and_bdat.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::holds(bytes));
