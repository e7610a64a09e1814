//! The body that Outlook always sends: compressed RTF ([MS-OXRTFCP]), given as plain text.

mod lzfu;
mod reader;

use super::{super::super::wiped::Wiped, package::Give, small::Small, words::Words};
use lzfu::Lzfu;
use reader::Reader;

/// Size, size uncompressed, kind and checksum: none of them believed, but for the kind.
const HEAD: usize = 16;
const COMPRESSED: u32 = 0x7546_5a4c;
const UNCOMPRESSED: u32 = 0x414c_454d;

pub(super) struct Rtf {
    head: Small,
    body: Body,
    reader: Reader,
    words: Words,
    /// Text that was read.
    text: Wiped,
}

enum Body {
    /// Its head is not read yet.
    Unknown,
    Compressed(Lzfu),
    Plain,
    /// No RTF that we know: given as it is.
    Strange,
}

impl Rtf {
    pub(super) fn new() -> Self {
        let text = Wiped::new(Vec::with_capacity(reader::MOST_TEXT));
        Self {
            head: Small::default(),
            body: Body::Unknown,
            reader: Reader::new(),
            words: Words::plain(Some("utf-8")),
            text,
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8], give: &mut Give) {
        let mut rest = bytes;
        if let Body::Unknown = self.body {
            let used = self.head.take(rest, HEAD);
            rest = &rest[used..];
            if self.head.len() == HEAD {
                self.body = match self.head.u32(8) {
                    COMPRESSED => Body::Compressed(Lzfu::new()),
                    UNCOMPRESSED => Body::Plain,
                    _ => Body::Strange,
                };
            }
        }
        let Self { reader, words, text, .. } = self;
        let mut read = |rtf: &[u8]| {
            reader.read(rtf, text, &mut |text| words.put(text, give));
        };
        match &mut self.body {
            Body::Unknown | Body::Strange => {}
            Body::Compressed(lzfu) => lzfu.decode(rest, &mut read),
            Body::Plain => read(rest),
        }
        // Words that were read stand for their RTF; where there are none, it may be all that there is.
        let known = matches!(self.body, Body::Compressed(_) | Body::Plain);
        let dispensable = known && give.has_found() && !give.is_refused();
        if !self.words.is_open() && !dispensable {
            give.hold(bytes);
        }
    }

    pub(super) fn finish(mut self, give: &mut Give) {
        if let Body::Unknown | Body::Strange = self.body {
            give.give_held();
        }
        self.reader.finish(&mut self.text, &mut |text| self.words.put(text, give));
        self.words.finish(give);
    }
}
