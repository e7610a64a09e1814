//! OLE compound files ([MS-CFB]): old Office documents, and the wrapping of new ones that need a password ([MS-OFFCRYPTO],
//! section 2.3.4).

use super::{
    Ending, Observer,
    search::Search,
    steps::{Steps, little},
};
use memchr::memmem;

/// The name of the stream that holds an encrypted document, as the directory writes it: UTF-16.
const ENCRYPTED_PACKAGE: &[u8] = b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";
/// Sector numbers from here on have a meaning of their own.
const SPECIAL: u64 = 0xffff_fffa;
/// Where the header lists the sectors of the allocation table, and how many it has room for.
const TABLE: (u64, u64) = (0x4c, 109);

#[derive(Clone, Copy)]
enum State {
    /// The size of a sector.
    Shift,
    /// The first sector of the directory.
    Directory,
    /// A sector of the allocation table, and how many more follow.
    Table(u64),
}

/// Watches an OLE file.
pub(super) struct Ole {
    search: Search,
    steps: Steps,
    state: State,
    shift: u64,
    /// Bytes that the file must have.
    least: u64,
    encrypted: bool,
}

impl Ole {
    pub(super) fn new() -> Self {
        Self {
            search: Search::new(),
            steps: Steps::new(32),
            state: State::Shift,
            shift: 9,
            least: 512,
            encrypted: false,
        }
    }

    fn step(&mut self, bytes: &[u8]) {
        match self.state {
            State::Shift => {
                self.shift = little(bytes, 30, 2).clamp(9, 12);
                self.state = State::Directory;
                self.steps.go(0x30, 4);
            }
            State::Directory => {
                self.sector(little(bytes, 0, 4));
                self.state = State::Table(TABLE.1 - 1);
                self.steps.go(TABLE.0, 4);
            }
            State::Table(more) => {
                self.sector(little(bytes, 0, 4));
                if let Some(more) = more.checked_sub(1) {
                    self.state = State::Table(more);
                    self.steps.next(4);
                }
            }
        }
    }

    /// The file has this sector. The last one may be shorter than it should be.
    fn sector(&mut self, number: u64) {
        if number < SPECIAL {
            self.least = self.least.max(((number + 1) << self.shift) + 1);
        }
    }
}

impl Observer for Ole {
    fn push(&mut self, mut bytes: &[u8]) {
        let encrypted = &mut self.encrypted;
        self.search.push(bytes, |window, _| *encrypted |= memmem::find(window, ENCRYPTED_PACKAGE).is_some());
        while let Some(read) = self.steps.take(&mut bytes) {
            self.step(&*read);
        }
    }

    fn ending(&self, size: u64) -> Ending {
        if size < self.least { Ending::CutOff } else { Ending::Whole }
    }

    fn is_locked(&self) -> bool {
        self.encrypted
    }
}
