//! Whether a file is one byte over and over: what is left of a photo when an upload reserved its place and sent nothing.

/// Files shorter than this may well be so.
const LEAST: u64 = 16;

/// Compares each byte with the first.
#[derive(Default)]
pub(super) struct Even {
    first: Option<u8>,
    differs: bool,
    size: u64,
}

impl Even {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        if let Some(first) = self.first.or(bytes.first().copied()) {
            self.first = Some(first);
            self.differs = self.differs || bytes.iter().any(|byte| *byte != first);
        }
    }

    pub(super) fn is_even(&self) -> bool {
        !self.differs && self.size >= LEAST
    }
}
