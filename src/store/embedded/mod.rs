//! The embedded store: redb with two-phase commit and a digest on every record, in `store.redb` of the data directory.
//! redb, because it lost nothing in simulated power cuts where others lost half of what they had acknowledged.
//! After a failed commit nothing more is written: whether it reached the disk is not known before a restart.

mod file;
mod record;
mod salvage;
#[cfg(test)]
mod tests;
mod trail;
mod write;

use super::{Change, MessageRecord, ReplyLedger, Store, StoreError, TrailFilter};
use crate::{
    audit::{Actor, Broken, Entry, Event},
    cases::{Case, CaseAddress},
    clock::Timestamp,
    digest::Digest,
    ids::MessageId,
    queue::{Job, JobId, JobState},
    staff::{CertificateRecord, Staff},
};
use file::{begin_write, database_at, guarded, prepare, sync_directory};
use record::failed;
use redb::{Database, ReadTransaction, ReadableDatabase};
use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};
use write::{Batch, Tail, due_of, job_key};

pub use salvage::Salvaged;

/// The file's name in the data directory.
const FILE: &str = "store.redb";
/// The store in one file of the data directory.
pub struct EmbeddedStore {
    database: Database,
    tail: Mutex<Tail>,
    /// Leased jobs and until when. In memory alone: leases end with the process.
    leases: Mutex<HashMap<JobId, Timestamp>>,
    poisoned: AtomicBool,
    generation: AtomicU64,
}

impl EmbeddedStore {
    /// Opens the store in `data_dir` (which must exist), creating the file with mode 0600 when it is absent.
    pub fn open(data_dir: &Path) -> Result<Self, StoreError> {
        guarded(|| Self::open_file(data_dir))
    }

    fn open_file(data_dir: &Path) -> Result<Self, StoreError> {
        let database = database_at(&data_dir.join(FILE))?;
        sync_directory(data_dir)?;
        Self::over(database)
    }

    fn over(database: Database) -> Result<Self, StoreError> {
        let tail = prepare(&database)?;
        Ok(Self {
            database,
            tail: Mutex::new(tail),
            leases: Mutex::default(),
            poisoned: AtomicBool::new(false),
            generation: AtomicU64::new(1),
        })
    }

    /// Reads in one snapshot.
    fn read<T>(&self, read: impl FnOnce(&ReadTransaction) -> Result<T, StoreError>) -> Result<T, StoreError> {
        guarded(|| read(&self.database.begin_read().map_err(failed)?))
    }

    fn leases(&self) -> MutexGuard<'_, HashMap<JobId, Timestamp>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poison(&self, error: &StoreError) -> StoreError {
        self.poisoned.store(true, Ordering::Release);
        tracing::error!(%error, "the store failed to write: nothing more is written until a restart");
        StoreError::Poisoned
    }

    /// Writes one transaction and gives what it continues with. Fails before the commit with nothing written, or, when the
    /// commit itself fails, poisoned.
    fn transact(
        &self,
        now: Timestamp,
        tail: Tail,
        changes: Vec<Change>,
        events: Vec<(Actor, Event)>,
    ) -> Result<Applied, StoreError> {
        let transaction = begin_write(&self.database)?;
        let applied = {
            let mut batch = Batch::new(&transaction, now, tail);
            changes.into_iter().try_for_each(|change| batch.change(change))?;
            batch.append(events)?;
            batch.finish()?;
            Applied { tail: batch.tail, added: batch.added, ended: batch.ended, people_changed: batch.people_changed }
        };
        guarded(|| transaction.commit().map_err(failed)).map_err(|error| self.poison(&error))?;
        Ok(applied)
    }
}

/// What a transaction came to.
struct Applied {
    tail: Tail,
    added: Vec<JobId>,
    ended: Vec<JobId>,
    people_changed: bool,
}

impl Store for EmbeddedStore {
    fn apply(
        &self,
        now: Timestamp,
        changes: Vec<Change>,
        events: Vec<(Actor, Event)>,
    ) -> Result<Vec<JobId>, StoreError> {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        self.ready()?;
        if changes.is_empty() && events.is_empty() {
            return Ok(Vec::new());
        }
        let applied = guarded(|| self.transact(now, *tail, changes, events))?;
        *tail = applied.tail;
        if applied.people_changed {
            self.generation.fetch_add(1, Ordering::AcqRel);
        }
        let mut leases = self.leases();
        for id in applied.ended {
            leases.remove(&id);
        }
        Ok(applied.added)
    }

    fn cases(&self) -> Result<Vec<Case>, StoreError> {
        self.read(|transaction| record::CASES.read(transaction)?.all())
    }

    fn case(&self, address: &CaseAddress) -> Result<Option<Case>, StoreError> {
        self.read(|transaction| record::CASES.read(transaction)?.get(address.as_str().as_bytes()))
    }

    fn staff(&self) -> Result<Vec<Staff>, StoreError> {
        self.read(|transaction| record::STAFF.read(transaction)?.all())
    }

