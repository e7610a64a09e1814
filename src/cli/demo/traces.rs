//! Looks for traces of what was sent in files: of words, and of any 63 consecutive bytes of a photo, each as it is and in
//! base64, whichever way it falls into groups of three.

use crate::armor;
use std::{
    collections::{HashMap, HashSet},
    fs, io,
    path::Path,
};

/// Length of the pieces that photos are looked for by, in bytes.
const WINDOW: usize = 32;
/// The shortest piece that is looked for, in bytes: by so many, pieces are told apart.
const SHORTEST: usize = 8;
/// A piece with fewer different bytes says nothing: runs of one byte are in many files.
const MIN_VARIETY: usize = 8;

/// Pieces to look for, by their first bytes.
#[derive(Default)]
pub struct Traces {
    pieces: HashMap<[u8; SHORTEST], Vec<Vec<u8>>>,
    /// Which first two bytes occur: most of a file is passed over by this.
    begins: HashSet<[u8; 2]>,
    count: usize,
}

/// What was searched.
#[derive(Default)]
pub struct Searched {
    pub files: usize,
    pub bytes: u64,
    pub found: usize,
}

impl Traces {
    /// Looks for a whole text, too.
    pub fn add_text(&mut self, text: &str) {
        self.add(text.as_bytes().to_vec());
        for skipped in 0..3 {
            // The last group of base64 depends on what follows: only whole groups are looked for.
            let rest = text.as_bytes().get(skipped..).unwrap_or_default();
            self.add(armor::base64(&rest[..rest.len() / 3 * 3]).into_bytes());
        }
    }

    /// Looks for pieces of these bytes, too.
    pub fn add_bytes(&mut self, bytes: &[u8]) {
        self.add_windows(bytes);
        for skipped in 0..3 {
            self.add_windows(armor::base64(&bytes[skipped.min(bytes.len())..]).as_bytes());
        }
    }

    /// How many pieces are looked for.
    pub fn count(&self) -> usize {
        self.count
    }

    fn add_windows(&mut self, bytes: &[u8]) {
        for window in bytes.chunks_exact(WINDOW) {
            if window.iter().collect::<HashSet<_>>().len() >= MIN_VARIETY {
                self.add(window.to_vec());
            }
        }
    }

    fn add(&mut self, piece: Vec<u8>) {
        let Some(begin) = piece.first_chunk::<SHORTEST>() else { return };
        self.begins.insert([begin[0], begin[1]]);
        self.pieces.entry(*begin).or_default().push(piece);
        self.count += 1;
    }

    /// How many different pieces are in `bytes`.
    pub fn search(&self, bytes: &[u8]) -> usize {
        let mut seen = vec![false; 1 << 16];
        for begin in &self.begins {
            seen[usize::from(u16::from_be_bytes(*begin))] = true;
        }
        let mut found = HashSet::new();
        for (at, pair) in bytes.array_windows::<2>().enumerate() {
            if !seen[usize::from(u16::from_be_bytes(*pair))] {
                continue;
            }
            let Some(begin) = bytes[at..].first_chunk::<SHORTEST>() else { break };
            let candidates = self.pieces.get(begin).into_iter().flatten();
            found.extend(candidates.filter(|piece| bytes[at..].starts_with(piece)));
        }
        found.len()
    }

    /// Searches every file below a directory.
    pub fn search_directory(&self, dir: &Path) -> io::Result<Searched> {
        let mut searched = Searched::default();
        let mut dirs = vec![dir.to_owned()];
        while let Some(dir) = dirs.pop() {
            for entry in fs::read_dir(dir)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    dirs.push(entry.path());
                } else if kind.is_file() {
                    let bytes = fs::read(entry.path())?;
                    searched.files += 1;
                    searched.bytes += bytes.len() as u64;
                    searched.found += self.search(&bytes);
                }
            }
        }
        Ok(searched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo() -> Vec<u8> {
        (0..4096_u32).flat_map(|n| crate::digest::blake3(&n.to_le_bytes()).0).collect()
    }

    #[test]
    fn a_piece_of_a_photo_is_found_raw_and_in_base64_wherever_it_begins() {
        let photo = photo();
        let mut traces = Traces::default();
        traces.add_bytes(&photo);
        for begin in 1000..1004 {
            let piece = &photo[begin..begin + 63];
            assert!(traces.search(&[b"xyz".as_slice(), piece, b"end"].concat()) > 0, "raw at {begin}");
            let encoded = armor::base64(&photo[begin..begin + 57]);
            assert!(traces.search(encoded.as_bytes()) > 0, "base64 at {begin}");
        }
        assert_eq!(traces.search(&[0; 4096]), 0);
        assert_eq!(traces.search(&armor::base64(&[7; 4096]).into_bytes()), 0);
    }

    #[test]
    fn words_are_found_within_others() {
        let mut traces = Traces::default();
        traces.add_text("Juniper Street");
        assert!(traces.search(b"the apartment on Juniper Street.") > 0);
        for lead in ["", "a", "ab"] {
            let encoded = armor::base64(format!("{lead}Juniper Street and more").as_bytes());
            assert!(traces.search(encoded.as_bytes()) > 0, "after {lead:?}");
        }
        assert_eq!(traces.search(b"Juniper Lane"), 0);
    }
}
