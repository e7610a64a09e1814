//! The streaming reader against mail-parser reading whole messages: every leaf that mail-parser finds, ours must have, byte
//! for byte. Over generated mail without exception; over the corpus of real and broken mail with the differences that
//! `docs/mime-differences.md` accepts, each named here with the file in which it shows.

#[path = "mime_support/differential.rs"]
mod differential;
#[path = "mime_support/generate.rs"]
mod generate;
mod mime_support;
#[path = "mime_support/trees.rs"]
mod trees;

use differential::{generated_holds, missing};
use mime_support::reader_holds;
use proptest::prelude::*;
use std::{fs, path::PathBuf};

/// Why a leaf of mail-parser's may be missing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Because {
    /// Lines without a colon instead of a header: mail-parser drops them, to us they are the body's first lines.
    WordsForHeader,
    /// The delimiter of an outer multipart ends an inner one (RFC 2046, 5.1.2); mail-parser looks for the inner one only.
    OuterDelimiter,
    /// A delimiter is a line of its own (RFC 2046, 5.1.1); mail-parser takes it in the middle of a line and as a prefix.
    WholeLines,
    /// mail-parser takes what follows a closing delimiter, or the delimiter itself, for a part.
    AfterTheEnd,
    /// mail-parser gives encoded text as it stands when it has junk in it or no end; we decode what there is, dirty or cut off.
    DecodedAnyway,
    /// mail-parser loses the last bytes at a soft line break before a delimiter, or at an incomplete base64 group.
    LastBytes,
    /// mail-parser does not know uuencode as a transfer encoding.
    Uuencode,
    /// Blank lines before the header: mail-parser sees no header, and the whole message as words.
    BlankLines,
}

use Because::*;

/// The files of the corpus in which leaves differ, each with all reasons that hold for it.
const ACCEPTED: &[(&str, Because)] = &[
    ("cpython/msg_19.txt", WordsForHeader),
    ("cpython/msg_35.txt", WordsForHeader),
    ("cpython/msg_38.txt", OuterDelimiter),
    ("cpython/msg_39.txt", LastBytes),
    ("cpython/msg_42.txt", AfterTheEnd),
    ("derived/base64-dirty.eml", DecodedAnyway),
    ("derived/truncated-no-final-boundary.eml", DecodedAnyway),
    ("flanker/enclosed-bad-encoding.eml", BlankLines),
    ("flanker/enclosed-broken.eml", BlankLines),
    ("flanker/enclosed-endless.eml", BlankLines),
    ("flanker/enclosed-global.eml", BlankLines),
    ("flanker/iphone.eml", BlankLines),
    ("flanker/mailgun-pic.eml", BlankLines),
    ("flanker/torture.eml", LastBytes),
    ("mail-mime-parser/m3007.txt", Uuencode),
    ("mail-parser/malformed/001.eml", OuterDelimiter),
    ("mail-parser/malformed/009.eml", OuterDelimiter),
    ("mail-parser/malformed/012.eml", OuterDelimiter),
    ("mail-parser/malformed/016.eml", WholeLines),
    ("mail-parser/thirdparty/005.eml", WholeLines),
    ("mail-parser/thirdparty/017.eml", DecodedAnyway),
    ("mail-parser/thirdparty/018.eml", DecodedAnyway),
    ("mime4j/mimetools-testmsgs/frag.msg", DecodedAnyway),
    ("mime4j/mimetools-testmsgs/jt-0498.msg", DecodedAnyway),
    ("mime4j/mimetools-testmsgs/multi-frag.msg", DecodedAnyway),
    ("mime4j/testmsgs/intermediate-boundaries.msg", WholeLines),
    ("mime4j/testmsgs/misplaced-boundary.msg", WholeLines),
    ("mime4j/testmsgs/multipartemptypart.msg", AfterTheEnd),
    ("mime4j/testmsgs/multipartnopart.msg", AfterTheEnd),
    ("mime4j/testmsgs/weird-boundary.msg", WholeLines),
];

/// The messages of the corpus: name, content, with line ends as they are and as SMTP carries them.
fn corpus() -> Option<Vec<(String, [Vec<u8>; 2])>> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("SEALDROP_CORPUS").map_or(here, PathBuf::from);
    let Ok(manifest) = fs::read_to_string(folder.join("MANIFEST.tsv")) else {
        eprintln!("skipped: no corpus in {} (set SEALDROP_CORPUS)", folder.display());
        return None;
    };
    let rows = manifest.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let messages = rows.filter(|row| row.get(4) == Some(&"message")).map(|row| {
        let raw = fs::read(folder.join(row[0])).expect("the manifest names files that are there");
        let with_crlf = crlf(&raw);
        (row[0].to_owned(), [raw, with_crlf])
    });
    Some(messages.collect())
}

fn crlf(raw: &[u8]) -> Vec<u8> {
    let mut last = 0;
    let mut out = Vec::with_capacity(raw.len());
    for byte in raw {
        if *byte == b'\n' && last != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        last = *byte;
    }
    out
}

#[test]
fn the_corpus_holds_nothing_that_we_miss() {
    let Some(messages) = corpus() else { return };
    assert!(messages.len() > 200, "the corpus is there");
    let mut differs = Vec::new();
    for (name, variants) in &messages {
        // Beyond the limit on parts, on purpose.
        let bomb = name == "derived/parts-20000.eml";
        if !bomb && variants.iter().any(|message| !missing(message).is_empty()) {
            differs.push(name.as_str());
        }
    }
    let accepted: Vec<&str> = ACCEPTED.iter().map(|(name, _)| *name).collect();
    let unexplained: Vec<_> = differs.iter().filter(|name| !accepted.contains(name)).collect();
    assert!(unexplained.is_empty(), "leaves are missing in {unexplained:?}");
    let stale: Vec<_> = accepted.iter().filter(|name| !differs.contains(name)).collect();
    assert!(stale.is_empty(), "these do not differ any more: {stale:?}");
}

#[test]
fn differences_are_documented() {
    let document = include_str!("../docs/mime-differences.md");
    for (name, _) in ACCEPTED {
        assert!(document.contains(name), "{name} is not in docs/mime-differences.md");
    }
    let reasons =
        [WordsForHeader, OuterDelimiter, WholeLines, AfterTheEnd, DecodedAnyway, LastBytes, Uuencode, BlankLines];
    assert!(reasons.iter().all(|reason| ACCEPTED.iter().any(|(_, because)| because == reason)));
}

#[test]
fn pieces_do_not_matter_on_the_corpus() {
    for (_, variants) in corpus().unwrap_or_default() {
        // Single bytes through an unoptimised build: the large ones would take minutes.
        variants.iter().filter(|message| message.len() < 20_000).for_each(|message| reader_holds(message));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_mail_has_the_same_leaves(mail in generate::mail(), lengths in prop::collection::vec(1usize..300, 1..6)) {
        generated_holds(&mail, &lengths);
    }

    #[test]
    fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        reader_holds(&bytes);
        mime_support::header_holds(&bytes);
    }

    #[test]
    fn damaged_mail_can_be_read(
        mail in generate::mail(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(generate::SHARDS)), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut message = mail.render();
        for (at, shard) in damage {
            let at = at.index(message.len());
            message.splice(at..(at + shard.len() / 2).min(message.len()), shard.iter().copied());
        }
        message.truncate(cut.index(message.len()) + 1);
        reader_holds(&message);
    }
}
