//! Base64 (RFC 2045, section 6.8), forgiving: characters outside the alphabet are skipped, padding may be missing or stand
//! in the middle, and a footer that a mail scanner appended ends the data. A body that only claims to be base64 (a gateway
//! replaced the attachment by a sentence and left the header) is passed on as it is.
//!
//! Clean lines are copied together and decoded whole by SIMD; one that does not decode is read again, byte by byte.

use super::{
    super::wiped::{Wiped, append},
    SCRATCH, Scratch, Sink,
};
use crate::armor;
use memchr::memchr;

/// The value of a character that is not in the alphabet.
const JUNK: u8 = 0xff;
/// So much of the start is looked at to tell base64 from prose.
const HEAD: usize = 256;
/// So much of a line is looked at to tell data from a footer.
const PROBE: usize = 128;

static VALUES: [u8; 256] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [JUNK; 256];
    let mut value = 0;
    while value < 64 {
        table[alphabet[value] as usize] = value as u8;
        value += 1;
    }
    table
};

/// What the decoder makes of the next bytes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Mode {
    /// Gathers the start, to see whether it is base64 at all.
    #[default]
    Head,
    Data,
    /// Gathers a line that may be a footer.
    Probe,
    /// Behind the end of the data.
    Footer,
    /// Not base64.
    Prose,
}

/// Where in its lines the data is. Copied to go back when a block turns out not to be clean.
#[derive(Clone, Copy, Default)]
struct Place {
    /// Characters of a group that is not complete.
    group: [u8; 4],
    grouped: usize,
    /// Characters of data in the current line.
    line: usize,
    /// Length of the longest line so far.
    longest: usize,
    /// The data may have ended: padding, an empty line, or a line shorter than those before.
    ended: bool,
    /// The next byte starts a line.
    line_start: bool,
}

/// A base64 body being decoded.
#[derive(Default)]
pub(crate) struct Base64 {
    mode: Mode,
    place: Place,
    dirty: bool,
    /// The head, or the line being probed.
    held: Wiped,
    scratch: Scratch,
}

impl Base64 {
    pub fn decode(&mut self, mut input: &[u8], sink: Sink) {
        while !input.is_empty() {
            let used = match self.mode {
                Mode::Head => self.take_head(input, sink),
                Mode::Data => self.take_data(input, sink),
                Mode::Probe => self.take_probe(input, sink),
                Mode::Footer => {
                    self.dirty |= !input.trim_ascii().is_empty();
                    input.len()
                }
                Mode::Prose => {
                    sink(input);
                    input.len()
                }
            };
            input = &input[used..];
        }
        self.scratch.flush(sink);
    }

    pub fn finish(mut self, sink: Sink) -> bool {
        if self.mode == Mode::Head {
            self.judge_head(sink);
        }
        if self.mode == Mode::Probe {
            self.judge_probe(sink);
        }
        if self.mode == Mode::Data && self.place.grouped > 0 {
            self.dirty = true;
            self.end_group(sink);
        }
        self.scratch.flush(sink);
        self.dirty
    }

    fn take_head(&mut self, input: &[u8], sink: Sink) -> usize {
        let used = input.len().min(HEAD - self.held.len());
        append(&mut self.held, &input[..used]);
        if self.held.len() == HEAD {
            self.judge_head(sink);
        }
        used
    }

    fn judge_head(&mut self, sink: Sink) {
        let head = std::mem::take(&mut self.held);
        if is_prose(&head) {
            self.mode = Mode::Prose;
            self.dirty = true;
            sink(&head);
        } else {
            self.mode = Mode::Data;
            self.place.line_start = true;
            self.decode(&head, sink);
        }
    }

    /// Reads data up to the end of the input, a full block, or a line that must be probed.
    fn take_data(&mut self, input: &[u8], sink: Sink) -> usize {
        if self.place.must_probe(input[0]) {
            self.mode = Mode::Probe;
            return 0;
        }
        let before = self.place;
        let block = self.scratch.empty(sink);
        let used = gather(&mut self.place, block, input);
        let groups = block.len() / 4 * 4;
        let clean = block[groups..].iter().all(|byte| VALUES[usize::from(*byte)] != JUNK);
        self.place.keep_group(&block[groups..]);
        let decoded = armor::unbase64_groups(&mut block[..groups]).filter(|_| clean);
        let clean = decoded.is_some();
        if let Some(decoded) = decoded.filter(|decoded| !decoded.is_empty()) {
            sink(decoded);
        }
        block.clear();
        if clean {
            return used;
        }
        self.place = before;
        self.read_slowly(&input[..used], sink)
    }

