//! What the store does when the disk fails under it.

use super::*;
use crate::{
    envelope::Mailbox,
    queue::{AlertKind, Work},
};
use redb::{Builder, StorageBackend, backends::InMemoryBackend};
use std::{
    io,
    sync::{Arc, atomic::AtomicUsize},
};

/// The kind of call that fails.
const NONE: usize = 0;
const SYNC: usize = 1;
const WRITE: usize = 2;

/// A disk in memory that fails as told, and counts what it is asked.
#[derive(Debug, Default)]
struct Disk {
    failing: AtomicUsize,
    syncs: AtomicUsize,
}

#[derive(Debug)]
struct FailingBackend {
    disk: Arc<Disk>,
    memory: InMemoryBackend,
}

impl Disk {
    fn check(&self, call: usize, kind: io::ErrorKind) -> io::Result<()> {
        if self.failing.load(Ordering::SeqCst) == call { Err(kind.into()) } else { Ok(()) }
    }
}

impl StorageBackend for FailingBackend {
    fn len(&self) -> Result<u64, io::Error> {
        self.memory.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        self.memory.read(offset, out)
    }
    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        self.memory.set_len(len)
    }
    fn sync_data(&self) -> Result<(), io::Error> {
        self.disk.syncs.fetch_add(1, Ordering::SeqCst);
        self.disk.check(SYNC, io::ErrorKind::Other)
    }
    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        self.disk.check(WRITE, io::ErrorKind::StorageFull)?;
        self.memory.write(offset, data)
    }
}

fn store() -> (EmbeddedStore, Arc<Disk>) {
    let disk = Arc::new(Disk::default());
    let backend = FailingBackend { disk: disk.clone(), memory: InMemoryBackend::new() };
    (EmbeddedStore::over(Builder::new().create_with_backend(backend).unwrap()).unwrap(), disk)
}

fn stopped(store: &EmbeddedStore) -> Result<Vec<JobId>, StoreError> {
    store.apply(Timestamp::from_millis(1), Vec::new(), vec![(Actor::Relay, Event::RelayStopped)])
}

#[test]
fn a_failed_fsync_is_never_tried_again() {
    let (store, disk) = store();
    stopped(&store).unwrap();
    assert_eq!(store.ready(), Ok(()));
    disk.failing.store(SYNC, Ordering::SeqCst);
    assert_eq!(stopped(&store), Err(StoreError::Poisoned));
    disk.failing.store(NONE, Ordering::SeqCst);
    let syncs = disk.syncs.load(Ordering::SeqCst);
    assert_eq!(stopped(&store), Err(StoreError::Poisoned));
    assert_eq!(disk.syncs.load(Ordering::SeqCst), syncs);
    assert_eq!(store.ready(), Err(StoreError::Poisoned), "known before a message is taken");
    let now = Timestamp::from_millis(2);
    assert_eq!(store.lease(now, now, 1), Err(StoreError::Poisoned), "no mail goes out whose outcome cannot be written");
}

#[test]
fn a_commit_that_cannot_be_written_promises_nothing() {
    let (store, disk) = store();
    stopped(&store).unwrap();
    disk.failing.store(WRITE, Ordering::SeqCst);
    assert_eq!(stopped(&store), Err(StoreError::Poisoned));
}

#[test]
fn each_transaction_is_synced_in_two_phases() {
    let (store, disk) = store();
    let before = disk.syncs.load(Ordering::SeqCst);
    stopped(&store).unwrap();
    assert!(disk.syncs.load(Ordering::SeqCst) >= before + 2);
}

#[test]
fn a_panic_inside_the_database_is_damage() {
    let result: Result<(), StoreError> = guarded(|| panic!("redb gives up"));
    assert!(matches!(result, Err(StoreError::Damaged(_))));
}

#[test]
fn a_damaged_job_holds_up_no_other() {
    let (store, _) = store();
    let now = Timestamp::from_millis(1000);
    let alert = AlertKind::NotForAll { mailbox: Mailbox::Abuse, reasons: Vec::new() };
    let add = Change::AddJob { work: Work::Alert { alert }, next: now };
    let ids = store.apply(now, vec![add.clone(), add], Vec::new()).unwrap();
    let transaction = begin_write(&store.database).unwrap();
    record::JOBS.write(&transaction).unwrap().put(&job_key(ids[0]), &"no job").unwrap();
    transaction.commit().unwrap();
    let until = Timestamp::from_millis(2000);
    let leased = store.lease(now, until, 10).unwrap();
    assert_eq!(leased.iter().map(|job| job.id).collect::<Vec<_>>(), [ids[1]]);
    assert_eq!(store.next_due().unwrap(), Some(until), "nobody waits for it at once");
}
