//! Hostile mail goes through the MIME reader in bounded memory and to an end: what makes mail-parser abort the process or
//! take a gigabyte when it gets a whole message. The mail is made while it is read, so that the process's peak memory is the
//! reader's; the peak is that of all these tests together.

use sealdrop::mime::{End, Kind, Limits, Part, Reader, Summary, Visitor};
use std::fs;

/// The reader's own bound is some 200 KiB; the rest is the test harness and its threads.
const ALLOWED_KIB: u64 = 6 * 1024;

#[derive(Default)]
struct Count {
    leaves: usize,
    deepest: usize,
    bytes: usize,
}

impl Visitor for Count {
    fn start(&mut self, part: Part) {
        self.leaves += usize::from(part.kind == Kind::Leaf);
        self.deepest = self.deepest.max(part.depth);
    }

    fn body(&mut self, decoded: &[u8]) {
        self.bytes += decoded.len();
    }

    fn end(&mut self, _: End) {}
}

/// Reads `head`, and then each of `pieces` so many times over.
fn read(head: &str, pieces: &[(&str, usize)]) -> (Count, Summary) {
    let (mut reader, mut count) = (Reader::new(Limits::default()), Count::default());
    let before = peak_kib();
    reader.push(head.as_bytes(), &mut count);
    for (piece, times) in pieces {
        (0..*times).for_each(|_| reader.push(piece.as_bytes(), &mut count));
    }
    let summary = reader.finish(&mut count);
    let grown = peak_kib().saturating_sub(before);
    assert!(grown < ALLOWED_KIB, "peak memory grew by {grown} KiB");
    (count, summary)
}

/// Peak resident memory of this process; 0 where the system does not tell.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|value| value.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

const MIXED: &str = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";

#[test]
fn nested_messages() {
    let message = "Content-Type: message/rfc822\r\n\r\n";
    let (count, summary) = read("", &[(message, 21_800), ("x", 1)]);
    assert!(summary.limit_reached);
    assert_eq!((count.leaves, count.deepest), (1, Limits::default().depth));
    assert_eq!(count.bytes, (21_800 - 33) * message.len() + 1);
}

#[test]
fn nested_multiparts() {
    let (count, summary) = read("", &[(&format!("{MIXED}--b\r\n"), 50_000)]);
    assert!(summary.limit_reached);
    assert_eq!(count.deepest, Limits::default().depth);
}

#[test]
fn parts_without_end() {
    let (count, summary) = read(MIXED, &[("--b\r\n\r\n", 500_000), ("--b--\r\n", 1)]);
    assert!(summary.limit_reached);
    assert_eq!(count.leaves, Limits::default().parts);
    assert!(count.bytes > 3_000_000, "what lies beyond the limit comes undivided");
}

#[test]
fn one_header_line_without_end() {
    let (count, summary) = read("X-Long: ", &[("0123456789abcdef", 65_536), ("\r\n\r\nbody", 1)]);
    assert!(summary.limit_reached);
    assert_eq!((count.leaves, count.bytes), (1, 4));
}

#[test]
fn header_blocks_of_many_fields() {
    let part = format!("--b\r\n{}\r\n\r\n", "a:\n".repeat(30_000));
    let (count, summary) = read(MIXED, &[(&part, 20), ("--b--", 1)]);
    assert!(summary.limit_reached && count.leaves == 20);
}

#[test]
fn header_blocks_of_many_parameters() {
    for parameter in [";a=b", ";a*0*=b", ";n*1=x", "=?utf-8?q?=41?= ", ";a=\"\\\"\"", "(", "\r\n\t;x"] {
        let part = format!("--b\r\nContent-Type: a/b{}\r\n\r\n", parameter.repeat(60_000 / parameter.len()));
        let (count, summary) = read(MIXED, &[(&part, 5), ("--b--", 1)]);
        assert!(summary.limit_reached && count.leaves == 5, "{parameter}");
    }
}

#[test]
fn lines_that_are_nearly_delimiters() {
    let boundary = "b".repeat(250);
    let head = format!("Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n--{boundary}\r\n\r\n");
    let near = format!("\r\n--{boundary}c\r\n--\r\n--{}", &boundary[1..]);
    let (count, summary) = read(&head, &[(&near, 5_000), (&format!("\r\n--{boundary}--"), 1)]);
    assert_eq!((count.leaves, count.bytes), (1, 5_000 * near.len()));
    assert!(!summary.malformed && !summary.limit_reached);
}

#[test]
fn encodings_that_hold_back() {
    for (encoding, piece) in [
        ("quoted-printable", " \t"),
        ("quoted-printable", "= "),
        ("base64", "A"),
        ("base64", "\n-"),
        ("x-uuencode", "begin 644 x"),
    ] {
        let head = format!("Content-Transfer-Encoding: {encoding}\n\n");
        let (count, _) = read(&head, &[(piece, 500_000)]);
        assert_eq!(count.leaves, 1);
    }
}

#[test]
fn messages_encoded_in_messages() {
    let head = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
    // It has nothing to escape, and so is a layer deeper each time.
    let (count, summary) = read("", &[(head, 10_000)]);
    assert_eq!(count.leaves, 1);
    assert!(summary.limit_reached);
}
