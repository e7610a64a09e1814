//! Plain text from RTF: what a reader would see, without pictures, fonts and styles. RTF that wraps HTML shows its text too.
//! Fixed memory whatever the nesting; never fails: what it does not know it passes over.

use super::super::super::super::wiped::Wiped;
use super::super::codepage;
use encoding_rs::{Decoder, WINDOWS_1252};
use zeroize::Zeroize;

/// Longest control word that matters.
const LONGEST_WORD: usize = 16;
/// Text is handed on when there is this much.
pub(super) const MOST_TEXT: usize = 2048;

/// Groups that hold no text of the body.
const NOT_TEXT: &[&[u8]] = &[
    b"colortbl",
    b"filetbl",
    b"fldinst",
    b"fonttbl",
    b"footer",
    b"footerf",
    b"footerl",
    b"footerr",
    b"header",
    b"headerf",
    b"headerl",
    b"headerr",
    b"info",
    b"listtable",
    b"objdata",
    b"pict",
    b"revtbl",
    b"rsidtbl",
    b"stylesheet",
    b"xmlnstbl",
];

pub(super) struct Reader {
    state: State,
    word: [u8; LONGEST_WORD],
    length: usize,
    depth: u32,
    /// Depth of the group that is passed over.
    passed_over: Option<u32>,
    decoder: Decoder,
    /// Characters that stand for an Unicode character where that cannot be shown (`\uc`), and those still to pass over.
    fallback: u32,
    to_skip: u32,
    /// The first half of a character beyond the basic plane.
    surrogate: Option<u16>,
}

#[derive(Clone, Copy)]
enum State {
    Text,
    /// Behind a backslash.
    Control,
    Word {
        number: Option<i64>,
        negative: bool,
    },
    /// Behind `\'`, with one digit or none.
    Hex(Option<u8>),
    /// Bytes that are no text.
    Binary(u64),
}

type Emit<'a> = &'a mut dyn FnMut(&[u8]);

impl Reader {
    pub(super) fn new() -> Self {
        Self {
            state: State::Text,
            word: [0; LONGEST_WORD],
            length: 0,
            depth: 0,
            passed_over: None,
            decoder: WINDOWS_1252.new_decoder_without_bom_handling(),
            fallback: 1,
            to_skip: 0,
            surrogate: None,
        }
    }

    /// Reads RTF; `text` gathers what is handed on, in UTF-8.
    pub(super) fn read(&mut self, rtf: &[u8], text: &mut Wiped, emit: Emit) {
        for byte in rtf {
            self.take(*byte, text);
            if text.len() + 16 > MOST_TEXT {
                emit(text);
                text.clear();
            }
        }
        emit(text);
        text.clear();
    }

    /// The RTF is over.
    pub(super) fn finish(&mut self, text: &mut Wiped, emit: Emit) {
        self.decode(&[], true, text);
        emit(text);
        text.clear();
    }

    fn take(&mut self, byte: u8, text: &mut Wiped) {
        match self.state {
            State::Text => self.take_text(byte, text),
            State::Control => self.take_control(byte, text),
            State::Word { number, negative } => self.take_word(byte, number, negative, text),
            State::Hex(first) => {
                let digit = char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                self.state = match (first, digit) {
                    (None, Some(digit)) => State::Hex(Some(digit)),
                    (Some(first), Some(digit)) => {
                        self.put(first << 4 | digit, text);
                        State::Text
                    }
                    (_, None) => State::Text,
                };
            }
            State::Binary(left) => self.state = if left > 1 { State::Binary(left - 1) } else { State::Text },
        }
    }

    fn take_text(&mut self, byte: u8, text: &mut Wiped) {
        match byte {
            b'\\' => self.state = State::Control,
            b'{' => self.depth = self.depth.saturating_add(1),
            b'}' => {
                if self.passed_over == Some(self.depth) {
                    self.passed_over = None;
                }
                self.depth = self.depth.saturating_sub(1);
                self.to_skip = 0;
            }
            b'\r' | b'\n' | 0 => {}
            _ => self.put(byte, text),
        }
    }

