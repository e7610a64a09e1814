//! Mail made at random.

use crate::trees::{Coding, MARKS, Mail, TYPES, Tree};
use proptest::prelude::*;

/// Pieces of syntax to damage mail with.
pub const SHARDS: &[&[u8]] = &[
    b"\r\n",
    b"\n",
    b"\r",
    b"--",
    b"\n--",
    b"\r\n--b0\r\n",
    b"--b0--",
    b"\0",
    b"=",
    b"=\r\n",
    b" ",
    b":",
    b";",
    b"\"",
    b"Content-Type: multipart/mixed; boundary=b0\r\n",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"\r\n\r\n",
    b"\xff\xfe",
    b"Content-Transfer-Encoding: base64\r\n",
    b"=?utf-8?q?=41?=",
    b"begin 644 x\n",
    b"-- \r\n",
    b"*0*=x; a*1=\"",
];

pub fn mail() -> impl Strategy<Value = Mail> {
    (tree(), prop::sample::select(&["\r\n", "\n"][..])).prop_map(|(tree, line_end)| Mail::new(tree, line_end))
}

fn coding() -> impl Strategy<Value = Coding> {
    prop_oneof![Just(Coding::Plain), (1usize..20).prop_map(|n| Coding::Base64(n * 4)), Just(Coding::QuotedPrintable)]
}

/// Lines that hold nothing that could be a delimiter; some are empty, some look like one.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let lines =
        &["", "Hello", "-- ", "--", "---", "From x", "a: b", "caf\u{e9}", " indented", "=3D", "x=", "\u{0}"][..];
    prop::collection::vec(prop::sample::select(lines), 0..6).prop_map(|lines| lines.join("\n").into_bytes())
}

fn leaf() -> impl Strategy<Value = Tree> {
    let body = prop_oneof![text(), prop::collection::vec(any::<u8>(), 0..400)];
    (prop::sample::select(TYPES), coding(), body).prop_map(|(media_type, coding, body)| {
        // Bytes as they are only where they are lines of text; else a line end of theirs could make a delimiter.
        let coding = if matches!(coding, Coding::Plain) && !is_text(&body) { Coding::Base64(76) } else { coding };
        Tree::Leaf { media_type, coding, body }
    })
}

fn is_text(body: &[u8]) -> bool {
    std::str::from_utf8(body)
        .is_ok_and(|text| !text.contains('\r') && text.lines().all(|line| !line.starts_with("--b")))
}

fn tree() -> impl Strategy<Value = Tree> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        let subtype = prop::sample::select(&["mixed", "alternative", "related", "digest"][..]);
        let multipart = (subtype, prop::sample::select(MARKS), any::<bool>(), any::<bool>());
        let multipart = (multipart, prop::collection::vec(inner.clone(), 1..4)).prop_map(|(head, parts)| {
            let (subtype, mark, quoted, preamble) = head;
            Tree::Multipart {
                subtype,
                boundary: mark.to_owned(),
                quoted: quoted || mark.contains('('),
                preamble,
                parts,
            }
        });
        let coding = prop_oneof![Just(Coding::Plain), Just(Coding::Base64(76))];
        let message = (coding, inner).prop_map(|(coding, inner)| Tree::Message { coding, inner: Box::new(inner) });
        prop_oneof![3 => multipart, 1 => message]
    })
}
