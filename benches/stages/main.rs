//! Each stage of a message's way beside its raw cost: the work of the stage done bare, in the same run, so that the share
//! of the physical limit can be read off. CPU time on one core; rounds of all contenders take turns, medians are printed.
//!
//! `cargo bench --bench stages [-- STAGE…]`, with stages among reader, layout, senders, seal, tls, spool, commit, path.
#![allow(clippy::print_stdout, reason = "a bench prints")]

#[path = "../support/mod.rs"]
mod support;

mod durable;
mod path;
mod pure;
mod raw;
mod rounds;
mod table;
mod tls;

use std::env;

/// The three sizes of the project's aims, in bytes.
const SIZES: [usize; 3] = [100_000, 3_000_000, 40_000_000];

fn main() {
    // Cargo passes `--bench`; what has no dash names a stage.
    let wanted: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let stages: [(&str, fn()); 8] = [
        ("reader", pure::reader),
        ("layout", pure::layout),
        ("senders", pure::senders),
        ("seal", pure::seal),
        ("tls", tls::records),
        ("spool", durable::spool),
        ("commit", durable::commit),
        ("path", path::whole),
    ];
    table::head();
    for (name, run) in stages {
        if wanted.is_empty() || wanted.iter().any(|stage| stage == name) {
            run();
        }
    }
}
