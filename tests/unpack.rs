//! What leaves hold, on real mail: TNEF, uuencode and yEnc of the corpus. Where the corpus is absent the tests skip.

mod mime_support;

use mime_support::{Node, mail_of, read_by, unpacker_holds};
use sealdrop::{
    digest::sha256,
    mime::{Disposition, Kind, Limits, Summary, Unpacker},
};
use std::{collections::BTreeSet, fs, path::PathBuf};

fn corpus() -> Option<PathBuf> {
    let place = std::env::var_os("SEALDROP_CORPUS").map_or_else(|| PathBuf::from("../shared/corpus"), PathBuf::from);
    if place.join("MANIFEST.tsv").is_file() {
        return Some(place);
    }
    eprintln!("skipped: no corpus at {}", place.display());
    None
}

fn unpack(message: &[u8]) -> (Vec<Node>, Summary) {
    read_by::<Unpacker>(message, &[], Limits::default())
}

/// Name, size and SHA-256 of a file.
type File = (String, u64, String);

fn files(nodes: &[Node]) -> Vec<File> {
    let files =
        nodes.iter().filter(|node| node.kind == Kind::Leaf && node.disposition == Some(Disposition::Attachment));
    files
        .map(|node| (node.name.clone().unwrap_or_default(), node.body.len() as u64, sha256(&node.body).to_string()))
        .collect()
}

/// The TNEF bodies of the manifest, with the documents that it expects.
fn tnef_rows(place: &std::path::Path) -> Vec<(String, Vec<(u64, String)>)> {
    let manifest = fs::read_to_string(place.join("MANIFEST.tsv")).unwrap();
    let fields = manifest.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    fields
        .filter(|fields| fields.len() > 8 && fields[4] == "tnef")
        .map(|fields| {
            let list = fields[8].trim_matches('"').replace("\"\"", "\"");
            let list: Vec<serde_json::Value> = serde_json::from_str(&list).unwrap();
            let expected = list.iter().map(|d| (d["size"].as_u64().unwrap(), d["sha256"].as_str().unwrap().to_owned()));
            (fields[0].to_owned(), expected.collect())
        })
        .collect()
}

/// Where we give more than the manifest expects, and why.
const MORE: &[(&str, usize, &str)] = &[
    ("mimekit/tnef/MAPI_ATTACH_DATA_OBJ.tnef", 3, "the manifest's reader looks for data in attAttachData alone"),
    ("tnefparse/duplicate_filename.tnef", 3, "the same three files, two of them under one name"),
    ("mimekit/tnef/multi-name-property.tnef", 1, "neither words nor files: the body is a document, as it came"),
    ("mimekit/tnef/panic.tnef", 1, "its end is junk, which may be somebody's document"),
    ("tnefparse/IPM-DistList.tnef", 1, "a contact is attached, which has neither words nor files: a document"),
];

#[test]
fn tnef_bodies_of_the_corpus() {
    let Some(place) = corpus() else { return };
    let (mut wrong, mut rows) = (Vec::new(), 0);
    for (file, expected) in tnef_rows(&place) {
        rows += 1;
        let body = fs::read(place.join(&file)).unwrap();
        let (nodes, summary) = unpack(&mail_of("application/ms-tnef", &body));
        let found = files(&nodes);
        let missing: Vec<_> =
            expected.iter().filter(|(size, digest)| !found.iter().any(|(_, s, d)| (s, d) == (size, digest))).collect();
        let leaves = nodes.iter().filter(|node| node.kind == Kind::Leaf).count();
        let words = nodes.iter().filter(|node| node.media_type.starts_with("text/")).count();
        let more = MORE.iter().find(|(name, ..)| *name == file).map_or(0, |(_, more, _)| *more);
        if !missing.is_empty() || leaves != expected.len() + words + more {
            let names: Vec<_> = nodes.iter().map(|n| (&n.media_type, &n.name, n.body.len(), n.end)).collect();
            wrong.push(format!("{file}: missing {missing:?}; {summary:?}; {names:?}"));
        }
    }
    assert!(rows >= 19, "only {rows} rows");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A file of the corpus, the names and sizes of what is in it, and whether that is cut off.
type Message = (&'static str, &'static [(&'static str, u64)], bool);

/// Messages in which leaves hold something: the files that must come out, and whether one is a mere piece.
const MESSAGES: &[Message] = &[
    // Two files in words that no header tells of; the manifest's reader does not look into words.
    ("mime4j/mimetools-testmsgs/uu-junk.msg", &[("up.gif", 110), ("zeegee.gif", 4834)], false),
    ("mime4j/mimetools-testmsgs/uu-zeegee.msg", &[("up.gif", 110), ("zeegee.gif", 4834)], false),
    // yEnc, which the manifest's reader does not know. The second is part 2 of 2.
    ("mimekit/yenc/simple.msg", &[("testfile.txt", 584)], false),
    ("mimekit/yenc/00000021.ntx", &[("joystick.jpg", 8088)], true),
    // A photo, and two messages attached, for each of which Outlook sends 89 bytes besides.
    ("mimekit/tnef/rich-text.eml", &[("KITTEN~1.JPG", 375_081)], false),
];

#[test]
fn messages_of_the_corpus() {
    let Some(place) = corpus() else { return };
    for (file, expected, piece) in MESSAGES {
        let (nodes, summary) = unpack(&fs::read(place.join(file)).unwrap());
        let found = files(&nodes);
        for (name, size) in *expected {
            // The long name in TNEF takes the short one's place.
            let there = found.iter().any(|(n, s, _)| s == size && (n == name || name.contains('~')));
            let all: Vec<_> = nodes.iter().map(|n| (&n.media_type, &n.name, n.body.len(), n.end)).collect();
            assert!(there, "{file}: no {name}: {summary:?} {all:?}");
        }
        let cut = nodes.iter().any(|node| node.end.is_some_and(|end| end.cut_off));
        assert_eq!(cut, *piece, "{file}");
    }
}

#[test]
fn what_is_no_tnef_and_what_mime_decodes_is_left_alone() {
    let Some(place) = corpus() else { return };
    for file in ["mail-mime-parser/m4006.txt", "mail-mime-parser/m3007.txt"] {
        let message = fs::read(place.join(file)).unwrap();
        let (opened, read) = (unpack(&message), mime_support::read(&message));
        assert!(opened == read, "{file}");
    }
}

/// Every body of the corpus that is TNEF, and every text in which a file stands, whatever the pieces; damaged too.
#[test]
fn the_same_however_it_is_cut() {
    let Some(place) = corpus() else { return };
    let names: BTreeSet<String> = tnef_rows(&place).into_iter().map(|(file, _)| file).collect();
    for file in names {
        let body = fs::read(place.join(&file)).unwrap();
        if body.len() < 70_000 {
            unpacker_holds(&mail_of("application/ms-tnef", &body));
            unpacker_holds(&mail_of("application/ms-tnef", &body[..body.len() / 2]));
        }
    }
    for (file, ..) in MESSAGES.iter().filter(|(file, ..)| !file.contains("tnef")) {
        let message = fs::read(place.join(file)).unwrap();
        unpacker_holds(&message);
        unpacker_holds(&message[..message.len() / 2]);
    }
}
