//! See `bodies/case_address.rs`.

#![no_main]

#[path = "../bodies/case_address.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|typed: &str| body::holds(typed));
