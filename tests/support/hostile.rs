//! Hostile mail of any size, made while it is read: what a relay must bear in bounded memory and in time that grows with the
//! size alone. Each shape once cost some mail program or other a quadratic time, a gigabyte or its stack. Shared by the tests
//! and by `benches/hostile`.

use sealdrop::{
    envelope::{Address, ReversePath},
    intake::{
        Settings,
        layout::{Boundary, Finished, Layout, ReplyRules, Sink},
    },
    mime::{Limits, Unpacker},
    senders::{Examination, Verification},
};
use std::fmt::Write as _;

/// What staff must be told of a shape, once it is large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// That a limit was reached: a person must look.
    Limit,
    /// That the mail is oddly built.
    Malformed,
    /// Nothing in particular: it is large and otherwise in order.
    Nothing,
}

/// One kind of hostile mail.
pub struct Shape {
    pub name: &'static str,
    pub told: Told,
    head: String,
    /// Comes again and again; `#` stands for the number of the time.
    piece: String,
    tail: &'static str,
}

/// Bytes that are handed out at a time, more or less.
const AT_ONCE: usize = 16 * 1024;

impl Shape {
    /// The mail of at least `size` bytes, in pieces.
    pub fn of_size(&self, size: usize) -> impl Iterator<Item = Vec<u8>> {
        let (mut made, mut times, mut state) = (0, 0, 0);
        std::iter::from_fn(move || {
            let mut bytes = String::new();
            while state < 2 && bytes.len() < AT_ONCE {
                match state {
                    0 => {
                        bytes.push_str(&self.head);
                        state = 1;
                    }
                    _ if times == 0 || made + bytes.len() < size => {
                        self.repeat(times, &mut bytes);
                        times += 1;
                    }
                    _ => {
                        bytes.push_str(self.tail);
                        state = 2;
                    }
                }
            }
            made += bytes.len();
            (!bytes.is_empty()).then(|| bytes.into_bytes())
        })
    }

    /// Adds the piece once, or some hundred times where all of them are alike.
    fn repeat(&self, times: usize, bytes: &mut String) {
        if !self.piece.contains('#') {
            return bytes.push_str(&self.piece.repeat(1 + 2000 / self.piece.len()));
        }
        for (index, part) in self.piece.split('#').enumerate() {
            if index > 0 {
                write!(bytes, "{times}").expect("a String takes everything");
            }
            bytes.push_str(part);
        }
    }
}

/// Reads a mail, examines its sender and lays it out, as an arrival does.
pub fn lay_out<S: Sink>(pieces: impl IntoIterator<Item = impl AsRef<[u8]>>, sink: S) -> Finished<S> {
    let sender = ReversePath::Mailbox(Address::parse("ana@client.example").unwrap());
    let (domain, hostname) = ("in.example.org".to_owned(), "mx.in.example.org".to_owned());
    let settings = Settings { domain, hostname, limits: Limits::default() };
    let rules = ReplyRules::new(&sender, &settings);
    let mut layout = Layout::new(sink, Boundary::new([7; 16]), rules);
    let mut reader = Unpacker::new(settings.limits);
    let mut examination = Examination::default();
    for piece in pieces {
        examination.push(piece.as_ref());
        reader.push(piece.as_ref(), &mut layout);
    }
    drop(examination.end());
    let summary = reader.finish(&mut layout);
    layout.finish(summary, &Verification::unchecked())
}

/// The header of a multipart/mixed. Each shape has a Message-ID of its own: else one could be taken for another sent again.
fn mixed(name: &str) -> String {
    format!("{}Content-Type: multipart/mixed; boundary=b\r\n\r\n", message_id(name))
}

fn message_id(name: &str) -> String {
    let id: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("Message-ID: <{id}@client.example>\r\n")
}

fn shape(name: &'static str, told: Told, head: &str, piece: &str, tail: &'static str) -> Shape {
    Shape { name, told, head: head.to_owned(), piece: piece.to_owned(), tail }
}

/// A shape whose piece is a part of a multipart/mixed.
fn part(name: &'static str, told: Told, piece: &str) -> Shape {
    shape(name, told, &mixed(name), &format!("--b\r\n{piece}\r\n"), "--b--\r\n")
}

/// A shape whose piece is in the body of a mail with this header.
fn body(name: &'static str, told: Told, header: &str, piece: &str) -> Shape {
    shape(name, told, &format!("{}{header}\r\n\r\n", message_id(name)), piece, "\r\nend\r\n")
}

/// All shapes.
pub fn shapes() -> Vec<Shape> {
    [structure(), headers(), delimiters(), encodings(), html(), documents()].into_iter().flatten().collect()
}

/// The shape of this name.
pub fn named(name: &str) -> Shape {
    shapes().into_iter().find(|shape| shape.name == name).unwrap_or_else(|| panic!("there is no shape {name}"))
}

