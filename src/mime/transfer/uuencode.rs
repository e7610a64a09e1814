//! uuencode as a transfer encoding: never standardised, still sent as `x-uuencode`. A body without its `begin` line is
//! passed on as it is. What stands before `begin` and behind `end` is no data.

use super::{
    super::wiped::{Wiped, append},
    Scratch, Sink,
};
use memchr::{memchr, memmem};

/// The `begin` line must start within so many bytes.
const HEAD: usize = 1024;
/// Longest data line taken: 63 bytes make 85 characters; some programs add a checksum.
const LONGEST_LINE: usize = 128;

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Mode {
    /// Gathers the start, to find `begin`.
    #[default]
    Head,
    Lines,
    Behind,
    /// Not uuencoded.
    Plain,
}

/// A uuencoded body being decoded.
#[derive(Default)]
pub(crate) struct Uuencode {
    mode: Mode,
    /// The head, or the start of a line.
    held: Wiped,
    /// The current line is longer than a data line can be.
    too_long: bool,
    dirty: bool,
    scratch: Scratch,
}

impl Uuencode {
    pub fn decode(&mut self, mut input: &[u8], sink: Sink) {
        while !input.is_empty() {
            let used = match self.mode {
                Mode::Head => self.take_head(input, sink),
                Mode::Lines => self.take_line(input, sink),
                Mode::Behind => {
                    self.dirty |= !input.trim_ascii().is_empty();
                    input.len()
                }
                Mode::Plain => {
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
        if self.mode == Mode::Lines {
            self.dirty = true;
            self.end_line(sink);
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
        let begin =
            if head.starts_with(b"begin ") { Some(0) } else { memmem::find(&head, b"\nbegin ").map(|at| at + 1) };
        let Some(begin) = begin else {
            self.mode = Mode::Plain;
            self.dirty = true;
            if !head.is_empty() {
                sink(&head);
            }
            return;
        };
        self.dirty = !head[..begin].trim_ascii().is_empty();
        self.mode = Mode::Lines;
        self.decode(&head[begin..], sink);
    }

    fn take_line(&mut self, input: &[u8], sink: Sink) -> usize {
        let line_end = memchr(b'\n', input);
        let piece = &input[..line_end.unwrap_or(input.len())];
        let fits = piece.len().min(LONGEST_LINE - self.held.len());
        append(&mut self.held, &piece[..fits]);
        self.too_long |= fits < piece.len();
        if line_end.is_some() {
            self.end_line(sink);
        }
        piece.len() + usize::from(line_end.is_some())
    }

    fn end_line(&mut self, sink: Sink) {
        let line = std::mem::take(&mut self.held);
        let text = line.trim_ascii_end();
        if text == b"end" {
            self.mode = Mode::Behind;
        } else if self.too_long {
            self.dirty = true;
        } else if !text.starts_with(b"begin ") && !text.is_empty() {
            self.dirty |= decode_line(text, &mut self.scratch, sink);
        }
        self.too_long = false;
        self.held = line;
        self.held.clear();
    }
}

/// Decodes one line: its length as a character, then groups of four. Characters lost at its end count as spaces, which some
/// servers strip. Tells whether it was dirty.
pub(in crate::mime) fn decode_line(text: &[u8], scratch: &mut Scratch, sink: Sink) -> bool {
    let length = text.first().map_or(0, |first| usize::from(value(*first)));
    let groups = text.get(1..).unwrap_or_default().chunks(4).take(length.div_ceil(3));
    let mut bytes = [0; 66];
    let mut made = 0;
    for group in groups {
        let bits = (0..4).fold(0, |bits, at| bits << 6 | u32::from(value(*group.get(at).unwrap_or(&b' '))));
        bytes[made..made + 3].copy_from_slice(&bits.to_be_bytes()[1..]);
        made += 3;
    }
    scratch.put(&bytes[..length.min(bytes.len())], sink);
    text.iter().any(|byte| !in_alphabet(*byte))
}

/// Whether a character can stand in a data line.
pub(in crate::mime) fn in_alphabet(character: u8) -> bool {
    (b' '..=b'`').contains(&character)
}

/// What one character of a data line stands for: its length, or six bits.
pub(in crate::mime) fn value(character: u8) -> u8 {
    character.wrapping_sub(b' ') & 0x3f
}

#[cfg(test)]
mod tests {
    use super::super::{Encoding, decoded};

    fn check(input: &str, output: &[u8], dirty: bool) {
        for piece in 1..input.len() + 1 {
            let found = decoded(Encoding::Uuencode, input.as_bytes(), piece);
            assert_eq!(found, (output.to_vec(), dirty), "{input:?} in pieces of {piece}");
        }
    }

    #[test]
    fn files() {
        check("begin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n", b"Cat", false);
        check("\nbegin 644 a b\n#0V%T\n#0V%T\n \nend\n\n", b"CatCat", false);
        check("words\nbegin 644 x\n!00``\n`\nend\nmore", b"A", true);
        check("begin 644 x\n#0V%T\n", b"Cat", true);
        check("begin 644 x\n$0V%T\n", b"Cat\0", true);
    }

    #[test]
    fn not_uuencoded() {
        let words = "We begin with words.\nNo line of them is data.\n".repeat(40);
        check("", b"", true);
        check(&words, words.as_bytes(), true);
    }
}
