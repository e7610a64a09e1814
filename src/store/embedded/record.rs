//! Records in tables. Each value is a digest of table, key and content, then the content in JSON; the digest is compared at
//! every read, because redb once returned a flipped bit in silence. A record under another key or in another table is damage
//! as well.

use super::super::StoreError;
use crate::digest::Blake3;
use redb::{ReadTransaction, ReadableTable, Table, TableDefinition, WriteTransaction};
use serde::{Serialize, de::DeserializeOwned};
use std::{fmt::Write, ops::Bound};

/// Bytes of a record's digest: BLAKE3 cut to 128 bits, against chance and not against an enemy.
const DIGEST: usize = 16;

/// A table of the store.
#[derive(Clone, Copy)]
pub(super) struct Records(&'static str);

pub(super) const CASES: Records = Records("cases");
pub(super) const STAFF: Records = Records("staff");
pub(super) const CERTIFICATES: Records = Records("certificates");
pub(super) const MESSAGES: Records = Records("messages");
/// Duplicate tag → id of the message that came first.
pub(super) const DUPLICATES: Records = Records("duplicates");
pub(super) const JOBS: Records = Records("jobs");
/// Time and job id → nothing: the waiting jobs in the order in which they are due.
pub(super) const DUE: Records = Records("due");
pub(super) const LEDGERS: Records = Records("ledgers");
pub(super) const TRAIL: Records = Records("trail");
/// The store's own notes: schema, head of the trail, next job id.
pub(super) const META: Records = Records("meta");

pub(super) const ALL: [Records; 10] =
    [CASES, STAFF, CERTIFICATES, MESSAGES, DUPLICATES, JOBS, DUE, LEDGERS, TRAIL, META];

/// Keys and values: the bytes of a key are in the order of what it stands for.
type Bytes = &'static [u8];
/// A table that is open for writing.
pub(super) type Writing<'a> = Reading<Table<'a, Bytes, Bytes>>;

impl Records {
    pub(super) fn name(self) -> &'static str {
        self.0
    }

    fn definition(self) -> TableDefinition<'static, Bytes, Bytes> {
        TableDefinition::new(self.0)
    }

    /// The table for reading.
    pub(super) fn read(
        self,
        transaction: &ReadTransaction,
    ) -> Result<Reading<impl ReadableTable<Bytes, Bytes>>, StoreError> {
        Ok(Reading { records: self, table: transaction.open_table(self.definition()).map_err(failed)? })
    }

    /// The table for writing.
    pub(super) fn write(self, transaction: &WriteTransaction) -> Result<Writing<'_>, StoreError> {
        Ok(Reading { records: self, table: transaction.open_table(self.definition()).map_err(failed)? })
    }

    fn digest(self, key: &[u8], content: &[u8]) -> [u8; DIGEST] {
        let mut digest = Blake3::default();
        digest.update(self.0.as_bytes());
        digest.update(&[0]);
        digest.update(&(key.len() as u64).to_be_bytes());
        digest.update(key);
        digest.update(content);
        *digest.finish().0.first_chunk().expect("a digest is longer than its first half")
    }

    /// The content of a stored value, once its digest holds.
    fn check<'a>(self, key: &[u8], stored: &'a [u8]) -> Result<&'a [u8], StoreError> {
        match stored.split_first_chunk::<DIGEST>() {
            Some((digest, content)) if *digest == self.digest(key, content) => Ok(content),
            _ => Err(self.damaged(key)),
        }
    }

    /// The record in a stored value, once its digest holds.
    pub(super) fn parse<T: DeserializeOwned>(self, key: &[u8], stored: &[u8]) -> Result<T, StoreError> {
        serde_json::from_slice(self.check(key, stored)?).map_err(|_| self.damaged(key))
    }

    fn damaged(self, key: &[u8]) -> StoreError {
        StoreError::Damaged(self.named(key))
    }

    /// Names a record: table and key (as text where it is text).
    fn named(self, key: &[u8]) -> String {
        let mut name = format!("{} ", self.0);
        match str::from_utf8(key) {
            Ok(text) if text.chars().all(|c| c.is_ascii_graphic()) => name.push_str(text),
            _ => key.iter().for_each(|byte| {
                let _ = write!(name, "{byte:02x}");
            }),
        }
        name
    }
}

/// A record as it is stored.
pub(super) struct Raw {
    pub key: Vec<u8>,
    pub stored: Vec<u8>,
}

