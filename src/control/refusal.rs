//! Why a request was not carried out: what, why, and what to do next.

use crate::{spool::SpoolError, store::StoreError};
use serde::{Deserialize, Serialize};

/// A request that was refused or failed; nothing was changed. Holds no label and no client's address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{what}: {why}; {next}")]
pub struct Refusal {
    /// What could not be done.
    pub what: String,
    pub why: String,
    /// What to do next.
    pub next: String,
}

impl Refusal {
    /// A refusal of these three parts; none begins with a capital or ends with a full stop.
    pub fn new(what: impl Into<String>, why: impl Into<String>, next: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.into(), next: next.into() }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let next = match error {
            StoreError::Locked => "end the other process, then try again",
            StoreError::Full => "free space on the disk of the data directory, then try again",
            StoreError::Damaged(_) => "the sealed messages themselves are safe in the spool",
            StoreError::Poisoned => "look at the system's log for the disk's errors",
            StoreError::Backend(_) => "run `sealdrop check`",
        };
        Self::new("the store did not do it", error.to_string(), next)
    }
}

impl From<SpoolError> for Refusal {
    fn from(error: SpoolError) -> Self {
        let next = match error {
            SpoolError::Full => "free space on the disk of the data directory, then try again",
            SpoolError::Missing(_) | SpoolError::Damaged(..) => "run `sealdrop check`",
            SpoolError::Poisoned | SpoolError::Io(..) => "look at the system's log for the disk's errors",
        };
        Self::new("the spool did not do it", error.to_string(), next)
    }
}
