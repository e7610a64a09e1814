//! Transfer encodings (RFC 2045, section 6), undone in stream: base64, quoted-printable, 7bit, 8bit, binary, uuencode as a
//! CTE. Whatever comes, bytes go out and nothing fails: what does not fit is passed on or left out, and reported as dirty.
//! Holds at most one scratch buffer of [`SCRATCH`] bytes, wiped on drop. Charsets are not touched.

mod base64;
mod quoted;
mod scratch;
pub(super) mod uuencode;

use base64::Base64;
use quoted::Quoted;
use scratch::SCRATCH;
pub(super) use scratch::Scratch;
use uuencode::Uuencode;

/// Takes decoded bytes.
pub(super) type Sink<'a> = &'a mut dyn FnMut(&[u8]);

/// The encodings that we undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// 7bit, 8bit, binary.
    Identity,
    Base64,
    QuotedPrintable,
    /// x-uuencode and its other names; never standardised.
    Uuencode,
}

/// The encoding that a Content-Transfer-Encoding means; None when it is unknown. 7bit when absent (RFC 2045, section 6.1).
pub(super) fn named(value: Option<&str>) -> Option<Encoding> {
    let value = value.unwrap_or_default().trim_start_matches(['"', ' ']);
    let token = value.split(|c: char| c.is_ascii_whitespace() || ";\"(,".contains(c)).next().unwrap_or_default();
    Some(match token.to_ascii_lowercase().as_str() {
        "" | "7bit" | "8bit" | "binary" | "7-bit" | "8-bit" | "7bits" | "8bits" => Encoding::Identity,
        "base64" | "base-64" | "x-base64" => Encoding::Base64,
        "quoted-printable" => Encoding::QuotedPrintable,
        "x-uuencode" | "x-uue" | "uuencode" | "uue" => Encoding::Uuencode,
        _ => return None,
    })
}

/// Undoes one part's encoding.
pub(super) enum Decoder {
    Identity,
    Base64(Box<Base64>),
    QuotedPrintable(Box<Quoted>),
    Uuencode(Box<Uuencode>),
}

impl Decoder {
    pub fn new(encoding: Encoding) -> Self {
        match encoding {
            Encoding::Identity => Self::Identity,
            Encoding::Base64 => Self::Base64(Box::default()),
            Encoding::QuotedPrintable => Self::QuotedPrintable(Box::default()),
            Encoding::Uuencode => Self::Uuencode(Box::default()),
        }
    }

    /// Takes in encoded bytes in pieces of any size; what they decode to goes to `sink`, in pieces that are not empty.
    pub fn decode(&mut self, input: &[u8], sink: Sink) {
        if input.is_empty() {
            return;
        }
        match self {
            Self::Identity => sink(input),
            Self::Base64(decoder) => decoder.decode(input, sink),
            Self::QuotedPrintable(decoder) => decoder.decode(input, sink),
            Self::Uuencode(decoder) => decoder.decode(input, sink),
        }
    }

    /// The body is over. Whether it was dirty: junk in it, or an end in the middle of a group.
    pub fn finish(self, sink: Sink) -> bool {
        match self {
            Self::Identity => false,
            Self::Base64(decoder) => decoder.finish(sink),
            Self::QuotedPrintable(decoder) => decoder.finish(sink),
            Self::Uuencode(decoder) => decoder.finish(sink),
        }
    }
}

#[cfg(test)]
fn decoded(encoding: Encoding, input: &[u8], piece: usize) -> (Vec<u8>, bool) {
    let (mut decoder, mut output) = (Decoder::new(encoding), Vec::new());
    for part in input.chunks(piece.max(1)) {
        decoder.decode(part, &mut |bytes| {
            assert!(!bytes.is_empty());
            output.extend_from_slice(bytes);
        });
    }
    let dirty = decoder.finish(&mut |bytes| output.extend_from_slice(bytes));
    (output, dirty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (value, encoding) in [
            (None, Some(Encoding::Identity)),
            (Some("8BIT"), Some(Encoding::Identity)),
            (Some("Base64"), Some(Encoding::Base64)),
            (Some("\"base64\""), Some(Encoding::Base64)),
            (Some("quoted-printable (really)"), Some(Encoding::QuotedPrintable)),
            (Some("X-UUENCODE;"), Some(Encoding::Uuencode)),
            (Some("x-yenc"), None),
        ] {
            assert_eq!(named(value), encoding, "{value:?}");
        }
    }
}