/// Many parts, and deep ones.
fn structure() -> Vec<Shape> {
    use Told::*;
    let deep = "Content-Type: multipart/mixed; boundary=b#\r\n\r\n--b#\r\n";
    let quoted = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
    vec![
        shape("parts", Limit, &mixed("parts"), "--b\r\n\r\n", "--b--\r\n"),
        part("empty documents", Limit, "Content-Disposition: attachment; filename=\"#.jpg\"\r\n\r\n"),
        part("names and content ids", Limit, "Content-Type: image/jpeg; name=\"#.jpg\"\r\nContent-ID: <#@x>\r\n\r\n#"),
        shape("multiparts in multiparts", Limit, "", deep, ""),
        shape("messages in messages", Limit, "", "Content-Type: message/rfc822\r\n\r\n", "words"),
        shape("messages in quoted-printable in messages", Limit, "", quoted, "words"),
        part("messages in base64 in messages", Limit, &onion(7)),
        shape(
            "one multipart opened again and again",
            Limit,
            &mixed("opened again"),
            "--b--\r\n--b\r\n\r\n",
            "--b--\r\n",
        ),
        part("digests of nothing", Limit, "Content-Type: multipart/digest; boundary=c\r\n\r\n--c\r\n\r\n--c--"),
    ]
}

/// A message in so many layers of base64.
fn onion(layers: usize) -> String {
    (0..layers).fold("Subject: core\r\n\r\nwords".to_owned(), |inner, _| {
        let lines = sealdrop::armor::base64(inner.as_bytes());
        let lines: Vec<&str> = lines.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap()).collect();
        format!("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{}", lines.join("\r\n"))
    })
}

/// Large headers, and headers that are hard to read. Of fields in one block the reader keeps 64 KiB.
fn headers() -> Vec<Shape> {
    use Told::*;
    let filled = |field: &str, piece: &str| format!("{field}{}\r\n\r\nx", piece.repeat(7000 / piece.len()));
    let long = |field: &str, piece: &str| format!("{field}{}\r\n\r\nx", piece.repeat(60_000 / piece.len()));
    vec![
        shape("header fields", Limit, "", "X-Field-#: value\r\n", "\r\nwords\r\n"),
        shape("header lines without colon", Malformed, "", "these are words and no field\r\n", "\r\nwords\r\n"),
        shape("one header line", Limit, "X-Long: ", "0123456789abcdef", "\r\n\r\nwords\r\n"),
        shape("one folded header", Limit, "Subject: a\r\n", " \t folded\r\n", "\r\nwords\r\n"),
        shape("one file name", Limit, "Content-Disposition: attachment; filename=\"", "name", "\"\r\n\r\nwords\r\n"),
        part("parameters", Nothing, &filled("Content-Type: a/b", ";a=b")),
        part("parameter continuations", Nothing, &filled("Content-Type: a/b", ";n*1*=%41")),
        part("parameters over their limit", Limit, &long("Content-Type: a/b", ";n*1*=%41")),
        part("encoded words", Nothing, &long("Content-ID: ", "=?utf-8?q?=41?= ")),
        part("encoded words that do not end", Nothing, &long("Content-ID: ", "=?utf-8?q?=41 ")),
        part(
            "encoded words in a name",
            Nothing,
            &filled("Content-Disposition: a; filename=\"", "=?iso-2022-jp?b?GyRC?="),
        ),
        part("comments in comments", Nothing, &filled("Content-Type: text/plain ", "(")),
        part("comments in comments, closed", Nothing, &filled("Content-Type: text/plain ", "(()")),
        part("quotes", Nothing, &filled("Content-Type: a/b; name=", "\"\\\"")),
        part("fields of one name", Nothing, &long("Content-Type: a/b", "\r\nContent-Type: a/b")),
        part("fields without name", Nothing, &long("Content-Type: a/b", "\r\n:")),
    ]
}

/// Lines that are nearly delimiters.
fn delimiters() -> Vec<Shape> {
    use Told::*;
    let long = "b".repeat(250);
    let one = |name, piece: &str| {
        let head = format!("Content-Type: multipart/mixed; boundary={long}\r\n\r\n--{long}\r\n\r\n");
        shape(name, Malformed, &head, piece, "")
    };
    // Thirty multiparts open, whose boundaries begin alike.
    let many: String = (10..40)
        .map(|n| format!("Content-Type: multipart/mixed; boundary={long}{n}\r\n\r\n--{long}{n}\r\n"))
        .collect::<String>()
        + "\r\n";
    vec![
        one("dashes", "\r\n--"),
        one("dashes alone", "--"),
        one("delimiters but for the last letter", &format!("\r\n--{}c\r\n", &long[1..])),
        one("delimiters with a letter more", &format!("\r\n--{long}c\r\n")),
        one("delimiters and white space", &format!("\r\n--{long}{}x", " \t".repeat(150))),
        one("line ends", "\r\n"),
        one("carriage returns", "\r"),
        shape("many open multiparts, near delimiters", Malformed, &many, &format!("\r\n--{long}1\r\n--{long}39x"), ""),
        shape("many open multiparts, dashes", Malformed, &many, "\n--", ""),
    ]
}

