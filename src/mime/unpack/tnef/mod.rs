//! TNEF ([MS-OXTNEF]), which Outlook sends as winmail.dat: a stream of attributes, of which some hold MAPI properties
//! (`properties`). What is of use to people comes out as leaves: files, the words (plain, HTML, or from RTF), and messages
//! attached, which are TNEF again. What of the rest must be kept until the structure proves it to be machinery, `package` holds.
//!
//! Nothing is allocated by a length that stands in the input. What does not fit together comes out as a leaf.

mod codepage;
mod facts;
mod package;
mod properties;
mod rtf;
mod small;
mod target;
mod words;

use super::{
    super::{End, Part},
    out::Out,
};
use facts::Facts;
use package::{Give, Package};
use small::Small;
use target::Target;

/// The first bytes of every TNEF stream.
pub(super) const SIGNATURE: &[u8] = &[0x78, 0x9f, 0x3e, 0x22];
/// Signature and key.
const HEAD: usize = 6;
/// Level, id and length of an attribute.
const ATTRIBUTE: usize = 9;
const CHECKSUM: usize = 2;

mod id {
    //! The attributes that matter ([MS-OXTNEF], section 2.1.3.2).
    pub(super) const BODY: u32 = 0x0002_800c;
    pub(super) const CODEPAGE: u32 = 0x0006_9007;
    pub(super) const MESSAGE_PROPERTIES: u32 = 0x0006_9003;
    pub(super) const ATTACHMENT_BEGINS: u32 = 0x0006_9002;
    pub(super) const ATTACHMENT_TITLE: u32 = 0x0001_8010;
    pub(super) const ATTACHMENT_DATA: u32 = 0x0006_800f;
    pub(super) const ATTACHMENT_PROPERTIES: u32 = 0x0006_9005;
}

/// A leaf that is TNEF.
pub(super) struct Tnef {
    stream: Stream,
    package: Package,
}

impl Tnef {
    pub(super) fn new(part: Part) -> Self {
        Self { stream: Stream::default(), package: Package::new(part) }
    }

    pub(super) fn feed(&mut self, bytes: &[u8], out: &mut Out) {
        self.stream.feed(bytes, &mut Give { package: &mut self.package, out });
    }

    /// The leaf is over.
    pub(super) fn finish(mut self, end: End, out: &mut Out) {
        out.counts.malformed |= end.dirty;
        let mut give = Give { package: &mut self.package, out };
        give.note_end(end);
        self.stream.finish(&mut give);
        self.package.finish(end, out);
    }
}

/// One TNEF stream: the leaf's, or that of a message attached within it.
#[derive(Default)]
struct Stream {
    step: Step,
    small: Small,
    /// The checksum of the attribute's data so far: their sum.
    sum: u16,
    /// The last attribute's checksum was wrong: its length may be.
    doubted: bool,
    facts: Facts,
}

#[derive(Default)]
enum Step {
    #[default]
    Head,
    Attribute,
    Data {
        left: u32,
        target: Target,
    },
    Checksum {
        /// The data was given as it stood.
        gave: bool,
        /// The data has no structure of its own that would show whether its length is true.
        skipped: bool,
    },
    /// The structure is broken: what follows is given as it is.
    Broken,
}

impl Stream {
    fn feed(&mut self, mut input: &[u8], give: &mut Give) {
        while !input.is_empty() {
            let used = match self.step {
                Step::Head => self.take_head(input, give),
                Step::Attribute => self.take_attribute(input, give),
                Step::Data { .. } => self.take_data(input, give),
                Step::Checksum { .. } => self.take_checksum(input, give),
                Step::Broken => {
                    give.rest(input);
                    input.len()
                }
            };
            input = &input[used..];
        }
    }

    /// The stream is over.
    fn finish(&mut self, give: &mut Give) {
        give.hold(self.small.bytes());
        match std::mem::take(&mut self.step) {
            Step::Attribute if self.small.is_empty() => give.prove(),
            Step::Data { target, .. } => {
                give.cut_off(target.is_giving());
                target.finish(&mut self.facts, give);
                give.give_held();
            }
            Step::Broken => {}
            // Some programs leave the last checksum out.
            Step::Checksum { skipped: false, .. } => {
                give.suspect();
                give.prove();
            }
            Step::Head | Step::Attribute | Step::Checksum { .. } => {
                give.cut_off(false);
                give.give_held();
            }
        }
        self.facts.end_attachment(give);
        give.close();
    }