    fn take_probe(&mut self, input: &[u8], sink: Sink) -> usize {
        let room = &input[..input.len().min(PROBE - self.held.len())];
        let line_end = memchr(b'\n', room);
        let used = line_end.map_or(room.len(), |end| end + 1);
        append(&mut self.held, &input[..used]);
        if line_end.is_some() || self.held.len() == PROBE {
            self.judge_probe(sink);
        }
        used
    }

    fn judge_probe(&mut self, sink: Sink) {
        let line = std::mem::take(&mut self.held);
        if line.starts_with(b"--") || self.place.ended && is_footer(&line) {
            self.mode = Mode::Footer;
            self.dirty = true;
            self.end_group(sink);
            return;
        }
        self.mode = Mode::Data;
        self.place.ended &= line.trim_ascii().is_empty();
        self.place.line_start = false;
        self.read_slowly(&line, sink);
    }

    /// Reads byte by byte, up to the end of the input or to a line that must be probed.
    fn read_slowly(&mut self, input: &[u8], sink: Sink) -> usize {
        for (index, byte) in input.iter().enumerate() {
            if index > 0 && self.place.must_probe(*byte) {
                return index;
            }
            self.place.line_start = false;
            match (VALUES[usize::from(*byte)], byte) {
                (_, b'\n') => self.place.end_line(),
                (_, b'=') => self.end_group(sink),
                (_, b' ' | b'\t' | b'\r') => {}
                (JUNK, _) => self.dirty = true,
                _ => self.read_character(*byte, sink),
            }
        }
        input.len()
    }

    fn read_character(&mut self, character: u8, sink: Sink) {
        self.place.line += 1;
        self.place.group[self.place.grouped] = character;
        self.place.grouped += 1;
        if self.place.grouped == 4 {
            let bytes = self.place.bytes();
            self.place.grouped = 0;
            self.scratch.put(&bytes, sink);
        }
    }

    /// A group ends before it is full: at padding, or at the end of the data.
    fn end_group(&mut self, sink: Sink) {
        let bytes = self.place.bytes();
        self.scratch.put(&bytes[..self.place.grouped.saturating_sub(1)], sink);
        self.dirty |= self.place.grouped == 1;
        self.place.grouped = 0;
        self.place.ended = true;
    }
}

impl Place {
    fn must_probe(&self, byte: u8) -> bool {
        self.line_start && (self.ended || byte == b'-')
    }

    fn keep_group(&mut self, characters: &[u8]) {
        self.grouped = characters.len();
        self.group[..characters.len()].copy_from_slice(characters);
    }

    /// The bytes of the group; the missing characters count as zeros.
    fn bytes(&self) -> [u8; 3] {
        let values = self.group[..self.grouped].iter().map(|character| u32::from(VALUES[usize::from(*character)]));
        let bits = values.zip([18, 12, 6, 0]).map(|(value, shift)| value << shift).sum::<u32>();
        let [_, a, b, c] = bits.to_be_bytes();
        [a, b, c]
    }

    /// Where the line ends if it is as long as those before: saves a search. An earlier line end in it is not overlooked,
    /// for it is no base64.
    fn expected_end(&self, window: &[u8]) -> Option<usize> {
        let end = self.longest.checked_sub(self.line)?;
        match window.get(end..)? {
            [b'\r', b'\n', ..] => Some(end + 1),
            [b'\n', ..] => Some(end),
            _ => None,
        }
    }

    fn end_line(&mut self) {
        self.ended |= self.line < self.longest || self.line == 0 && self.longest > 0;
        self.longest = self.longest.max(self.line);
        self.line = 0;
        self.line_start = true;
    }
}

/// Copies lines without their line ends to `block`, up to the end of the input, a full block, or a line after which the
/// data may have ended. Tells how much of the input that is.
fn gather(place: &mut Place, block: &mut Wiped, input: &[u8]) -> usize {
    block.extend_from_slice(&place.group[..place.grouped]);
    let mut used = 0;
    while used < input.len() && block.len() < SCRATCH {
        let rest = &input[used..];
        let window = &rest[..rest.len().min(SCRATCH - block.len())];
        let line_end = place.expected_end(window).or_else(|| memchr(b'\n', window));
        let line = &window[..line_end.unwrap_or(window.len())];
        let text = line.strip_suffix(b"\r").unwrap_or(line);
        block.extend_from_slice(text);
        place.line += text.len();
        place.line_start = false;
        used += line.len();
        if line_end.is_some() {
            used += 1;
            place.end_line();
            if place.ended {
                break;
            }
        }
    }
    used
}

