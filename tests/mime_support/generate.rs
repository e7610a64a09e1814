//! Mail made at random: trees of multiparts and messages, with their leaves' bytes known.

use proptest::prelude::*;

/// How a leaf is encoded.
#[derive(Clone, Copy, Debug)]
pub enum Coding {
    Plain,
    Base64(usize),
    QuotedPrintable,
}

/// A part and what is in it.
#[derive(Clone, Debug)]
pub enum Tree {
    Leaf { media_type: &'static str, coding: Coding, body: Vec<u8> },
    Multipart { subtype: &'static str, boundary: String, quoted: bool, preamble: bool, parts: Vec<Tree> },
    Message { coding: Coding, inner: Box<Tree> },
}

/// A whole message.
#[derive(Clone, Debug)]
pub struct Mail {
    pub tree: Tree,
    pub line_end: &'static str,
}

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

const TYPES: &[&str] = &["text/plain", "text/html; charset=utf-8", "image/jpeg; name=\"a b.jpg\"", "application/pdf"];
const MARKS: &[&str] = &["", "-", "=_", "=:", "'()+_,-./:=?", "----=_Part_"];

pub fn mail() -> impl Strategy<Value = Mail> {
    (tree(), prop::sample::select(&["\r\n", "\n"][..])).prop_map(|(mut tree, line_end)| {
        name_boundaries(&mut tree, &mut 0);
        Mail { tree, line_end }
    })
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

/// Gives each multipart a boundary of its own that no other begins (mail-parser would take that one for it).
fn name_boundaries(tree: &mut Tree, next: &mut usize) {
    match tree {
        Tree::Leaf { .. } => {}
        Tree::Message { inner, .. } => name_boundaries(inner, next),
        Tree::Multipart { boundary, parts, .. } => {
            *boundary = format!("{boundary}b{next}x");
            *next += 1;
            parts.iter_mut().for_each(|part| name_boundaries(part, next));
        }
    }
}

impl Mail {
    pub fn render(&self) -> Vec<u8> {
        let mut out = format!("From: <c@client.example>{0}Subject: papers{0}", self.line_end).into_bytes();
        self.tree.render(self.line_end, &mut out);
        out
    }

    /// The bytes of its leaves, in order.
    pub fn bodies(&self) -> Vec<Vec<u8>> {
        let mut bodies = Vec::new();
        self.tree.bodies(self.line_end, &mut bodies);
        bodies
    }
}

impl Tree {
    /// Header fields, an empty line, and the body.
    fn render(&self, eol: &str, out: &mut Vec<u8>) {
        match self {
            Self::Leaf { media_type, coding, body } => {
                out.extend(format!("Content-Type: {media_type}{eol}{}{eol}", coding.field(eol)).bytes());
                out.extend(coding.encode(&with_line_ends(body, *coding, eol), eol));
            }
            Self::Message { coding, inner } => {
                out.extend(format!("Content-Type: message/rfc822{eol}{}{eol}", coding.field(eol)).bytes());
                let mut message = format!("Subject: inner{eol}").into_bytes();
                inner.render(eol, &mut message);
                out.extend(coding.encode(&message, eol));
            }
            Self::Multipart { subtype, boundary, quoted, preamble, parts } => {
                let quote =
                    if *quoted || !boundary.starts_with(|c: char| c.is_ascii_alphanumeric()) { "\"" } else { "" };
                out.extend(
                    format!("Content-Type: multipart/{subtype};{eol} boundary={quote}{boundary}{quote}{eol}{eol}")
                        .bytes(),
                );
                if *preamble {
                    out.extend(format!("This is a multi-part message.{eol}").bytes());
                }
                for part in parts {
                    out.extend(format!("--{boundary}{eol}").bytes());
                    part.render(eol, out);
                    out.extend(eol.bytes());
                }
                out.extend(format!("--{boundary}--{eol}").bytes());
            }
        }
    }

    fn bodies(&self, eol: &str, bodies: &mut Vec<Vec<u8>>) {
        match self {
            Self::Leaf { coding, body, .. } => bodies.push(with_line_ends(body, *coding, eol)),
            Self::Message { inner, .. } => inner.bodies(eol, bodies),
            Self::Multipart { parts, .. } => parts.iter().for_each(|part| part.bodies(eol, bodies)),
        }
    }
}

/// Text sent as it is has the message's line ends.
fn with_line_ends(body: &[u8], coding: Coding, eol: &str) -> Vec<u8> {
    match (coding, std::str::from_utf8(body)) {
        (Coding::Plain, Ok(text)) => text.replace('\n', eol).into_bytes(),
        _ => body.to_vec(),
    }
}

impl Mail {
    /// Whether a message holds a message.
    #[allow(dead_code)] // the fuzz target asks
    pub fn nests_messages(&self) -> bool {
        fn depth(tree: &Tree) -> usize {
            match tree {
                Tree::Leaf { .. } => 0,
                Tree::Multipart { parts, .. } => parts.iter().map(depth).max().unwrap_or_default(),
                Tree::Message { inner, .. } => 1 + depth(inner),
            }
        }
        depth(&self.tree) > 1
    }
}

impl Coding {
    fn field(self, eol: &str) -> String {
        match self {
            Self::Plain => String::new(),
            Self::Base64(_) => format!("Content-Transfer-Encoding: base64{eol}"),
            Self::QuotedPrintable => format!("Content-Transfer-Encoding: Quoted-Printable{eol}"),
        }
    }

    fn encode(self, body: &[u8], eol: &str) -> Vec<u8> {
        match self {
            Self::Plain => body.to_vec(),
            Self::Base64(length) => {
                let text = sealdrop::armor::base64(body);
                text.as_bytes().chunks(length).collect::<Vec<_>>().join(eol.as_bytes())
            }
            Self::QuotedPrintable => quote(body, eol),
        }
    }
}

/// Every byte that is not plain text is escaped, line ends too; soft line breaks here and there.
fn quote(body: &[u8], eol: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, byte) in body.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(*byte),
            _ => out.extend(format!("={byte:02X}").bytes()),
        }
        if index % 20 == 19 && index + 1 < body.len() {
            out.extend(format!("={eol}").bytes());
        }
    }
    out
}
