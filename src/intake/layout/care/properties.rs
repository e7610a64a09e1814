//! The properties of a HEIC's items (ISO/IEC 23008-12, section 6.5): sizes and turns, and which of them are the main
//! picture's. A photo of an iPhone is many tiles, a thumbnail and a whole: the primary item is the whole.

use super::Pixels;

/// Properties that are remembered; phones write about ten.
const MOST: usize = 64;

/// What a property says, as far as it matters here.
#[derive(Clone, Copy)]
enum Property {
    Other,
    Extent(Option<Pixels>),
    /// The part of it that is shown.
    Aperture(Pixels),
    /// By a quarter: the sides change places.
    Quarter,
}

/// The properties met so far.
#[derive(Default)]
pub(super) struct Properties {
    /// In the file's order: they are referred to by number, from 1.
    met: Vec<Property>,
    /// The number of the main picture.
    pub(super) primary: Option<u64>,
    /// The item whose properties are being listed.
    pub(super) item: u64,
    extent: Option<Pixels>,
    aperture: Option<Pixels>,
    turned: bool,
    largest: Option<Pixels>,
}

impl Properties {
    /// A property begins, of a kind that does not matter until told otherwise.
    pub(super) fn begin(&mut self) {
        if self.met.len() < MOST {
            self.met.push(Property::Other);
        }
    }

    pub(super) fn extent(&mut self, width: u64, height: u64) {
        let pixels = Pixels::new(width, height);
        self.is(Property::Extent(pixels));
        self.largest = self.largest.into_iter().chain(pixels).max_by_key(|pixels| pixels.area());
    }

    pub(super) fn aperture(&mut self, width: u64, height: u64) {
        if let Some(pixels) = Pixels::new(width, height) {
            self.is(Property::Aperture(pixels));
        }
    }

    pub(super) fn rotation(&mut self, quarter: bool) {
        if quarter {
            self.is(Property::Quarter);
        }
    }

    fn is(&mut self, property: Property) {
        if let Some(last) = self.met.last_mut().filter(|last| matches!(last, Property::Other)) {
            *last = property;
        }
    }

    /// The item has the property of this number.
    pub(super) fn associate(&mut self, number: u64) {
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        if self.primary != Some(self.item) {
            return;
        }
        match index.and_then(|index| self.met.get(index)) {
            Some(Property::Extent(pixels)) => self.extent = *pixels,
            Some(Property::Aperture(pixels)) => self.aperture = Some(*pixels),
            Some(Property::Quarter) => self.turned = true,
            Some(Property::Other) | None => {}
        }
    }

    /// The main picture's size as it is shown; the largest, when it cannot be told which is the main one.
    pub(super) fn pixels(&self) -> Option<Pixels> {
        let inside = |part: &Pixels, whole: Pixels| part.width <= whole.width && part.height <= whole.height;
        let shown = |whole| self.aperture.filter(|part| inside(part, whole)).unwrap_or(whole);
        match self.extent.map(shown) {
            Some(Pixels { width, height }) if self.turned => Some(Pixels { width: height, height: width }),
            Some(pixels) => Some(pixels),
            None => self.largest,
        }
    }
}
