//! The hash chain: each entry's hash covers its content and the hash before it.
//!
//! The hash of an entry is SHA-256 over `sealdrop trail v1`, a zero byte, the sequence number (u64), the time in
//! milliseconds (i64), the hash before (32 bytes), and then actor and event, each as its length (u64) and its JSON; numbers
//! are big-endian. JSON is written by serde from the declarations in `event`: a variant or an optional field that is skipped
//! when absent may be added, a field renamed or moved would break the chains that exist.

use super::{Actor, Event};
use crate::{
    clock::Timestamp,
    digest::{Digest, Sha256, sha256},
};
use serde::{Deserialize, Serialize};

/// What every hash of the chain begins with.
const DOMAIN: &[u8] = b"sealdrop trail v1\0";

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
    #[error("entry {seq} does not follow entry {}: an entry was removed, added or moved", .seq.saturating_sub(1))]
    NotChained { seq: u64 },
    #[error("the trail ends at entry {found}, but {expected} were written")]
    CutOff { found: u64, expected: u64 },
}

impl Head {
    /// The head of an empty trail.
    pub fn genesis() -> Self {
        Self { seq: 0, hash: sha256(DOMAIN) }
    }

    /// The entry that follows this head.
    pub fn next(&self, at: Timestamp, actor: Actor, event: Event) -> Entry {
        let (seq, previous) = (self.seq + 1, self.hash);
        let hash = hash(seq, at, previous, &actor, &event);
        Entry { seq, at, actor, event, previous, hash }
    }
}

impl Entry {
    /// The head after this entry.
    pub fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash }
    }
}

fn hash(seq: u64, at: Timestamp, previous: Digest, actor: &Actor, event: &Event) -> Digest {
    let mut hash = Sha256::default();
    hash.update(DOMAIN);
    hash.update(&seq.to_be_bytes());
    hash.update(&at.as_millis().to_be_bytes());
    hash.update(&previous.0);
    for json in [serde_json::to_vec(actor), serde_json::to_vec(event)] {
        let json = json.expect("actors and events are structures of text and numbers");
        hash.update(&(json.len() as u64).to_be_bytes());
        hash.update(&json);
    }
    hash.finish()
}

/// Verifies entries in order against each other and against the recorded head; gives the number of entries.
pub fn verify(entries: impl Iterator<Item = Entry>, head: Head) -> Result<u64, Broken> {
    let mut last = Head::genesis();
    for entry in entries {
        let seq = last.seq + 1;
        if entry.seq != seq || entry.previous != last.hash {
            return Err(Broken::NotChained { seq });
        }
        if entry.hash != hash(seq, entry.at, entry.previous, &entry.actor, &entry.event) {
            return Err(Broken::Changed { seq });
        }
        last = entry.head();
    }
    if last.seq < head.seq {
        return Err(Broken::CutOff { found: last.seq, expected: head.seq });
    }
    if last != head {
        return Err(Broken::NotChained { seq: head.seq.saturating_add(1) });
    }
    Ok(last.seq)
}