    fn staff_member(&self, email: &str) -> Result<Option<Staff>, StoreError> {
        self.read(|transaction| record::STAFF.read(transaction)?.get(email.as_bytes()))
    }

    fn certificates(&self) -> Result<Vec<CertificateRecord>, StoreError> {
        self.read(|transaction| record::CERTIFICATES.read(transaction)?.all())
    }

    fn certificates_of(&self, email: &str) -> Result<Vec<CertificateRecord>, StoreError> {
        let mut certificates = self.certificates()?;
        certificates.retain(|certificate| certificate.owner == email);
        Ok(certificates)
    }

    fn messages(&self) -> Result<Vec<MessageRecord>, StoreError> {
        self.read(|transaction| record::MESSAGES.read(transaction)?.all())
    }

    fn message(&self, id: MessageId) -> Result<Option<MessageRecord>, StoreError> {
        self.read(|transaction| record::MESSAGES.read(transaction)?.get(&id.to_bytes()))
    }

    fn kept(&self) -> Result<Vec<MessageId>, StoreError> {
        self.read(|transaction| {
            let messages = record::MESSAGES.read(transaction)?;
            let records = messages.scan::<MessageRecord>(&[], false)?;
            let kept = records.filter_map(|found| match found {
                Ok((_, record)) => record.purged.is_none().then_some(Ok(record.id)),
                Err(error) => Some(Err(error)),
            });
            kept.collect()
        })
    }

    fn duplicate_of(&self, tag: Digest) -> Result<Option<MessageId>, StoreError> {
        self.read(|transaction| record::DUPLICATES.read(transaction)?.get(&tag.0))
    }

    fn ledger(&self, key: Digest) -> Result<ReplyLedger, StoreError> {
        self.read(|transaction| Ok(record::LEDGERS.read(transaction)?.get(&key.0)?.unwrap_or_default()))
    }

    fn jobs(&self) -> Result<Vec<Job>, StoreError> {
        let leases = self.leases();
        let jobs: Vec<Job> = self.read(|transaction| record::JOBS.read(transaction)?.all())?;
        Ok(jobs.into_iter().map(|job| with_lease(job, &leases)).collect())
    }

    fn job(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        let leases = self.leases();
        let job = self.read(|transaction| record::JOBS.read(transaction)?.get(&job_key(id)))?;
        Ok(job.map(|job| with_lease(job, &leases)))
    }

    fn lease(&self, now: Timestamp, until: Timestamp, limit: usize) -> Result<Vec<Job>, StoreError> {
        // What came of an attempt could not be written: the same mail would go out at the end of every lease.
        self.ready()?;
        // Locked before the snapshot is taken, so that no attempt ends between the two and leaves its job due in an old view.
        let mut leases = self.leases();
        self.read(|transaction| {
            let jobs = record::JOBS.read(transaction)?;
            let mut leased = Vec::new();
            for due in record::DUE.read(transaction)?.scan::<()>(&[], false)? {
                let Some((next, id)) = due_of(&due?.0) else { continue };
                if next > now || leased.len() == limit {
                    break;
                }
                if leases.get(&id).is_some_and(|until| *until > now) {
                    continue;
                }
                match jobs.get(&job_key(id)) {
                    Ok(Some(job)) => leased.push(job),
                    // One job that cannot be read must not hold up all others: it is passed over until the lease ends.
                    Ok(None) | Err(StoreError::Damaged(_)) => {
                        tracing::error!(job = id, "a job is damaged and waits for `sealdrop check --repair`");
                        leases.insert(id, until);
                    }
                    Err(error) => return Err(error),
                }
            }
            leases.extend(leased.iter().map(|job: &Job| (job.id, until)));
            Ok(leased.into_iter().map(|job| with_lease(job, &leases)).collect())
        })
    }

    fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let leases = self.leases();
        let lease_ends = leases.values().min().copied();
        self.read(|transaction| {
            for due in record::DUE.read(transaction)?.scan::<()>(&[], false)? {
                match due_of(&due?.0) {
                    Some((next, id)) if !leases.contains_key(&id) => {
                        return Ok(Some(lease_ends.map_or(next, |end| end.min(next))));
                    }
                    _ => {}
                }
            }
            Ok(lease_ends)
        })
    }

    fn trail(&self, filter: &TrailFilter) -> Result<Vec<Entry>, StoreError> {
        self.read(|transaction| trail::find(transaction, filter))
    }

    fn verify_trail(&self) -> Result<Result<u64, Broken>, StoreError> {
        self.read(trail::verify)
    }

    fn ready(&self) -> Result<(), StoreError> {
        if self.poisoned.load(Ordering::Acquire) { Err(StoreError::Poisoned) } else { Ok(()) }
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }
}

/// The job as it stands: the lease is not in the file.
fn with_lease(job: Job, leases: &HashMap<JobId, Timestamp>) -> Job {
    match (&job.state, leases.get(&job.id)) {
        (JobState::Waiting { .. }, Some(until)) => Job { state: JobState::Leased { until: *until }, ..job },
        _ => job,
    }
}
