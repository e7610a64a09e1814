//! See `bodies/smtp_command.rs`.

#![no_main]

#[path = "../bodies/smtp_command.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::holds(bytes));
