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
    #[error("line {seq} is not an entry of a trail")]
    Unreadable { seq: u64 },
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

    /// The entry as one line of an exported trail: JSON without a line end.
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect("entries are structures of text and numbers")
    }

    /// Reads a line that [`to_line`](Self::to_line) wrote. None for anything else, be it JSON of the same meaning: one
    /// changed bit in an export is found even where it says the same.
    pub fn from_line(line: &[u8]) -> Option<Self> {
        let entry: Self = serde_json::from_slice(line).ok()?;
        (entry.to_line().as_bytes() == line).then_some(entry)
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

/// Verifies an exported trail, a line for each entry, against the recorded head.
pub fn verify_lines<'a>(lines: impl Iterator<Item = &'a [u8]>, head: Head) -> Result<u64, Broken> {
    let (mut read, mut unreadable) = (0, false);
    let entries = lines.map_while(|line| {
        let entry = Entry::from_line(line);
        (read, unreadable) = (read + 1, entry.is_none());
        entry
    });
    let verdict = verify(entries, head);
    if unreadable { Err(Broken::Unreadable { seq: read }) } else { verdict }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn trail(length: u64) -> (Vec<Entry>, Head) {
        let (mut entries, mut head) = (Vec::new(), Head::genesis());
        for number in 0..length {
            let actor = if number % 2 == 0 { Actor::Relay } else { Actor::Admin("root".into()) };
            let event = match number % 3 {
                0 => Event::RelayStarted { version: "0.1.0".into() },
                1 => Event::JobDropped { job: number, message: None },
                _ => Event::KeyAdded { staff: "alice@staff.example".into(), fingerprint: "AB12".into() },
            };
            let at = Timestamp::from_millis(1_800_000_000_000 + i64::try_from(number).unwrap());
            let entry = head.next(at, actor, event);
            head = entry.head();
            entries.push(entry);
        }
        (entries, head)
    }

    #[test]
    fn a_sound_trail_verifies_and_the_chain_never_changes_its_form() {
        let (entries, head) = trail(20);
        assert_eq!(verify(entries.iter().cloned(), head), Ok(20));
        assert_eq!(verify(std::iter::empty(), Head::genesis()), Ok(0));
        // Chains that exist must verify for ever: if this changes, the format did.
        let fixed = "c40574d1831c1926c8c013237e95da3ee671f7b3d9ce54b194ce080baa141ac0";
        assert_eq!(trail(3).1.hash.to_string(), fixed);
    }

    #[test]
    fn every_flipped_bit_of_an_exported_trail_is_found() {
        let (entries, head) = trail(4);
        let export: Vec<u8> = entries.iter().flat_map(|entry| (entry.to_line() + "\n").into_bytes()).collect();
        let verify =
            |export: &[u8]| verify_lines(export.strip_suffix(b"\n").unwrap_or(export).split(|b| *b == b'\n'), head);
        assert_eq!(verify(&export), Ok(4));
        for position in 0..export.len() - 1 {
            for bit in 0..8 {
                let mut changed = export.clone();
                changed[position] ^= 1 << bit;
                assert!(verify(&changed).is_err(), "byte {position}, bit {bit}");
            }
        }
    }

    #[test]
    fn a_forged_hash_breaks_the_entry_after_it() {
        let (mut entries, head) = trail(5);
        let before = Head { seq: 1, hash: entries[0].hash };
        entries[1] = before.next(entries[1].at, Actor::Relay, Event::RelayStopped);
        assert_eq!(verify(entries.into_iter(), head), Err(Broken::NotChained { seq: 3 }));
    }

    proptest! {
        #[test]
        fn removing_repeating_or_moving_entries_is_found(length in 1u64..12, from in 0usize..12, to in 0usize..12) {
            let (entries, head) = trail(length);
            let (from, to) = (from % entries.len(), to % entries.len());
            let mut removed = entries.clone();
            let taken = removed.remove(from);
            prop_assert!(verify(removed.clone().into_iter(), head).is_err());
            let mut repeated = entries.clone();
            repeated.insert(to, taken.clone());
            prop_assert!(verify(repeated.into_iter(), head).is_err());
            removed.insert(to, taken);
            prop_assert_eq!(verify(removed.into_iter(), head).is_err(), from != to);
            let cut = entries.into_iter().take(from);
            let cut_off = Err(Broken::CutOff { found: from as u64, expected: length });
            prop_assert_eq!(verify(cut, head), cut_off);
        }
    }
}
