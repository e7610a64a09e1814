//! Whole messages through the reader: structure, limits, and what is broken. Events are written down as a short text: a
//! part a line, indented by depth, with its type, its body, and `!` for dirty, `~` for cut off.

use super::{End, Kind, Limits, Part, Reader, Summary, Visitor};
use std::fmt::Write;

#[derive(Default)]
pub(super) struct Outline {
    pub(super) lines: Vec<String>,
    open: Vec<usize>,
}

impl Visitor for Outline {
    fn start(&mut self, part: Part) {
        let kind = match part.kind {
            Kind::Leaf => "",
            Kind::Multipart => "/multipart",
            Kind::Message => "/message",
        };
        let name = part.name.map(|name| format!(" <{name}>")).unwrap_or_default();
        self.open.push(self.lines.len());
        self.lines.push(format!("{}{}{kind}{name}", " ".repeat(part.depth), part.media_type));
        if part.kind == Kind::Leaf {
            self.lines.last_mut().unwrap().push_str(": ");
        }
    }

    fn body(&mut self, decoded: &[u8]) {
        let line = &mut self.lines[*self.open.last().unwrap()];
        write!(line, "{}", decoded.escape_ascii()).unwrap();
    }

    fn end(&mut self, end: End) {
        let line = &mut self.lines[self.open.pop().unwrap()];
        line.push_str(if end.dirty { "!" } else { "" });
        line.push_str(if end.cut_off { "~" } else { "" });
    }

    fn rename(&mut self, name: String) {
        write!(self.lines[*self.open.last().unwrap()], "<{name}>").unwrap();
    }
}

fn read(message: &str, limits: Limits) -> (Vec<String>, Summary) {
    let (mut reader, mut outline) = (Reader::new(limits), Outline::default());
    message.as_bytes().chunks(5).for_each(|piece| reader.push(piece, &mut outline));
    let summary = reader.finish(&mut outline);
    (outline.lines, summary)
}

#[track_caller]
fn check(message: &str, malformed: bool, outline: &[&str]) {
    let (lines, summary) = read(message, Limits::default());
    assert_eq!(lines, outline);
    assert_eq!(summary, Summary { parts: outline.len(), limit_reached: false, malformed });
}

#[test]
fn single_parts() {
    check("Subject: x\r\n\r\nHello\r\n", false, &["text/plain: Hello\\r\\n"]);
    check("\r\nHello", false, &["text/plain: Hello"]);
    check("Content-Type: IMAGE/Jpeg; name=a.jpg\n\nx\0y", false, &["image/jpeg <a.jpg>: x\\x00y"]);
    check("Content-Type: ?;?\n\nx", false, &["text/plain: x"]);
    check("Content-Transfer-Encoding: x-odd\n\nx", false, &["text/plain: x!"]);
    check("Content-Type: a/b\nContent-Transfer-Encoding: base64\n\neA==\n", false, &["a/b: x"]);
}

#[test]
fn little_or_no_message() {
    check("", true, &["text/plain: "]);
    check("Subject: only a header\r\n", true, &["text/plain: "]);
    check("Subject: only a header", true, &["text/plain: "]);
    check("Words and no header\nat all", true, &["text/plain: Words and no header\\nat all"]);
    check("Words\n\nand more", true, &["text/plain: Words\\n\\nand more"]);
    check("Subject: x\nWords after it\n", true, &["text/plain: Words after it\\n"]);
    check("From me Mon Jan 1 10:00:00\nSubject: x\n\ny", false, &["text/plain: y"]);
}

#[test]
fn multiparts() {
    let mixed = "Content-Type: multipart/mixed; boundary=\"-a=:b\"\n\n";
    check(
        &format!("{mixed}preamble\n---a=:b\n\none\r\n\n---a=:b \t\nContent-Type: x/y\n\n\ntwo\n---a=:b--\nepilogue"),
        false,
        &["multipart/mixed/multipart", " text/plain: one\\r\\n", " x/y: \\ntwo"],
    );
    check(&format!("{mixed}---a=:b\n\none\n"), true, &["multipart/mixed/multipart~", " text/plain: one\\n~"]);
    check(&format!("{mixed}---a=:b\n---a=:b--"), true, &["multipart/mixed/multipart", " text/plain: "]);
    check(&format!("{mixed}---a=:b"), true, &["multipart/mixed/multipart~"]);
    check(
        &format!("{mixed}---a=:b\n\none\n---a=:b--\n---a=:b\n\ntwo\n---a=:b--"),
        true,
        &["multipart/mixed/multipart", " text/plain: one", " text/plain: two"],
    );
}

#[test]
fn multiparts_in_multiparts() {
    let start = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/related; boundary=bb\n\n";
    let outline = ["multipart/mixed/multipart", " multipart/related/multipart", "  text/plain: 1", " text/plain: 2"];
    check(&format!("{start}--bb\n\n1\n--bb--\n--b\n\n2\n--b--"), false, &outline);
    check(&format!("{start}--bb\n\n1\n--b\n\n2\n--b--"), true, &outline);
    let same = start.replace("bb", "b");
    check(&format!("{same}--b\n\n1\n--b--\n\n--b\n\n2\n--b--"), false, &outline);
}

