//! The data of a file in words, decoded line by line until its last line, or until a line that cannot be data.

use super::{
    super::{
        super::{
            transfer::{
                Decoder, Encoding, Scratch,
                uuencode::{decode_line, in_alphabet, value},
            },
            wiped::Wiped,
        },
        out::Out,
    },
    begin::Begin,
    take_line,
};

mod yenc;

use yenc::Yenc;

/// Longest line of uuencoded data: 63 bytes make 85 characters; some programs add a checksum.
const LONGEST_LINE: usize = 128;

/// A file that is being decoded.
pub(super) struct Data {
    decoder: Lines,
    /// The start of a line.
    line: Wiped,
    scratch: Scratch,
    dirty: bool,
}

enum Lines {
    Uuencode,
    Base64(Decoder),
    Yenc(Yenc),
}

/// How a file ended.
#[derive(Default)]
pub(super) struct Ending {
    pub(super) dirty: bool,
    pub(super) cut_off: bool,
    /// A line that was no data.
    pub(super) words: Wiped,
}

impl Data {
    pub(super) fn new(begin: Begin) -> Self {
        let decoder = match begin {
            Begin::Uuencode => Lines::Uuencode,
            Begin::Base64 => Lines::Base64(Decoder::new(Encoding::Base64)),
            Begin::Yenc { size } => Lines::Yenc(Yenc::new(size)),
        };
        Self { decoder, line: Wiped::default(), scratch: Scratch::default(), dirty: false }
    }

    /// Takes in bytes up to the end of the file or a line's end. Tells how many, and whether the file ended.
    pub(super) fn feed(&mut self, input: &[u8], out: &mut Out) -> (usize, Option<Ending>) {
        if let Lines::Yenc(yenc) = &mut self.decoder {
            return yenc.feed(input, &mut self.scratch, &mut |bytes| out.body(bytes));
        }
        let (used, whole) = take_line(&mut self.line, input);
        let ending = if whole { self.end_line(out) } else { None };
        (used, ending)
    }

    /// Gives what is decoded.
    pub(super) fn flush(&mut self, out: &mut Out) {
        self.scratch.flush(&mut |bytes| out.body(bytes));
    }

    /// The words are over, and the file with them.
    pub(super) fn finish(&mut self, out: &mut Out) -> Ending {
        if let Lines::Yenc(yenc) = &mut self.decoder
            && let Some(ending) = yenc.end_keywords()
        {
            self.flush(out);
            return ending;
        }
        if !self.line.is_empty()
            && let Some(ending) = self.end_line(out)
        {
            return ending;
        }
        self.ended(true, Wiped::default(), out)
    }

    fn end_line(&mut self, out: &mut Out) -> Option<Ending> {
        let line = std::mem::take(&mut self.line);
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let solid = text.trim_ascii_end();
        let last = match self.decoder {
            Lines::Base64(_) => solid == b"====",
            Lines::Uuencode | Lines::Yenc(_) => solid == b"end",
        };
        if last {
            return Some(self.ended(false, Wiped::default(), out));
        }
        if !self.take_data(text, out) {
            return Some(self.ended(true, line, out));
        }
        self.line = line;
        self.line.clear();
        None
    }

    /// Decodes a line. False where it cannot be data.
    fn take_data(&mut self, text: &[u8], out: &mut Out) -> bool {
        match &mut self.decoder {
            Lines::Uuencode => {
                if text.len() > LONGEST_LINE || !text.iter().all(|byte| in_alphabet(*byte) || *byte == b'\t') {
                    return false;
                }
                if !text.trim_ascii().is_empty() {
                    let full = usize::from(value(text[0])).div_ceil(3) * 4;
                    // Only of a full line can most be zeros whose spaces were stripped; "-- " begins a signature.
                    if text[0] != b'M' && (text.len() - 1) * 2 < full {
                        return false;
                    }
                    self.dirty |= text.len() > 1 + full + 2;
                    self.dirty |= decode_line(text, &mut self.scratch, &mut |bytes| out.body(bytes));
                }
            }
            Lines::Base64(decoder) => {
                let data = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/= \t".contains(byte);
                if !text.iter().all(data) {
                    return false;
                }
                // The decoder tells the end of the data by the lengths of lines.
                [text, b"\n"].iter().for_each(|piece| decoder.decode(piece, &mut |bytes| out.body(bytes)));
            }
            Lines::Yenc(_) => {}
        }
        true
    }

    /// The file is over, at its last line or without it.
    fn ended(&mut self, cut_off: bool, words: Wiped, out: &mut Out) -> Ending {
        self.flush(out);
        if let Lines::Base64(decoder) = std::mem::replace(&mut self.decoder, Lines::Uuencode) {
            self.dirty |= decoder.finish(&mut |bytes| out.body(bytes));
        }
        Ending { dirty: self.dirty || cut_off, cut_off, words }
    }
}
