//! The corpus of real mail and what its manifest expects of each message. It is not part of this repository:
//! `$SEALDROP_CORPUS`, or `../shared/corpus`; without it the tests say so and skip.

use std::{fs, path::PathBuf};

/// A document that the manifest expects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    pub sha256: String,
    pub size: u64,
    /// Told from the bytes by whoever made the manifest.
    pub media_type: String,
}

/// A row of the manifest.
pub struct Row {
    pub file: String,
    /// What the message is there for.
    pub tests: String,
    pub documents: Vec<Expected>,
    pub confidence: String,
    pub bytes: Vec<u8>,
}

impl Row {
    /// The manifest is sure of this row: made here with known bytes, or three readers agree.
    pub fn is_sure(&self) -> bool {
        ["by construction", "3 readers agree"].contains(&self.confidence.as_str())
    }
}

/// All rows of this kind; None without a corpus.
pub fn rows(kind: &str) -> Option<Vec<Row>> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("SEALDROP_CORPUS").map_or(here, PathBuf::from);
    let Ok(manifest) = fs::read_to_string(folder.join("MANIFEST.tsv")) else {
        eprintln!("skipped: no corpus in {} (set SEALDROP_CORPUS)", folder.display());
        return None;
    };
    let fields = manifest.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let rows = fields.filter(|fields| fields.get(4) == Some(&kind));
    Some(rows.map(|fields| row(&fields, fs::read(folder.join(fields[0])).expect("the manifest's files"))).collect())
}

fn row(fields: &[&str], bytes: Vec<u8>) -> Row {
    let list = fields[8].trim_matches('"').replace("\"\"", "\"");
    // Photos and containers have none.
    let list = if list.is_empty() { "[]" } else { &list };
    let list: Vec<serde_json::Value> = serde_json::from_str(list).expect("the manifest's documents are JSON");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut documents: Vec<Expected> = list
        .iter()
        .map(|value| Expected {
            sha256: text(&value["sha256"]),
            size: value["size"].as_u64().expect("a size"),
            media_type: text(&value["type"]),
        })
        .collect();
    documents.sort();
    let field = |at: usize| fields[at].to_owned();
    Row { file: field(0), tests: field(5), documents, confidence: field(10), bytes }
}
