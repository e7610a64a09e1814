//! What the fuzz targets check, on every input that is kept: seeds that show a target what its inputs look like, and whatever
//! once made one fail (`fuzz/seeds/TARGET/crash-…`). CONTRIBUTING.md says how to fuzz.

#[path = "../fuzz/bodies/case_address.rs"]
mod case_address;
#[path = "../fuzz/bodies/data_and_bdat.rs"]
mod data_and_bdat;
#[path = "mime_support/differential.rs"]
mod differential;
#[path = "../fuzz/bodies/differential.rs"]
mod differential_body;
#[path = "../fuzz/bodies/dkim_header.rs"]
mod dkim_header;
#[path = "../fuzz/bodies/layout.rs"]
mod layout;
mod mime_support;
#[path = "../fuzz/bodies/picture_care.rs"]
mod picture_care;
#[path = "../fuzz/bodies/smtp_command.rs"]
mod smtp_command;
#[path = "../fuzz/bodies/tnef.rs"]
mod tnef;
#[path = "mime_support/trees.rs"]
mod trees;
#[path = "../fuzz/bodies/uuencode.rs"]
mod uuencode;

use std::{collections::BTreeSet, fs, panic, path::PathBuf};

fn fuzz(place: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(place)
}

/// Every kept input of this target, through what the target checks.
fn replay(target: &str, holds: impl Fn(&[u8]) + panic::RefUnwindSafe) {
    let mut inputs = 0;
    for entry in fs::read_dir(fuzz("seeds").join(target)).expect("every target has seeds") {
        let file = entry.unwrap().path();
        let input = fs::read(&file).unwrap();
        assert!(input.len() <= 64 * 1024, "{} is too large to keep", file.display());
        let held = panic::catch_unwind(|| holds(&input));
        assert!(held.is_ok(), "{} does not hold", file.display());
        inputs += 1;
    }
    assert!(inputs >= 3, "{target} has only {inputs} seeds");
}

#[test]
fn mime_reader() {
    replay("mime_reader", mime_support::reader_holds);
}

#[test]
fn header_block() {
    replay("header_block", mime_support::header_holds);
}

#[test]
fn smtp_command() {
    replay("smtp_command", smtp_command::holds);
}

#[test]
fn data_and_bdat() {
    replay("data_and_bdat", data_and_bdat::holds);
}

#[test]
fn case_address() {
    replay("case_address", |input| {
        // The fuzzer gives this target text alone.
        if let Ok(text) = str::from_utf8(input) {
            case_address::holds(text);
        }
    });
}

#[test]
fn layout() {
    replay("layout", layout::holds);
}

#[test]
fn differential() {
    replay("differential", differential_body::holds);
}

#[test]
fn tnef() {
    replay("tnef", tnef::holds);
}

#[test]
fn uuencode() {
    replay("uuencode", uuencode::holds);
}

#[test]
fn dkim_header() {
    replay("dkim_header", dkim_header::holds);
}

#[test]
fn picture_care() {
    replay("picture_care", picture_care::holds);
}

/// A target that nobody replays would rot unseen.
#[test]
fn every_target_is_replayed_here() {
    let here = include_str!("fuzz_seeds.rs");
    let names = |place: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(fuzz(place)).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    let targets = names("fuzz_targets");
    assert_eq!(names("seeds"), targets);
    let forgotten: Vec<_> = targets.iter().filter(|name| !here.contains(&format!("replay(\"{name}\","))).collect();
    assert!(forgotten.is_empty(), "no test replays the seeds of {forgotten:?}");
}
