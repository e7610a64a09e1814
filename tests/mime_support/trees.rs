//! Mail as trees of multiparts and messages, with their leaves' bytes known.

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

pub const TYPES: &[&str] =
    &["text/plain", "text/html; charset=utf-8", "image/jpeg; name=\"a b.jpg\"", "application/pdf"];
pub const MARKS: &[&str] = &["", "-", "=_", "=:", "'()+_,-./:=?", "----=_Part_"];

impl Mail {
    /// A mail of this tree, whose boundaries get names of their own.
    pub fn new(mut tree: Tree, line_end: &'static str) -> Self {
        name_boundaries(&mut tree, &mut 0);
        Self { tree, line_end }
    }

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
