//! Finds delimiters in a stream of text (RFC 2046, section 5.1.1: the line end before a delimiter belongs to it).
//! Keeps at most one line end and the start of one possible delimiter; everything else is handed on where it lies.

use super::{
    boundary::{Delimiter, Frames, LONGEST_LINE},
    wiped::{Wiped, append},
};
use memchr::{memchr, memmem};
use std::ops::Range;

/// What one step found: released text, then the text of the input, then perhaps a delimiter.
#[derive(Default)]
pub(super) struct Step {
    /// Where in the input there is text.
    pub text: Range<usize>,
    /// This many bytes of the input are done with.
    pub used: usize,
    pub delimiter: Option<Delimiter>,
}

/// What a line end and the start of the line after it are.
enum Verdict {
    Text,
    More,
    /// A delimiter, of so many bytes with both its line ends.
    Delimiter(Delimiter, usize),
}

/// Looks for delimiters, whatever pieces the text comes in.
pub(super) struct Scanner {
    finder: memmem::Finder<'static>,
    /// A line end and the start of a line that may become a delimiter.
    carry: Wiped,
    /// Text kept back that turned out to be no delimiter.
    released: Wiped,
    /// The carry, or the next byte, starts a line whose line end is gone already.
    line_start: bool,
}

impl Scanner {
    pub fn new() -> Self {
        Self {
            finder: memmem::Finder::new(b"\n--"),
            carry: Wiped::default(),
            released: Wiped::default(),
            line_start: true,
        }
    }

    /// Text begins here, at the start of a line.
    pub fn restart(&mut self) {
        self.carry.clear();
        self.line_start = true;
    }

    /// Whether something is kept back.
    pub fn pending(&self) -> bool {
        !self.carry.is_empty()
    }

    /// Takes the text that the last step, or `finish`, released: it comes before all else of that step.
    pub fn released(&mut self) -> Wiped {
        std::mem::take(&mut self.released)
    }

    /// Looks at the next input up to its end or the first delimiter. What it kept back before comes first, as `released`.
    pub fn step(&mut self, input: &[u8], frames: &Frames) -> Step {
        let mut start = 0;
        if self.line_start || self.pending() {
            let resumed = self.resume(input, frames);
            if resumed.delimiter.is_some() || self.pending() {
                return resumed;
            }
            start = resumed.used;
        }
        self.search(input, start, frames)
    }

    /// The text is over: what is kept back is a delimiter, or is released.
    pub fn finish(&mut self, frames: &Frames) -> Option<Delimiter> {
        let verdict = self.judge(&self.carry, frames, true);
        self.line_start = false;
        let carry = std::mem::take(&mut self.carry);
        if let Verdict::Delimiter(delimiter, _) = verdict {
            return Some(delimiter);
        }
        append(&mut self.released, &carry);
        None
    }

    /// Adds to what is kept back, byte by byte, until it is clear what it is.
    fn resume(&mut self, input: &[u8], frames: &Frames) -> Step {
        for (index, byte) in input.iter().enumerate() {
            append(&mut self.carry, &[*byte]);
            let mut verdict = self.judge(&self.carry, frames, false);
            if matches!(verdict, Verdict::Text) && self.release_line() {
                verdict = self.judge(&self.carry, frames, false);
            }
            match verdict {
                Verdict::More => {}
                Verdict::Delimiter(delimiter, _) => {
                    self.restart();
                    return Step { used: index + 1, delimiter: Some(delimiter), ..Step::default() };
                }
                Verdict::Text => {
                    let text = self.carry.len() - 1;
                    append(&mut self.released, &self.carry[..text]);
                    self.carry.clear();
                    return Step { used: index, ..Step::default() };
                }
            }
        }
        Step { used: input.len(), ..Step::default() }
    }

    /// What was kept back is text. A CR before its last byte may still begin the line end of the next delimiter: releases
    /// all before that CR and tells that there is one.
    fn release_line(&mut self) -> bool {
        self.line_start = false;
        let text = self.carry.len().saturating_sub(2);
        if text == 0 || self.carry[text] != b'\r' {
            return false;
        }
        append(&mut self.released, &self.carry[..text]);
        self.carry.drain(..text);
        true
    }

