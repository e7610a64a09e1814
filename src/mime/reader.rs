//! The reader: finds header blocks and boundaries in a stream.

use super::Visitor;

/// How far the reader goes. What lies beyond is given as a leaf's body, undivided, and the summary says so.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Nesting of multiparts and messages.
    pub depth: usize,
    /// Parts of all kinds in one message.
    pub parts: usize,
    /// Bytes of one header block.
    pub header: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 32, parts: 1000, header: 64 * 1024 }
    }
}

/// What the reader met on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub parts: usize,
    /// A limit was reached.
    pub limit_reached: bool,
    /// Boundaries missing, header block without end, or other breaks of the structure.
    pub malformed: bool,
}

/// Reads one message.
pub struct Reader {}

impl Reader {
    pub fn new(_limits: Limits) -> Self {
        todo!()
    }

    /// Takes in the next bytes of the message, in pieces of any size.
    pub fn push(&mut self, _bytes: &[u8], _visitor: &mut impl Visitor) {
        todo!()
    }

    /// The message is over: ends every part that is open.
    pub fn finish(self, _visitor: &mut impl Visitor) -> Summary {
        todo!()
    }
}
