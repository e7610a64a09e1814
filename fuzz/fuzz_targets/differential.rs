//! See `bodies/differential.rs`.

#![no_main]

#[path = "../bodies/differential.rs"]
mod body;
#[path = "../../tests/mime_support/differential.rs"]
mod differential;
#[path = "../../tests/mime_support/mod.rs"]
mod mime_support;
#[path = "../../tests/mime_support/trees.rs"]
mod trees;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::holds(bytes));
