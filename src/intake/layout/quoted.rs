//! Quoted-printable (RFC 2045, section 6.7), made in stream from text whose lines end with `\n`. Keeps one byte at most.

/// Columns of a line without its CRLF, a soft break's `=` included.
const LINE: usize = 76;

/// Encodes a stream of UTF-8 as quoted-printable. Where lines break does not depend on how the stream is cut.
#[derive(Default)]
pub(super) struct QuotedPrintable {
    column: usize,
    /// A space or tab that must be escaped if its line ends here.
    held: Option<u8>,
}

impl QuotedPrintable {
    /// The most that one push of `length` bytes, or a finish, adds to the output: an output with this much spare capacity
    /// is not moved in memory, and so leaves no copy behind.
    pub(super) const fn most_added(length: usize) -> usize {
        3 * (length + 1) + (3 * (length + 1) / (LINE - 4) + 1) * 3
    }

    /// Appends the encoding of `text` to `out`.
    pub(super) fn push(&mut self, text: &[u8], out: &mut Vec<u8>) {
        for &byte in text {
            if byte == b'\n' {
                self.end_line(out);
                continue;
            }
            if let Some(space) = self.held.take() {
                self.unit(&[space], out);
            }
            match byte {
                b' ' | b'\t' => self.held = Some(byte),
                b'!'..=b'<' | b'>'..=b'~' => self.unit(&[byte], out),
                _ => self.unit(&escape(byte), out),
            }
        }
    }

    /// Ends the text, and its last line if that is not ended yet.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if self.column > 0 || self.held.is_some() {
            self.end_line(out);
        }
    }

    fn end_line(&mut self, out: &mut Vec<u8>) {
        if let Some(space) = self.held.take() {
            self.unit(&escape(space), out);
        }
        out.extend_from_slice(b"\r\n");
        self.column = 0;
    }

    /// Appends what must not be broken apart.
    fn unit(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if self.column + bytes.len() >= LINE {
            out.extend_from_slice(b"=\r\n");
            self.column = 0;
        }
        out.extend_from_slice(bytes);
        self.column += bytes.len();
    }
}

fn escape(byte: u8) -> [u8; 3] {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    [b'=', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encode(pieces: &[&[u8]]) -> Vec<u8> {
        let (mut quoted, mut out) = (QuotedPrintable::default(), Vec::new());
        pieces.iter().for_each(|piece| quoted.push(piece, &mut out));
        quoted.finish(&mut out);
        out
    }

    fn decode(quoted: &[u8]) -> Vec<u8> {
        let text = String::from_utf8(quoted.to_vec()).unwrap().replace("=\r\n", "").replace("\r\n", "\n");
        let (mut bytes, mut out) = (text.bytes(), Vec::new());
        while let Some(byte) = bytes.next() {
            if byte == b'=' {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                out.push(u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap());
            } else {
                out.push(byte);
            }
        }
        out
    }

    #[test]
    fn escapes_what_must_be_and_nothing_else() {
        assert_eq!(encode(&["1 + 1 = 2, s\u{ed}\n".as_bytes()]), b"1 + 1 =3D 2, s=C3=AD\r\n");
        assert_eq!(encode(&[b"ends in a space \nand a tab\t"]), b"ends in a space=20\r\nand a tab=09\r\n");
    }

    proptest! {
        #[test]
        fn decodes_to_what_went_in_however_it_was_cut(text in "[a-z =\u{e9}\t\n]{0,400}", at in any::<prop::sample::Index>()) {
            let bytes = text.as_bytes();
            let whole = encode(&[bytes]);
            let (a, b) = bytes.split_at(at.index(bytes.len() + 1));
            prop_assert_eq!(&encode(&[a, b]), &whole);
            prop_assert!(whole.len() <= QuotedPrintable::most_added(bytes.len()));
            prop_assert!(whole.split(|&b| b == b'\n').all(|line| line.len() <= LINE + 1));
            let back = decode(&whole);
            prop_assert_eq!(back.strip_suffix(b"\n").unwrap_or(&back), bytes.strip_suffix(b"\n").unwrap_or(bytes));
        }
    }
}
