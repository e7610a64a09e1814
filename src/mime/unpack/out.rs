//! What comes out: events for the visitor, counted against the limits.

use super::super::{End, Limits, Part, Visitor};

/// What all parts of one message count against.
pub(super) struct Counts {
    pub(super) limits: Limits,
    /// Parts started, the reader's and those unpacked.
    pub(super) parts: usize,
    pub(super) limit_reached: bool,
    pub(super) malformed: bool,
}

/// The visitor, and what was given to it.
pub(super) struct Out<'a> {
    pub(super) visitor: &'a mut dyn Visitor,
    pub(super) counts: &'a mut Counts,
}

impl Out<'_> {
    pub(super) fn start(&mut self, part: Part) {
        self.counts.parts += 1;
        self.visitor.start(part);
    }

    pub(super) fn body(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.visitor.body(bytes);
        }
    }

    pub(super) fn end(&mut self, end: End) {
        self.visitor.end(end);
    }

    /// Whether so many more parts may begin. Where not, the limit counts as reached.
    pub(super) fn has_room(&mut self, more: usize) -> bool {
        let fits = self.counts.parts + more <= self.counts.limits.parts;
        self.counts.limit_reached |= !fits;
        fits
    }

    /// Whether parts may be so deep.
    pub(super) fn is_within_depth(&self, depth: usize) -> bool {
        depth <= self.counts.limits.depth
    }
}
