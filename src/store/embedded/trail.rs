//! Reading the trail: by filter, and whole for verification. Entries stream out of the file; none is ever written here.

use super::{
    super::{MessageRecord, StoreError, TrailFilter},
    record::{self, Reading},
    write::{TAIL, Tail},
};
use crate::{
    audit::{self, Broken, Entry},
    cases::CaseAddress,
    ids::MessageId,
};
use redb::{ReadTransaction, ReadableTable};
use std::collections::HashMap;

/// The entries that the filter wants, in order. With `last` it reads from the end and no further than it must.
pub(super) fn find(transaction: &ReadTransaction, filter: &TrailFilter) -> Result<Vec<Entry>, StoreError> {
    let (trail, messages) = (record::TRAIL.read(transaction)?, record::MESSAGES.read(transaction)?);
    let mut cases = CasesOfMessages { messages, known: HashMap::new() };
    let mut found: Vec<Entry> = Vec::new();
    for entry in trail.scan::<Entry>(&[], filter.last.is_some())? {
        if filter.last.is_some_and(|last| found.len() >= last) {
            break;
        }
        let (_, entry) = entry?;
        let late_enough = filter.since.is_none_or(|since| entry.at >= since);
        if late_enough && cases.concern(&entry, filter.case.as_ref())? {
            found.push(entry);
        }
    }
    if filter.last.is_some() {
        found.reverse();
    }
    Ok(found)
}

/// Tells whether an entry is about a case: itself, or through the message that it names.
struct CasesOfMessages<T> {
    messages: Reading<T>,
    known: HashMap<MessageId, Option<CaseAddress>>,
}

impl<T: ReadableTable<&'static [u8], &'static [u8]>> CasesOfMessages<T> {
    fn concern(&mut self, entry: &Entry, wanted: Option<&CaseAddress>) -> Result<bool, StoreError> {
        let Some(wanted) = wanted else { return Ok(true) };
        if let Some(case) = entry.event.case() {
            return Ok(case == wanted);
        }
        let Some(id) = entry.event.message() else { return Ok(false) };
        if !self.known.contains_key(&id) {
            let record = self.messages.get::<MessageRecord>(&id.to_bytes())?;
            self.known.insert(id, record.and_then(|record| record.mailbox.case().cloned()));
        }
        Ok(self.known.get(&id).is_some_and(|case| case.as_ref() == Some(wanted)))
    }
}

/// Verifies every entry against the chain and the recorded head.
pub(super) fn verify(transaction: &ReadTransaction) -> Result<Result<u64, Broken>, StoreError> {
    let tail: Option<Tail> = record::META.read(transaction)?.get(TAIL)?;
    let tail = tail.ok_or_else(|| StoreError::Damaged("meta tail is missing".to_owned()))?;
    let trail = record::TRAIL.read(transaction)?;
    let mut damage = None;
    let entries = trail.scan::<Entry>(&[], false)?.map_while(|entry| match entry {
        Ok((_, entry)) => Some(entry),
        Err(error) => {
            damage = Some(error);
            None
        }
    });
    let verdict = audit::verify(entries, tail.head);
    damage.map_or(Ok(verdict), Err)
}