/// Whether the start of a body is no base64: its first line has characters that do not belong there, and the whole has many
/// of them or many spaces.
fn is_prose(head: &[u8]) -> bool {
    let first_line = head.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
    if !first_line.trim_ascii_end().iter().any(|byte| is_junk(*byte)) {
        return false;
    }
    let junk = head.iter().filter(|byte| is_junk(**byte)).count();
    let spaces = head.iter().filter(|byte| **byte == b' ').count();
    spaces >= 2 && spaces * 16 >= head.len() || junk * 5 > head.len()
}

/// Whether a line after what may have been the end of the data is words rather than data.
fn is_footer(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let spaces = line.iter().filter(|byte| byte.is_ascii_whitespace()).count();
    let junk = line.iter().filter(|byte| is_junk(**byte)).count();
    spaces >= 2 || junk * 4 > line.len()
}

fn is_junk(byte: u8) -> bool {
    VALUES[usize::from(byte)] == JUNK && byte != b'=' && !byte.is_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::super::{Encoding, decoded};

    fn check(input: &str, output: &[u8], dirty: bool) {
        for piece in 1..input.len() + 1 {
            let found = decoded(Encoding::Base64, input.as_bytes(), piece);
            assert_eq!(found, (output.to_vec(), dirty), "{input:?} in pieces of {piece}");
        }
    }

    #[test]
    fn whole_and_padded() {
        check("", b"", false);
        check("VGVzdA==", b"Test", false);
        check("VGVzdA==\r\n", b"Test", false);
        check("QUJD\r\nREVG\r\nRw==\r\n\r\n", b"ABCDEFG", false);
        check("w\n6\nH\nD\nq\nc\nO\nt\nw\n7\n P\tD u g\n==", "áéíóú".as_bytes(), false);
        check("QUJD\nREVGR0hJ\n\nSktM\n", b"ABCDEFGHIJKL", false);
        check("VGVzdA==VGVzdA==", b"TestTest", false);
        check("VGVzdA==\nVGVzdA==\n", b"TestTest", false);
        check("====", b"", false);
    }

    #[test]
    fn broken() {
        check("VGVzdA", b"Test", true);
        check("VGVzdAx", b"Test\x0c", true);
        check("VGVzd", b"Tes", true);
        check("VGVz!dA==", b"Test", true);
        check("VGVzVGV!", b"TesTe", true);
        check("VGVzREVGREVG\nVGVz*EVG:REVG\nQQ==", b"TesDEFDEFTes\x11Q\x91\x11Q\x90", true);
    }

    #[test]
    fn a_footer_is_not_data() {
        let data = "QUJDREVGQUJDREVG\r\nQUJDREVGQUJDREVG\r\nQUJD\r\n";
        for footer in ["-- \r\nScanned by ExampleAV\r\n", "\r\nThis mail was scanned.\r\nwww\r\n", "******\r\nabc\r\n"]
        {
            check(&format!("{data}{footer}"), b"ABCDEFABCDEFABCDEFABCDEFABC", true);
        }
    }

    #[test]
    fn prose_stays() {
        let words = "This attachment was removed, for it held a virus.\r\nPlease ask your admin.\r\n";
        check(words, words.as_bytes(), true);
        let header =
            "Received: from a.example (a.example [192.0.2.1])\r\nSubject: x\r\n\r\nhello there, you\r\n".repeat(5);
        check(&header, header.as_bytes(), true);
    }

    #[test]
    fn long_bodies_in_any_pieces() {
        let bytes: Vec<u8> = (0..60_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let text = crate::armor::base64(&bytes);
        let lines = |length: usize, end: &str| {
            text.as_bytes().chunks(length).map(|l| String::from_utf8(l.to_vec()).unwrap() + end).collect::<String>()
        };
        for input in [lines(76, "\r\n"), lines(76, "\n"), lines(75, "\n\n"), lines(usize::MAX, "\n")] {
            for piece in [1, 3, 77, 4096, 12 * 1024, 64 * 1024, usize::MAX] {
                assert!(
                    decoded(Encoding::Base64, input.as_bytes(), piece) == (bytes.clone(), false),
                    "pieces of {piece}"
                );
            }
        }
    }
}