/// Bodies that are hard to decode.
fn encodings() -> Vec<Shape> {
    use Told::*;
    let coded = |name, told, encoding: &str, piece: &str| {
        body(name, told, &format!("Content-Transfer-Encoding: {encoding}\r\nContent-Disposition: attachment"), piece)
    };
    let text = |name, charset: &str, piece: &str| {
        body(name, Nothing, &format!("Content-Type: text/plain; charset={charset}"), piece)
    };
    vec![
        coded("base64 with junk between", Malformed, "base64", "Q!U*F\u{e9}B"),
        coded("base64 of single characters", Malformed, "base64", "Q\r\n"),
        coded("base64 that ends again and again", Malformed, "base64", "QUI=\r\nQUFB\r\n\r\n"),
        coded("base64 with lines that may be a footer", Malformed, "base64", "QUFBQUFB\r\nQUFB\r\nab cd"),
        coded("quoted-printable soft breaks", Nothing, "quoted-printable", "=\r\n"),
        coded("quoted-printable white space", Nothing, "quoted-printable", " \t"),
        coded("equals signs", Malformed, "quoted-printable", "="),
        coded("uuencode that begins again and again", Nothing, "x-uuencode", "begin 644 x\r\n"),
        text("one line of words", "utf-8", "x"),
        text("escapes of iso-2022-jp", "iso-2022-jp", "\u{1b}$B\u{1b}(B"),
        text("escapes of iso-2022-jp that lead nowhere", "iso-2022-jp", "\u{1b}"),
        text("words of utf-16", "utf-16", "\u{fffd}"),
        text("dots and addresses of file stores", "utf-8", "drive.google.co.1drv.m."),
        text("begin lines in words", "utf-8", "begin 644 #.jpg\r\nM\r\n"),
    ]
}

/// Words in HTML.
fn html() -> Vec<Shape> {
    let page = |name, piece: &str| body(name, Told::Nothing, "Content-Type: text/html; charset=utf-8", piece);
    vec![
        page("tags that nothing closes", "<div><b><table><tr><td><pre><a href=x>"),
        page("tags that nothing opened", "</div></pre></a></table>"),
        page("entities", "&amp;&#x41;&#65;&nothing;&amp"),
        page("angle brackets", "<"),
        page("ampersands", "&"),
        page("comments", "<!--x--><!-- --"),
        page("scripts", "<script><style></script>"),
        page("links", "<a href=\"https://x#.example/\">#</a>"),
        page("pictures", "<img src=\"cid:#@x\">"),
        body("one attribute", Told::Nothing, "Content-Type: text/html\r\n\r\n<img alt=\"", "attribute"),
        body("one tag", Told::Nothing, "Content-Type: text/html\r\n\r\n<img", " a=b"),
        body("one comment", Told::Nothing, "Content-Type: text/html\r\n\r\n<!--", "-- >"),
    ]
}

/// Files that would hurt a program which opens them.
fn documents() -> Vec<Shape> {
    let file = |name, kind: &str, bytes: &[u8]| {
        let encoded = sealdrop::armor::base64(bytes);
        let header = format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <#@x>");
        part(name, Told::Limit, &format!("{header}\r\n\r\n{encoded}"))
    };
    let png =
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff\x08\x06\0\0\0\0\0\0\0\0\0\0\x0bIDATx\x9c\x63\0\x01\0";
    let jpeg = b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9";
    let gif = b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;";
    // An entry that claims four gigabytes, and the bytes of an endless run of zeros.
    let zip = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x05\0\0\0bomb\xed\xc1\x01\x01\0\0\0\x80\x90";
    let tnef = b"\x78\x9f\x3e\x22\x01\0\x02\x0f\x80\x06\0\xff\xff\xff\x7f";
    let pdf = b"%PDF-1.7\n1 0 obj<</Length 4294967295/Filter[/FlateDecode/FlateDecode/FlateDecode]>>stream\n";
    vec![
        file("pictures of 65,535 by 65,535 (PNG)", "image/png", png),
        file("pictures of 65,535 by 65,535 (JPEG)", "image/jpeg", jpeg),
        file("pictures of 65,535 by 65,535 (GIF)", "image/gif", gif),
        file("zip bombs", "application/zip", zip),
        file("winmail.dat that claims gigabytes", "application/ms-tnef", tnef),
        file("pdf bombs", "application/pdf", pdf),
    ]
}
