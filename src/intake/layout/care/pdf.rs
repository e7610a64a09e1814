//! PDF (ISO 32000-1, section 7.5): whether its end is there, and whether it is encrypted. Programs that send on files append
//! junk, so the end marker may stand anywhere behind the last object; a file that loads page by page has one near its
//! start as well, but objects follow upon that.

use super::{Ending, Observer, search::Search};
use memchr::memmem;

/// Watches a PDF.
pub(super) struct Pdf {
    search: Search,
    /// Behind the last end marker, and behind the last object.
    marker: u64,
    object: u64,
    encrypted: bool,
}

impl Pdf {
    pub(super) fn new() -> Self {
        Self { search: Search::new(), marker: 0, object: 0, encrypted: false }
    }
}

/// Whether what follows `/Encrypt` is a reference (`12 0 R`) or a dictionary, as only in the trailer: words in a page's
/// text have neither.
fn is_entry(after: &[u8]) -> bool {
    let after = after.trim_ascii_start();
    if after.starts_with(b"<<") {
        return true;
    }
    let mut words = after.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let is_number = |word: Option<&[u8]>| word.is_some_and(|word| word.iter().all(u8::is_ascii_digit));
    is_number(words.next()) && is_number(words.next()) && words.next().is_some_and(|word| word.starts_with(b"R"))
}

impl Observer for Pdf {
    fn push(&mut self, bytes: &[u8]) {
        const ENCRYPT: &[u8] = b"/Encrypt";
        let Self { search, marker, object, encrypted } = self;
        search.push(bytes, |window, at| {
            let last = |word: &[u8]| memmem::rfind(window, word).map_or(0, |found| at + (found + word.len()) as u64);
            *marker = (*marker).max(last(b"startxref")).max(last(b"%%EOF"));
            *object = (*object).max(last(b"endobj"));
            *encrypted = *encrypted
                || memmem::find_iter(window, ENCRYPT).any(|found| {
                    let after = &window[found + ENCRYPT.len()..];
                    is_entry(&after[..after.len().min(40)])
                });
        });
    }

    fn ending(&self, _size: u64) -> Ending {
        if self.marker > self.object { Ending::Whole } else { Ending::CutOff }
    }

    fn is_locked(&self) -> bool {
        self.encrypted
    }
}
