//! Every message of the corpus through the relay, compared with what the manifest expects.

use crate::{
    disagreements::{DISAGREEMENTS, TYPES, Why, reason},
    manifest::{Expected, Row, rows},
    mime_support::{Node, read_in},
    post::{Document, Letter, Post, Way, crlf},
    replies::WITHHELD,
};
use sealdrop::{armor::base64, digest::sha256, mime::Limits};
use std::collections::BTreeSet;

#[tokio::test]
async fn every_message_comes_out_as_the_manifest_expects_or_for_a_reason() {
    let Some(rows) = rows("message") else { return };
    assert!(rows.len() > 300, "the corpus is there");
    let bare = |row: &&Row| crlf(&row.bytes) != row.bytes;
    let ways = rows.iter().map(|row| (Way::Data, row)).chain(rows.iter().filter(bare).map(|row| (Way::Bdat, row)));
    let sent: Vec<(Way, &Row)> = ways.collect();
    let messages: Vec<(Way, &[u8])> = sent.iter().map(|(way, row)| (*way, row.bytes.as_slice())).collect();
    let letters = Post::open().await.send(&messages).await;

    let (mut wrong, mut differ) = (Vec::new(), BTreeSet::new());
    for ((way, row), letter) in sent.iter().zip(&letters) {
        let found = Comparison { way: *way, row, letter };
        if found.differs() {
            differ.insert(row.file.as_str());
        }
        wrong.extend(found.complaints().into_iter().map(|complaint| format!("{} by {way:?}: {complaint}", row.file)));
    }
    assert!(wrong.is_empty(), "{} complaints:\n{}", wrong.len(), wrong.join("\n"));
    let listed: BTreeSet<&str> = DISAGREEMENTS.iter().map(|(file, _)| *file).collect();
    assert_eq!(differ, listed, "the list of disagreements is neither too short nor too long");
    let sure = rows.iter().filter(|row| row.is_sure() && listed.contains(row.file.as_str())).count();
    eprintln!(
        "{} messages, {} of them sent both ways: {} differ, {sure} of those sure",
        rows.len(),
        sent.len() - rows.len(),
        differ.len()
    );
}

/// What the manifest expects of a message, and what staff got of it.
struct Comparison<'a> {
    way: Way,
    row: &'a Row,
    letter: &'a Letter,
}

impl Comparison<'_> {
    /// Whether this document is the expected one. With DATA, text that had bare LFs has CRLFs, and the last line an end.
    fn is(&self, document: &Document, expected: &Expected) -> bool {
        if document.sha256 == expected.sha256 || self.way == Way::Bdat {
            return document.sha256 == expected.sha256;
        }
        let text = lf(&document.bytes);
        let shorter = text.strip_suffix(b"\n").unwrap_or(&text);
        [&text, shorter].iter().any(|text| sha256(text).to_string() == expected.sha256)
    }

    fn delivered(&self, expected: &Expected) -> Option<&Document> {
        self.letter.documents.iter().find(|document| self.is(document, expected))
    }

    fn missing(&self) -> impl Iterator<Item = &Expected> {
        self.row.documents.iter().filter(|expected| self.delivered(expected).is_none())
    }

    fn differs(&self) -> bool {
        let expected: BTreeSet<&str> = self.row.documents.iter().map(|expected| expected.sha256.as_str()).collect();
        let surplus = |document: &Document| !self.row.documents.iter().any(|expected| self.is(document, expected));
        self.missing().next().is_some()
            || self.letter.documents.iter().any(surplus)
            || self.letter.counted() != expected.len()
    }

    /// What is wrong, and has no reason.
    fn complaints(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let why = reason(&self.row.file);
        if self.differs() && why.is_none() {
            let got = self.letter.documents.iter().map(|d| format!("{} {} {}", d.name, d.bytes.len(), d.sha256));
            wrong.push(format!("differs: got {:?}, expected {:?}", got.collect::<Vec<_>>(), self.row.documents));
        }
        for lost in self.missing().filter(|lost| !why.is_some_and(|why| self.explains(why, lost))) {
            wrong.push(format!("lost: {lost:?}"));
        }
        for expected in &self.row.documents {
            wrong.extend(self.delivered(expected).and_then(|document| mistyped(document, &expected.media_type)));
        }
        let withheld = WITHHELD.iter().any(|(file, _)| *file == self.row.file);
        if self.letter.answered == withheld {
            wrong.push(format!("answered: {}", self.letter.answered));
        }
        wrong
    }

    /// Whether the reason holds for a document that is not delivered as one.
    fn explains(&self, why: Why, lost: &Expected) -> bool {
        let documents = &self.letter.documents;
        let is_lost = |bytes: &[u8]| sha256(bytes).to_string() == lost.sha256;
        match why {
            Why::Words => self.leaves().iter().any(|leaf| is_lost(&leaf.body) && self.is_read(&leaf.body)),
            Why::Decoration => self.letter.summary().contains("left out here"),
            Why::Limit => self.leaves().iter().filter(|leaf| is_lost(&leaf.body)).any(|leaf| {
                let encoded = base64(&leaf.body);
                documents.iter().any(|document| without_lines(&document.bytes).contains(&encoded))
            }),
            Why::Fragment => documents.iter().any(|document| {
                let inside = read_in(&lf(&document.bytes), &[], Limits::default()).0;
                inside.iter().any(|leaf| is_lost(&leaf.body) || is_lost(&[&leaf.body[..], b"\n"].concat()))
            }),
            Why::Prose => documents.iter().any(|document| {
                let text = String::from_utf8_lossy(&document.bytes).into_owned();
                let lines: Vec<&str> = text.lines().collect();
                (0..lines.len()).any(|first| is_lost(&squeezed(&lines[first..].concat())))
            }),
            Why::More => false,
        }
    }

    /// The leaves of the message, by a reader with other limits than the relay's.
    fn leaves(&self) -> Vec<Node> {
        read_in(&self.row.bytes, &[], Limits { parts: 50_000, ..Limits::default() }).0
    }

    /// Whether staff read these words.
    fn is_read(&self, words: &[u8]) -> bool {
        let words = String::from_utf8_lossy(&lf(words)).trim().to_owned();
        self.letter.texts.iter().any(|text| text.contains(&words))
    }
}

/// What is wrong with a document's type: it is not the manifest's, and the bytes do tell.
fn mistyped(document: &Document, expected: &str) -> Option<String> {
    const SIGNATURES: &[&[u8]] = &[b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"%PDF", b"PK\x03\x04", b"II*\0", b"MM\0*"];
    let known = document.media_type == expected || TYPES.contains(&(expected, &document.media_type));
    // Where the bytes tell nothing, the manifest has the sender's claim, and the layout has words or bytes.
    let tells = SIGNATURES.iter().any(|signature| document.bytes.starts_with(signature));
    let modest = ["text/plain", "application/octet-stream"].contains(&document.media_type.as_str());
    (!known && (tells || !modest)).then(|| format!("{} is {}, expected {expected}", document.name, document.media_type))
}

/// With every CRLF as LF.
fn lf(bytes: &[u8]) -> Vec<u8> {
    let crlf = |at: usize| bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n');
    (0..bytes.len()).filter(|at| !crlf(*at)).map(|at| bytes[at]).collect()
}

fn without_lines(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).split(['\r', '\n']).collect()
}

/// What a reader makes of a sentence that it takes for base64.
fn squeezed(text: &str) -> Vec<u8> {
    let letters: String = text.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    mail_parser::decoders::base64::base64_decode(letters.as_bytes()).unwrap_or_default()
}
