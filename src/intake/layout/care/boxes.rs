//! HEIC, AVIF and the films of phones: files of boxes (ISO/IEC 14496-12, 23008-12). Follows the boxes at the top to the end
//! and goes into `meta` for the size of the picture.

use super::{
    Ending, Observer, Pixels,
    properties::Properties,
    steps::{Steps, big},
};

/// How deep boxes are followed: `meta`, `iprp`, `ipco`.
const DEPTH: usize = 3;

/// Boxes at the top that belong to the picture or film.
const KNOWN: &[&[u8; 4]] = &[b"ftyp", b"meta", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide", b"uuid", b"mfra"];

#[derive(Clone, Copy)]
enum State {
    /// The size and kind of a box.
    Head,
    /// Its size, when 32 bits are too few: the kind, and where the box starts.
    LongSize([u8; 4], u64),
    /// The body of a box that is looked into, and where the box ends.
    Body(Body, u64),
}

/// What is read of a body.
#[derive(Clone, Copy)]
enum Body {
    PrimaryItem,
    Extent,
    Aperture,
    Rotation,
    /// How many items have properties.
    AssociationCount,
    /// An item's number.
    Item,
    /// How many properties it has.
    PropertyCount,
    Property,
}

/// Watches a file of boxes.
pub(super) struct Boxes {
    steps: Steps,
    state: State,
    /// Where the boxes end that it is inside of.
    ends: [u64; DEPTH],
    depth: usize,
    properties: Properties,
    /// Where the box at the top ends that began last.
    top_end: u64,
    /// What says where everything is, and the data itself: without both nothing can be shown.
    index: bool,
    data: bool,
    /// What came where a box belongs is none.
    strange: bool,
    /// Of the associations: wide item numbers, wide property numbers, items and properties left.
    wide: (bool, bool),
    left: (u64, u64),
}

impl Boxes {
    pub(super) fn new() -> Self {
        Self {
            steps: Steps::new(8),
            state: State::Head,
            ends: [0; DEPTH],
            depth: 0,
            properties: Properties::default(),
            top_end: 0,
            index: false,
            data: false,
            strange: false,
            wide: (false, false),
            left: (0, 0),
        }
    }

    fn step(&mut self, bytes: &[u8]) {
        let at = self.steps.at();
        match self.state {
            State::Head => {
                let kind = [bytes[4], bytes[5], bytes[6], bytes[7]];
                match big(bytes, 0, 4) {
                    // To the end of the file.
                    0 => self.entered(kind, at - 8, u64::MAX),
                    1 => self.go(State::LongSize(kind, at - 8), at, 8),
                    size => self.entered(kind, at - 8, (at - 8).saturating_add(size)),
                }
            }
            State::LongSize(kind, start) => self.entered(kind, start, start.saturating_add(big(bytes, 0, 8))),
            State::Body(body, end) => self.body(body, bytes, end),
        }
    }

    /// A box that goes from `start` to `end`.
    fn entered(&mut self, kind: [u8; 4], start: u64, end: u64) {
        let at = self.steps.at();
        let is_kind = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ' || *byte == 0xa9;
        if end < at || !kind.iter().all(is_kind) {
            self.strange = true;
            return;
        }
        if self.depth == 0 && !KNOWN.contains(&&kind) && self.index && self.data {
            // A maker's trailer, or junk: the picture is all there.
            self.strange = true;
            return;
        }
        if self.depth == 0 {
            self.top_end = if end == u64::MAX { start } else { end };
            self.index |= matches!(&kind, b"meta" | b"moov" | b"moof");
        }
        self.data |= matches!(&kind, b"mdat" | b"idat");
        if self.depth == 3 {
            self.properties.begin();
        }
        match (&kind, self.depth) {
            (b"meta", 0) => self.inside(end, at + 4),
            (b"iprp", 1) | (b"ipco", 2) => self.inside(end, at),
            (b"pitm", 1) => self.read(Body::PrimaryItem, end, 8),
            (b"ispe", 3) => self.read(Body::Extent, end, 12),
            (b"clap", 3) => self.read(Body::Aperture, end, 16),
            (b"irot", 3) => self.read(Body::Rotation, end, 1),
            (b"ipma", 2) => self.read(Body::AssociationCount, end, 8),
            _ => self.next_box(end),
        }
    }

    fn inside(&mut self, end: u64, first: u64) {
        self.ends[self.depth] = end;
        self.depth += 1;
        self.next_box(first);
    }

    fn read(&mut self, body: Body, end: u64, need: usize) {
        let at = self.steps.at();
        // What does not hold what it should is stepped over.
        match at + need as u64 <= end || matches!(body, Body::PrimaryItem) && at + 6 <= end {
            true => self.go(State::Body(body, end), at, need.min(usize::try_from(end - at).unwrap_or(need))),
            false => self.next_box(end),
        }
    }

    fn body(&mut self, body: Body, bytes: &[u8], end: u64) {
        let at = self.steps.at();
        match body {
            Body::PrimaryItem => {
                self.properties.primary = Some(if bytes[0] == 0 { big(bytes, 4, 2) } else { big(bytes, 4, 4) });
            }
            Body::Extent => self.properties.extent(big(bytes, 4, 4), big(bytes, 8, 4)),
            Body::Aperture => {
                let side = |at: usize| big(bytes, at, 4).checked_div(big(bytes, at + 4, 4)).unwrap_or_default();
                self.properties.aperture(side(0), side(8));
            }
            Body::Rotation => self.properties.rotation(bytes[0] & 1 == 1),
            Body::AssociationCount => {
                self.wide = (bytes[0] > 0, bytes[3] & 1 == 1);
                self.left = (big(bytes, 4, 4), 0);
                return self.next_item(end);
            }
            Body::Item => {
                self.properties.item = big(bytes, 0, if self.wide.0 { 4 } else { 2 });
                return self.go(State::Body(Body::PropertyCount, end), at, 1);
            }
            Body::PropertyCount => {
                self.left.1 = u64::from(bytes[0]);
                return self.next_property(end);
            }
            Body::Property => {
                let number = if self.wide.1 { big(bytes, 0, 2) & 0x7fff } else { big(bytes, 0, 1) & 0x7f };
                self.properties.associate(number);
                return self.next_property(end);
            }
        }
        self.next_box(end);
    }

    fn next_item(&mut self, end: u64) {
        let (at, need) = (self.steps.at(), if self.wide.0 { 4 } else { 2 });
        if self.left.0 == 0 || at + need > end {
            return self.next_box(end);
        }
        self.left.0 -= 1;
        self.go(State::Body(Body::Item, end), at, need as usize);
    }

    fn next_property(&mut self, end: u64) {
        let (at, need) = (self.steps.at(), if self.wide.1 { 2 } else { 1 });
        if self.left.1 == 0 || at + need > end {
            return self.next_item(end);
        }
        self.left.1 -= 1;
        self.go(State::Body(Body::Property, end), at, need as usize);
    }

    fn next_box(&mut self, place: u64) {
        self.leave(place);
        self.go(State::Head, place, 8);
    }

    /// Leaves the boxes that end here.
    fn leave(&mut self, place: u64) {
        while self.depth > 0 && place >= self.ends[self.depth - 1] {
            self.depth -= 1;
        }
    }

    fn go(&mut self, state: State, place: u64, need: usize) {
        self.state = state;
        self.steps.go(place, need);
    }
}

impl Observer for Boxes {
    fn push(&mut self, mut bytes: &[u8]) {
        while let Some(read) = self.steps.take(&mut bytes) {
            self.step(&*read);
        }
    }

    fn pixels(&self) -> Option<Pixels> {
        self.properties.pixels()
    }

    fn ending(&self, size: u64) -> Ending {
        if self.top_end > size || !(self.index && self.data || self.strange) { Ending::CutOff } else { Ending::Whole }
    }
}
