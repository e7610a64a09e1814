//! The committer over the real store and spool: what got its `Committed` is there after a restart, what did not is not,
//! and callers that wait together share a transaction. Faults are injected by wrapping the two traits.

use sealdrop::{
    audit::{Actor, Broken, Entry, Event},
    cases::{Case, CaseAddress},
    clock::{Clock, Timestamp},
    digest::{self, Digest},
    envelope::Mailbox,
    ids::MessageId,
    intake::Findings,
    queue::{Job, JobId, Work},
    spool::{DirectorySpool, Draft, Lane, Spool, SpoolError, Stream, Written},
    staff::{CertificateRecord, Staff},
    store::{
        Arrived, Change, CommitError, Committer, EmbeddedStore, MessageRecord, ReplyLedger, Store, StoreError,
        TrailFilter,
    },
    tls::Protection,
};
use std::{
    io::Read,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// A protection as a record holds it: nobody but a handshake can make another.
fn protection() -> Protection {
    serde_json::from_str(r#"{"version":"TLSv1.3","cipher":"C","key_exchange":"K"}"#).unwrap()
}

fn record(id: MessageId) -> MessageRecord {
    MessageRecord {
        id,
        mailbox: Mailbox::Postmaster,
        received: NOW,
        findings: Findings { size: 5, documents: 1, ..Findings::default() },
        sealed_to: vec!["ABCD".into()],
        emails: vec!["alice@staff.example".into()],
        protection: protection(),
        duplicate: digest::sha256(&id.to_bytes()),
        purged: None,
        mails: Vec::new(),
    }
}

fn arrive(spool: &dyn Spool) -> Arrived {
    let id = MessageId::new(NOW);
    let mut draft = spool.create(id).unwrap();
    draft.append(Lane::Segment(0), b"layout").unwrap();
    draft.append(Lane::Original, b"original").unwrap();
    let written = draft.finish(b"record").unwrap();
    let work =
        Work::Forward { message: id, mailbox: Mailbox::Postmaster, staff: "alice@staff.example".into(), mail: 1 };
    Arrived { record: record(id), written, jobs: vec![work], events: Vec::new() }
}

/// Opens the store once the committer's thread, which ends after its last clone, has let it go.
fn reopen(directory: &Path) -> EmbeddedStore {
    loop {
        match EmbeddedStore::open(directory) {
            Ok(store) => return store,
            Err(StoreError::Locked) => std::thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn what_is_committed_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let id = {
        let store: Arc<dyn Store> = Arc::new(EmbeddedStore::open(directory.path()).unwrap());
        let spool: Arc<dyn Spool> = Arc::new(DirectorySpool::open(directory.path(), 0).unwrap());
        let committer = Committer::start(Arc::clone(&store), Arc::clone(&spool), Clock::system());
        let arrived = arrive(&*spool);
        drop(arrive(&*spool));
        let committed = committer.commit(vec![arrived]).await.unwrap();
        assert_eq!(spool.list().unwrap(), committed.ids());
        committed.ids()[0]
    };
    let store = reopen(directory.path());
    let spool = DirectorySpool::open(directory.path(), 0).unwrap();
    assert_eq!(store.message(id).unwrap(), Some(record(id)));
    assert_eq!(store.jobs().unwrap().len(), 1);
    assert_eq!(store.trail(&TrailFilter::default()).unwrap().len(), 1);
    assert_eq!(store.verify_trail().unwrap(), Ok(1));
    let mut layout = String::new();
    spool.open(id, Stream::Layout(1)).unwrap().read_to_string(&mut layout).unwrap();
    assert_eq!(layout, "layout");
    spool.verify(id).unwrap();
}

/// The real store, counting its transactions; fails as told.
struct WatchedStore {
    inner: EmbeddedStore,
    applied: AtomicUsize,
    failure: Mutex<Option<StoreError>>,
}

impl Store for WatchedStore {
    fn apply(
        &self,
        now: Timestamp,
        changes: Vec<Change>,
        events: Vec<(Actor, Event)>,
    ) -> Result<Vec<JobId>, StoreError> {
        if let Some(error) = self.failure.lock().unwrap().clone() {
            return Err(error);
        }
        self.applied.fetch_add(1, Ordering::SeqCst);
        self.inner.apply(now, changes, events)
    }
    fn cases(&self) -> Result<Vec<Case>, StoreError> {
        self.inner.cases()
    }
    fn case(&self, address: &CaseAddress) -> Result<Option<Case>, StoreError> {
        self.inner.case(address)
    }
    fn staff(&self) -> Result<Vec<Staff>, StoreError> {
        self.inner.staff()
    }
    fn staff_member(&self, email: &str) -> Result<Option<Staff>, StoreError> {
        self.inner.staff_member(email)
    }
    fn certificates(&self) -> Result<Vec<CertificateRecord>, StoreError> {
        self.inner.certificates()
    }
    fn certificates_of(&self, email: &str) -> Result<Vec<CertificateRecord>, StoreError> {
        self.inner.certificates_of(email)
    }
    fn messages(&self) -> Result<Vec<MessageRecord>, StoreError> {
        self.inner.messages()
    }
    fn message(&self, id: MessageId) -> Result<Option<MessageRecord>, StoreError> {
        self.inner.message(id)
    }
    fn kept(&self) -> Result<Vec<MessageId>, StoreError> {
        self.inner.kept()
    }
    fn duplicate_of(&self, tag: Digest) -> Result<Option<MessageId>, StoreError> {
        self.inner.duplicate_of(tag)
    }
    fn ledger(&self, key: Digest) -> Result<ReplyLedger, StoreError> {
        self.inner.ledger(key)
    }
    fn jobs(&self) -> Result<Vec<Job>, StoreError> {
        self.inner.jobs()
    }
    fn job(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        self.inner.job(id)
    }
    fn lease(&self, now: Timestamp, until: Timestamp, limit: usize) -> Result<Vec<Job>, StoreError> {
        self.inner.lease(now, until, limit)
    }
    fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.inner.next_due()
    }
    fn trail(&self, filter: &TrailFilter) -> Result<Vec<Entry>, StoreError> {
        self.inner.trail(filter)
    }
    fn verify_trail(&self) -> Result<Result<u64, Broken>, StoreError> {
        self.inner.verify_trail()
    }
    fn ready(&self) -> Result<(), StoreError> {
        self.inner.ready()
    }
    fn generation(&self) -> u64 {
        self.inner.generation()
    }
}

/// The real spool; publishing waits for a gate and fails as told.
struct WatchedSpool {
    inner: DirectorySpool,
    gate: Mutex<()>,
    failure: Mutex<Option<SpoolError>>,
}

impl Spool for WatchedSpool {
    fn create(&self, id: MessageId) -> Result<Box<dyn Draft>, SpoolError> {
        self.inner.create(id)
    }
    fn publish(&self, written: Vec<Written>) -> Result<(), SpoolError> {
        let _open = self.gate.lock().unwrap();
        match self.failure.lock().unwrap().clone() {
            Some(error) => Err(error),
            None => self.inner.publish(written),
        }
    }
    fn open(&self, id: MessageId, stream: Stream) -> Result<Box<dyn Read + Send>, SpoolError> {
        self.inner.open(id, stream)
    }
    fn length(&self, id: MessageId, stream: Stream) -> Result<u64, SpoolError> {
        self.inner.length(id, stream)
    }
    fn record(&self, id: MessageId) -> Result<Vec<u8>, SpoolError> {
        self.inner.record(id)
    }
    fn verify(&self, id: MessageId) -> Result<(), SpoolError> {
        self.inner.verify(id)
    }
    fn remove(&self, id: MessageId) -> Result<(), SpoolError> {
        self.inner.remove(id)
    }
    fn list(&self) -> Result<Vec<MessageId>, SpoolError> {
        self.inner.list()
    }
    fn ready(&self, expected: u64) -> Result<(), SpoolError> {
        self.inner.ready(expected)
    }
}

struct Watched {
    store: Arc<WatchedStore>,
    spool: Arc<WatchedSpool>,
    committer: Committer,
    directory: tempfile::TempDir,
}

fn watched() -> Watched {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(WatchedStore {
        inner: EmbeddedStore::open(directory.path()).unwrap(),
        applied: AtomicUsize::new(0),
        failure: Mutex::new(None),
    });
    let spool = Arc::new(WatchedSpool {
        inner: DirectorySpool::open(directory.path(), 0).unwrap(),
        gate: Mutex::new(()),
        failure: Mutex::new(None),
    });
    let committer = Committer::start(store.clone(), spool.clone(), Clock::system());
    Watched { store, spool, committer, directory }
}

impl Watched {
    /// Whether neither index nor spool knows of any message.
    fn nothing_is_there(&self) -> bool {
        let drafts = std::fs::read_dir(self.directory.path().join("spool/tmp")).unwrap().count();
        let records = self.store.messages().unwrap().len() + self.store.jobs().unwrap().len();
        records + drafts + self.spool.list().unwrap().len() == 0
            && self.store.trail(&TrailFilter::default()).unwrap().is_empty()
    }
}

#[tokio::test]
#[allow(clippy::await_holding_lock, reason = "the gate is closed on purpose while every caller comes to its wait")]
async fn callers_that_wait_together_share_a_transaction() {
    let watched = watched();
    let gate = watched.spool.gate.lock().unwrap();
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (committer, arrived) = (watched.committer.clone(), arrive(&*watched.spool));
        waiting.spawn(async move { committer.commit(vec![arrived]).await.unwrap().ids()[0] });
    }
    // One worker thread runs every task up to its wait before the gate opens.
    tokio::task::yield_now().await;
    drop(gate);
    let mut ids = waiting.join_all().await;
    ids.sort_unstable();
    assert_eq!(watched.spool.list().unwrap(), ids);
    assert_eq!(watched.store.kept().unwrap(), ids);
    assert_eq!((watched.store.jobs().unwrap().len(), watched.store.verify_trail().unwrap()), (20, Ok(20)));
    let transactions = watched.store.applied.load(Ordering::SeqCst);
    assert!(transactions <= 2, "the first may go alone, the others go together: {transactions}");
}

#[tokio::test]
async fn a_failed_publish_leaves_nothing_and_does_not_stop_other_changes() {
    let watched = watched();
    *watched.spool.failure.lock().unwrap() = Some(SpoolError::Poisoned);
    let error = watched.committer.commit(vec![arrive(&*watched.spool)]).await.unwrap_err();
    assert_eq!(error, CommitError::Spool(SpoolError::Poisoned));
    assert!(watched.nothing_is_there());
    watched.committer.apply(vec![], vec![(Actor::Relay, Event::RelayStopped)]).await.unwrap();
    assert_eq!(watched.store.verify_trail().unwrap(), Ok(1));
}

#[tokio::test]
async fn a_failed_transaction_takes_the_files_back() {
    let watched = watched();
    *watched.store.failure.lock().unwrap() = Some(StoreError::Full);
    let two = vec![arrive(&*watched.spool), arrive(&*watched.spool)];
    assert_eq!(watched.committer.commit(two).await.unwrap_err(), CommitError::Store(StoreError::Full));
    assert!(watched.nothing_is_there());
    *watched.store.failure.lock().unwrap() = None;
    watched.committer.commit(vec![arrive(&*watched.spool)]).await.unwrap();
}

#[tokio::test]
async fn after_a_failed_commit_the_file_stays_because_the_record_may_exist() {
    let watched = watched();
    *watched.store.failure.lock().unwrap() = Some(StoreError::Poisoned);
    let arrived = arrive(&*watched.spool);
    let id = arrived.record.id;
    assert_eq!(watched.committer.commit(vec![arrived]).await.unwrap_err(), CommitError::Store(StoreError::Poisoned));
    assert_eq!(watched.spool.list().unwrap(), [id]);
}

#[tokio::test]
async fn committing_nothing_gives_a_commit_of_nothing() {
    let watched = watched();
    assert!(watched.committer.commit(Vec::new()).await.unwrap().ids().is_empty());
    assert_eq!(watched.store.applied.load(Ordering::SeqCst), 0);
}
