//! Writes the parts of the layout (RFC 2045, 2046, 2183) into a bounded buffer, and that into a [`Sink`].
//! Never lets the buffer grow: growing would leave copies of plaintext behind in freed memory.

use super::{names::SafeName, quoted::QuotedPrintable};
use crate::armor::{Base64Lines, LINE_BYTES};
use std::fmt;
use zeroize::Zeroizing;

/// Takes the layout while it is made: the sealer, or a test. It cannot fail: one that can remembers its error.
pub trait Sink {
    /// Takes the next bytes of the layout; they are overwritten after the call.
    fn take(&mut self, plain: &[u8]);

    /// A document begins, with the part's head: what comes until it ends must not be torn apart. `size`: bytes of the part,
    /// where they are known.
    fn begin_document(&mut self, _name: &dyn fmt::Display, _size: Option<u64>) {}

    /// The document that began is over.
    fn end_document(&mut self) -> Placed {
        Placed::default()
    }

    /// Bytes that the mail being made can still take.
    fn room(&self) -> u64 {
        u64::MAX
    }

    /// Ends the mail being made, unless nothing came to it yet: what follows goes to the next. Between parts only.
    fn next_mail(&mut self) {}

    /// The number of the mail being made, from 1.
    fn mail(&self) -> u32 {
        1
    }
}

/// Where a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The number of its mail, from 1.
    pub mail: u32,
    /// The mail is larger than the staff's mail server takes: it stays at the relay.
    pub kept: bool,
}

impl Default for Placed {
    fn default() -> Self {
        Self { mail: 1, kept: false }
    }
}

/// What divides the parts of one layout (RFC 2046, section 5.1.1): made of 128 random bits, so that nothing a sender
/// writes can hold it.
#[derive(Clone)]
pub struct Boundary(String);

impl Boundary {
    /// The boundary that `random` gives. Whoever can guess `random` can forge parts.
    pub fn new(random: [u8; 16]) -> Self {
        Self(format!("sealdrop-{:032x}", u128::from_be_bytes(random)))
    }
}

impl fmt::Display for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Bytes that the buffer holds at most.
const CAPACITY: usize = 32 * 1024;
/// The buffer goes to the sink when it holds this much.
const FULL: usize = 16 * 1024;
/// Bytes of text and of documents that are encoded at a time, so that the buffer never grows.
const TEXT_PIECE: usize = 4 * 1024;
const DOCUMENT_PIECE: usize = 144 * LINE_BYTES;
const _: () = assert!(FULL + QuotedPrintable::most_added(TEXT_PIECE) <= CAPACITY);
/// More bytes than the head of a document's part has.
const DOCUMENT_HEAD: u64 = 1024;
/// Bytes for one piece of text, and the head of a part for it.
const TEXT_ROOM: u64 = QuotedPrintable::most_added(TEXT_PIECE) as u64 + 1024;
/// In a mail with less room than this for a piece of text, text ends at the next line end and goes on in another mail.
const LAST_LINES: u64 = 2 * 1024;
const _: () = assert!(FULL + Base64Lines::most_added(DOCUMENT_PIECE) + 1024 <= CAPACITY);

/// How the open part is encoded.
enum Encoder {
    /// No part is open.
    None,
    Text(QuotedPrintable, Author, Flow),
    Document(Base64Lines),
}

/// Whether a text part's line breaks are soft (RFC 3676).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Flow {
    #[default]
    Fixed,
    Flowed,
    /// Flowed, with `DelSp=yes`.
    FlowedDelSp,
}

/// Whose words a text part holds. Mail programs for terminals show it above the part; no sender can write there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    Relay,
    Sender,
}

/// The head of a text part that is shown in its place.
pub(super) fn text_head(author: Author, flow: Flow) -> String {
    let flow = match flow {
        Flow::Fixed => "",
        Flow::Flowed => "; format=flowed",
        Flow::FlowedDelSp => "; format=flowed; delsp=yes",
    };
    let description = match author {
        Author::Relay => "From the relay",
        Author::Sender => "Words of the sender",
    };
    format!(
        "Content-Type: text/plain; charset=utf-8{flow}\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\
         Content-Description: {description}\r\n\
         Content-Disposition: inline\r\n\r\n"
    )
}

