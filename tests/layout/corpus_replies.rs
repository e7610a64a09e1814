//! mail-rules, section 3, rule 3, against real mail: every message of the corpus that a machine wrote, as its manifest says,
//! gets no answer, or stands in the table with the reason why it gets one. Skips where there is no corpus.

use crate::support::*;
use sealdrop::mime::Limits;
use std::{fs, path::PathBuf};

/// Marks of the manifest for mail of machines.
const MACHINES: [&str; 4] = ["auto-header", "list", "null-sender", "report/dsn"];

/// Messages with such a mark that are answered all the same.
const ANSWERED: [(&str, &str); 2] = [
    ("cpython/msg_02.txt", "a digest by hand: the list's header is that of a message enclosed in it"),
    ("mail-parser/thirdparty/015.eml", "a person forwards a list's mail: the header is that of the enclosed message"),
];

fn manifest() -> Option<(PathBuf, String)> {
    let place = std::env::var_os("SEALDROP_CORPUS").map_or_else(|| PathBuf::from("../shared/corpus"), PathBuf::from);
    match fs::read_to_string(place.join("MANIFEST.tsv")) {
        Ok(manifest) => Some((place, manifest)),
        Err(_) => {
            eprintln!("skipped: no corpus at {}", place.display());
            None
        }
    }
}

#[test]
fn what_machines_wrote_is_not_answered() {
    let Some((place, manifest)) = manifest() else { return };
    let (mut seen, mut wrong) = (0, Vec::new());
    for line in manifest.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let (file, marks) = (fields[0], fields[5].split(',').collect::<Vec<_>>());
        if fields[4] != "message" || !MACHINES.iter().any(|mark| marks.contains(mark)) {
            continue;
        }
        seen += 1;
        // But for the null sender, the envelope is a person's: the header alone must tell.
        let sender = if marks.contains(&"null-sender") { "" } else { "ana@example.com" };
        let laid = lay_out_pieces(&[&fs::read(place.join(file)).unwrap()], sender, Limits::default());
        let answered = ANSWERED.iter().any(|(known, _)| *known == file);
        if laid.reply.withhold.is_none() != answered {
            wrong.push(format!("{file}: {:?}", laid.reply.withhold));
        }
    }
    assert!(seen >= 20, "{seen} messages: the manifest was not understood");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
