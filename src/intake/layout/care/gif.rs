//! GIF (version 89a): follows the blocks to the trailer.

use super::{
    Ending, Observer, Pixels,
    steps::{Steps, little},
};

#[derive(Clone, Copy)]
enum State {
    /// Signature and logical screen.
    Screen,
    /// What kind of block comes.
    Block,
    /// The label of an extension.
    Label,
    /// Where an image lies, and its colours.
    Image,
    /// The size of the codes, before an image's data.
    CodeSize,
    /// The length of a piece of data.
    Piece,
}

/// Watches a GIF.
pub(super) struct Gif {
    steps: Steps,
    state: State,
    pixels: Option<Pixels>,
    images: bool,
    trailer: bool,
    /// Bytes came that are no block: whatever follows the pictures.
    strange: bool,
}

impl Gif {
    pub(super) fn new() -> Self {
        let steps = Steps::new(13);
        Self { steps, state: State::Screen, pixels: None, images: false, trailer: false, strange: false }
    }

    fn step(&mut self, bytes: &[u8]) {
        let at = self.steps.at();
        match (self.state, bytes[0]) {
            (State::Screen, _) => {
                self.pixels = Pixels::new(little(bytes, 6, 2), little(bytes, 8, 2));
                self.go(State::Block, at + colours(bytes[10]), 1);
            }
            (State::Block, 0x21) => self.go(State::Label, at, 1),
            (State::Block, 0x2c) => self.go(State::Image, at, 9),
            (State::Block, 0x3b) => self.trailer = true,
            // Padding that some programs leave between blocks.
            (State::Block, 0) => self.go(State::Block, at, 1),
            (State::Block, _) => self.strange = true,
            (State::Label | State::CodeSize, _) => self.go(State::Piece, at, 1),
            (State::Image, _) => {
                self.images = true;
                self.pixels = self.pixels.or(Pixels::new(little(bytes, 4, 2), little(bytes, 6, 2)));
                self.go(State::CodeSize, at + colours(bytes[8]), 1);
            }
            (State::Piece, 0) => self.go(State::Block, at, 1),
            (State::Piece, length) => self.go(State::Piece, at + u64::from(length), 1),
        }
    }

    fn go(&mut self, state: State, place: u64, need: usize) {
        self.state = state;
        self.steps.go(place, need);
    }
}

/// Bytes of the table of colours that these flags announce.
fn colours(flags: u8) -> u64 {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

impl Observer for Gif {
    fn push(&mut self, mut bytes: &[u8]) {
        while let Some(read) = self.steps.take(&mut bytes) {
            self.step(&*read);
        }
    }

    fn pixels(&self) -> Option<Pixels> {
        self.pixels
    }

    fn ending(&self, _size: u64) -> Ending {
        match (self.images, self.trailer || self.strange) {
            (true, true) => Ending::Whole,
            (false, true) => Ending::Broken,
            (_, false) => Ending::CutOff,
        }
    }
}
