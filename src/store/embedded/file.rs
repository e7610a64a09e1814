//! The database's file: opening it, and transactions that are durable when they return. Whatever redb does, errors and panics
//! come out as the store's own errors.

use super::{
    super::StoreError,
    record::{self, failed},
    write::{TAIL, Tail},
};
use crate::audit::Head;
use redb::{Builder, Database, Durability, WriteTransaction, backends::FileBackend};
use std::{
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

/// Bytes of redb's page cache: part of the relay's memory budget.
const CACHE: usize = 8 * 1024 * 1024;
/// Stands under `schema` in `meta`.
const SCHEMA: u32 = 1;

/// The database in a file, which is created with mode 0600 when it is absent.
pub(super) fn database_at(path: &Path) -> Result<Database, StoreError> {
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    let file = opened.map_err(|error| StoreError::Backend(format!("{} cannot be opened: {error}", path.display())))?;
    let backend = FileBackend::new(file).map_err(failed)?;
    Builder::new().set_cache_size(CACHE).create_with_backend(backend).map_err(failed)
}

/// Makes the names in the data directory durable.
pub(super) fn sync_directory(data_dir: &Path) -> Result<(), StoreError> {
    let synced = File::open(data_dir).and_then(|directory| directory.sync_all());
    synced.map_err(|error| StoreError::Backend(format!("the data directory cannot be synced: {error}")))
}

/// Runs what calls redb: a panic in there is damage of the file, and costs one call instead of the relay.
pub(super) fn guarded<T>(call: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let result = catch_unwind(AssertUnwindSafe(call));
    result.unwrap_or_else(|_| Err(StoreError::Damaged("the database's own structure".to_owned())))
}

/// A transaction that is durable once committed: two-phase, so that a torn write can never be taken for a commit.
pub(super) fn begin_write(database: &Database) -> Result<WriteTransaction, StoreError> {
    let mut transaction = database.begin_write().map_err(failed)?;
    transaction.set_durability(Durability::Immediate).map_err(|error| StoreError::Backend(error.to_string()))?;
    transaction.set_two_phase_commit(true);
    Ok(transaction)
}

/// Makes the tables of a new store, and reads where an old one ended.
pub(super) fn prepare(database: &Database) -> Result<Tail, StoreError> {
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
