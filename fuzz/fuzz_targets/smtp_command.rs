//! Any bytes as a command line: no panic, and what is read back holds no control character.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sealdrop::{
    envelope::ReversePath,
    smtp::command::{Command, ForwardPath, parse},
};

fuzz_target!(|line: &[u8]| {
    let address = match parse(line) {
        Ok(Command::Mail(mail)) => match mail.reverse_path {
            ReversePath::Mailbox(address) => address,
            ReversePath::Null => return,
        },
        Ok(Command::Rcpt(ForwardPath::Address(address))) => address,
        _ => return,
    };
    assert!(!address.as_str().chars().any(char::is_control));
    assert!(!address.local().is_empty() && !address.domain().is_empty());
});
