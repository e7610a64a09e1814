//! Collects one header block from a stream, line by line, up to a limit. Knows where a block ends: at an empty line, at a
//! delimiter of an enclosing multipart, at the end of the message, or where it turns out to be no header at all.
//!
//! Blank lines before the header of a message, which some gateways leave there, are passed over where a header follows; those
//! of a part are its empty header (RFC 2046, section 5.1).
//!
//! A line that is no field is passed over, as mail-parser does, unless nothing but such lines stands between the last field
//! and an end without empty line: then they are the body, for they may be the client's words.

use super::{
    boundary::{Delimiter, Frames, LONGEST_LINE},
    headers::boundary_of,
    wiped::{Wiped, append},
};
use memchr::memchr;

/// How a block ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// At an empty line, as it should.
    EmptyLine,
    /// At a delimiter, which is the current line.
    Delimiter(Delimiter),
    /// At a line that is a delimiter of the multipart which this block declares.
    OwnDelimiter,
    /// The limit was reached and no field was seen.
    NoHeader,
    EndOfMessage,
}

/// The block so far.
pub(super) struct Block {
    bytes: Wiped,
    /// The start of the current line, as far as it takes to know a delimiter or a field's name.
    line: Wiped,
    /// Length of the current line.
    line_length: usize,
    /// Where in `bytes` the current line starts.
    line_start: usize,
    /// Where lines start that are no field and no continuation, after the last field.
    stray: Option<usize>,
    in_field: bool,
    /// At least one line had the name of a field.
    has_field: bool,
    own_delimiter_tried: bool,
    over_limit: bool,
    /// Blank lines came first: where in `bytes` the first one ends.
    blank: Option<usize>,
    /// The current line has nothing but white space.
    line_blank: bool,
}

/// What a block comes to.
pub(super) struct Parts {
    pub header: Wiped,
    /// Bytes of the block that belong to the body.
    pub body: Wiped,
    /// The line that ended the block and has to be looked at again.
    pub line: Wiped,
    /// The block did not end as it should, or did not begin so.
    pub odd: bool,
}

impl Default for Block {
    fn default() -> Self {
        Self {
            bytes: Wiped::default(),
            line: Wiped::default(),
            line_length: 0,
            line_start: 0,
            stray: None,
            in_field: false,
            has_field: false,
            own_delimiter_tried: false,
            over_limit: false,
            blank: None,
            line_blank: true,
        }
    }
}

impl Block {
    /// Takes in lines up to the end of the block; tells how many bytes it used.
    pub fn take(&mut self, input: &[u8], frames: &Frames, limit: usize) -> (usize, Option<Ending>) {
        let mut used = 0;
        while used < input.len() {
            let rest = &input[used..];
            let end = memchr(b'\n', rest).map(|end| end + 1);
            let piece = &rest[..end.unwrap_or(rest.len())];
            let fits = piece.len().min(limit.saturating_sub(self.bytes.len()));
            self.add(&piece[..fits]);
            if fits < piece.len() {
                if !self.has_field && !is_field(&self.line) {
                    return (used + fits, Some(Ending::NoHeader));
                }
                self.over_limit = true;
                self.add_to_line(&piece[fits..]);
            }
            used += piece.len();
            if end.is_some()
                && let Some(ending) = self.line_ended(frames)
            {
                return (used, Some(ending));
            }
        }
        (used, None)
    }

    /// The message is over.
    pub fn finish(&mut self, frames: &Frames) -> Ending {
        if self.line_length == 0 {
            return Ending::EndOfMessage;
        }
        self.line_ended(frames).unwrap_or(Ending::EndOfMessage)
    }

