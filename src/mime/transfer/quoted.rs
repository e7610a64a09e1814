//! Quoted-printable (RFC 2045, section 6.7). Line ends stay as they came; white space at the end of a line is not data; an
//! escape that is none stays as it stands.

use super::{
    super::wiped::{Wiped, append},
    Scratch, Sink,
};
use memchr::memchr2;

/// White space at the end of a line is dropped up to this length; a longer run is data. It bounds what is held.
const LONGEST_RUN: usize = 256;

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Text,
    /// After `=`; white space may follow before the line end of a soft line break.
    Escape,
    /// After `=` and one hexadecimal digit.
    Digit(u8),
}

/// A quoted-printable body being decoded.
#[derive(Default)]
pub(crate) struct Quoted {
    state: State,
    /// White space, and perhaps a CR, that may be the end of a line; within an escape, what stands between `=` and there.
    held: Wiped,
    dirty: bool,
    scratch: Scratch,
}

impl Quoted {
    pub fn decode(&mut self, mut input: &[u8], sink: Sink) {
        while !input.is_empty() {
            let used = match self.state {
                State::Text => self.take_text(input, sink),
                State::Escape => self.take_escape(input[0], sink),
                State::Digit(first) => self.take_digit(first, input[0], sink),
            };
            input = &input[used..];
        }
        self.scratch.flush(sink);
    }

    pub fn finish(mut self, sink: Sink) -> bool {
        match self.state {
            // A soft line break without its line end.
            State::Escape => {}
            State::Text if self.held.ends_with(b"\r") => self.scratch.put(b"\r", sink),
            State::Text => {}
            State::Digit(first) => {
                self.dirty = true;
                self.scratch.put(&[b'=', first], sink);
            }
        }
        self.scratch.flush(sink);
        self.dirty
    }

    /// Takes text up to the next escape or line end.
    fn take_text(&mut self, input: &[u8], sink: Sink) -> usize {
        let stop = memchr2(b'=', b'\n', input);
        let text = &input[..stop.unwrap_or(input.len())];
        let solid = text.len() - line_tail(text);
        if solid > 0 {
            self.release(sink);
            self.scratch.put(&text[..solid], sink);
        }
        self.hold(&text[solid..], sink);
        match stop.map(|at| input[at]) {
            Some(b'=') => {
                self.release(sink);
                self.state = State::Escape;
            }
            Some(_) => self.end_line(sink),
            None => {}
        }
        text.len() + usize::from(stop.is_some())
    }

    /// A line ends: the white space held is dropped, a CR is part of the line end.
    fn end_line(&mut self, sink: Sink) {
        let end: &[u8] = if self.held.ends_with(b"\r") { b"\r\n" } else { b"\n" };
        self.scratch.put(end, sink);
        self.held.clear();
    }

    /// Holds what may be the end of a line, and releases what turns out not to be.
    fn hold(&mut self, tail: &[u8], sink: Sink) {
        for byte in tail {
            if self.held.ends_with(b"\r") || self.held.len() == LONGEST_RUN {
                self.release(sink);
            }
            append(&mut self.held, &[*byte]);
        }
    }

    fn release(&mut self, sink: Sink) {
        self.scratch.put(&self.held, sink);
        self.held.clear();
    }

    fn take_escape(&mut self, byte: u8, sink: Sink) -> usize {
        let blank = matches!(byte, b' ' | b'\t' | b'\r') && self.held.len() < LONGEST_RUN;
        match byte {
            b'\n' => {
                self.held.clear();
                self.state = State::Text;
            }
            _ if blank => append(&mut self.held, &[byte]),
            _ if byte.is_ascii_hexdigit() && self.held.is_empty() => self.state = State::Digit(byte),
            _ => {
                self.dirty = true;
                self.scratch.put(b"=", sink);
                self.release(sink);
                self.state = State::Text;
                return 0;
            }
        }
        1
    }

    fn take_digit(&mut self, first: u8, second: u8, sink: Sink) -> usize {
        self.state = State::Text;
        let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        if let (Some(high), Some(low)) = (value(first), value(second)) {
            self.scratch.put(&[high << 4 | low], sink);
            return 1;
        }
        self.dirty = true;
        self.scratch.put(&[b'=', first], sink);
        0
    }
}

/// Length of the white space, with a CR after it, at the end of `text`.
fn line_tail(text: &[u8]) -> usize {
    let without_cr = text.strip_suffix(b"\r").unwrap_or(text);
    let solid = without_cr.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |last| last + 1);
    text.len() - solid
}

#[cfg(test)]
mod tests {
    use super::super::{Encoding, decoded};

    fn check(input: &str, output: &str, dirty: bool) {
        for piece in 1..input.len() + 1 {
            let found = decoded(Encoding::QuotedPrintable, input.as_bytes(), piece);
            assert_eq!(found, (output.as_bytes().to_vec(), dirty), "{input:?} in pieces of {piece}");
        }
    }

    #[test]
    fn clean() {
        check("caf=C3=A9 =e2=82=ac", "café €", false);
        check("one =\r\ntwo= \t\nthree", "one twothree", false);
        check("end \t\r\nnext \n", "end\r\nnext\n", false);
        check("a \r b\r\r\n", "a \r b\r\r\n", false);
        check("kept =\n last= ", "kept  last", false);
        check("=20\n \n", " \n\n", false);
    }

    #[test]
    fn broken() {
        check("1=2=3D", "1=2=", true);
        check("=zz ==41", "=zz =A", true);
        check("a= b", "a= b", true);
        check("cut=4", "cut=4", true);
        check("=4\r\nx", "=4\r\nx", true);
    }

    #[test]
    fn white_space_without_end_is_not_held() {
        let run = " ".repeat(10_000);
        for piece in [1, 100, 10_002] {
            let (found, _) = decoded(Encoding::QuotedPrintable, format!("x{run}\n").as_bytes(), piece);
            assert_eq!(found.len(), 1 + 10_000 - 10_000 % super::LONGEST_RUN + 1);
        }
    }
}