/// The layout's writer. It starts within the first text part, whose head the opening wrote.
pub(super) struct Writer<S> {
    sink: S,
    buffer: Zeroizing<Vec<u8>>,
    boundary: Boundary,
    encoder: Encoder,
    /// The last text ended its line.
    at_line_end: bool,
    placed: Placed,
}

impl<S: Sink> Writer<S> {
    pub(super) fn new(sink: S, boundary: Boundary) -> Self {
        let buffer = Zeroizing::new(Vec::with_capacity(CAPACITY));
        let encoder = Encoder::Text(QuotedPrintable::default(), Author::Relay, Flow::Fixed);
        Self { sink, buffer, boundary, encoder, at_line_end: true, placed: Placed::default() }
    }

    /// Where the document is that ended last.
    pub(super) fn placed(&self) -> Placed {
        self.placed
    }

    pub(super) fn sink(&self) -> &S {
        &self.sink
    }

    pub(super) fn sink_mut(&mut self) -> &mut S {
        &mut self.sink
    }

    /// Starts a text part that is shown in its place.
    pub(super) fn open_text(&mut self, author: Author, flow: Flow) {
        self.open(format_args!("{}", text_head(author, flow)));
        self.encoder = Encoder::Text(QuotedPrintable::default(), author, flow);
        self.at_line_end = true;
    }

    /// Starts a part that is shown as an attachment. `size`: the document's bytes, where they are known.
    pub(super) fn open_document(&mut self, name: &SafeName, media_type: &'static str, size: Option<usize>) {
        self.end_part();
        self.drain(0);
        let size = size.map(|size| Base64Lines::encoded_length(size as u64) + DOCUMENT_HEAD);
        self.sink.begin_document(name, size);
        self.open(format_args!(
            "Content-Type: {media_type}; name=\"{name}\"\r\n\
             Content-Transfer-Encoding: base64\r\n\
             Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n"
        ));
        self.encoder = Encoder::Document(Base64Lines::new());
    }

    /// Appends text, its lines ended by `\n`, to the open text part; opens one of the relay's when none is open.
    pub(super) fn text(&mut self, text: &str) {
        if !matches!(self.encoder, Encoder::Text(..)) {
            self.open_text(Author::Relay, Flow::Fixed);
        }
        for piece in text.as_bytes().chunks(TEXT_PIECE) {
            let (here, there) = piece.split_at(self.stays(piece));
            self.push_text(here);
            if !there.is_empty() {
                self.turn_over();
                self.push_text(there);
            }
        }
    }

    /// Sees to it that short text of the relay's own does not end in another mail than it begins in.
    pub(super) fn make_room(&mut self) {
        if self.left() < LAST_LINES {
            self.turn_over();
        }
    }

    /// Room that the mail being made has beyond that for a piece of text.
    fn left(&self) -> u64 {
        self.sink.room().saturating_sub(self.buffer.len() as u64 + TEXT_ROOM)
    }

    /// How much of a piece of text belongs to the mail being made: all of it as long as there is room, then what completes a
    /// line, and of a line that is longer than all room what completes a character.
    fn stays(&self, piece: &[u8]) -> usize {
        let left = self.left();
        if left >= LAST_LINES {
            return piece.len();
        }
        let line = if self.at_line_end { Some(0) } else { piece.iter().position(|&b| b == b'\n').map(|at| at + 1) };
        match line {
            Some(length) => length,
            None if left > 0 => piece.len(),
            None => piece.iter().take_while(|&&b| b & 0xC0 == 0x80).count(),
        }
    }

