//! The client's words: from whatever charset to UTF-8, from HTML to plain text, without controls; in stream.
//! Keeps no more than a few KiB, and adds no word.

use super::{
    classify::{Dialect, WINDOW},
    html::HtmlText,
};
use encoding_rs::{Decoder, Encoding, UTF_8, WINDOWS_1252};
use zeroize::Zeroizing;

/// Bytes that are decoded at a time.
const PIECE: usize = 1024;

/// Takes what a text body comes to.
pub(super) trait Reading {
    /// The next words, with lines ended by `\n`.
    fn text(&mut self, text: &str);
    /// The Content-ID of a picture that the page shows (RFC 2392).
    fn content_id(&mut self, id: &str);
    /// What comes of a file within the page (RFC 2397).
    fn file(&mut self, step: Embedded<'_>);
}

/// A file within a page: its start, its bytes, its end. One at a time, and no words between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Embedded<'a> {
    /// With the media type that the page claims for it.
    Begins(&'a str),
    Bytes(&'a [u8]),
    Ends {
        dirty: bool,
        cut_off: bool,
    },
}

/// One text body on its way to the layout.
pub(super) struct Words {
    decoder: Decoder,
    html: Option<HtmlText>,
    cleaner: Cleaner,
    decoded: Zeroizing<String>,
    clean: Zeroizing<String>,
}

impl Words {
    /// Words in `charset`, as the sender calls it; `window` is how they start.
    pub(super) fn new(dialect: Dialect, charset: Option<&str>, window: &[u8]) -> Self {
        // Four times is what windows-1252 can grow to.
        let buffer = || Zeroizing::new(String::with_capacity(4 * PIECE));
        Self {
            decoder: encoding(charset, window).new_decoder(),
            html: match dialect {
                Dialect::Plain => None,
                Dialect::Html => Some(HtmlText::new()),
                Dialect::Enriched => Some(HtmlText::enriched()),
            },
            cleaner: Cleaner::default(),
            decoded: buffer(),
            clean: buffer(),
        }
    }

    /// Takes in the next bytes; what they come to goes to `to`.
    pub(super) fn push(&mut self, bytes: &[u8], to: &mut impl Reading) {
        for piece in bytes.chunks(PIECE) {
            self.decode(piece, false, to);
        }
    }

    /// The body is over.
    pub(super) fn finish(&mut self, to: &mut impl Reading) {
        self.decode(&[], true, to);
        if let Some(html) = &mut self.html {
            html.finish(to);
        }
    }

    fn decode(&mut self, mut bytes: &[u8], last: bool, to: &mut impl Reading) {
        loop {
            self.decoded.clear();
            let (result, read, _) = self.decoder.decode_to_string(bytes, &mut self.decoded, last);
            bytes = &bytes[read..];
            self.clean.clear();
            self.cleaner.push(&self.decoded, &mut self.clean);
            match &mut self.html {
                None => to.text(&self.clean),
                Some(html) => html.push(&self.clean, to),
            }
            if result == encoding_rs::CoderResult::InputEmpty {
                return;
            }
        }
    }
}

/// The encoding to read words in. A charset that is missing, unknown, only ASCII, or UTF-8 that is none gives way to what
/// the bytes are: UTF-8, or else the windows-1252 that phones and gateways send raw.
fn encoding(charset: Option<&str>, window: &[u8]) -> &'static Encoding {
    let claimed = charset.and_then(|label| Encoding::for_label_no_replacement(label.trim().as_bytes()));
    let ascii = charset.is_some_and(|label| {
        ["us-ascii", "ascii", "iso-8859-1", "latin1"].iter().any(|ascii| label.trim().eq_ignore_ascii_case(ascii))
    });
    match claimed {
        Some(encoding) if encoding != UTF_8 && !ascii => encoding,
        _ if is_utf8(window) => UTF_8,
        _ => WINDOWS_1252,
    }
}

/// Whether the bytes are UTF-8, but for a character that a full window cuts off at its end.
fn is_utf8(window: &[u8]) -> bool {
    str::from_utf8(window).map_or_else(|error| error.error_len().is_none() && window.len() == WINDOW, |_| true)
}

/// Makes every line end `\n` and drops what a terminal or a mail program could obey: controls, and direction overrides.
#[derive(Default)]
struct Cleaner {
    /// The last character was a CR: an LF that follows belongs to it.
    after_cr: bool,
}

impl Cleaner {
    fn push(&mut self, text: &str, out: &mut String) {
        for c in text.chars() {
            match c {
                '\n' if self.after_cr => {}
                '\n' | '\r' | '\u{2028}' | '\u{2029}' => out.push('\n'),
                '\t' => out.push(c),
                '\u{feff}' | '\u{202d}' | '\u{202e}' => {}
                _ if c.is_control() => {}
                _ => out.push(c),
            }
            self.after_cr = c == '\r';
        }
    }
}

/// Keeps what it is told, for tests.
#[cfg(test)]
#[derive(Default)]
pub(super) struct Heard {
    pub(super) text: String,
    pub(super) content_ids: Vec<String>,
    /// The media type and the bytes of each file, and whether it ended well.
    pub(super) files: Vec<(String, Vec<u8>, bool)>,
}

#[cfg(test)]
impl Reading for Heard {
    fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn content_id(&mut self, id: &str) {
        self.content_ids.push(id.to_owned());
    }

