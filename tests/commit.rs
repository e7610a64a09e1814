//! The committer over the real store and spool: what got its `Committed` is there after a restart, what did not is not,
//! and callers that wait together share a transaction. Faults are injected by wrapping the two traits.

use sealdrop::{
    clock::{Clock, Timestamp},
    digest,
    envelope::Mailbox,
    ids::MessageId,
    intake::Findings,
    queue::Work,
    spool::{DirectorySpool, Spool, Stream},
    store::{Arrived, Committer, EmbeddedStore, MessageRecord, Store, StoreError, TrailFilter},
    tls::Protection,
};
use std::{io::Read, path::Path, sync::Arc};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn record(id: MessageId) -> MessageRecord {
    MessageRecord {
        id,
        mailbox: Mailbox::Postmaster,
        received: NOW,
        findings: Findings { size: 5, documents: 1, ..Findings::default() },
        sealed_to: vec!["ABCD".into()],
        emails: vec!["alice@staff.example".into()],
        protection: Protection { version: "TLSv1.3".into(), cipher: "C".into(), key_exchange: "K".into() },
        duplicate: digest::sha256(&id.to_bytes()),
        purged: None,
    }
}

fn arrive(spool: &dyn Spool) -> Arrived {
    let id = MessageId::new(NOW);
    let mut draft = spool.create(id).unwrap();
    draft.append(Stream::Layout, b"layout").unwrap();
    draft.append(Stream::Original, b"original").unwrap();
    let written = draft.finish(b"record").unwrap();
    let work = Work::Forward { message: id, mailbox: Mailbox::Postmaster, staff: "alice@staff.example".into() };
    Arrived { record: record(id), written, jobs: vec![work] }
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
    spool.open(id, Stream::Layout).unwrap().read_to_string(&mut layout).unwrap();
    assert_eq!(layout, "layout");
    spool.verify(id).unwrap();
}
