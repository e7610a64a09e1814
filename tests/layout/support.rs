//! A layout that ends in memory instead of in a sealer.

use sealdrop::{
    clock::Timestamp,
    digest::{Digest, sha256},
    envelope::{Address, Envelope, Mailbox, ReversePath},
    ids::MessageId,
    intake::{
        Findings, Flag, ReplyFacts, Settings,
        layout::{Boundary, Finished, Heading, Layout, Opening, ReplyRules, Sink},
        sharpness,
    },
    mime::{Limits, Unpacker},
    senders::Verification,
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
    lay_out_with(pieces, reverse_path, limits, None)
}

/// Lays out a mail whose photos are measured within these settings, as the relay does it.
pub fn lay_out_measured(mail: &str, settings: sharpness::Settings) -> Laid {
    let pieces: Vec<&[u8]> = mail.as_bytes().chunks(4_096).collect();
    lay_out_with(&pieces, "ana@example.com", Limits::default(), Some(settings))
}

fn lay_out_with(pieces: &[&[u8]], reverse_path: &str, limits: Limits, photos: Option<sharpness::Settings>) -> Laid {
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
        unexpected: false,
        heading: &heading,
        left_out: &["carol@example.org".to_owned()],
        envelope: &envelope,
    };
    let sink = Memory(opening.bytes(&boundary).to_vec());
    let rules = ReplyRules::new(&envelope.reverse_path, &settings(limits));
    let (mut layout, mut reader) = (Layout::new(sink, boundary, rules), Unpacker::new(limits));
    layout.hold_photos(photos);
    for piece in pieces {
        reader.push(piece, &mut layout);
        while let Some(photo) = layout.next_photo() {
            layout.measured(photo.measure(&sharpness::Stop::default()));
        }
    }
    let summary = reader.finish(&mut layout);
    let Finished { sink, findings, reply, content } = layout.finish(summary, &Verification::unchecked());
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
    attachments.map(|part| document(name_of(part), &exactly(&message, part))).collect()
}

/// The bytes of a document in a layout, which are in base64: mail-parser converts those of text to UTF-8.
pub fn exactly(layout: &mail_parser::Message, part: &mail_parser::MessagePart) -> Vec<u8> {
    let raw = &layout.raw_message[part.offset_body as usize..part.offset_end as usize];
    mail_parser::decoders::base64::base64_decode(raw).expect("clean base64")
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

/// A made-up photo that is whole, of this size and about this length.
pub fn jpeg(width: u16, height: u16, length: usize) -> Vec<u8> {
    let frame =
        [&b"\xff\xd8\xff\xc0\0\x0b\x08"[..], &height.to_be_bytes(), &width.to_be_bytes(), b"\x01\x01\x11\0"].concat();
    let scan = file(b"\xff\xda\0\x08\x01\x01\0\0\x3f\0", length);
    // An ff in the data would be a marker.
    let data = scan.iter().skip(2).map(|byte| (*byte).min(0xfe));
    frame.into_iter().chain(*b"\xff\xda").chain(data).chain(*b"\xff\xd9").collect()
}

/// A made-up HEIC that is whole, of this size.
pub fn heic(width: u32, height: u32, length: usize) -> Vec<u8> {
    let boxed = |kind: &[u8], body: &[u8]| [&(body.len() as u32 + 8).to_be_bytes(), kind, body].concat();
    let extent = boxed(b"ispe", &[&[0; 4][..], &width.to_be_bytes(), &height.to_be_bytes()].concat());
    let meta = boxed(b"meta", &[&[0; 4][..], &boxed(b"iprp", &boxed(b"ipco", &extent))].concat());
    [boxed(b"ftyp", b"heic\0\0\0\0mif1heic"), meta, boxed(b"mdat", &file(b"", length))].concat()
}

/// A PNG of lines like writing; `blur` times smoothed.
pub fn page(blur: usize) -> Vec<u8> {
    const SIDE: usize = 640;
    let ink = |x: usize, y: usize| y % 24 < 12 && (x * 7 + y / 24 * 13) % 31 < 11;
    let mut grey: Vec<f32> = (0..SIDE * SIDE).map(|at| if ink(at % SIDE, at / SIDE) { 40.0 } else { 235.0 }).collect();
    for step in std::iter::repeat_n([1, SIDE], blur).flatten() {
        let near = |at: usize| (at.saturating_sub(2 * step)..(at + 2 * step + 1).min(SIDE * SIDE)).step_by(step);
        grey = (0..SIDE * SIDE).map(|at| near(at).map(|at| grey[at]).sum::<f32>() / near(at).count() as f32).collect();
    }
    let grey: Vec<u8> = grey.iter().map(|grey| *grey as u8).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, SIDE as u32, SIDE as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&grey).unwrap();
    file
}

pub const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF";
pub const HEIC: &[u8] = b"\0\0\0\x24ftypheic\0\0\0\0mif1heic";
