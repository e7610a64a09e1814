//! TIFF (revision 6.0): scans and faxes. Where things lie is told by offsets, forward and back; only what lies ahead can be
//! followed in a stream, and what lies behind is not judged.

use super::{
    Ending, Observer, Pixels,
    steps::{Steps, big, little},
};

/// Places that come later: each is a slot of [`Tiff::wants`].
const DIRECTORY: usize = 0;
const OFFSETS: usize = 1;
const LENGTHS: usize = 2;

#[derive(Clone, Copy)]
enum State {
    Header,
    /// How many entries a directory has.
    Count,
    /// An entry, and how many more follow.
    Entry(u64),
    /// Where the next directory is.
    Next,
    /// The last element of one of the two lists that say where the picture's data lies: [`OFFSETS`] or [`LENGTHS`].
    Element(usize),
}

/// Watches a TIFF.
pub(super) struct Tiff {
    steps: Steps,
    state: State,
    little: bool,
    /// Of the first page.
    width: u64,
    height: u64,
    first_page: bool,
    wants: [Option<u64>; 3],
    /// Bytes of an element of the lists.
    element: [usize; 3],
    /// Where the page's last strip starts and how long it is, by slot, as far as known.
    last: [Option<u64>; 3],
    /// Bytes that the file must have.
    least: u64,
}

impl Tiff {
    pub(super) fn new() -> Self {
        Self {
            steps: Steps::new(8),
            state: State::Header,
            little: false,
            width: 0,
            height: 0,
            first_page: true,
            wants: [None; 3],
            element: [4; 3],
            last: [None; 3],
            least: 8,
        }
    }

    fn number(&self, bytes: &[u8], at: usize, length: usize) -> u64 {
        if self.little { little(bytes, at, length) } else { big(bytes, at, length) }
    }

    fn step(&mut self, bytes: &[u8]) {
        match self.state {
            State::Header => {
                self.little = bytes[0] == b'I';
                self.directory(self.number(bytes, 4, 4));
            }
            State::Count => match self.number(bytes, 0, 2) {
                0 => self.next_want(),
                count => {
                    self.must_reach(self.steps.at() + 12 * count);
                    self.go(State::Entry(count - 1), 12);
                }
            },
            State::Entry(more) => {
                self.entry(bytes);
                match more {
                    0 => self.go(State::Next, 4),
                    more => self.go(State::Entry(more - 1), 12),
                }
            }
            State::Next => {
                self.first_page = false;
                self.strip_told();
                self.directory(self.number(bytes, 0, 4));
            }
            State::Element(slot) => {
                self.last[slot] = Some(self.number(bytes, 0, self.element[slot]));
                self.strip_told();
                self.next_want();
            }
        }
    }

    /// An entry of a directory: tag, type, count, and the value or where it lies.
    fn entry(&mut self, bytes: &[u8]) {
        let length = match self.number(bytes, 2, 2) {
            3 => 2,
            4 => 4,
            _ => return,
        };
        let (count, value) = (self.number(bytes, 4, 4), self.number(bytes, 8, length));
        match self.number(bytes, 0, 2) {
            256 if self.first_page => self.width = value,
            257 if self.first_page => self.height = value,
            // Of strips and of tiles.
            273 | 324 => self.list(OFFSETS, count, length, bytes),
            279 | 325 => self.list(LENGTHS, count, length, bytes),
            _ => {}
        }
    }

    /// A list: within its entry when it fits there. Its last element says how far the file must reach.
    fn list(&mut self, slot: usize, count: u64, length: usize, entry: &[u8]) {
        let bytes = count.saturating_mul(length as u64);
        self.element[slot] = length;
        if count > 0 && bytes <= 4 {
            let last = usize::try_from(bytes).map_or(8, |bytes| 8 + bytes - length);
            self.last[slot] = Some(self.number(entry, last, length));
        } else if count > 0 {
            let end = self.number(entry, 8, 4).saturating_add(bytes);
            self.must_reach(end);
            self.wants[slot] = Some(end - length as u64);
        }
    }

    /// What is known of the page's last strip by now counts.
    fn strip_told(&mut self) {
        if let (Some(offset), Some(length)) = (self.last[OFFSETS], self.last[LENGTHS]) {
            self.must_reach(offset.saturating_add(length));
        }
    }

    fn must_reach(&mut self, place: u64) {
        self.least = self.least.max(place);
    }

    /// A directory is at `place`; 0: there are no more.
    fn directory(&mut self, place: u64) {
        if place != 0 {
            self.must_reach(place.saturating_add(2));
            self.wants[DIRECTORY] = Some(place);
        }
        self.next_want();
    }

    /// Goes to the nearest place that lies ahead.
    fn next_want(&mut self) {
        let at = self.steps.at();
        let ahead =
            (0..self.wants.len()).filter_map(|slot| Some((self.wants[slot].filter(|place| *place >= at)?, slot)));
        let Some((place, slot)) = ahead.min() else { return self.steps.stop() };
        self.wants[slot] = None;
        if slot == DIRECTORY {
            // Another page: the lists of the one before that were not met by now are not judged.
            (self.wants, self.last) = ([None; 3], [None; 3]);
            self.state = State::Count;
            self.steps.go(place, 2);
        } else {
            self.state = State::Element(slot);
            self.steps.go(place, self.element[slot]);
        }
    }

    fn go(&mut self, state: State, need: usize) {
        self.state = state;
        self.steps.next(need);
    }
}

impl Observer for Tiff {
    fn push(&mut self, mut bytes: &[u8]) {
        while let Some(read) = self.steps.take(&mut bytes) {
            self.step(&*read);
        }
    }

    fn pixels(&self) -> Option<Pixels> {
        Pixels::new(self.width, self.height)
    }

    fn ending(&self, size: u64) -> Ending {
        if size < self.least { Ending::CutOff } else { Ending::Whole }
    }
}
