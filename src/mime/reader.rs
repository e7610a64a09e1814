//! The reader: bytes in pieces of any size, events out.

use super::{
    Visitor,
    layer::{Layer, Shared, Walk},
};

/// Layers of messages within messages that are themselves transfer-encoded. mail-parser stops after three.
const ENCODED_LAYERS: usize = 4;

/// How far the reader goes. What lies beyond is given as a leaf's body, undivided, and the summary says so.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Nesting of multiparts and messages.
    pub depth: usize,
    /// Parts of all kinds in one message. Every container that is open when the limit is reached gives one more.
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

/// Reads one message. Holds one header block or some text between parts, one possible delimiter for each layer of encoded
/// messages, and their decoders' buffers: some 110 KiB at the very most, a few hundred bytes as a rule.
pub struct Reader {
    layers: Vec<Layer>,
    shared: Shared,
}

impl Reader {
    pub fn new(limits: Limits) -> Self {
        let mut layers = Vec::new();
        layers.resize_with(1 + ENCODED_LAYERS, Layer::outermost);
        Self { layers, shared: Shared::new(limits) }
    }

    /// Takes in the next bytes of the message, in pieces of any size.
    pub fn push(&mut self, bytes: &[u8], visitor: &mut impl Visitor) {
        if let Some(mut walk) = Walk::new(&mut self.layers, &mut self.shared, visitor) {
            walk.feed(bytes);
        }
    }

    /// The message is over: ends every part that is open.
    pub fn finish(mut self, visitor: &mut impl Visitor) -> Summary {
        if let Some(mut walk) = Walk::new(&mut self.layers, &mut self.shared, visitor) {
            walk.finish(false);
        }
        self.shared.summary
    }
}