    fn file(&mut self, step: Embedded<'_>) {
        match (step, self.files.last_mut()) {
            (Embedded::Begins(media_type), _) => self.files.push((media_type.to_owned(), Vec::new(), false)),
            (Embedded::Bytes(bytes), Some(file)) => file.1.extend_from_slice(bytes),
            (Embedded::Ends { dirty, cut_off }, Some(file)) => file.2 = !dirty && !cut_off,
            (_, None) => panic!("no file began"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(dialect: Dialect, charset: Option<&str>, pieces: &[&[u8]]) -> String {
        let mut words = Words::new(dialect, charset, &pieces.concat());
        let mut heard = Heard::default();
        pieces.iter().for_each(|piece| words.push(piece, &mut heard));
        words.finish(&mut heard);
        heard.text
    }

    fn plain(charset: Option<&str>, bytes: &[u8]) -> String {
        read(Dialect::Plain, charset, &[bytes])
    }

    #[test]
    fn reads_what_bytes_are_when_the_charset_lies() {
        assert_eq!(plain(Some("us-ascii"), "ni\u{f1}o".as_bytes()), "ni\u{f1}o");
        assert_eq!(plain(None, b"ni\xf1o"), "ni\u{f1}o");
        assert_eq!(plain(Some("utf-8"), b"ni\xf1o"), "ni\u{f1}o");
        assert_eq!(plain(Some("x-unknown"), b"ni\xf1o \x80"), "ni\u{f1}o \u{20ac}");
        assert_eq!(plain(Some("utf-16"), b"\xff\xfeh\0i\0"), "hi");
        assert_eq!(plain(Some("iso-2022-jp"), b"\x1b$B$\"\x1b(B"), "\u{3042}");
        assert_eq!(plain(Some("koi8-r"), b"\xc1"), "\u{430}");
    }

    #[test]
    fn drops_what_could_be_obeyed() {
        assert_eq!(plain(None, b"a\0b\x1b[31mc\r\nd\re\nf\tg\x07"), "ab[31mc\nd\ne\nf\tg");
        assert_eq!(plain(None, "x\u{202e}y\u{85}z".as_bytes()), "xyz");
    }

    proptest! {
        #[test]
        fn any_cutting_gives_the_same_words(bytes in prop::collection::vec(prop::sample::select(&b"ab\r\n\xc3\xb1\xf1<>&;\x1b$B "[..]), 0..200), at in any::<prop::sample::Index>(),
                charset in prop::sample::select(&[None, Some("utf-8"), Some("utf-16le"), Some("iso-2022-jp"), Some("gb18030")][..])) {
            let (a, b) = bytes.split_at(at.index(bytes.len() + 1));
            for dialect in [Dialect::Plain, Dialect::Html, Dialect::Enriched] {
                prop_assert_eq!(read(dialect, charset, &[a, b]), read(dialect, charset, &[&bytes]));
            }
        }
    }

    #[test]
    fn long_words_need_no_more_memory() {
        let mut words = Words::new(Dialect::Plain, None, b"\xf1 ");
        let place = words.decoded.as_ptr();
        let mut heard = Heard::default();
        words.push(&[0xf1; 100_000], &mut heard);
        assert_eq!((words.decoded.as_ptr(), heard.text.len()), (place, 200_000));
    }
}
