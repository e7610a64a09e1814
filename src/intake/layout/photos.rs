//! Photos that are held to be measured, only with `picture_care = "sharpness"`: a second way of a document's bytes, beside the
//! layout, which never waits for it.

use super::sniff::Format;
use crate::intake::sharpness::{Held, Kind, Photo, Settings};
use std::collections::VecDeque;

/// The photo that is coming in, and those that are whole.
#[derive(Default)]
pub(super) struct Photos {
    /// None: nothing is measured.
    settings: Option<Settings>,
    coming: Option<Held>,
    ready: VecDeque<Photo>,
}

impl Photos {
    pub(super) fn set(&mut self, settings: Option<Settings>) {
        self.settings = settings;
    }

    /// A document begins.
    pub(super) fn begin(&mut self, number: u32, format: Format) {
        let kind = match format {
            Format::Jpeg => Kind::Jpeg,
            Format::Png => Kind::Png,
            _ => return,
        };
        self.coming = self.settings.as_ref().map(|settings| Held::new(number, kind, settings));
    }

    /// The document's next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.coming = self.coming.take().and_then(|held| held.push(bytes));
    }

    /// The document is over. `wanted`: nothing else is known to be wrong with it.
    pub(super) fn end(&mut self, wanted: bool) {
        let photo = self.coming.take().map(Held::finish);
        self.ready.extend(photo.filter(|_| wanted));
    }

    /// The next photo that is whole.
    pub(super) fn next(&mut self) -> Option<Photo> {
        self.ready.pop_front()
    }
}
