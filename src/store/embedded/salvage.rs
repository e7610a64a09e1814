//! Carrying what is sound out of a damaged store into a new file. The damaged file is renamed, never changed or removed.
//! What can be made again from other records (the order of due jobs, duplicate tags) is.

use super::{
    super::{MessageRecord, StoreError},
    EmbeddedStore, FILE,
    file::{begin_write, database_at, guarded, prepare, sync_directory},
    record::{self, Raw, Records, failed},
    write::{TAIL, Tail, due_key},
};
use crate::{
    audit::{Entry, Head},
    clock::Timestamp,
    queue::{Job, JobState},
};
use redb::{Database, ReadableDatabase};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Records handled at once.
const AT_ONCE: usize = 4096;
/// How far job ids jump when the next one is not known: an id is never used twice.
const SKIPPED_JOBS: u64 = 1_000_000;
/// The new store while it is made.
const NEW_FILE: &str = "store.redb.new";
/// Tables that are carried over as they are.
const CARRIED: [Records; 8] = [
    record::CASES,
    record::STAFF,
    record::CERTIFICATES,
    record::MESSAGES,
    record::DUPLICATES,
    record::JOBS,
    record::LEDGERS,
    record::TRAIL,
];

/// What was wrong with the store, and where the damaged file is now. Empty when nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Salvaged {
    /// Tables and keys of records that could not be carried over.
    pub damaged: Vec<String>,
    pub set_aside: Option<PathBuf>,
}

impl EmbeddedStore {
    /// Examines every record of the store in `data_dir`. If any is damaged, puts a new file with the sound ones in its
    /// place. Needs the store to itself.
    pub fn salvage(data_dir: &Path, now: Timestamp) -> Result<Salvaged, StoreError> {
        let file = data_dir.join(FILE);
        if !file.exists() {
            return Ok(Salvaged::default());
        }
        let mut damaged = Vec::new();
        let old = match guarded(|| database_at(&file)) {
            Ok(database) => {
                for records in record::ALL {
                    each_batch(&database, records, &mut damaged, |_| Ok(()))?;
                }
                check_tail(&database, &mut damaged);
                Some(database)
            }
            Err(StoreError::Damaged(what)) => {
                damaged.push(what);
                None
            }
            Err(other) => return Err(other),
        };
        if damaged.is_empty() {
            return Ok(Salvaged::default());
        }
        make_new(data_dir, old.as_ref())?;
        let aside = data_dir.join(format!("{FILE}.damaged-{}", now.as_millis()));
        let swapped = fs::rename(&file, &aside).and_then(|()| fs::rename(data_dir.join(NEW_FILE), &file));
        swapped.map_err(|error| StoreError::Backend(format!("the repaired file cannot be put in place: {error}")))?;
        sync_directory(data_dir)?;
        Ok(Salvaged { damaged, set_aside: Some(aside) })
    }
}

fn check_tail(database: &Database, damaged: &mut Vec<String>) {
    if matches!(read_tail(database), Ok(None)) {
        damaged.push("meta tail".to_owned());
    }
}

/// Makes the new file out of what is sound in the old.
fn make_new(data_dir: &Path, old: Option<&Database>) -> Result<(), StoreError> {
    let path = data_dir.join(NEW_FILE);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(StoreError::Backend(format!("{NEW_FILE} cannot be removed: {error}")));
        }
        _ => {}
    }
    let new = database_at(&path)?;
    prepare(&new)?;
    let Some(old) = old else { return Ok(()) };
    for records in CARRIED {
        each_batch(old, records, &mut Vec::new(), |batch| put_raw(&new, records, batch))?;
    }
    each_batch(&new, record::JOBS, &mut Vec::new(), |batch| put_due(&new, &batch))?;
    each_batch(&new, record::MESSAGES, &mut Vec::new(), |batch| put_duplicates(&new, &batch))?;
    let tail = match guarded(|| read_tail(old)) {
        Ok(Some(tail)) => tail,
        _ => guess_tail(&new)?,
    };
    let transaction = begin_write(&new)?;
    record::META.write(&transaction)?.put(TAIL, &tail)?;
    transaction.commit().map_err(failed)
}

/// Gives the sound records of a table in batches, and notes the others. Where the table itself is damaged, the rest of it
/// cannot be reached.
fn each_batch(
    database: &Database,
    records: Records,
    damaged: &mut Vec<String>,
    mut take: impl FnMut(Vec<Raw>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut after: Option<Vec<u8>> = None;
    loop {
        let read = guarded(|| {
            let transaction = database.begin_read().map_err(failed)?;
            records.read(&transaction)?.sound(after.as_deref(), AT_ONCE)
        });
        let Ok(batch) = read else {
            damaged.push(format!("{} (a part of the table)", records.name()));
            return Ok(());
        };
        damaged.extend(batch.damaged);
        take(batch.sound)?;
        match batch.last {
            Some(last) => after = Some(last),
            None => return Ok(()),
        }
    }
}

fn put_raw(new: &Database, records: Records, batch: Vec<Raw>) -> Result<(), StoreError> {
    let transaction = begin_write(new)?;
    let mut table = records.write(&transaction)?;
    batch.iter().try_for_each(|raw| table.put_raw(raw))?;
    drop(table);
    transaction.commit().map_err(failed)
}

fn put_due(new: &Database, jobs: &[Raw]) -> Result<(), StoreError> {
    let transaction = begin_write(new)?;
    let mut table = record::DUE.write(&transaction)?;
    for raw in jobs {
        let job: Job = record::JOBS.parse(&raw.key, &raw.stored)?;
        if let JobState::Waiting { next } = job.state {
            table.put(&due_key(next, job.id), &())?;
        }
    }
    drop(table);
    transaction.commit().map_err(failed)
}

fn put_duplicates(new: &Database, messages: &[Raw]) -> Result<(), StoreError> {
    let transaction = begin_write(new)?;
    let mut table = record::DUPLICATES.write(&transaction)?;
    for raw in messages {
        let message: MessageRecord = record::MESSAGES.parse(&raw.key, &raw.stored)?;
        if !table.has(&message.duplicate.0)? {
            table.put(&message.duplicate.0, &message.id)?;
        }
    }
    drop(table);
    transaction.commit().map_err(failed)
}

fn read_tail(database: &Database) -> Result<Option<Tail>, StoreError> {
    let transaction = database.begin_read().map_err(failed)?;
    record::META.read(&transaction)?.get(TAIL)
}

/// Where the new file ends, by its last entry and its last job.
fn guess_tail(new: &Database) -> Result<Tail, StoreError> {
    let transaction = new.begin_read().map_err(failed)?;
    let trail = record::TRAIL.read(&transaction)?;
    let last_entry = trail.scan::<Entry>(&[], true)?.next().transpose()?;
    let jobs = record::JOBS.read(&transaction)?;
    let last_job = jobs.scan::<Job>(&[], true)?.next().transpose()?;
    let head = last_entry.map_or_else(Head::genesis, |(_, entry)| entry.head());
    Ok(Tail { head, next_job: last_job.map_or(1, |(_, job)| job.id).saturating_add(SKIPPED_JOBS) })
}