    fn push_text(&mut self, piece: &[u8]) {
        if let Encoder::Text(quoted, ..) = &mut self.encoder {
            quoted.push(piece, &mut self.buffer);
            self.at_line_end = piece.last().map_or(self.at_line_end, |&last| last == b'\n');
        }
        self.drain(FULL);
    }

    /// Goes on in the next mail, with a part like the one that is open.
    fn turn_over(&mut self) {
        let (author, flow) = match self.encoder {
            Encoder::Text(_, author, flow) => (author, flow),
            Encoder::None | Encoder::Document(_) => (Author::Relay, Flow::Fixed),
        };
        self.end_part();
        self.drain(0);
        self.sink.next_mail();
        self.open_text(author, flow);
    }

    /// Appends decoded bytes to the open document; they go nowhere when none is open.
    pub(super) fn document(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(DOCUMENT_PIECE) {
            if let Encoder::Document(lines) = &mut self.encoder {
                lines.push(piece, &mut self.buffer);
            }
            self.drain(FULL);
        }
    }

    /// Ends the open part, if there is one.
    pub(super) fn end_part(&mut self) {
        match std::mem::replace(&mut self.encoder, Encoder::None) {
            Encoder::None => {}
            Encoder::Text(mut quoted, ..) => quoted.finish(&mut self.buffer),
            Encoder::Document(mut lines) => {
                lines.finish(&mut self.buffer);
                self.drain(0);
                self.placed = self.sink.end_document();
            }
        }
    }

    /// Ends the layout and gives back its sink.
    pub(super) fn finish(mut self) -> S {
        self.end_part();
        self.append(format_args!("\r\n--{}--\r\n", self.boundary.clone()));
        self.drain(0);
        self.sink
    }

    fn open(&mut self, head: fmt::Arguments) {
        self.end_part();
        self.append(format_args!("\r\n--{}\r\n{head}", self.boundary.clone()));
        self.drain(FULL);
    }

    fn append(&mut self, text: fmt::Arguments) {
        // Writing to a vector cannot fail.
        let _ = std::io::Write::write_fmt(&mut *self.buffer, text);
    }

    /// Hands the buffer to the sink once it holds more than `allowed`. It is overwritten by what comes next and wiped at
    /// the end: wiping it here as well would cost a tenth of the whole path.
    fn drain(&mut self, allowed: usize) {
        if self.buffer.len() > allowed {
            self.sink.take(&self.buffer);
            self.buffer.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Pieces(Vec<u8>, usize);

    impl Sink for Pieces {
        fn take(&mut self, plain: &[u8]) {
            self.0.extend_from_slice(plain);
            self.1 = self.1.max(plain.len());
        }
    }

    #[test]
    fn never_grows_its_buffer() {
        let mut writer = Writer::new(Pieces::default(), Boundary::new([0; 16]));
        let place = writer.buffer.as_ptr();
        writer.text(&"\u{f1}\n".repeat(50_000));
        writer.open_document(&SafeName::new(1, "photo", "jpg"), "image/jpeg", None);
        writer.document(&[7; 300_000]);
        (2..400).for_each(|n| writer.open_document(&SafeName::new(n, "photo", "jpg"), "image/jpeg", None));
        assert_eq!(writer.buffer.as_ptr(), place);
        let sink = writer.finish();
        assert!(sink.1 <= CAPACITY && sink.0.len() > 700_000);
    }

    #[test]
    fn puts_text_between_documents_into_parts_of_its_own() {
        let mut writer = Writer::new(Pieces::default(), Boundary::new([1; 16]));
        writer.open_document(&SafeName::new(1, "photo", "jpg"), "image/jpeg", None);
        writer.document(b"abc");
        writer.text("after\n");
        let text = String::from_utf8(writer.finish().0).unwrap();
        let boundary = "--sealdrop-01010101010101010101010101010101";
        assert!(text.contains(&format!("YWJj\r\n\r\n{boundary}\r\nContent-Type: text/plain")), "{text}");
        assert!(text.ends_with(&format!("after\r\n\r\n{boundary}--\r\n")), "{text}");
    }
}
