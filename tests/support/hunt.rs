//! Looks for secrets where none may be: any eight bytes of one, as they are or in base64.

use base64_simd::STANDARD;
use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

/// Bytes of a secret that cannot be there by chance.
const WINDOW: usize = 8;

/// What is looked for.
#[derive(Default)]
pub struct Hunt {
    windows: HashMap<[u8; WINDOW], &'static str>,
}

impl Hunt {
    /// Adds a secret, under a name that the report uses.
    pub fn add(&mut self, name: &'static str, secret: &[u8]) {
        assert!(secret.len() >= 3 * WINDOW, "{name} is too short to be found in base64");
        self.note(name, secret);
        for alignment in 0..3 {
            let shifted = [&b"\0\0"[..alignment], secret].concat();
            let whole = shifted.len() / 3 * 3;
            let encoded = STANDARD.encode_to_string(&shifted[..whole]);
            // The first characters hold what stands before the secret.
            self.note(name, &encoded.as_bytes()[4..]);
        }
    }

    fn note(&mut self, name: &'static str, form: &[u8]) {
        self.windows.extend(form.windows(WINDOW).map(|window| (window.try_into().unwrap(), name)));
    }

    /// The secrets that these bytes hold any part of.
    pub fn find(&self, bytes: &[u8]) -> HashSet<&'static str> {
        bytes.windows(WINDOW).filter_map(|window| self.windows.get(window).copied()).collect()
    }

    /// Fails when these bytes hold anything of a secret.
    pub fn nothing_in(&self, place: &str, bytes: &[u8]) {
        let found = self.find(bytes);
        assert!(found.is_empty(), "{place} holds {found:?}");
    }

    /// Every file below `directory`, with its length and what its content and name hold of any secret.
    pub fn look_below(&self, directory: &Path) -> Vec<(PathBuf, usize, HashSet<&'static str>)> {
        let look = |file: PathBuf| {
            let bytes = fs::read(&file).unwrap();
            let found = &self.find(&bytes) | &self.find(file.as_os_str().as_encoded_bytes());
            (file, bytes.len(), found)
        };
        files_below(directory).into_iter().map(look).collect()
    }

    /// Fails when a file below `directory` holds anything of a secret; gives how many bytes were looked at.
    pub fn nothing_below(&self, directory: &Path) -> usize {
        let files = self.look_below(directory);
        let leaks: Vec<_> = files.iter().filter(|(_, _, found)| !found.is_empty()).collect();
        assert!(leaks.is_empty(), "{leaks:?}");
        files.iter().map(|(_, length, _)| length).sum()
    }
}

/// Every regular file below a directory.
fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files.extend(files_below(&entry.path()));
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    files
}
