//! The index against the spool, at every start: whole files without a record are taken in, files of purged messages go,
//! records without a file are reported. No file that could be somebody's only copy is ever removed here.
//!
//! A file has no record when the process ended between publishing and the store's commit, or when the index is older than
//! the spool (restored from a backup, or lost). The first got no 250, the others did; nothing in the file can tell, so it is
//! taken in: a second copy from the sender is then known by its duplicate tag, while a file removed would be lost for good.
//! Its jobs come back unless the index has them or its trail says that they are done. Where the index knows nothing they may
//! have been done, so there are limits: a forward comes back if it could still be waiting (at worst staff get a mail twice,
//! with one Message-ID), a confirmation only within a day.

use super::{Change, MessageRecord, Store, StoreError, TrailFilter, committer::received};
use crate::{
    audit::{Actor, Event},
    cases::Case,
    clock::Timestamp,
    ids::MessageId,
    queue::Work,
    secret::{AtRestKey, CannotOpen, SealedField},
    spool::{Spool, SpoolError},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};

/// Older forwards were delivered or given up (`[staff_mail] give_up_after` is five days unless set otherwise).
const FORWARD_AGAIN: Duration = Duration::from_secs(5 * 24 * 60 * 60);
/// A later confirmation would puzzle more than it tells.
const CONFIRM_AGAIN: Duration = Duration::from_secs(24 * 60 * 60);
/// Messages taken in with one transaction.
const AT_ONCE: usize = 256;

/// The record at the end of a spool file: all that the index knows of a message and is to do for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpoolRecord {
    pub record: MessageRecord,
    pub jobs: Vec<Work>,
}

/// Why a file could not be taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error(transparent)]
    Key(#[from] CannotOpen),
    #[error("its record is of another message or another release")]
    Foreign,
}

impl SpoolRecord {
    /// Seals the record for the end of its file.
    pub fn seal(&self, key: &AtRestKey) -> Vec<u8> {
        let plain = serde_json::to_vec(self).expect("a record is a structure of text and numbers");
        key.seal(&context(self.record.id), &plain).as_bytes().to_vec()
    }

    /// Opens the record of message `id`.
    pub fn open(id: MessageId, key: &AtRestKey, sealed: Vec<u8>) -> Result<Self, Unreadable> {
        let plain = key.open(&context(id), &SealedField::from_bytes(sealed))?;
        let opened: Self = serde_json::from_slice(&plain).map_err(|_| Unreadable::Foreign)?;
        if opened.record.id == id { Ok(opened) } else { Err(Unreadable::Foreign) }
    }

    /// The jobs that a message taken in at `now` still needs.
    fn jobs_at(&self, now: Timestamp, known: &HashSet<Task>) -> impl Iterator<Item = Work> {
        let age = now.since(self.record.received);
        self.jobs.clone().into_iter().filter(move |work| match work {
            Work::Forward { .. } => age < FORWARD_AGAIN && !known.contains(&task(work)),
            Work::Confirm { .. } => age < CONFIRM_AGAIN && !known.contains(&task(work)),
            Work::Alert { .. } => false,
        })
    }
}

/// A piece of work on a message: the forward of one mail to one staff member, or its confirmation.
type Task = (Option<MessageId>, Option<(String, u32)>);

fn task(work: &Work) -> Task {
    match work {
        Work::Forward { message, staff, mail, .. } => (Some(*message), Some((staff.clone(), *mail))),
        Work::Confirm { .. } | Work::Alert { .. } => (work.message(), None),
    }
}

/// What the index knows to be waiting, and what its trail knows to be done.
fn known_tasks(store: &dyn Store, now: Timestamp) -> Result<HashSet<Task>, StoreError> {
    let recent = TrailFilter { since: Some(now.minus(FORWARD_AGAIN)), ..TrailFilter::default() };
    let done = store.trail(&recent)?.into_iter().filter_map(|entry| match entry.event {
        Event::Forwarded { message, staff, mail } | Event::ForwardFailed { message, staff, mail, .. } => {
            Some((Some(message), Some((staff, mail))))
        }
        Event::ConfirmationSent { message }
        | Event::ConfirmationWithheld { message, .. }
        | Event::ConfirmationFailed { message } => Some((Some(message), None)),
        _ => None,
    });
    let waiting = store.jobs()?.into_iter().map(|job| task(&job.work));
    Ok(done.chain(waiting).collect())
}

fn context(id: MessageId) -> String {
    format!("record of {id}")
}

/// What was found, and mended as far as it can be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Files without a record: taken in, with jobs and an entry of the trail.
    pub adopted: Vec<MessageId>,
    /// Files of purged messages: removed.
    pub removed: Vec<MessageId>,
    /// Records whose ciphertext is gone.
    pub missing: Vec<MessageId>,
    /// Files without a record that cannot be taken in: left where they are.
    pub unreadable: Vec<(MessageId, Unreadable)>,
    /// Cases that were not in the index any more: entered as closed, so that their addresses are not given away again.
    pub cases: u64,
}

