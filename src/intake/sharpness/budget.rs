//! One budget of memory for every photo that is held, whoever sends it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Bytes that are left. Clones share them.
#[derive(Clone, Debug)]
pub struct Budget(Arc<AtomicU64>);

impl Budget {
    pub fn new(bytes: u64) -> Self {
        Self(Arc::new(AtomicU64::new(bytes)))
    }

    /// Bytes that nobody holds now.
    pub fn left(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// A share of no bytes, to grow.
    pub(super) fn share(&self) -> Share {
        Share { budget: self.clone(), bytes: 0 }
    }
}

/// Bytes taken from a budget; given back when dropped.
pub(super) struct Share {
    budget: Budget,
    bytes: u64,
}

impl Share {
    /// Another share of the same budget, of no bytes.
    pub(super) fn again(&self) -> Self {
        self.budget.share()
    }

    /// Takes `bytes` more. False, and nothing taken, when so much is not left.
    #[must_use]
    pub(super) fn grow(&mut self, bytes: u64) -> bool {
        let taken =
            self.budget.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok();
        if taken {
            self.bytes += bytes;
        }
        taken
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.0.fetch_add(self.bytes, Ordering::Relaxed);
    }
}
