//! One layer of text: the message as it came, or a message that was transfer-encoded within another, decoded. Each has its
//! own stack of open containers. Iterative: nothing here calls itself by the depth of the input, but layers are fed by the
//! one above them, and there are few.

mod parts;

use super::{
    Headers, Limits, Summary, Visitor,
    block::{Block, Ending},
    boundary::Frames,
    scanner::Scanner,
    transfer::Decoder,
    wiped::{Wiped, append},
};

/// Text outside of parts (preamble, epilogue) up to this length is decoration ("This is a multi-part message") and passed
/// over, as mail-parser does, unless the message holds nothing else. More may be somebody's document, and becomes a leaf.
const LONGEST_DECORATION: usize = 4096;

/// What all layers share.
pub(super) struct Shared {
    limits: Limits,
    pub summary: Summary,
    /// The header block being collected; only the deepest layer can be collecting one.
    block: Block,
    /// Text outside of parts; never at the same time as a block.
    outside: Wiped,
    /// The first such text that was passed over, while it may still be all that the message holds.
    passed_over: Wiped,
    /// Some leaf had more than white space.
    has_content: bool,
}

impl Shared {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            summary: Summary::default(),
            block: Block::default(),
            outside: Wiped::default(),
            passed_over: Wiped::default(),
            has_content: false,
        }
    }
}

/// What a layer is reading.
enum Mode {
    /// A header block.
    Head,
    /// A preamble or an epilogue.
    Outside,
    /// The body of a leaf, or of a message that is encoded.
    Body(Body),
}

struct Body {
    decoder: Decoder,
    /// The decoded bytes are a message: they go to the next layer.
    message: bool,
    /// Dirty whatever the decoder says.
    dirty: bool,
}

/// A layer between two pieces of input.
pub(super) struct Layer {
    /// Depth of its outermost part.
    depth: usize,
    /// Nothing can follow in the layers above once this one is over.
    last: bool,
    frames: Frames,
    scanner: Scanner,
    mode: Mode,
}

impl Layer {
    /// A layer that starts with the header block of the outermost message.
    pub fn outermost() -> Self {
        Self::new(0, true)
    }

    fn new(depth: usize, last: bool) -> Self {
        Self { depth, last, frames: Frames::default(), scanner: Scanner::new(), mode: Mode::Head }
    }
}

/// A layer at work, with all it needs.
pub(super) struct Walk<'a, V> {
    layer: &'a mut Layer,
    deeper: &'a mut [Layer],
    shared: &'a mut Shared,
    visitor: &'a mut V,
}

impl<'a, V: Visitor> Walk<'a, V> {
    /// Works on the first of `layers`; None when there is none.
    pub fn new(layers: &'a mut [Layer], shared: &'a mut Shared, visitor: &'a mut V) -> Option<Self> {
        let (layer, deeper) = layers.split_first_mut()?;
        Some(Self { layer, deeper, shared, visitor })
    }

    /// Takes in the layer's next bytes.
    pub fn feed(&mut self, mut input: &[u8]) {
        while !input.is_empty() {
            let used = match self.layer.mode {
                Mode::Head => self.feed_head(input),
                Mode::Outside | Mode::Body(_) => self.feed_text(input),
            };
            input = &input[used..];
        }
    }

    /// The layer's text is over: ends all that is open. `cut_off`: what it came from was itself cut off.
    pub fn finish(&mut self, cut_off: bool) {
        loop {
            if let Mode::Head = self.layer.mode {
                let in_multipart = self.layer.frames.innermost().is_some();
                if in_multipart && self.shared.block.is_empty() {
                    self.shared.summary.malformed = true;
                    self.layer.mode = Mode::Outside;
                    break;
                }
                let ending = self.shared.block.finish(&self.layer.frames);
                self.head_ended(ending);
                continue;
            }
            let delimiter = self.layer.scanner.finish(&self.layer.frames);
            let released = self.layer.scanner.released();
            self.deliver(&released);
            match delimiter {
                Some(delimiter) => self.meet(delimiter),
                None => break,
            }
        }
        self.leave_outside();
        let cut_off = cut_off || self.layer.frames.unclosed();
        if let Some(outermost) = self.layer.frames.outermost() {
            self.close(outermost + 1, cut_off);
            if self.layer.last {
                self.give_passed_over();
            }
        }
        self.close(0, cut_off);
    }

    fn feed_head(&mut self, input: &[u8]) -> usize {
        let limit = self.shared.limits.header;
        let (used, ending) = self.shared.block.take(input, &self.layer.frames, limit);
        if let Some(ending) = ending {
            self.head_ended(ending);
        }
        used
    }

    /// A header block is complete: the part begins, with what of the block belongs to its body.
    fn head_ended(&mut self, ending: Ending) {
        let block = std::mem::take(&mut self.shared.block);
        self.shared.summary.limit_reached |= block.over_limit();
        let parts = block.into_parts(ending);
        self.shared.summary.malformed |= parts.odd;
        self.begin(Headers::from_block(parts.header));
        self.layer.scanner.restart();
        self.feed(&parts.body);
        self.feed(&parts.line);
    }

    fn feed_text(&mut self, input: &[u8]) -> usize {
        let Layer { scanner, frames, .. } = &mut *self.layer;
        if !frames.listening() && !scanner.pending() {
            self.deliver(input);
            return input.len();
        }
        let step = scanner.step(input, frames);
        let released = scanner.released();
        self.deliver(&released);
        self.deliver(&input[step.text]);
        if let Some(delimiter) = step.delimiter {
            self.meet(delimiter);
        }
        step.used
    }

    /// Hands text on to where it belongs.
    fn deliver(&mut self, text: &[u8]) {
        if text.is_empty() {
            return;
        }
        if let Mode::Outside = self.layer.mode {
            if self.shared.outside.len() + text.len() <= LONGEST_DECORATION {
                append(&mut self.shared.outside, text);
                return;
            }
            self.begin_outside(parts::UNKNOWN);
        }
        let Mode::Body(body) = &mut self.layer.mode else { return };
        let Body { decoder, message, .. } = body;
        decoder.decode(text, &mut receiver(*message, self.deeper, self.shared, self.visitor));
    }
}

/// Where a body's decoded bytes go: to the visitor, or to the next layer.
fn receiver<V: Visitor>(
    message: bool,
    deeper: &mut [Layer],
    shared: &mut Shared,
    visitor: &mut V,
) -> impl FnMut(&[u8]) {
    move |decoded| match Walk::new(deeper, shared, visitor).filter(|_| message) {
        Some(mut walk) => walk.feed(decoded),
        None => {
            shared.has_content = shared.has_content || !decoded.trim_ascii().is_empty();
            visitor.body(decoded);
        }
    }
}
