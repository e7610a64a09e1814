//! The hash chain: each entry's hash covers its content and the hash before it.

use super::{Actor, Event};
use crate::{clock::Timestamp, digest::Digest};
use serde::{Deserialize, Serialize};

/// One entry of the trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// 1 for the first entry.
    pub seq: u64,
    pub at: Timestamp,
    pub actor: Actor,
    #[serde(flatten)]
    pub event: Event,
    pub previous: Digest,
    pub hash: Digest,
}

/// The end of the chain: what the next entry is chained to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub seq: u64,
    pub hash: Digest,
}

/// Where and how a trail is broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("entry {seq} was changed: its hash is not that of its content")]
    Changed { seq: u64 },
    #[error("entry {seq} does not follow entry {}: an entry was removed, added or moved", .seq - 1)]
    NotChained { seq: u64 },
    #[error("the trail ends at entry {found}, but {expected} were written")]
    CutOff { found: u64, expected: u64 },
}

impl Head {
    /// The head of an empty trail.
    pub fn genesis() -> Self {
        todo!()
    }

    /// The entry that follows this head.
    pub fn next(&self, _at: Timestamp, _actor: Actor, _event: Event) -> Entry {
        todo!()
    }
}

/// Verifies entries in order against each other and against the recorded head; gives the number of entries.
pub fn verify(_entries: impl Iterator<Item = Entry>, _head: Head) -> Result<u64, Broken> {
    todo!()
}