    fn take_control(&mut self, byte: u8, text: &mut Wiped) {
        self.state = State::Text;
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {
                self.word[0] = byte;
                self.length = 1;
                self.state = State::Word { number: None, negative: false };
            }
            b'\'' => self.state = State::Hex(None),
            b'*' => self.pass_over(),
            b'\r' | b'\n' => self.put_char('\n', text),
            b'~' => self.put_char('\u{a0}', text),
            b'_' => self.put_char('-', text),
            b'\\' | b'{' | b'}' => self.put(byte, text),
            _ => {}
        }
    }

    fn take_word(&mut self, byte: u8, number: Option<i64>, negative: bool, text: &mut Wiped) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' if number.is_none() => {
                if let Some(place) = self.word.get_mut(self.length) {
                    *place = byte;
                }
                self.length = self.length.saturating_add(1);
            }
            b'-' if number.is_none() => self.state = State::Word { number: None, negative: true },
            b'0'..=b'9' => {
                let number = number.unwrap_or(0).saturating_mul(10).saturating_add(i64::from(byte - b'0'));
                self.state = State::Word { number: Some(number), negative };
            }
            _ => {
                self.state = State::Text;
                self.obey(number.map(|number| if negative { -number } else { number }), text);
                if byte != b' ' {
                    self.take(byte, text);
                }
            }
        }
    }

    /// A control word is in.
    fn obey(&mut self, number: Option<i64>, text: &mut Wiped) {
        let word = self.word;
        let word = &word[..self.length.min(LONGEST_WORD)];
        if NOT_TEXT.contains(&word) {
            return self.pass_over();
        }
        let n = number.unwrap_or(0);
        match word {
            b"par" | b"line" | b"row" | b"page" | b"sect" => self.put_char('\n', text),
            b"tab" | b"cell" => self.put_char('\t', text),
            b"bullet" => self.put_char('\u{2022}', text),
            b"endash" => self.put_char('\u{2013}', text),
            b"emdash" => self.put_char('\u{2014}', text),
            b"lquote" => self.put_char('\u{2018}', text),
            b"rquote" => self.put_char('\u{2019}', text),
            b"ldblquote" => self.put_char('\u{201c}', text),
            b"rdblquote" => self.put_char('\u{201d}', text),
            b"ansicpg" => {
                if let Some(encoding) = u32::try_from(n).ok().and_then(codepage::encoding) {
                    self.decoder = encoding.new_decoder_without_bom_handling();
                }
            }
            b"bin" => self.state = u64::try_from(n).ok().filter(|n| *n > 0).map_or(State::Text, State::Binary),
            b"uc" => self.fallback = u32::try_from(n).unwrap_or(1).min(16),
            b"u" => {
                // A signed 16-bit number, by some written unsigned.
                self.put_unicode((n & 0xffff) as u16, text);
                self.to_skip = self.fallback;
            }
            _ => {}
        }
    }

    fn pass_over(&mut self) {
        self.passed_over = self.passed_over.or(Some(self.depth));
    }

    /// A byte of text in the document's code page.
    fn put(&mut self, byte: u8, text: &mut Wiped) {
        if self.to_skip > 0 {
            self.to_skip -= 1;
        } else if self.passed_over.is_none() {
            self.decode(&[byte], false, text);
        }
    }

    fn put_char(&mut self, c: char, text: &mut Wiped) {
        self.to_skip = 0;
        if self.passed_over.is_none() {
            self.decode(&[], false, text);
            text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    fn put_unicode(&mut self, unit: u16, text: &mut Wiped) {
        if (0xd800..0xdc00).contains(&unit) {
            self.surrogate = Some(unit);
            return;
        }
        let units = self.surrogate.take().into_iter().chain([unit]);
        for c in char::decode_utf16(units) {
            self.put_char(c.unwrap_or(char::REPLACEMENT_CHARACTER), text);
        }
    }

    /// Decodes bytes of the code page.
    fn decode(&mut self, bytes: &[u8], last: bool, text: &mut Wiped) {
        let mut decoded = [0; 16];
        let (_, _, made, _) = self.decoder.decode_to_utf8(bytes, &mut decoded, last);
        text.extend_from_slice(&decoded[..made]);
        decoded.zeroize();
    }
}
