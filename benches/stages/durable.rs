//! The stages that wait for the disk: the spool file and the commit.

use super::{
    SIZES, raw,
    rounds::{Contender, Cost, measure},
    support::{people::NOW, random::Random, relay::place},
    table::row,
};
use sealdrop::{
    clock::Clock,
    digest,
    envelope::Mailbox,
    ids::MessageId,
    intake::Findings,
    queue::Work,
    spool::{DirectorySpool, Draft, Lane, Spool, Written},
    store::{Arrived, Committer, EmbeddedStore, MessageRecord},
};
use std::{fs::File, io::Write, path::Path, sync::Arc};
use tokio::task::JoinSet;

/// How many senders wait at once for the group commit's row.
const WAITING: usize = 32;

/// Writes ciphertext in the pieces in which the sealers give it.
pub fn write_streams(draft: &mut dyn Draft, ciphertext: &[u8]) {
    for (n, piece) in ciphertext.chunks(32 * 1024).enumerate() {
        let lane = if n % 2 == 0 { Lane::Segment(0) } else { Lane::Original };
        draft.append(lane, piece).expect("room on the disk");
    }
}

/// One spool file, written, made durable and published; raw: BLAKE3, and a write and fsync of the same bytes. The bytes are
/// twice the mail's: layout and original.
pub fn spool() {
    let dir = place();
    let spool = DirectorySpool::open(dir.path(), 0).expect("a fresh spool");
    for size in SIZES.map(|size| 2 * size) {
        let mut ciphertext = vec![0; size];
        Random::new(3).fill(&mut ciphertext);
        let stage = Contender::timed("spool", || -> Cost {
            let id = MessageId::new(NOW);
            let cost = measure(|| {
                let mut draft = spool.create(id).expect("a sound spool");
                write_streams(&mut *draft, &ciphertext);
                let written = draft.finish(&[7; 500]).expect("a sound disk");
                spool.publish(vec![written]).expect("a sound disk");
            });
            spool.remove(id).expect("the file is there");
            cost
        });
        row(stage, vec![raw::blake3(size), raw::write_and_fsync(dir.path().to_owned(), size)], size, 1);
    }
}

/// A message's record, jobs and events made durable: alone, and the share of one among many that wait. Raw: the two fsyncs
/// of a two-phase commit on a small file, and the fsync of the spool's directory.
pub fn commit() {
    let dir = place();
    let store = Arc::new(EmbeddedStore::open(dir.path()).expect("a fresh store"));
    let spool = Arc::new(DirectorySpool::open(dir.path(), 0).expect("a fresh spool"));
    let committer = Committer::start(store, spool.clone(), Clock::system());
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for (name, waiting) in [("commit", 1), ("commit×32", WAITING)] {
        let stage = Contender::timed(name, || -> Cost {
            let arrived: Vec<Arrived> = (0..waiting).map(|_| arrived(written(&spool))).collect();
            let ids: Vec<MessageId> = arrived.iter().map(|arrived| arrived.record.id).collect();
            let cost = measure(|| {
                runtime.block_on(async {
                    let mut commits = JoinSet::new();
                    for one in arrived {
                        let committer = committer.clone();
                        commits.spawn(async move { committer.commit(vec![one]).await.expect("a sound disk") });
                    }
                    commits.join_all().await;
                });
            });
            ids.into_iter().for_each(|id| spool.remove(id).expect("the file is there"));
            cost
        });
        row(stage, vec![three_fsyncs(dir.path())], 0, waiting);
    }
}

fn three_fsyncs(dir: &Path) -> Contender<'static> {
    let dir = dir.to_owned();
    let mut file = File::create(dir.join("raw-commit")).expect("a fresh file");
    Contender::new("3 fsyncs", move || {
        for _ in 0..2 {
            file.write_all(&[7; 4096]).expect("room on the disk");
            file.sync_data().expect("a sound disk");
        }
        File::open(&dir).and_then(|dir| dir.sync_all()).expect("a sound disk");
    })
}

/// A small file that waits to be published.
fn written(spool: &DirectorySpool) -> Written {
    let mut draft = spool.create(MessageId::new(NOW)).expect("a sound spool");
    draft.append(Lane::Segment(0), b"layout").expect("room on the disk");
    draft.finish(b"record").expect("a sound disk")
}

/// A message of one staff member that waits for its commit.
pub fn arrived(written: Written) -> Arrived {
    let (id, mailbox) = (written.id, Mailbox::Postmaster);
    let record = MessageRecord {
        id,
        mailbox: mailbox.clone(),
        received: NOW,
        findings: Findings { size: 5, documents: 1, ..Findings::default() },
        sealed_to: vec!["0123456789ABCDEF0123456789ABCDEF01234567".to_owned()],
        emails: vec!["alice@staff.example".to_owned()],
        protection: super::support::people::envelope().protection,
        duplicate: digest::sha256(&id.to_bytes()),
        purged: None,
        mails: Vec::new(),
    };
    let forward = Work::Forward { message: id, mailbox, staff: "alice@staff.example".to_owned(), mail: 1 };
    Arrived { record, written, jobs: vec![forward], events: Vec::new() }
}