/// Index and spool could not be brought together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReconcileError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error(
        "the index is empty but the spool holds {0} sealed messages: restore `store.redb` from a backup, or run \
         `sealdrop check --repair` to rebuild what the spool knows"
    )]
    IndexLost(usize),
}

/// Brings the index in line with the spool before any mail is taken. Writes [`Event::IndexRepaired`] when it changed
/// something. Fails with [`ReconcileError::IndexLost`] when the index was never used and the spool was.
pub fn reconcile(
    store: &dyn Store,
    spool: &dyn Spool,
    at_rest: &AtRestKey,
    now: Timestamp,
) -> Result<Reconciled, ReconcileError> {
    let newest = TrailFilter { last: Some(1), ..TrailFilter::default() };
    let files = spool.list()?.len();
    if files > 0 && store.trail(&newest)?.is_empty() {
        return Err(ReconcileError::IndexLost(files));
    }
    bring_together(store, spool, at_rest, now)
}

/// As [`reconcile`], whatever became of the index.
pub(super) fn bring_together(
    store: &dyn Store,
    spool: &dyn Spool,
    at_rest: &AtRestKey,
    now: Timestamp,
) -> Result<Reconciled, ReconcileError> {
    let kept: BTreeSet<MessageId> = store.kept()?.into_iter().collect();
    let files: BTreeSet<MessageId> = spool.list()?.into_iter().collect();
    let mut found = Reconciled { missing: kept.difference(&files).copied().collect(), ..Reconciled::default() };
    let mut unknown = Vec::new();
    for id in files.difference(&kept) {
        if store.message(*id)?.is_some() {
            spool.remove(*id)?;
            found.removed.push(*id);
        } else {
            unknown.push(*id);
        }
    }
    if !unknown.is_empty() {
        let known = known_tasks(store, now)?;
        let mut adoption = Adoption { store, spool, at_rest, now, known, found: &mut found };
        unknown.chunks(AT_ONCE).try_for_each(|some| adoption.take_in(some))?;
    }
    if !found.adopted.is_empty() || !found.removed.is_empty() {
        let (messages, removed) = (found.adopted.len() as u64, found.removed.len() as u64);
        store.apply(now, Vec::new(), vec![(Actor::Relay, Event::IndexRepaired { messages, removed })])?;
    }
    Ok(found)
}

/// Takes files into the index.
struct Adoption<'a> {
    store: &'a dyn Store,
    spool: &'a dyn Spool,
    at_rest: &'a AtRestKey,
    now: Timestamp,
    known: HashSet<Task>,
    found: &'a mut Reconciled,
}

impl Adoption<'_> {
    /// Takes in some files with one transaction.
    fn take_in(&mut self, ids: &[MessageId]) -> Result<(), StoreError> {
        let (mut changes, mut events, mut cases) = (Vec::new(), Vec::new(), BTreeSet::new());
        for id in ids {
            let opened = match read_whole(self.spool, self.at_rest, *id) {
                Ok(opened) => opened,
                Err(why) => {
                    self.found.unreadable.push((*id, why));
                    continue;
                }
            };
            if let Some(case) = closed_case(self.store, &opened.record, self.now)?
                && cases.insert(case.address.clone())
            {
                changes.push(Change::PutCase(case));
            }
            let jobs = opened.jobs_at(self.now, &self.known);
            changes.extend(jobs.map(|work| Change::AddJob { work, next: self.now }));
            events.push((Actor::Relay, received(&opened.record)));
            changes.push(Change::PutMessage(opened.record));
            self.found.adopted.push(*id);
        }
        self.found.cases += cases.len() as u64;
        self.store.apply(self.now, changes, events).map(|_| ())
    }
}

/// The record of a file whose every byte is as it was written.
fn read_whole(spool: &dyn Spool, at_rest: &AtRestKey, id: MessageId) -> Result<SpoolRecord, Unreadable> {
    spool.verify(id)?;
    SpoolRecord::open(id, at_rest, spool.record(id)?)
}

/// The case of a message as far as the message tells, closed, when the index has lost it.
fn closed_case(store: &dyn Store, record: &MessageRecord, now: Timestamp) -> Result<Option<Case>, StoreError> {
    let Some(address) = record.mailbox.case() else { return Ok(None) };
    if store.case(address)?.is_some() {
        return Ok(None);
    }
    Ok(Some(Case {
        address: address.clone(),
        label: None,
        staff: record.emails.clone(),
        clients: Vec::new(),
        strict: false,
        language: None,
        opened: record.received,
        expires: None,
        closed: Some(now),
    }))
}