    fn take_head(&mut self, input: &[u8], give: &mut Give) -> usize {
        let used = self.small.take(input, HEAD);
        if self.small.len() == HEAD {
            give.hold(self.small.bytes());
            self.small.clear();
            self.step = Step::Attribute;
        }
        used
    }

    fn take_attribute(&mut self, input: &[u8], give: &mut Give) -> usize {
        if self.small.is_empty() && input[0] == 0 && !self.doubted {
            // Padding: no attribute's level is zero.
            return 1;
        }
        let used = self.small.take(input, ATTRIBUTE);
        if self.small.len() == ATTRIBUTE {
            let (level, id, length) = (self.small.bytes()[0], self.small.u32(1), self.small.u32(5));
            if is_plausible(level, id) {
                give.prove();
                give.hold(self.small.bytes());
                self.small.clear();
                self.begin(id, length, give);
            } else {
                self.fail(give);
            }
        }
        used
    }

    fn begin(&mut self, id: u32, length: u32, give: &mut Give) {
        self.sum = 0;
        let target = match id {
            id::ATTACHMENT_BEGINS => {
                self.facts.end_attachment(give);
                self.facts.begin_attachment();
                Target::Skip
            }
            id::ATTACHMENT_TITLE => Target::title(),
            id::ATTACHMENT_DATA => self.facts.file(give),
            id::ATTACHMENT_PROPERTIES => Target::properties(length),
            id::MESSAGE_PROPERTIES => Target::properties(length),
            id::BODY if give.may_open() => Target::words(self.facts.charset()),
            id::CODEPAGE => Target::codepage(),
            _ => Target::Skip,
        };
        if give.is_refused() {
            return self.fail(give);
        }
        self.step = Step::Data { left: length, target };
        self.end_data(give);
    }

    fn take_data(&mut self, input: &[u8], give: &mut Give) -> usize {
        let Step::Data { left, target } = &mut self.step else { return 0 };
        let used = input.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
        let data = &input[..used];
        *left -= u32::try_from(used).unwrap_or(*left);
        self.sum = data.iter().fold(self.sum, |sum, byte| sum.wrapping_add(u16::from(*byte)));
        target.feed(data, &mut self.facts, give);
        if give.is_refused() {
            self.fail(give);
        } else {
            self.end_data(give);
        }
        used
    }

    /// Ends the attribute's data when none is left.
    fn end_data(&mut self, give: &mut Give) {
        if let Step::Data { left: 0, .. } = self.step
            && let Step::Data { target, .. } = std::mem::take(&mut self.step)
        {
            self.step = Step::Checksum { gave: target.is_giving(), skipped: target.is_opaque() };
            target.finish(&mut self.facts, give);
            if give.is_refused() {
                self.fail(give);
            }
        }
    }

    fn take_checksum(&mut self, input: &[u8], give: &mut Give) -> usize {
        let used = self.small.take(input, CHECKSUM);
        if self.small.len() == CHECKSUM {
            give.hold(self.small.bytes());
            self.doubted = self.small.u16(0) != self.sum;
            if !self.doubted {
                give.prove();
            } else if let Step::Checksum { gave, skipped } = self.step {
                give.doubt(gave);
                if skipped {
                    // Its length may lie, and what it skipped be somebody's document.
                    give.give_held();
                }
            }
            self.small.clear();
            self.step = Step::Attribute;
        }
        used
    }

    /// What follows does not fit, or is more than the limits allow: it is given as it is.
    fn fail(&mut self, give: &mut Give) {
        self.step = Step::Broken;
        give.fail();
        give.rest(self.small.bytes());
        self.small.clear();
    }
}

/// Whether an attribute may look like this: its level is one of two, its id one of a type and a number that exist.
fn is_plausible(level: u8, id: u32) -> bool {
    let (kind, number) = (id >> 16, id & 0xffff);
    matches!(level, 1 | 2) && kind <= 9 && (number <= 9 || (0x8000..0xa000).contains(&number))
}

#[cfg(test)]
mod tests;
