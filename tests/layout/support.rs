//! A layout that ends in memory instead of in a sealer.

use sealdrop::{
    clock::Timestamp,
    digest::{Digest, sha256},
    envelope::{Address, Envelope, Mailbox, ReversePath},
    ids::MessageId,
    intake::{
        Findings, Flag, ReplyFacts, Settings,
        layout::{Boundary, Finished, Heading, Layout, Opening, ReplyRules, Sink},
    },
    mime::{Limits, Reader},
    senders::Verdict,
    tls::Protection,
};

/// Keeps what it is given.
#[derive(Default)]
pub struct Memory(pub Vec<u8>);

impl Sink for Memory {
    fn take(&mut self, plain: &[u8]) {
        self.0.extend_from_slice(plain);
    }
}

/// What a mail became.
pub struct Laid {
    pub bytes: Vec<u8>,
    pub findings: Findings,
    pub reply: ReplyFacts,
    pub content: Digest,
}

/// An attachment of the layout, or one that is expected.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Document {
    pub name: String,
    pub size: usize,
    pub sha256: Digest,
}

pub fn settings(limits: Limits) -> Settings {
    Settings { domain: "in.example.org".to_owned(), hostname: "mx.in.example.org".to_owned(), limits }
}

/// A protection as a record holds it: nobody but a handshake can make another.
fn protection() -> Protection {
    let read = r#"{"version":"TLSv1.3","cipher":"TLS13_AES_256_GCM_SHA384","key_exchange":"X25519MLKEM768"}"#;
    serde_json::from_str(read).unwrap()
}

pub fn envelope(reverse_path: &str) -> Envelope {
    Envelope {
        reverse_path: match reverse_path {
            "" => ReversePath::Null,
            address => ReversePath::Mailbox(Address::parse(address).unwrap()),
        },
        mailboxes: vec![Mailbox::Postmaster],
        protection: protection(),
        peer: [192, 0, 2, 1].into(),
        hello: "mail.example.com".to_owned(),
        at: Timestamp::parse("2026-11-25T03:08:54Z").unwrap(),
        smtputf8: false,
    }
}

/// Lays out `pieces` of one mail from `reverse_path`.
pub fn lay_out_pieces(pieces: &[&[u8]], reverse_path: &str, limits: Limits) -> Laid {
    let (boundary, envelope) = (Boundary::new([0x5e; 16]), envelope(reverse_path));
    let heading = Heading {
        from: "intake@in.example.org".to_owned(),
        to: vec!["alice@example.org".to_owned(), "bob@example.org".to_owned()],
        subject: "[river-tiger-42] Documents received".to_owned(),
        outer_subject: "Documents received".to_owned(),
        date: Timestamp::parse("2026-11-25T03:08:55Z").unwrap(),
    };
    let opening = Opening {
        id: MessageId::from_bytes([1; 16]),
        mailbox: &Mailbox::Postmaster,
        label: Some("Garc\u{ed}a, asylum"),
        heading: &heading,
        left_out: &["carol@example.org".to_owned()],
        envelope: &envelope,
        verdict: Verdict::Unverified,
    };
    let sink = Memory(opening.bytes(&boundary).to_vec());
    let rules = ReplyRules::new(&envelope.reverse_path, Verdict::Unverified, &settings(limits));
    let (mut layout, mut reader) = (Layout::new(sink, boundary, rules), Reader::new(limits));
    pieces.iter().for_each(|piece| reader.push(piece, &mut layout));
    let summary = reader.finish(&mut layout);
    let Finished { sink, findings, reply, content } = layout.finish(summary);
    Laid { bytes: sink.0, findings, reply, content }
}

pub fn lay_out(mail: impl AsRef<[u8]>) -> Laid {
    lay_out_pieces(&[mail.as_ref()], "ana@example.com", Limits::default())
}

impl Laid {
    /// The attachments that mail-parser finds in it.
    pub fn documents(&self) -> Vec<Document> {
        documents_in(&self.bytes)
    }

    /// The text parts that mail-parser finds in it, decoded, with `\n` between lines.
    pub fn texts(&self) -> Vec<String> {
        let message = mail_parser::MessageParser::default().parse(&self.bytes).expect("a layout is a message");
        let texts = message.parts.iter().filter(|part| !is_attachment(part) && part.is_text());
        texts.map(|part| part.text_contents().unwrap().replace("\r\n", "\n").trim_end().to_owned()).collect()
    }

    /// The texts between the first, which is the relay's, and the last, which is the summary.
    pub fn words(&self) -> Vec<String> {
        let texts = self.texts();
        texts[1..texts.len() - 1].to_vec()
    }

    pub fn summary(&self) -> String {
        self.texts().pop().unwrap()
    }

    pub fn has(&self, flag: Flag) -> bool {
        self.findings.flags.contains(&flag)
    }
}

/// The attachments that mail-parser finds in a layout.
pub fn documents_in(layout: &[u8]) -> Vec<Document> {
    let message = mail_parser::MessageParser::default().parse(layout).expect("a layout is a message");
    let attachments = message.parts.iter().filter(|part| is_attachment(part));
    attachments.map(|part| document(name_of(part), part.contents())).collect()
}

pub fn document(name: impl Into<String>, bytes: &[u8]) -> Document {
    Document { name: name.into(), size: bytes.len(), sha256: sha256(bytes) }
}

fn is_attachment(part: &mail_parser::MessagePart) -> bool {
    use mail_parser::MimeHeaders;
    part.content_disposition().is_some_and(|disposition| disposition.is_attachment())
}

fn name_of(part: &mail_parser::MessagePart) -> String {
    use mail_parser::MimeHeaders;
    part.attachment_name().expect("every document is named").to_owned()
}

/// A part of a multipart: head lines, then the body in base64.
pub fn part(head: &str, body: &[u8]) -> String {
    format!("{head}\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n", wrapped(body))
}

/// A multipart/mixed mail of these parts.
pub fn mixed(parts: &[String]) -> String {
    multipart("Message-ID: <1@example.com>\r\nContent-Type: multipart/mixed; boundary=b", "b", parts)
}

pub fn multipart(head: &str, boundary: &str, parts: &[String]) -> String {
    let body: String = parts.iter().map(|part| format!("--{boundary}\r\n{part}\r\n")).collect();
    format!("{head}\r\n\r\n{body}--{boundary}--\r\n")
}

fn wrapped(bytes: &[u8]) -> String {
    let line = sealdrop::armor::base64(bytes);
    let lines: Vec<&str> = line.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap()).collect();
    lines.join("\r\n")
}

/// A made-up file of this length that starts with `magic`.
pub fn file(magic: &[u8], length: usize) -> Vec<u8> {
    let noise = (0u32..).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8);
    magic.iter().copied().chain(noise).take(length.max(magic.len())).collect()
}

pub const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF";
pub const HEIC: &[u8] = b"\0\0\0\x24ftypheic\0\0\0\0mif1heic";