    /// Whether nothing was taken in.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.line_length == 0
    }

    /// Whether some of it was dropped.
    pub fn over_limit(&self) -> bool {
        self.over_limit
    }

    /// Takes the block apart.
    pub fn into_parts(mut self, ending: Ending) -> Parts {
        let mut line = Wiped::default();
        if !self.has_field
            && let Some(first) = self.blank
        {
            // No header followed: the first blank line was an empty one.
            let mut body = Wiped::default();
            let end = if matches!(ending, Ending::Delimiter(_)) { self.line_start } else { self.bytes.len() };
            append(&mut body, self.bytes.get(first..end).unwrap_or_default());
            if matches!(ending, Ending::Delimiter(_)) {
                line = self.line;
            }
            return Parts { header: Wiped::default(), body, line, odd: false };
        }
        if matches!(ending, Ending::Delimiter(_) | Ending::OwnDelimiter | Ending::EmptyLine) {
            self.bytes.truncate(self.line_start);
            line = self.line;
        }
        let body_start = match ending {
            _ if !self.has_field => 0,
            Ending::EmptyLine | Ending::OwnDelimiter => self.bytes.len(),
            _ => self.stray.unwrap_or(self.bytes.len()),
        };
        if ending == Ending::EmptyLine && body_start == self.bytes.len() {
            line = Wiped::default();
        }
        let mut body = Wiped::default();
        append(&mut body, self.bytes.get(body_start..).unwrap_or_default());
        self.bytes.truncate(body_start);
        let odd = ending != Ending::EmptyLine || !body.is_empty() || self.blank.is_some();
        let mut header = self.bytes;
        if self.blank.is_some() {
            let lines = header.len() - header.trim_ascii_start().len();
            header.drain(..lines);
        }
        Parts { header, body, line, odd }
    }

    fn add(&mut self, piece: &[u8]) {
        append(&mut self.bytes, piece);
        self.add_to_line(piece);
    }

    fn add_to_line(&mut self, piece: &[u8]) {
        self.line_blank &= piece.trim_ascii().is_empty();
        // Two bytes more than a delimiter may have, so that a longer line is told from it.
        let room = (LONGEST_LINE + 2).saturating_sub(self.line.len());
        append(&mut self.line, &piece[..piece.len().min(room)]);
        self.line_length += piece.len();
    }

    /// A line is complete: tells whether the block ends with it.
    fn line_ended(&mut self, frames: &Frames) -> Option<Ending> {
        let text = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let short = self.line_length <= LONGEST_LINE + 1;
        if short && let Some(delimiter) = frames.delimiter(text) {
            return Some(Ending::Delimiter(delimiter));
        }
        let continues = self.in_field && matches!(text.first(), Some(b' ' | b'\t'));
        if self.line_blank && !self.in_field && !self.has_field && self.stray.is_none() && frames.at_message() {
            self.blank = self.blank.or(Some(self.bytes.len()));
            self.next_line();
            return None;
        }
        if self.blank.is_some() && !self.has_field && !starts_header(&self.line) {
            return Some(Ending::NoHeader);
        }
        if short && !continues && text.trim_ascii().is_empty() {
            return Some(Ending::EmptyLine);
        }
        if !continues && self.classify(short) {
            return Some(Ending::OwnDelimiter);
        }
        self.next_line();
        None
    }

    fn next_line(&mut self) {
        self.line.clear();
        self.line_length = 0;
        self.line_start = self.bytes.len();
        self.line_blank = true;
    }

    /// Sees whether the current line starts a field, and else whether it is a delimiter of the multipart that the block so
    /// far declares. That is looked at for one line only: each look costs a parse.
    fn classify(&mut self, short: bool) -> bool {
        self.in_field = memchr(b':', &self.line).is_some_and(|colon| !self.line[..colon].trim_ascii().is_empty());
        if self.in_field {
            self.stray = None;
            self.has_field |= is_field(&self.line);
            return false;
        }
        self.stray = self.stray.or(Some(self.line_start));
        if !short || !self.line.starts_with(b"--") || !self.has_field || self.own_delimiter_tried {
            return false;
        }
        self.own_delimiter_tried = true;
        let before = self.bytes.get(..self.line_start).unwrap_or_default();
        let boundary = boundary_of(before);
        boundary.is_some_and(|boundary| self.line[2..].trim_ascii_end() == boundary)
    }
}

/// Whether a line starts with the name of a field and its colon (RFC 5322, section 2.2; white space before the colon is
/// allowed by section 4.5).
fn is_field(line: &[u8]) -> bool {
    let Some(colon) = memchr(b':', line) else { return false };
    let name = line[..colon].trim_ascii();
    !name.is_empty() && name.iter().all(u8::is_ascii_graphic)
}

/// Whether a line after blank ones starts a header after all: a field that every message has, as nobody's words begin.
fn starts_header(line: &[u8]) -> bool {
    const FIELDS: &[&[u8]] = &[
        b"arc-",
        b"authentication-results:",
        b"content-",
        b"date:",
        b"delivered-to:",
        b"dkim-",
        b"from:",
        b"message-id:",
        b"mime-version:",
        b"received",
        b"reply-to:",
        b"return-path:",
        b"sender:",
        b"subject:",
        b"to:",
        b"x-",
    ];
    is_field(line) && FIELDS.iter().any(|name| line.get(..name.len()).is_some_and(|l| l.eq_ignore_ascii_case(name)))
}