/// Some records of a table, told apart by their digests.
pub(super) struct Batch {
    pub sound: Vec<Raw>,
    /// Names of the others.
    pub damaged: Vec<String>,
    /// The last key, if there may be more after it.
    pub last: Option<Vec<u8>>,
}

/// An open table, whose every read is checked.
pub(super) struct Reading<T> {
    records: Records,
    table: T,
}

impl<T: ReadableTable<Bytes, Bytes>> Reading<T> {
    pub(super) fn get<R: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<R>, StoreError> {
        let stored = self.table.get(key).map_err(failed)?;
        stored.map(|stored| self.records.parse(key, stored.value())).transpose()
    }

    pub(super) fn has(&self, key: &[u8]) -> Result<bool, StoreError> {
        Ok(self.table.get(key).map_err(failed)?.is_some())
    }

    /// Every record with its key, in order or from the end, from `first` on.
    pub(super) fn scan<R: DeserializeOwned>(
        &self,
        first: &[u8],
        backwards: bool,
    ) -> Result<impl Iterator<Item = Result<(Vec<u8>, R), StoreError>>, StoreError> {
        let bounds: (Bound<&[u8]>, Bound<&[u8]>) = (Bound::Included(first), Bound::Unbounded);
        let mut range = self.table.range::<&[u8]>(bounds).map_err(failed)?;
        let records = self.records;
        Ok(std::iter::from_fn(move || if backwards { range.next_back() } else { range.next() }).map(move |found| {
            let (key, stored) = found.map_err(failed)?;
            let content = records.parse(key.value(), stored.value())?;
            Ok((key.value().to_vec(), content))
        }))
    }

    /// Every record in the order of the keys.
    pub(super) fn all<R: DeserializeOwned>(&self) -> Result<Vec<R>, StoreError> {
        self.scan(&[], false)?.map(|found| found.map(|(_, record)| record)).collect()
    }
}

impl<T: ReadableTable<Bytes, Bytes>> Reading<T> {
    /// Up to `limit` records after the key `after`, damaged or not.
    pub(super) fn sound(&self, after: Option<&[u8]>, limit: usize) -> Result<Batch, StoreError> {
        let first = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut batch = Batch { sound: Vec::new(), damaged: Vec::new(), last: None };
        for (count, found) in self.table.range::<&[u8]>((first, Bound::Unbounded)).map_err(failed)?.enumerate() {
            let (key, stored) = found.map_err(failed)?;
            match self.records.check(key.value(), stored.value()) {
                Ok(_) => batch.sound.push(Raw { key: key.value().to_vec(), stored: stored.value().to_vec() }),
                Err(_) => batch.damaged.push(self.records.named(key.value())),
            }
            if count + 1 == limit {
                batch.last = Some(key.value().to_vec());
                break;
            }
        }
        Ok(batch)
    }
}

impl Writing<'_> {
    pub(super) fn put<R: Serialize>(&mut self, key: &[u8], record: &R) -> Result<(), StoreError> {
        let mut value = vec![0; DIGEST];
        serde_json::to_writer(&mut value, record).map_err(|error| StoreError::Backend(error.to_string()))?;
        let digest = self.records.digest(key, &value[DIGEST..]);
        value[..DIGEST].copy_from_slice(&digest);
        self.table.insert(key, value.as_slice()).map_err(failed)?;
        Ok(())
    }

    /// Writes a record as it stood in a table of the same name.
    pub(super) fn put_raw(&mut self, raw: &Raw) -> Result<(), StoreError> {
        self.table.insert(raw.key.as_slice(), raw.stored.as_slice()).map_err(failed)?;
        Ok(())
    }

    pub(super) fn remove(&mut self, key: &[u8]) -> Result<(), StoreError> {
        self.table.remove(key).map_err(failed)?;
        Ok(())
    }
}

/// An error of redb in the store's words.
pub(super) fn failed(error: impl Into<redb::Error>) -> StoreError {
    match error.into() {
        redb::Error::DatabaseAlreadyOpen => StoreError::Locked,
        redb::Error::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => StoreError::Full,
        redb::Error::PreviousIo => StoreError::Poisoned,
        redb::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            StoreError::Damaged(error.to_string())
        }
        redb::Error::RepairAborted => StoreError::Damaged("its repair was aborted".to_owned()),
        redb::Error::Corrupted(what) => StoreError::Damaged(what),
        other => StoreError::Backend(other.to_string()),
    }
}