    /// Nothing is kept back: looks for the next delimiter in the input from `start`.
    fn search(&mut self, input: &[u8], start: usize, frames: &Frames) -> Step {
        for hit in self.finder.find_iter(&input[start..]).map(|hit| hit + start) {
            let text = start..if hit > start && input[hit - 1] == b'\r' { hit - 1 } else { hit };
            match self.judge(&input[hit..], frames, false) {
                Verdict::Text => {}
                Verdict::More => {
                    append(&mut self.carry, &input[text.end..]);
                    return Step { text, used: input.len(), delimiter: None };
                }
                Verdict::Delimiter(delimiter, length) => {
                    self.line_start = true;
                    return Step { text, used: hit + length, delimiter: Some(delimiter) };
                }
            }
        }
        let kept = match &input[start..] {
            [.., b'\r', b'\n', b'-'] => 3,
            [.., b'\n', b'-'] | [.., b'\r', b'\n'] => 2,
            [.., b'\n' | b'\r'] => 1,
            _ => 0,
        };
        let end = input.len() - kept;
        append(&mut self.carry, &input[end..]);
        Step { text: start..end, used: input.len(), delimiter: None }
    }

    /// What `candidate` is: a line end (unless it is gone already) and the start of a line, or the whole of it.
    fn judge(&self, candidate: &[u8], frames: &Frames, ends: bool) -> Verdict {
        let line = match candidate {
            _ if self.line_start => candidate,
            [b'\n', line @ ..] | [b'\r', b'\n', line @ ..] => line,
            [] | [b'\r'] if !ends => return Verdict::More,
            _ => return Verdict::Text,
        };
        let (line, whole) = match memchr(b'\n', &line[..line.len().min(LONGEST_LINE + 1)]) {
            Some(end) => (&line[..=end], true),
            None => (line, ends),
        };
        if whole {
            let length = line.len() + usize::from(!self.line_start) + usize::from(candidate.starts_with(b"\r"));
            return frames.delimiter(line).map_or(Verdict::Text, |delimiter| Verdict::Delimiter(delimiter, length));
        }
        if line.len() <= LONGEST_LINE && frames.possible(line) { Verdict::More } else { Verdict::Text }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::boundary::frames, *};

    /// The text, and where in it delimiters were.
    fn scan(input: &[u8], piece: usize, boundaries: &[&str]) -> (Vec<u8>, Vec<(usize, usize, bool)>) {
        let (frames, mut scanner) = (frames(boundaries), Scanner::new());
        let (mut text, mut found) = (Vec::new(), Vec::new());
        for mut rest in input.chunks(piece) {
            while !rest.is_empty() {
                let step = scanner.step(rest, &frames);
                text.extend_from_slice(&scanner.released());
                text.extend_from_slice(&rest[step.text.clone()]);
                found.extend(step.delimiter.map(|d| (text.len(), d.frame, d.closing)));
                rest = &rest[step.used..];
            }
        }
        let last = scanner.finish(&frames);
        text.extend_from_slice(&scanner.released());
        found.extend(last.map(|d| (text.len(), d.frame, d.closing)));
        (text, found)
    }

    #[test]
    fn the_line_end_before_a_delimiter_belongs_to_it() {
        for (input, text, found) in [
            ("one\r\n--b\r\ntwo\n--b--", "onetwo", vec![(3, 0, false), (6, 0, true)]),
            ("--b\n--b\n\n--b--\n", "", vec![(0, 0, false), (0, 0, false), (0, 0, true)]),
            ("\r\r\n--b \t\r\n\r\n", "\r\r\n", vec![(1, 0, false)]),
            ("a\r\n--bad\r\n--b\r\n", "a\r\n--bad", vec![(8, 0, false)]),
            ("a\r\n--b\r\rx\n--b", "a", vec![(1, 0, false), (1, 0, false)]),
            ("a\r\n--b-\r\n--b", "a\r\n--b-", vec![(7, 0, false)]),
            ("a\r\n--c\r\n", "a", vec![(1, 1, false)]),
            ("no end\r\n-", "no end\r\n-", vec![]),
        ] {
            for piece in 1..input.len() + 1 {
                assert_eq!(
                    scan(input.as_bytes(), piece, &["b", "c"]),
                    (text.into(), found.clone()),
                    "{input:?} {piece}"
                );
            }
        }
    }

    #[test]
    fn a_line_too_long_is_text_whatever_the_pieces() {
        for spaces in [LONGEST_LINE - 3, LONGEST_LINE - 2] {
            let input = format!("x\n--b{}\ny", " ".repeat(spaces));
            let whole = scan(input.as_bytes(), input.len(), &["b"]);
            assert_eq!(whole.1.len(), usize::from(spaces + 3 <= LONGEST_LINE));
            for piece in [1, 2, 7, 100, 511, 512, 513] {
                assert_eq!(scan(input.as_bytes(), piece, &["b"]), whole);
            }
        }
    }
}
