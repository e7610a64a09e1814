//! yEnc 1.3 (<http://www.yenc.org/yenc-draft.1.3.txt>): each byte plus 42, and an escape for the few that text cannot hold.
//! Never standardised, and found in old newsgroups' mail. Its checksum is not looked at: sizes tell what is missing.

use super::{
    super::{super::super::transfer::Scratch, begin::number},
    Ending,
};
use crate::mime::wiped::{Wiped, append};
use memchr::memchr3;

/// Longest line of keywords that is looked at.
const LONGEST_KEYWORDS: usize = 512;
/// Bytes decoded at a time.
const PIECE: usize = 256;

/// A yEnc file being decoded.
pub(super) struct Yenc {
    /// As its first line declares it.
    size: u64,
    decoded: u64,
    place: Place,
    /// A line of keywords, `=yend size=584`.
    keywords: Wiped,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    LineStart,
    Line,
    /// Behind a `=`; at the start of a line it may begin keywords.
    Escape {
        line_start: bool,
    },
    Keywords,
}

impl Yenc {
    pub(super) fn new(size: u64) -> Self {
        Self { size, decoded: 0, place: Place::LineStart, keywords: Wiped::default() }
    }

    /// Takes in bytes up to the end of the file. Tells how many, and whether it ended.
    pub(super) fn feed(
        &mut self,
        input: &[u8],
        scratch: &mut Scratch,
        sink: &mut dyn FnMut(&[u8]),
    ) -> (usize, Option<Ending>) {
        let mut used = 0;
        while used < input.len() {
            let rest = &input[used..];
            match self.place {
                Place::Keywords => {
                    used += 1;
                    if rest[0] != b'\n' {
                        if self.keywords.len() < LONGEST_KEYWORDS {
                            append(&mut self.keywords, &rest[..1]);
                        }
                        continue;
                    }
                    self.place = Place::LineStart;
                    if let Some(ending) = self.end_keywords() {
                        scratch.flush(sink);
                        return (used, Some(ending));
                    }
                }
                Place::Escape { line_start } => {
                    used += 1;
                    self.take_escaped(rest[0], line_start, scratch, sink);
                }
                Place::LineStart | Place::Line => used += self.take_line(rest, scratch, sink),
            }
        }
        (used, None)
    }

    /// Takes bytes up to an escape or a line end, and that.
    fn take_line(&mut self, input: &[u8], scratch: &mut Scratch, sink: &mut dyn FnMut(&[u8])) -> usize {
        let stop = memchr3(b'=', b'\r', b'\n', input);
        let data = &input[..stop.unwrap_or(input.len())];
        for piece in data.chunks(PIECE) {
            let mut bytes = [0; PIECE];
            bytes.iter_mut().zip(piece).for_each(|(byte, coded)| *byte = coded.wrapping_sub(42));
            scratch.put(&bytes[..piece.len()], sink);
        }
        self.decoded += data.len() as u64;
        let line_start = data.is_empty() && self.place == Place::LineStart;
        self.place = match stop.map(|at| input[at]) {
            Some(b'=') => Place::Escape { line_start },
            Some(_) => Place::LineStart,
            None => Place::Line,
        };
        data.len() + usize::from(stop.is_some())
    }

    fn take_escaped(&mut self, byte: u8, line_start: bool, scratch: &mut Scratch, sink: &mut dyn FnMut(&[u8])) {
        if line_start && byte == b'y' {
            self.place = Place::Keywords;
            return;
        }
        self.place = Place::Line;
        self.decoded += 1;
        scratch.put(&[byte.wrapping_sub(64).wrapping_sub(42)], sink);
    }

    /// A line of keywords is in, if one was begun: `=yend` ends the file, `=ypart` only says which part of it this is.
    pub(super) fn end_keywords(&mut self) -> Option<Ending> {
        let keywords = std::mem::take(&mut self.keywords);
        let fields = keywords.strip_prefix(b"end")?;
        let whole = number(fields, b"size=") == Some(self.decoded);
        // One part of a file that was spread over several mails is not the file.
        let cut_off = self.decoded < self.size;
        Some(Ending { dirty: !whole || cut_off, cut_off, words: Wiped::default() })
    }
}
