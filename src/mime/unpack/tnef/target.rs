//! What becomes of the bytes of an attribute or a property.

use super::{
    super::super::wiped::{Wiped, append},
    SIGNATURE, Stream, codepage,
    facts::{Facts, Rank},
    package::{Give, Level},
    properties::Properties,
    rtf::Rtf,
    small::Small,
    words::Words,
};

/// Bytes of a name that are kept: 255 characters of UTF-16, which is what file systems allow.
const LONGEST_NAME: usize = 510;
/// Bytes before an object that say what interface it has.
const INTERFACE: usize = 16;

pub(super) enum Target {
    Skip,
    /// A number that is a code page.
    Codepage(Small),
    Name {
        rank: Rank,
        wide: bool,
        bytes: Wiped,
    },
    /// The attachment's file; its leaf is open.
    File,
    /// Its kind shows with its first bytes.
    Object(Small),
    Message(Box<Message>),
    Words(Box<Words>),
    Rtf(Box<Rtf>),
    Properties(Box<Properties>),
}

/// A message attached.
pub(super) struct Message {
    stream: Stream,
    outer: Level,
}

impl Target {
    pub(super) fn title() -> Self {
        Self::name(Rank::Short, false)
    }

    pub(super) fn name(rank: Rank, wide: bool) -> Self {
        Self::Name { rank, wide, bytes: Wiped::default() }
    }

    pub(super) fn codepage() -> Self {
        Self::Codepage(Small::default())
    }

    pub(super) fn words(charset: Option<&'static str>) -> Self {
        Self::Words(Box::new(Words::plain(charset)))
    }

    /// The properties in an attribute of this length.
    pub(super) fn properties(length: u32) -> Self {
        Self::Properties(Box::new(Properties::new(length)))
    }

    /// Whether its bytes are those of the open leaf.
    pub(super) fn is_giving(&self) -> bool {
        matches!(self, Self::File | Self::Words(_) | Self::Rtf(_))
    }

    /// Whether its bytes go nowhere, and no structure in them is checked.
    pub(super) fn is_opaque(&self) -> bool {
        matches!(self, Self::Skip | Self::Codepage(_) | Self::Name { .. })
    }

    /// Takes in the next bytes. What gives nothing is held.
    pub(super) fn feed(&mut self, bytes: &[u8], facts: &mut Facts, give: &mut Give) {
        let before = give.given();
        match self {
            Self::Skip => {}
            Self::Codepage(small) => _ = small.take(bytes, 4),
            Self::Name { bytes: name, .. } => append(name, &bytes[..bytes.len().min(LONGEST_NAME - name.len())]),
            Self::File => give.body(bytes),
            Self::Object(small) => {
                let used = small.take(bytes, INTERFACE + SIGNATURE.len());
                let whole = small.len() == INTERFACE + SIGNATURE.len();
                give.hold(&bytes[..used]);
                if whole {
                    self.begin_object(&bytes[used..], facts, give);
                }
                return;
            }
            Self::Message(message) => return message.stream.feed(bytes, give),
            Self::Words(words) => {
                words.put(bytes, give);
                if words.is_open() {
                    return;
                }
            }
            Self::Rtf(rtf) => return rtf.feed(bytes, give),
            Self::Properties(properties) => return properties.feed(bytes, facts, give),
        }
        if give.given() == before {
            give.hold(bytes);
        }
    }

    /// There are no more bytes.
    pub(super) fn finish(self, facts: &mut Facts, give: &mut Give) {
        match self {
            Self::Skip | Self::File => {}
            Self::Codepage(small) if small.len() == 4 => facts.set_codepage(small.u32(0)),
            Self::Codepage(_) => {}
            Self::Name { rank, wide, bytes } => {
                let name = if wide { codepage::wide_text(&bytes) } else { facts.text(&bytes) };
                facts.learn_name(rank, name, give);
            }
            Self::Object(small) => {
                let mut file = facts.file(give);
                file.feed(small.bytes().get(INTERFACE..).unwrap_or_default(), facts, give);
            }
            Self::Message(mut message) => {
                message.stream.finish(give);
                give.leave(message.outer);
            }
            Self::Words(words) => words.finish(give),
            Self::Rtf(rtf) => rtf.finish(give),
            Self::Properties(properties) => properties.finish(facts, give),
        }
    }

    /// The first bytes of an object are in: a message that is attached, which is TNEF again, or a file (an OLE storage).
    fn begin_object(&mut self, rest: &[u8], facts: &mut Facts, give: &mut Give) {
        let Self::Object(small) = std::mem::replace(self, Self::File) else { return };
        let first = &small.bytes()[INTERFACE..];
        let name = facts.name_for_leaf();
        let entered = if first == SIGNATURE { give.enter(name) } else { None };
        *self = match entered {
            Some(outer) => Self::Message(Box::new(Message { stream: Stream::default(), outer })),
            None => facts.file(give),
        };
        // Where the limits refused it, its first bytes are held.
        if !give.is_refused() {
            self.feed(first, facts, give);
        }
        if !rest.is_empty() {
            self.feed(rest, facts, give);
        }
    }
}
