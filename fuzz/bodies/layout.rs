//! Any bytes through the MIME reader into the layout for staff: the same layout whatever pieces they came in, a mail that can
//! be read again whole, as many documents in it as the findings say, and flags that agree with them.

use crate::mime_support::{Node, read_in};
use sealdrop::{
    digest::Digest,
    envelope::{Address, ReversePath},
    intake::{
        Findings, Flag, ReplyFacts, Settings,
        layout::{Boundary, Finished, Layout, ReplyRules, Sink},
    },
    mime::{Disposition, Kind, Limits, Unpacker},
    senders::Verification,
};

/// What the opening would have written: a multipart whose first text part is open.
const OPENING: &str = "Content-Type: multipart/mixed; boundary=sealdrop-5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e\r\n\r\n\
                       --sealdrop-5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e\r\nContent-Type: text/plain; charset=utf-8\r\n\
                       Content-Transfer-Encoding: quoted-printable\r\n\r\n";

/// Enough to read any layout whole.
const WIDE: Limits = Limits { depth: 32, parts: 10_000, header: 64 * 1024 };

/// Keeps what it is given.
struct Memory(Vec<u8>);

impl Sink for Memory {
    fn take(&mut self, plain: &[u8]) {
        assert!(!plain.is_empty() && plain.len() <= 64 * 1024, "pieces are bounded");
        self.0.extend_from_slice(plain);
    }
}

/// What a message became.
#[derive(PartialEq)]
struct Laid {
    bytes: Vec<u8>,
    findings: Findings,
    reply: ReplyFacts,
    content: Digest,
}

/// Lays `message` out, in pieces of the given lengths, again and again.
fn lay_out(message: &[u8], lengths: &[usize], limits: Limits) -> Laid {
    let sender = ReversePath::Mailbox(Address::parse("ana@client.example").expect("it is an address"));
    let settings = Settings { domain: "in.example.org".to_owned(), hostname: "mx.in.example.org".to_owned(), limits };
    let rules = ReplyRules::new(&sender, &settings);
    let mut layout = Layout::new(Memory(OPENING.into()), Boundary::new([0x5e; 16]), rules);
    let (mut reader, mut rest, mut lengths) = (Unpacker::new(limits), message, lengths.iter().cycle());
    while !rest.is_empty() {
        let length = lengths.next().map_or(rest.len(), |length| (*length).clamp(1, rest.len()));
        reader.push(&rest[..length], &mut layout);
        rest = &rest[length..];
    }
    let summary = reader.finish(&mut layout);
    let Finished { sink, findings, reply, content } = layout.finish(summary, &Verification::unchecked());
    Laid { bytes: sink.0, findings, reply, content }
}

/// What holds for any message.
pub fn holds(message: &[u8]) {
    for limits in [Limits::default(), Limits { depth: 3, parts: 5, header: 200 }] {
        let whole = lay_out(message, &[], limits);
        for lengths in [&[1][..], &[7, 1, 64], &[513, 3]] {
            assert!(lay_out(message, lengths, limits) == whole, "pieces of {lengths:?} change the layout");
        }
        reads_back(&whole);
        flags_agree(&whole.findings);
        // Names, heads and the summary are bounded for each part, and parts are at least a delimiter each.
        let parts = message.len() / 3 + 4;
        let most = 16 * message.len() + 2000 * parts.min(limits.parts + limits.depth + 4) + 20_000;
        assert!(whole.bytes.len() <= most, "{} bytes of layout for {}", whole.bytes.len(), message.len());
    }
}

/// The layout is one flat multipart in lines of 7-bit text, and reads back whole.
fn reads_back(laid: &Laid) {
    for line in laid.bytes.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r\n").expect("every line ends in CRLF");
        assert!(line.len() <= 200, "{}", String::from_utf8_lossy(line));
        assert!(line.iter().all(|byte| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t')));
    }
    let (nodes, summary) = read_in(&laid.bytes, &[], WIDE);
    assert!(!summary.limit_reached && !summary.malformed);
    let (root, leaves) = nodes.split_first().expect("there is a root");
    assert!(root.kind == Kind::Multipart && leaves.iter().all(|leaf| leaf.kind == Kind::Leaf && leaf.depth == 1));
    assert!(leaves.iter().all(|leaf| leaf.end == Some(Default::default())), "nothing in it is damaged");
    let documents: Vec<&Node> =
        leaves.iter().filter(|leaf| leaf.disposition == Some(Disposition::Attachment)).collect();
    assert!(documents.len() >= laid.findings.documents as usize);
    for document in documents {
        let name = document.name.as_deref().expect("every document has a name");
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')), "{name}");
        assert!(!document.body.is_empty(), "nothing empty is a document");
    }
}

fn flags_agree(findings: &Findings) {
    let has = |flag| findings.flags.contains(&flag);
    assert_eq!(has(Flag::NoDocument), findings.documents == 0);
    assert_eq!(has(Flag::EmptyPart), findings.empty > 0);
    assert!(findings.troubles.len() <= Findings::TROUBLES);
    assert!(findings.flags.is_sorted_by(|a, b| a < b), "each flag once");
}
