//! A streaming MIME reader (RFC 2045, 2046, 2047, 2231, 5322): bytes in, events out. Pure, bounded memory whatever comes.
//! mail-parser reads one bounded header field at a time and nothing else: given a whole message it can be made to abort the
//! process (docs/decisions.md). What cannot be read as MIME comes out as one leaf part, never as nothing; what differs from
//! mail-parser's view stands in docs/mime-differences.md.
//!
//! Text outside of parts (preamble, epilogue) is passed over, as mail-parser does, unless it is long or all there is: then it
//! is a leaf of its own that no header describes. The original is sealed in any case.
//!
//! `reader` → `layer` (the open containers) → `block` (collects a header block) or `scanner` (finds delimiters in
//! text) → `transfer` (undoes the encoding) → the [`Visitor`], or the next layer where the body is an encoded message.
//! [`Unpacker`] is a reader that stands before the visitor too, and opens what leaves hold: TNEF, uuencode, yEnc.

mod block;
mod boundary;
mod content;
mod fields;
mod headers;
mod layer;
mod reader;
mod scanner;
mod transfer;
mod unpack;
mod wiped;

#[cfg(test)]
mod tests;

pub use headers::Headers;
pub use reader::{Limits, Reader, Summary};
pub use unpack::Unpacker;

/// What kind of node a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Has a body of its own.
    Leaf,
    /// multipart/*, and TNEF that was unpacked: its children follow, one deeper.
    Multipart,
    /// message/rfc822 or message/global, or a message within TNEF: the message inside follows, one deeper.
    Message,
}

/// The disposition of a part (RFC 2183).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    Inline,
    Attachment,
}

/// The head of a part. No Debug: names are the client's.
pub struct Part {
    pub kind: Kind,
    /// 0 for the message itself, and for what was unpacked from it beside the rest of its text.
    pub depth: usize,
    /// Lower case, `image/jpeg`; `text/plain` when absent (RFC 2045, section 5.2).
    pub media_type: String,
    /// Lower case charset parameter.
    pub charset: Option<String>,
    pub disposition: Option<Disposition>,
    /// The file name as the sender gave it, decoded (RFC 2231, RFC 2047, raw), from Content-Disposition or Content-Type.
    pub name: Option<String>,
    /// Without angle brackets.
    pub content_id: Option<String>,
    pub content_location: Option<String>,
    /// The whole header block of this part.
    pub headers: Headers,
}

/// How a part ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// The transfer encoding had junk, ended in the middle of a group, or is unknown; or the leaf is what lies beyond the limit
    /// on parts. What the bytes are is not certain.
    pub dirty: bool,
    /// The message ended before this part's closing boundary.
    pub cut_off: bool,
}

/// Takes the events of a [`Reader`]. Starts and ends nest; body events come only between a leaf's start and its end.
pub trait Visitor {
    fn start(&mut self, part: Part);
    /// A piece of the current leaf's body with its transfer encoding undone. Of any size, never empty.
    fn body(&mut self, decoded: &[u8]);
    fn end(&mut self, end: End);
    /// The current leaf is called this: TNEF gives the name behind the data, and the one before it only in short.
    fn rename(&mut self, name: String) {
        let _ = name;
    }
}
