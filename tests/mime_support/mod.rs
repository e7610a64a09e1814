//! What the MIME tests and the fuzz targets share: a visitor that records what it is given and checks that events nest,
//! and the properties that hold for any input. Must not depend on anything but the crate, for the fuzz crate includes it.

#![allow(dead_code)]

use sealdrop::mime::{Disposition, End, Headers, Kind, Limits, Part, Reader, Summary, Unpacker, Visitor};

/// One part as it came out.
#[derive(Clone, PartialEq, Eq)]
pub struct Node {
    pub kind: Kind,
    pub depth: usize,
    pub media_type: String,
    pub charset: Option<String>,
    pub disposition: Option<Disposition>,
    pub name: Option<String>,
    pub content_id: Option<String>,
    pub content_location: Option<String>,
    pub subject: Option<String>,
    pub body: Vec<u8>,
    pub end: Option<End>,
}

/// Records parts in the order of their starts.
#[derive(Default)]
pub struct Recorder {
    pub nodes: Vec<Node>,
    open: Vec<usize>,
}

impl Visitor for Recorder {
    fn start(&mut self, part: Part) {
        assert_eq!(part.depth, self.open.len(), "depth is the number of open parts");
        assert!(self.open.last().is_none_or(|open| self.nodes[*open].kind != Kind::Leaf), "a leaf has no parts");
        self.open.push(self.nodes.len());
        self.nodes.push(Node {
            kind: part.kind,
            depth: part.depth,
            subject: part.headers.text("Subject"),
            media_type: part.media_type,
            charset: part.charset,
            disposition: part.disposition,
            name: part.name,
            content_id: part.content_id,
            content_location: part.content_location,
            body: Vec::new(),
            end: None,
        });
    }

    fn body(&mut self, decoded: &[u8]) {
        assert!(!decoded.is_empty(), "no empty pieces");
        let node = &mut self.nodes[*self.open.last().expect("a body belongs to a part")];
        assert!(node.kind == Kind::Leaf, "only leaves have bodies");
        node.body.extend_from_slice(decoded);
    }

    fn end(&mut self, end: End) {
        self.nodes[self.open.pop().expect("an end belongs to a start")].end = Some(end);
    }

    fn rename(&mut self, name: String) {
        let node = &mut self.nodes[*self.open.last().expect("a name belongs to a part")];
        assert!(node.kind == Kind::Leaf, "only leaves are renamed");
        node.name = Some(name);
    }
}

/// A reader, or one that opens what leaves hold.
pub trait Reads {
    fn begin(limits: Limits) -> Self;
    fn take(&mut self, bytes: &[u8], recorder: &mut Recorder);
    fn end(self, recorder: &mut Recorder) -> Summary;
}

impl Reads for Reader {
    fn begin(limits: Limits) -> Self {
        Self::new(limits)
    }

    fn take(&mut self, bytes: &[u8], recorder: &mut Recorder) {
        self.push(bytes, recorder);
    }

    fn end(self, recorder: &mut Recorder) -> Summary {
        self.finish(recorder)
    }
}

impl Reads for Unpacker {
    fn begin(limits: Limits) -> Self {
        Self::new(limits)
    }

    fn take(&mut self, bytes: &[u8], recorder: &mut Recorder) {
        self.push(bytes, recorder);
    }

    fn end(self, recorder: &mut Recorder) -> Summary {
        self.finish(recorder)
    }
}

/// Reads `message` in pieces of the given lengths, again and again.
pub fn read_in(message: &[u8], lengths: &[usize], limits: Limits) -> (Vec<Node>, Summary) {
    read_by::<Reader>(message, lengths, limits)
}

/// The same, by a reader of either kind.
pub fn read_by<R: Reads>(message: &[u8], lengths: &[usize], limits: Limits) -> (Vec<Node>, Summary) {
    let (mut reader, mut recorder) = (R::begin(limits), Recorder::default());
    let (mut rest, mut lengths) = (message, lengths.iter().cycle());
    while !rest.is_empty() {
        let length = lengths.next().map_or(rest.len(), |length| (*length).clamp(1, rest.len()));
        reader.take(&rest[..length], &mut recorder);
        rest = &rest[length..];
    }
    let summary = reader.end(&mut recorder);
    assert!(recorder.open.is_empty(), "every part ends");
    assert!(!recorder.nodes.is_empty(), "there is always a part");
    assert_eq!(summary.parts, recorder.nodes.len());
    (recorder.nodes, summary)
}

pub fn read(message: &[u8]) -> (Vec<Node>, Summary) {
    read_in(message, &[], Limits::default())
}

/// The leaves of `message`.
pub fn leaves(message: &[u8]) -> Vec<Node> {
    read(message).0.into_iter().filter(|node| node.kind == Kind::Leaf).collect()
}

/// Depth, type, length and end of a part.
type Outline<'a> = (usize, &'a str, usize, Option<End>);

/// What was read, shortly.
fn outline((nodes, summary): &(Vec<Node>, Summary)) -> (Vec<Outline<'_>>, Summary) {
    let lines = nodes.iter().map(|node| (node.depth, node.media_type.as_str(), node.body.len(), node.end));
    (lines.collect(), *summary)
}

/// What holds for any bytes: no panic, the same parts for any pieces, no more parts than the limits allow.
pub fn reader_holds(message: &[u8]) {
    holds::<Reader>(message, |limits| limits.parts + limits.depth + 1);
}

/// The same with what leaves hold; there the limits are those of the reader and of what is opened, and one more part comes
/// where each of the streams within streams is given undivided.
pub fn unpacker_holds(message: &[u8]) {
    holds::<Unpacker>(message, |limits| 2 * limits.parts + 3 * limits.depth + 2);
}

/// `body` as the only part of a mail, of this type.
pub fn mail_of(media_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("Content-Type: {media_type}\r\nContent-Transfer-Encoding: binary\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn holds<R: Reads>(message: &[u8], most: fn(Limits) -> usize) {
    let small = Limits { depth: 3, parts: 5, header: 200 };
    for limits in [Limits::default(), small] {
        let whole = read_by::<R>(message, &[], limits);
        assert!(whole.0.iter().all(|node| node.depth <= limits.depth));
        assert!(whole.1.parts <= most(limits));
        for lengths in [&[1][..], &[2], &[7, 1, 64], &[513, 3]] {
            let pieces = read_by::<R>(message, lengths, limits);
            assert_eq!(outline(&pieces), outline(&whole), "pieces of {lengths:?} change what is read");
            assert!(pieces == whole, "pieces of {lengths:?} change what is read");
        }
    }
}

/// What holds for any header block: no panic, and answers that agree with each other.
pub fn header_holds(block: &[u8]) {
    let headers = Headers::parse(block);
    for name in ["Subject", "Content-Type", "Content-Disposition", "Received", "x", ""] {
        let count = headers.count(name);
        assert_eq!(headers.has(name), count > 0);
        assert_eq!(headers.text(name).is_some(), count > 0);
        assert!(!headers.has(name) || headers.has_prefix(name));
        for parameter in ["boundary", "name", "filename", "charset"] {
            assert!(headers.parameter(name, parameter).is_none_or(|value| !value.is_empty() && count > 0));
        }
    }
}