#[test]
fn boundaries_that_cannot_be_used() {
    check("Content-Type: multipart/mixed\n\n--x\n\ny", true, &["multipart/mixed: --x\\n\\ny"]);
    check("Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\ny", true, &["multipart/mixed: --\\n\\ny"]);
    let long = "b".repeat(60_000);
    let message = format!("Content-Type: multipart/mixed; boundary={long}\n\n--b");
    let (lines, summary) = read(&message, Limits::default());
    assert_eq!(lines, ["multipart/mixed: --b"]);
    assert!(summary.malformed && summary.limit_reached);
    check(
        "Content-Type: multipart/mixed; boundary=b\n\nnever\n--a\nthere",
        true,
        &["multipart/mixed/multipart~", " text/plain: never\\n--a\\nthere~"],
    );
    let encoded = "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\neA==\n";
    check(encoded, true, &["multipart/mixed/multipart~", " text/plain: x~"]);
}

#[test]
fn header_blocks_without_end() {
    let mixed = "Content-Type: multipart/mixed; boundary=b\n";
    check(&format!("{mixed}--b\nContent-Type: x/y\n\n1\n--b--"), true, &["multipart/mixed/multipart", " x/y: 1"]);
    check(
        &format!("{mixed}\n--b\nContent-Type: x/y\nwords\n--b--"),
        true,
        &["multipart/mixed/multipart", " x/y: words"],
    );
    check(
        &format!("{mixed}\n--b\nContent-Type: message/rfc822\n--b--"),
        true,
        &["multipart/mixed/multipart", " message/rfc822/message", "  text/plain: "],
    );
}

#[test]
fn text_outside_of_parts() {
    let mixed = "Content-Type: multipart/mixed; boundary=b\n\n";
    check(&format!("{mixed}words\n--b--"), true, &["multipart/mixed/multipart", " text/plain: words"]);
    check(
        &format!("{mixed}words\n--b\n\n\n--b--"),
        false,
        &["multipart/mixed/multipart", " text/plain: ", " text/plain: words"],
    );
    let long = "long ".repeat(1000);
    check(
        &format!("{mixed}{long}\n--b\n\n1\n--b--\n{long}"),
        false,
        &[
            "multipart/mixed/multipart",
            &format!(" application/octet-stream: {long}"),
            " text/plain: 1",
            &format!(" application/octet-stream: {long}"),
        ],
    );
}

#[test]
fn messages_in_messages() {
    let mixed = "Content-Type: multipart/mixed; boundary=b\n\n--b\n";
    let inner = "Subject: x\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\n1\n--c--\n";
    let outline = |kind: &str| {
        [
            "multipart/mixed/multipart".into(),
            format!(" {kind}/message"),
            "  multipart/mixed/multipart".into(),
            "   text/plain: 1".into(),
        ]
    };
    let check = |head: &str, body: &str, kind: &str| {
        let message = format!("{mixed}{head}\n\n{body}\n--b--");
        let (lines, summary) = read(&message, Limits::default());
        assert_eq!((lines, summary.malformed), (outline(kind).to_vec(), false));
    };
    check("Content-Type: message/rfc822", inner, "message/rfc822");
    check("Content-Type: message/global", inner, "message/global");
    let base64 = crate::armor::base64(inner.as_bytes());
    check("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64", &base64, "message/rfc822");
    let quoted = inner.replace('=', "=3D");
    check("Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable", &quoted, "message/rfc822");
}

#[test]
fn digests_hold_messages() {
    check(
        "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\n1\n--b\nContent-Type: text/html\n\n2\n--b--",
        false,
        &["multipart/digest/multipart", " message/rfc822/message", "  text/plain: 1", " text/html: 2"],
    );
}

#[test]
fn limits() {
    let limits = Limits { depth: 2, parts: 4, header: 64 };
    let mixed = |b: &str| format!("Content-Type: multipart/mixed; boundary={b}\n\n--{b}\n");
    let deep = format!("{}{}{}\n\nx\n--a--\ny", mixed("a"), mixed("b"), mixed("c"));
    let (lines, summary) = read(&deep, limits);
    assert_eq!(lines, ["multipart/mixed/multipart", " multipart/mixed/multipart", "  multipart/mixed: --c\\n\\n\\nx"]);
    assert!(summary.limit_reached);

    let many = format!("{}\n1\n--a\n\n2\n--a\n\n3\n--a\nX: y\n\n4\n--a--\nz", mixed("a"));
    let (lines, summary) = read(&many, limits);
    let rest = " application/octet-stream: --a\\r\\nX: y\\n\\n4\\n--a--\\nz!";
    assert_eq!(lines, ["multipart/mixed/multipart", " text/plain: 1", " text/plain: 2", " text/plain: 3", rest]);
    assert!(summary.limit_reached);

    let (lines, summary) = read(&format!("X: {}\nContent-Type: a/b\n\nx", "y".repeat(100)), limits);
    assert_eq!(lines, ["text/plain: x"]);
    assert!(summary.limit_reached && !summary.malformed);
    let words = "no header at all ".repeat(10);
    assert_eq!(read(&words, limits).0, [format!("text/plain: {words}")]);
}

#[test]
fn encoded_layers_are_limited() {
    let mut message = "Subject: core\n\nx".to_owned();
    for _ in 0..6 {
        let encoded = crate::armor::base64(message.as_bytes());
        message = format!("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{encoded}");
    }
    let (lines, summary) = read(&message, Limits::default());
    assert_eq!(lines.len(), 5);
    assert!(lines[4].starts_with("    message/rfc822: Content-Type"));
    assert!(summary.limit_reached);
}
