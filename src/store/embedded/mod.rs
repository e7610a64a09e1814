//! The embedded store: redb with two-phase commit and a digest on every record, in `store.redb` of the data directory.
//! redb, because it lost nothing in simulated power cuts where others lost half of what they had acknowledged.
//! After a failed commit nothing more is written: whether it reached the disk is not known before a restart.

mod record;
mod salvage;
mod trail;
mod write;

use super::{Change, MessageRecord, ReplyLedger, Store, StoreError, TrailFilter};
use crate::{
    audit::{Actor, Broken, Entry, Event, Head},
    cases::{Case, CaseAddress},
    clock::Timestamp,
    digest::Digest,
    ids::MessageId,
    queue::{Job, JobId, JobState},
    staff::{CertificateRecord, Staff},
};
pub use salvage::Salvaged;

use record::failed;
use redb::{Builder, Database, Durability, ReadTransaction, ReadableDatabase, WriteTransaction, backends::FileBackend};
use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};
use write::{Batch, TAIL, Tail, due_of, job_key};

/// The file's name in the data directory.
const FILE: &str = "store.redb";
/// Bytes of redb's page cache: part of the relay's memory budget.
const CACHE: usize = 8 * 1024 * 1024;
/// Stands under `schema` in `meta`.
const SCHEMA: u32 = 1;

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

/// The database in a file, which is created with mode 0600 when it is absent.
fn database_at(path: &Path) -> Result<Database, StoreError> {
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    let file = opened.map_err(|error| StoreError::Backend(format!("{} cannot be opened: {error}", path.display())))?;
    let backend = FileBackend::new(file).map_err(failed)?;
    Builder::new().set_cache_size(CACHE).create_with_backend(backend).map_err(failed)
}

/// Makes the names in the data directory durable.
fn sync_directory(data_dir: &Path) -> Result<(), StoreError> {
    let synced = File::open(data_dir).and_then(|directory| directory.sync_all());
    synced.map_err(|error| StoreError::Backend(format!("the data directory cannot be synced: {error}")))
}

/// What a transaction came to.
struct Applied {
    tail: Tail,
    added: Vec<JobId>,
    ended: Vec<JobId>,
    people_changed: bool,
}

/// Runs what calls redb: a panic in there is damage of the file, and costs one call instead of the relay.
fn guarded<T>(call: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let result = catch_unwind(AssertUnwindSafe(call));
    result.unwrap_or_else(|_| Err(StoreError::Damaged("the database's own structure".to_owned())))
}

/// A transaction that is durable once committed: two-phase, so that a torn write can never be taken for a commit.
fn begin_write(database: &Database) -> Result<WriteTransaction, StoreError> {
    let mut transaction = database.begin_write().map_err(failed)?;
    transaction.set_durability(Durability::Immediate).map_err(|error| StoreError::Backend(error.to_string()))?;
    transaction.set_two_phase_commit(true);
    Ok(transaction)
}

/// Makes the tables of a new store, and reads where an old one ended.
fn prepare(database: &Database) -> Result<Tail, StoreError> {
    let transaction = begin_write(database)?;
    let tail = {
        for records in record::ALL {
            records.write(&transaction)?;
        }
        let mut meta = record::META.write(&transaction)?;
        match meta.get::<u32>(b"schema")? {
            Some(SCHEMA) => {
                let tail = meta.get(TAIL)?.ok_or_else(|| StoreError::Damaged("meta tail is missing".to_owned()))?;
                return Ok(tail);
            }
            Some(other) => {
                return Err(StoreError::Backend(format!("it was written by a newer release (schema {other})")));
            }
            None => {
                let tail = Tail { head: Head::genesis(), next_job: 1 };
                meta.put(TAIL, &tail)?;
                meta.put(b"schema", &SCHEMA)?;
                tail
            }
        }
    };
    transaction.commit().map_err(failed)?;
    Ok(tail)
}

impl Store for EmbeddedStore {
    fn apply(
        &self,
        now: Timestamp,
        changes: Vec<Change>,
        events: Vec<(Actor, Event)>,
    ) -> Result<Vec<JobId>, StoreError> {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        if self.poisoned.load(Ordering::Acquire) {
            return Err(StoreError::Poisoned);
        }
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
                let job = jobs.get(&job_key(id))?;
                leased.push(job.ok_or_else(|| StoreError::Damaged(format!("jobs {id} is missing")))?);
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
