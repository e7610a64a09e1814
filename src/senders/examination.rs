//! Reads one message as it passes: its header block is collected and, when it is whole, given away but for its signed fields;
//! its body goes into digests.
//! Sans-I/O; does the same for every cutting into pieces.

use super::{
    body::{Bodies, BodyDigests},
    header::Header,
};
use zeroize::Zeroizing;

/// Bytes of a header block that are collected. Of a longer one nothing is: its sender cannot be verified. Real ones have 10
/// KiB, seldom 20.
const LONGEST_BLOCK: usize = 48 * 1024;
/// The room for a block to start with. One that outgrows it gets all at once: copies of it would widen the window.
const USUAL_BLOCK: usize = 8 * 1024;

/// A message under examination.
#[derive(Default)]
pub struct Examination {
    stage: Stage,
    /// The header, from when it is whole until it is fetched.
    header: Option<Header>,
    bodies: Bodies,
}

enum Stage {
    Block {
        block: Zeroizing<Vec<u8>>,
        line: Line,
    },
    Body,
    /// The header is too long.
    Lost,
}

impl Default for Stage {
    fn default() -> Self {
        Self::Block { block: Zeroizing::default(), line: Line::Start }
    }
}

/// Where in a line of the header the last byte was.
#[derive(Clone, Copy)]
enum Line {
    Start,
    /// A CR at the start: with an LF, the empty line that ends the header.
    StartCr,
    Within,
}

/// What was found out from the bytes alone.
pub struct Evidence {
    /// The header, unless it was fetched before.
    pub(super) header: Option<Header>,
    /// The header was too long to be collected.
    pub(super) lost: bool,
    pub(super) body: BodyDigests,
}

impl Evidence {
    /// Whether the same was found out: the author, the claims, and whether the body bears them out. For tests.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let found = |evidence: &Self| {
            let header = evidence.header.as_ref()?;
            let claims = header.claims().iter();
            let claims: Vec<_> = claims.map(|claim| (claim.domain.clone(), evidence.body.bear_out(claim))).collect();
            Some((header.author().map(str::to_owned), claims))
        };
        found(self) == found(other)
    }
}

impl Examination {
    /// Takes in the next bytes of the message.
    pub fn push(&mut self, bytes: &[u8]) {
        match &mut self.stage {
            Stage::Body => self.bodies.push(bytes),
            Stage::Lost => {}
            Stage::Block { block, line } => {
                // Blank lines before the header are passed over, as the MIME reader does: else one would hide it from us alone.
                let blank = if block.is_empty() { bytes.len() - bytes.trim_ascii_start().len() } else { 0 };
                let bytes = &bytes[blank..];
                let end = end_of_block(bytes, line);
                let (head, body) = bytes.split_at(end.unwrap_or(bytes.len()));
                if block.len() + head.len() > LONGEST_BLOCK {
                    self.stage = Stage::Lost;
                    return;
                }
                append(block, head);
                if end.is_some() {
                    self.end_block();
                    self.bodies.push(body);
                }
            }
        }
    }

    /// The header, once, as soon as it is whole.
    pub fn header(&mut self) -> Option<Header> {
        self.header.take()
    }

    /// The message is over.
    pub fn end(mut self) -> Evidence {
        if let Stage::Block { .. } = self.stage {
            self.end_block();
        }
        let lost = matches!(self.stage, Stage::Lost);
        Evidence { header: self.header, lost, body: self.bodies.finish() }
    }

    fn end_block(&mut self) {
        if let Stage::Block { block, .. } = std::mem::replace(&mut self.stage, Stage::Body) {
            let header = Header::read(&block);
            self.bodies = Bodies::wanted_by(header.claims());
            self.header = Some(header);
        }
    }
}

/// Where the header block ends within `bytes`: behind its first empty line.
fn end_of_block(bytes: &[u8], line: &mut Line) -> Option<usize> {
    for (at, byte) in bytes.iter().enumerate() {
        *line = match (*line, byte) {
            (Line::Start | Line::StartCr, b'\n') => return Some(at + 1),
            (Line::Start, b'\r') => Line::StartCr,
            (Line::Within, b'\n') => Line::Start,
            _ => Line::Within,
        };
    }
    None
}

/// Appends, and wipes what is left behind where that moves the block.
fn append(block: &mut Zeroizing<Vec<u8>>, bytes: &[u8]) {
    let needed = block.len() + bytes.len();
    if needed > block.capacity() {
        let room = if needed <= USUAL_BLOCK { USUAL_BLOCK } else { LONGEST_BLOCK };
        let mut larger = Zeroizing::new(Vec::with_capacity(room));
        larger.extend_from_slice(block);
        *block = larger;
    }
    block.extend_from_slice(bytes);
}
