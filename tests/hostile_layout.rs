//! Hostile mail of every shape through the MIME reader and the layout for staff: in memory that does not grow with its size,
//! to a layout that is bounded, with staff told to look. In a program of its own, because the peak that is measured is the
//! whole process's.

#[path = "support/hostile.rs"]
mod hostile;
#[path = "support/peak.rs"]
mod peak;

use hostile::{Shape, Told, lay_out, shapes};
use sealdrop::{
    digest::sha256,
    intake::{Findings, Flag, layout::Sink},
};
use std::{
    process,
    sync::{Mutex, PoisonError},
};

const SIZE: usize = 384 * 1024;
/// How much more memory a mail of [`SIZE`] may take than one of a quarter of it: less than half of what it has more.
const FLAT_KIB: u64 = 128;
/// The tests take turns: the peak is the whole process's.
static ALONE: Mutex<()> = Mutex::new(());

/// Counts and forgets.
#[derive(Default)]
struct Counting(usize);

impl Sink for Counting {
    fn take(&mut self, plain: &[u8]) {
        self.0 += plain.len();
    }
}

/// Keeps what it is given.
#[derive(Default)]
struct Memory(Vec<u8>);

impl Sink for Memory {
    fn take(&mut self, plain: &[u8]) {
        self.0.extend_from_slice(plain);
    }
}

/// What a mail of this size comes to: the findings, the layout's length, and the peak memory in KiB.
fn cost(shape: &Shape, size: usize) -> (Findings, usize, u64) {
    peak::forget(process::id());
    let finished = lay_out(shape.of_size(size), Counting::default());
    (finished.findings, finished.sink.0, peak::kib(process::id()))
}

#[test]
fn every_shape_is_borne() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut wrong = Vec::new();
    for shape in shapes() {
        let (_, _, small) = cost(&shape, SIZE / 4);
        let (findings, length, large) = cost(&shape, SIZE);
        let grown = large.saturating_sub(small);
        let has = |flag| findings.flags.contains(&flag);
        let told = match shape.told {
            Told::Limit => has(Flag::LimitReached),
            Told::Malformed => has(Flag::Malformed) && !has(Flag::LimitReached),
            Told::Nothing => !has(Flag::Malformed) && !has(Flag::LimitReached),
        };
        // Nine bytes of quoted-printable and its soft line breaks for each byte of a text in a charset of single bytes.
        if !told || grown > FLAT_KIB || length > 10 * SIZE || findings.documents > 1000 {
            wrong.push(format!("{}: {grown} KiB more, {length} bytes of layout, {findings:?}", shape.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Words without end are shown up to a length that people read and mail programs bear.
#[test]
fn words_without_end_are_cut() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for name in ["one line of words", "escapes of iso-2022-jp that lead nowhere"] {
        let finished = lay_out(hostile::named(name).of_size(5 << 20), Counting::default());
        assert!(finished.findings.flags.contains(&Flag::LimitReached) && finished.findings.words, "{name}");
        assert!(finished.sink.0 < 14 << 20, "{name}: {} bytes of layout", finished.sink.0);
    }
}

/// What no limit reached is counted, what is beyond one is not: the client is never told that it was received.
#[test]
fn what_lies_beyond_a_limit_is_not_counted() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for name in ["messages in messages", "multiparts in multiparts", "parts", "messages in base64 in messages"] {
        let (findings, ..) = cost(&hostile::named(name), SIZE / 4);
        assert_eq!(findings.documents, 0, "{name}: {findings:?}");
    }
}

/// Files that would hurt whoever opens them: nobody does, and staff get them as they are.
#[test]
fn bombs_are_left_unopened() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, small_picture) in [
        ("pictures of 65,535 by 65,535 (PNG)", true),
        ("pictures of 65,535 by 65,535 (GIF)", true),
        ("pictures of 65,535 by 65,535 (JPEG)", false),
        ("zip bombs", false),
        ("pdf bombs", false),
    ] {
        let mail = hostile::named(name).of_size(1).collect::<Vec<_>>().concat();
        let finished = lay_out([&mail], Memory::default());
        let Findings { documents, decoration, .. } = finished.findings;
        assert_eq!((documents, decoration > 0), (u32::from(!small_picture), small_picture), "{name}");
        if small_picture {
            continue;
        }
        let sent = mail_parser::MessageParser::default().parse(&mail).unwrap();
        let head = "Content-Type: multipart/mixed; boundary=sealdrop-07070707070707070707070707070707\r\n\r\n\
                    --sealdrop-07070707070707070707070707070707\r\n\r\n";
        let layout = [head.as_bytes(), &finished.sink.0].concat();
        let laid = mail_parser::MessageParser::default().parse(&layout).unwrap();
        let digests = |message: &mail_parser::Message| -> Vec<_> {
            message.attachments().map(|part| sha256(part.contents())).collect()
        };
        assert_eq!(digests(&laid)[..1], digests(&sent)[..1], "{name}");
    }
}
