//! Real mail: every message of the corpus is laid out, and where its documents are known by construction they are all found.
//! The corpus is not part of this repository: `$SEALDROP_CORPUS`, or `../shared/corpus`; without it the tests skip.

use crate::support::*;
use sealdrop::{digest::Digest, intake::Flag, mime::Limits};
use std::{collections::BTreeSet, fs, path::PathBuf};

/// A row of the manifest.
pub struct Row {
    pub file: String,
    pub kind: String,
    documents: BTreeSet<(u64, String)>,
    confidence: String,
}

pub fn corpus() -> Option<PathBuf> {
    let place = std::env::var_os("SEALDROP_CORPUS").map_or_else(|| PathBuf::from("../shared/corpus"), PathBuf::from);
    if place.join("MANIFEST.tsv").is_file() {
        return Some(place);
    }
    eprintln!("skipped: no corpus at {}", place.display());
    None
}

pub fn rows(place: &std::path::Path) -> Vec<Row> {
    let manifest = fs::read_to_string(place.join("MANIFEST.tsv")).unwrap();
    let fields = manifest.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    fields.filter(|fields| fields.len() > 10).map(|fields| row(&fields)).collect()
}

fn row(fields: &[&str]) -> Row {
    let list = fields[8].trim_matches('"').replace("\"\"", "\"");
    let list: Vec<serde_json::Value> = serde_json::from_str(&list).unwrap_or_default();
    let document = |value: &serde_json::Value| Some((value["size"].as_u64()?, value["sha256"].as_str()?.to_owned()));
    Row {
        file: fields[0].to_owned(),
        kind: fields[4].to_owned(),
        documents: list.iter().filter_map(document).collect(),
        confidence: fields[10].to_owned(),
    }
}

fn found(laid: &Laid) -> BTreeSet<(u64, String)> {
    laid.documents().iter().map(|document| (document.size as u64, Digest::to_string(&document.sha256))).collect()
}

#[test]
fn documents_known_by_construction_are_all_found() {
    let Some(place) = corpus() else { return };
    let mut wrong = Vec::new();
    for row in rows(&place).iter().filter(|row| row.kind == "message" && row.confidence == "by construction") {
        let laid = lay_out(fs::read(place.join(&row.file)).unwrap());
        // Beyond the limit of parts nothing is taken apart: it is laid out undivided, flagged, and not counted.
        let limited = laid.has(Flag::LimitReached) && laid.findings.documents == 0;
        if found(&laid) != row.documents && !limited {
            wrong.push(format!("{}: {:?}, expected {:?}", row.file, found(&laid), row.documents));
        }
    }
    assert!(wrong.is_empty(), "{} messages differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_message_is_laid_out_the_same_however_it_is_cut() {
    let Some(place) = corpus() else { return };
    for row in rows(&place).iter().filter(|row| row.kind == "message") {
        let mail = fs::read(place.join(&row.file)).unwrap();
        let pieces: Vec<&[u8]> = mail.chunks(997).collect();
        let (whole, cut) = (lay_out(&mail), lay_out_pieces(&pieces, "ana@example.com", Limits::default()));
        assert!(whole.bytes == cut.bytes, "{}", row.file);
        assert_eq!(whole.findings, cut.findings, "{}", row.file);
    }
}
