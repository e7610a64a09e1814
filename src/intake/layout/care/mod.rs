//! Picture care: what can be told of a document from its bytes as they pass, so that the client hears of a bad photo while
//! the phone is still in their hand. How large the picture is, whether its end is missing, whether a password is needed.
//!
//! An observer holds some hundred bytes of state and no more: it follows a file's structure by its own offsets. It decodes
//! nothing, allocates nothing by what a file claims, and changes nothing. It says that something is wrong only when it is
//! sure: a false alarm asks a client for a photo that was good. Pure.

mod bitmap;
mod boxes;
mod even;
mod gif;
mod jpeg;
mod ole;
mod pdf;
mod pixels;
mod png_chunks;
mod properties;
mod search;
mod steps;
#[cfg(test)]
mod tests;
mod tiff;
mod webp;
mod zip;

pub(super) use pixels::Pixels;

use super::sniff::Format;
use crate::intake::Wrong;
use even::Even;

/// A picture whose longer side has at most this many pixels is likely a thumbnail. Phones make thumbnails of 160 to 320
/// pixels; a page photographed at that size cannot be read.
const THUMBNAIL: u32 = 320;

/// Watches one kind of file.
trait Observer: Send {
    /// Takes the file's next bytes.
    fn push(&mut self, bytes: &[u8]);
    /// The picture's size as far as it is known by now.
    fn pixels(&self) -> Option<Pixels> {
        None
    }
    /// How the file ended, which has `size` bytes.
    fn ending(&self, size: u64) -> Ending;
    /// A password is needed to open it.
    fn is_locked(&self) -> bool {
        false
    }
}

/// How a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// As far as can be told it is all there.
    Whole,
    CutOff,
    /// No program can show it.
    Broken,
}

/// What was seen of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// By the file's own claim.
    pub(super) pixels: Option<Pixels>,
    /// Each once, in the order of their weight.
    pub(super) wrong: Vec<Wrong>,
}

/// Watches a document. No Debug: it holds bytes of the client's.
pub(super) struct Care {
    format: Format,
    size: u64,
    even: Even,
    observer: Option<Box<dyn Observer>>,
}

impl Care {
    pub(super) fn new(format: Format) -> Self {
        Self { format, size: 0, even: Even::default(), observer: observer(format) }
    }

    /// Takes the document's next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        self.even.push(bytes);
        if let Some(observer) = &mut self.observer {
            observer.push(bytes);
        }
    }

    /// The document is over.
    pub(super) fn finish(self) -> Seen {
        let pixels = self.pixels();
        let ending = self.observer.as_ref().map_or(Ending::Whole, |observer| observer.ending(self.size));
        let blank = self.even.is_even() && self.format != Format::Text;
        let locked = self.observer.is_some_and(|observer| observer.is_locked());
        let small = is_photo(self.format) && pixels.is_some_and(|pixels| pixels.long_side() <= THUMBNAIL);
        let mut wrong = Vec::new();
        match ending {
            _ if blank => wrong.push(Wrong::Unreadable),
            Ending::Broken => wrong.push(Wrong::Unreadable),
            Ending::CutOff => wrong.push(Wrong::CutOff),
            Ending::Whole => {}
        }
        wrong.extend(locked.then_some(Wrong::Locked));
        wrong.extend(small.then_some(Wrong::Thumbnail));
        Seen { pixels, wrong }
    }

    fn pixels(&self) -> Option<Pixels> {
        self.observer.as_ref()?.pixels()
    }
}

/// The size of the picture that `window` starts; None when it is not in there.
pub(super) fn pixels(format: Format, window: &[u8]) -> Option<Pixels> {
    let mut observer = observer(format)?;
    observer.push(window);
    observer.pixels()
}

fn observer(format: Format) -> Option<Box<dyn Observer>> {
    Some(match format {
        Format::Jpeg => Box::new(jpeg::Jpeg::new()),
        Format::Png => Box::new(png_chunks::Png::new()),
        Format::Gif => Box::new(gif::Gif::new()),
        Format::Bmp => Box::new(bitmap::Bitmap::new()),
        Format::WebP => Box::new(webp::WebP::new()),
        Format::Tiff => Box::new(tiff::Tiff::new()),
        Format::Heic | Format::Avif | Format::Mp4 | Format::Mov | Format::ThreeGp | Format::M4a => {
            Box::new(boxes::Boxes::new())
        }
        Format::Pdf => Box::new(pdf::Pdf::new()),
        Format::Zip | Format::Docx | Format::Xlsx | Format::Pptx | Format::MacroOffice => Box::new(zip::Zip::new()),
        Format::Odt | Format::Ods | Format::Pages => Box::new(zip::Zip::new()),
        Format::OldOffice | Format::Doc | Format::Xls | Format::Ppt | Format::OutlookMessage => {
            Box::new(ole::Ole::new())
        }
        _ => return None,
    })
}

/// The kinds in which phones take photos, and programs send them on.
fn is_photo(format: Format) -> bool {
    matches!(format, Format::Jpeg | Format::Png | Format::WebP | Format::Heic | Format::Avif)
}
