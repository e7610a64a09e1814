//! Opens what leaves hold: TNEF (winmail.dat) becomes a container with a leaf for each file, and files that stand uuencoded or
//! yEnc-encoded in words become leaves between those words. Pure, in stream, bounded, wiped.
//!
//! It stands between the [`Reader`] and the visitor. It must never drop a byte that may be somebody's document: what it cannot
//! understand comes out as a leaf, and the summary says malformed. No length that stands in the input is believed when memory
//! is taken.

mod out;
mod text;
mod tnef;

use super::{End, Kind, Limits, Part, Reader, Summary, Visitor, wiped::Wiped, wiped::append};
use out::{Counts, Out};
use text::Text;
use tnef::Tnef;

/// Bytes by which a leaf is told to be TNEF.
const PROBE: usize = tnef::SIGNATURE.len();

/// Reads one message as a [`Reader`] does, and opens what its leaves hold. Holds besides some 30 KiB at the very most.
///
/// The limits hold for the reader by itself, and for all parts together when something is to be opened.
pub struct Unpacker {
    reader: Reader,
    opening: Opening,
}

/// What is known between two events of the reader.
struct Opening {
    counts: Counts,
    leaf: Leaf,
}

/// The leaf that the reader is giving.
enum Leaf {
    /// None, or one that is passed on as it is.
    Pass,
    /// Its first bytes are awaited.
    Probe {
        part: Box<Part>,
        held: Wiped,
    },
    Tnef(Box<Tnef>),
    Text(Box<Text>),
}

impl Unpacker {
    pub fn new(limits: Limits) -> Self {
        let counts = Counts { limits, parts: 0, limit_reached: false, malformed: false };
        Self { reader: Reader::new(limits), opening: Opening { counts, leaf: Leaf::Pass } }
    }

    /// Takes in the next bytes of the message, in pieces of any size.
    pub fn push(&mut self, bytes: &[u8], visitor: &mut impl Visitor) {
        self.reader.push(bytes, &mut Between { opening: &mut self.opening, visitor });
    }

    /// The message is over: ends every part that is open.
    pub fn finish(mut self, visitor: &mut impl Visitor) -> Summary {
        let summary = self.reader.finish(&mut Between { opening: &mut self.opening, visitor });
        let counts = self.opening.counts;
        Summary {
            parts: counts.parts,
            limit_reached: summary.limit_reached || counts.limit_reached,
            malformed: summary.malformed || counts.malformed,
        }
    }
}

/// Takes the reader's events and gives those of what the leaves hold.
struct Between<'a> {
    opening: &'a mut Opening,
    visitor: &'a mut dyn Visitor,
}

impl Between<'_> {
    fn out(&mut self) -> (&mut Leaf, Out<'_>) {
        let Opening { counts, leaf } = &mut *self.opening;
        (leaf, Out { visitor: self.visitor, counts })
    }

    /// The first bytes of a leaf, or all of it, are in: starts it as what it is, and gives it these bytes.
    fn begin(&mut self, part: Part, held: &[u8]) {
        let (leaf, mut out) = self.out();
        *leaf = if held == tnef::SIGNATURE && out.is_within_depth(part.depth + 1) {
            Leaf::Tnef(Box::new(Tnef::new(part)))
        } else {
            out.counts.limit_reached |= held == tnef::SIGNATURE;
            let text = Text::of(&part);
            out.start(part);
            text.map_or(Leaf::Pass, |text| Leaf::Text(Box::new(text)))
        };
        if !held.is_empty() {
            self.give(held);
        }
    }

    /// Gives bytes to a leaf that has begun.
    fn give(&mut self, decoded: &[u8]) {
        match self.out() {
            (Leaf::Tnef(tnef), mut out) => tnef.feed(decoded, &mut out),
            (Leaf::Text(text), mut out) => text.feed(decoded, &mut out),
            (Leaf::Pass | Leaf::Probe { .. }, mut out) => out.body(decoded),
        }
    }
}

impl Visitor for Between<'_> {
    fn start(&mut self, part: Part) {
        if part.kind == Kind::Leaf {
            self.opening.leaf = Leaf::Probe { part: Box::new(part), held: Wiped::default() };
        } else {
            self.out().1.start(part);
        }
    }

    fn body(&mut self, decoded: &[u8]) {
        let Leaf::Probe { held, .. } = &mut self.opening.leaf else { return self.give(decoded) };
        let (first, rest) = decoded.split_at(decoded.len().min(PROBE - held.len()));
        append(held, first);
        if held.len() < PROBE {
            return;
        }
        if let Leaf::Probe { part, held } = std::mem::replace(&mut self.opening.leaf, Leaf::Pass) {
            self.begin(*part, &held);
        }
        if !rest.is_empty() {
            self.give(rest);
        }
    }

    fn end(&mut self, end: End) {
        let leaf = std::mem::replace(&mut self.opening.leaf, Leaf::Pass);
        let (_, mut out) = self.out();
        match leaf {
            Leaf::Probe { part, held } => {
                self.begin(*part, &held);
                self.end(end);
            }
            Leaf::Tnef(tnef) => tnef.finish(end, &mut out),
            Leaf::Text(text) => text.finish(end, &mut out),
            Leaf::Pass => out.end(end),
        }
    }
}

#[cfg(test)]
mod tests;
