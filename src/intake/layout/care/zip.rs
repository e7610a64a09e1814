//! ZIP, and the Office documents that are zips (APPNOTE 6.3, section 4.3): whether the end of the central directory is
//! there, and whether the first entries are encrypted. Nothing is ever unpacked.

use super::{Ending, Observer, search::Search, steps::little};
use memchr::memmem;

/// Entries whose encryption is looked at.
const ENTRIES: u32 = 16;
/// Bytes of the record that ends the central directory.
const END: u64 = 22;

/// Watches a zip.
pub(super) struct Zip {
    search: Search,
    /// Where the last of the headers and of the central directory's records starts.
    entry: Option<u64>,
    /// Where the record that ends the directory starts that was seen last, and the bytes of its comment.
    end: Option<(u64, u64)>,
    looked_at: u32,
    encrypted: bool,
}

impl Zip {
    pub(super) fn new() -> Self {
        Self { search: Search::new(), entry: None, end: None, looked_at: 0, encrypted: false }
    }

    /// A record at this place: its bytes as far as they are in the window.
    fn record(&mut self, place: u64, bytes: &[u8]) {
        match bytes[2..4] {
            [3, 4] if bytes.len() >= 30 && self.entry.is_none_or(|entry| place > entry) => {
                self.entry = Some(place);
                // Four bytes are found in packed data by chance: a real header says what can be.
                let (version, flags, method) = (little(bytes, 4, 2), little(bytes, 6, 2), little(bytes, 8, 2));
                if self.looked_at < ENTRIES && version & 0xff <= 63 && method <= 99 {
                    self.looked_at += 1;
                    self.encrypted |= flags & 1 == 1;
                }
            }
            [1, 2] if self.entry.is_none_or(|entry| place > entry) => self.entry = Some(place),
            [5, 6] if bytes.len() >= END as usize && self.end.is_none_or(|(end, _)| place > end) => {
                self.end = Some((place, little(bytes, 20, 2)));
            }
            _ => {}
        }
    }
}

impl Observer for Zip {
    fn push(&mut self, bytes: &[u8]) {
        let mut search = std::mem::replace(&mut self.search, Search::new());
        search.push(bytes, |window, at| {
            for found in memmem::find_iter(window, b"PK") {
                if window.len() >= found + 4 {
                    self.record(at + found as u64, &window[found..]);
                }
            }
        });
        self.search = search;
    }

    fn ending(&self, size: u64) -> Ending {
        let whole = self
            .end
            .is_some_and(|(end, comment)| end + END + comment <= size && self.entry.is_none_or(|entry| entry < end));
        if whole { Ending::Whole } else { Ending::CutOff }
    }

    fn is_locked(&self) -> bool {
        self.encrypted
    }
}
