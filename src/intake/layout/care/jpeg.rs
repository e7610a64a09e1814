//! JPEG (ITU-T T.81, annex B): follows the markers to the end of the main picture. The frame header may stand behind any
//! amount of EXIF and colour profile; thumbnails lie within those segments and are stepped over. What follows the end
//! marker (a second picture, a motion photo's film, a maker's trailer) is not looked at.

use super::{
    Ending, Observer, Pixels,
    steps::{Steps, big},
};

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;

/// Where it is in the file.
#[derive(Clone, Copy)]
enum State {
    /// Two bytes that should be a marker.
    Marker,
    /// The length of this marker's segment.
    Length(u8),
    /// The frame header, in a segment that ends at this place.
    Frame(u64),
    /// The picture's data, where only `ff` and a byte other than 0 means something.
    Data,
    /// The byte after an `ff` in the data.
    AfterFf,
    Over,
}

/// Watches a JPEG.
pub(super) struct Jpeg {
    steps: Steps,
    state: State,
    frame: bool,
    pixels: Option<Pixels>,
    scan: bool,
    /// Bytes stood where a marker belongs.
    garbage: bool,
    end: bool,
}

impl Jpeg {
    pub(super) fn new() -> Self {
        let steps = Steps::new(2);
        Self { steps, state: State::Marker, frame: false, pixels: None, scan: false, garbage: false, end: false }
    }

    /// A marker was read.
    fn marker(&mut self, marker: u8) {
        self.state = match marker {
            SOI | 0x01 | 0xd0..=0xd7 => State::Marker,
            EOI => State::Over,
            _ => State::Length(marker),
        };
        self.end |= marker == EOI;
        match self.state {
            State::Over => self.steps.stop(),
            _ => self.steps.next(2),
        }
    }

    /// A step of the segments: `bytes` are what was asked for.
    fn step(&mut self, bytes: &[u8]) {
        match self.state {
            // Any number of ff may stand before a marker.
            State::Marker if bytes[..2] == [0xff, 0xff] => self.state = State::AfterFf,
            State::Marker if bytes[0] == 0xff && bytes[1] != 0 => self.marker(bytes[1]),
            State::Marker => {
                self.garbage = true;
                self.state = if bytes[1] == 0xff { State::AfterFf } else { State::Data };
            }
            State::Length(marker) => self.segment(marker, big(bytes, 0, 2)),
            State::Frame(end) => {
                if !self.frame {
                    self.pixels = Pixels::new(big(bytes, 3, 2), big(bytes, 1, 2));
                }
                self.frame = true;
                self.after(end);
            }
            State::Data | State::AfterFf | State::Over => {}
        }
    }

    /// A segment of this length, which counts its own two bytes, begins.
    fn segment(&mut self, marker: u8, length: u64) {
        let end = self.steps.at() + length.saturating_sub(2);
        self.garbage |= length < 2;
        match marker {
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) && length >= 7 => {
                self.state = State::Frame(end);
                self.steps.next(5);
            }
            SOS => {
                self.scan = true;
                // The scan's header goes by as data: it holds no ff but in its spectral selection, which is below 64.
                self.state = State::Data;
            }
            _ => self.after(end),
        }
    }

    fn after(&mut self, end: u64) {
        self.state = State::Marker;
        self.steps.go(end.max(self.steps.at()), 2);
    }

    /// The data, up to a marker.
    fn data(&mut self, bytes: &mut &[u8]) {
        if let State::Data = self.state {
            let found = memchr::memchr(0xff, bytes);
            self.steps.pass(bytes, found.map_or(bytes.len(), |at| at + 1));
            if found.is_some() {
                self.state = State::AfterFf;
            }
        }
        if let (State::AfterFf, Some(byte)) = (self.state, bytes.first().copied()) {
            self.steps.pass(bytes, 1);
            match byte {
                0xff => {}
                0 | 0x01 | 0xd0..=0xd7 => self.state = State::Data,
                marker => self.marker(marker),
            }
        }
    }
}

impl Observer for Jpeg {
    fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match self.state {
                State::Over => return,
                State::Data | State::AfterFf => self.data(&mut bytes),
                _ => {
                    if let Some(read) = self.steps.take(&mut bytes) {
                        self.step(&*read);
                    }
                }
            }
        }
    }

    fn pixels(&self) -> Option<Pixels> {
        self.pixels
    }

    fn ending(&self, _size: u64) -> Ending {
        match (self.scan, self.end) {
            (true, _) if !self.frame => Ending::Broken,
            (true, true) => Ending::Whole,
            (true, false) => Ending::CutOff,
            (false, end) if end || self.garbage => Ending::Broken,
            (false, _) => Ending::CutOff,
        }
    }
}
