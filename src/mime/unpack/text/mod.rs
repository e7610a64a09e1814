//! Files that stand in the words of a body, as programs before MIME sent them: uuencoded (`begin 644 name`), base64 by the same
//! program (`begin-base64 644 name`), yEnc (`=ybegin`). The words before, each file, and the words after become a leaf each,
//! beside each other.
//!
//! Words must never be taken for a file: a line that says `begin` begins one only if the next line is data. A file that breaks
//! off ends at the first line that cannot be data, which is words again.

mod begin;
mod data;

use super::{
    super::{Disposition, End, Part, content::described, wiped::Wiped, wiped::append},
    out::Out,
};
use begin::{Begin, could_begin};
use data::{Data, Ending};
use memchr::memchr;

/// Longest line that may begin a file: its name is in it.
const LONGEST_BEGIN: usize = 512;

/// A leaf of words, and the files in it.
pub(super) struct Text {
    /// What the parts beside it need of the leaf's head.
    depth: usize,
    media_type: String,
    mode: Mode,
    /// The start of a line that may begin a file, in [`Mode::Words`] and [`Mode::Judging`].
    held: Wiped,
    /// The next byte of words is the first of a line.
    line_start: bool,
    /// A leaf of words is open. After a file it opens with the first word.
    open: bool,
}

enum Mode {
    Words,
    /// `held` begins a file if the line that is gathered here is data.
    Judging(Begin, Wiped),
    File(Box<Data>),
}

impl Text {
    /// The leaf that starts with this part, if it may hold files: it is the words of a mail, not a text file.
    pub(super) fn of(part: &Part) -> Option<Self> {
        let words =
            part.media_type == "text/plain" && part.name.is_none() && part.disposition != Some(Disposition::Attachment);
        words.then(|| Self {
            depth: part.depth,
            media_type: media_type(part),
            mode: Mode::Words,
            held: Wiped::default(),
            line_start: true,
            open: true,
        })
    }

    pub(super) fn feed(&mut self, mut input: &[u8], out: &mut Out) {
        while !input.is_empty() {
            let used = match &mut self.mode {
                Mode::Words => self.take_words(input, out),
                Mode::Judging(_, line) => {
                    let (used, whole) = take_line(line, input);
                    if whole {
                        self.judge(out);
                    }
                    used
                }
                Mode::File(data) => {
                    let (used, ending) = data.feed(input, out);
                    if let Some(ending) = ending {
                        self.end_file(ending, out);
                    }
                    used
                }
            };
            input = &input[used..];
        }
        if let Mode::File(data) = &mut self.mode {
            data.flush(out);
        }
    }

    /// The leaf is over.
    pub(super) fn finish(mut self, end: End, out: &mut Out) {
        if let Mode::Judging(..) = self.mode {
            self.judge(out);
        }
        if let Mode::File(data) = &mut self.mode {
            let ending = data.finish(out);
            self.end_file(ending, out);
        }
        let held = std::mem::take(&mut self.held);
        self.give_words(&held, out);
        if self.open {
            out.end(end);
        } else {
            out.counts.malformed |= end.dirty;
        }
    }

    /// Passes words on up to a line that may begin a file, and gathers that.
    fn take_words(&mut self, input: &[u8], out: &mut Out) -> usize {
        if self.held.is_empty() {
            let words = words_before_begin(input, self.line_start);
            if words > 0 {
                self.give_words(&input[..words], out);
                self.line_start = input[words - 1] == b'\n';
                return words;
            }
        }
        let (used, whole) = take_line(&mut self.held, input);
        if whole && let Some(begin) = Begin::read(&self.held).filter(|_| self.has_room(out)) {
            self.mode = Mode::Judging(begin, Wiped::default());
            if !begin.needs_proof() {
                self.judge(out);
            }
        } else if whole || !could_begin(&self.held) {
            self.release(out);
        }
        used
    }

    /// Whether a file and words after it may be given.
    fn has_room(&self, out: &mut Out) -> bool {
        out.has_room(2)
    }

    /// The line after a `begin` is in.
    fn judge(&mut self, out: &mut Out) {
        let Mode::Judging(begin, line) = std::mem::replace(&mut self.mode, Mode::Words) else { return };
        if begin.needs_proof() && !begin.is_proved_by(&line) {
            self.release(out);
            return self.feed(&line, out);
        }
        if self.open {
            out.end(End::default());
            self.open = false;
        }
        let mut part = described("application/octet-stream", self.depth);
        part.disposition = Some(Disposition::Attachment);
        part.name = begin::name(&self.held);
        out.start(part);
        self.mode = Mode::File(Box::new(Data::new(begin)));
        self.held.clear();
        self.feed(&line, out);
    }

    fn end_file(&mut self, ending: Ending, out: &mut Out) {
        self.mode = Mode::Words;
        self.line_start = true;
        out.end(End { dirty: ending.dirty, cut_off: ending.cut_off });
        self.feed(&ending.words, out);
    }

    /// What was held begins no file.
    fn release(&mut self, out: &mut Out) {
        let held = std::mem::take(&mut self.held);
        self.give_words(&held, out);
        self.line_start = held.ends_with(b"\n");
    }

    fn give_words(&mut self, words: &[u8], out: &mut Out) {
        let words = if self.open { words } else { words.trim_ascii_start() };
        if words.is_empty() {
            return;
        }
        if !self.open {
            out.start(described(&self.media_type, self.depth));
            self.open = true;
        }
        out.body(words);
    }
}

/// Adds to a line up to its end, or to the length of the longest that matters. Tells how much that is, and whether the line
/// is as whole as it gets.
fn take_line(line: &mut Wiped, input: &[u8]) -> (usize, bool) {
    let room = &input[..input.len().min(LONGEST_BEGIN - line.len())];
    let end = memchr(b'\n', room).map(|at| at + 1);
    let used = end.unwrap_or(room.len());
    append(line, &input[..used]);
    (used, end.is_some() || line.len() == LONGEST_BEGIN)
}

/// How many bytes come before a line that may begin a file.
fn words_before_begin(input: &[u8], line_start: bool) -> usize {
    if line_start && could_begin(input) {
        return 0;
    }
    let mut line = 0;
    while let Some(end) = memchr(b'\n', &input[line..]) {
        line += end + 1;
        if line < input.len() && could_begin(&input[line..]) {
            return line;
        }
    }
    input.len()
}

/// The type of words that go on after a file: as the leaf's own, as far as that matters to reading them.
fn media_type(part: &Part) -> String {
    let mut media_type = part.media_type.clone();
    let own = |name| part.headers.parameter("Content-Type", name);
    for (name, value) in [("charset", part.charset.clone()), ("format", own("format")), ("delsp", own("delsp"))] {
        let token = |c: char| c.is_ascii_alphanumeric() || "-_.:+".contains(c);
        if let Some(value) = value.filter(|value| value.len() <= 40 && value.chars().all(token)) {
            media_type.push_str(&format!("; {name}={value}"));
        }
    }
    media_type
}

#[cfg(test)]
mod tests;
