//! The whole path of one message in one process, on one core: TLS records in, durable ciphertext out. Its raw parts are all
//! that it cannot do without; the project's aim is a share of 60 %.

use super::{
    SIZES,
    durable::arrived,
    pure::decoded,
    raw,
    rounds::{Contender, Cost, measure},
    support::{
        mail::photo_mail,
        people::{NOW, People},
        relay::place,
    },
    table::row,
    tls::Pair,
};
use sealdrop::{
    clock::Clock,
    ids::MessageId,
    intake::{Arrival, Chunk},
    senders::Verification,
    smtp::data::{DataReceiver, Receiver},
    spool::{DirectorySpool, Draft, Lane, Spool},
    store::{Committer, EmbeddedStore},
};
use std::{path::Path, sync::Arc};
use tokio::runtime::Runtime;

/// What a message passes through behind the socket.
struct House {
    people: People,
    pair: Pair,
    spool: Arc<DirectorySpool>,
    committer: Committer,
    runtime: Runtime,
}

impl House {
    fn new(dir: &Path, recipients: usize) -> Self {
        let store = Arc::new(EmbeddedStore::open(dir).expect("a fresh store"));
        let spool = Arc::new(DirectorySpool::open(dir, 0).expect("a fresh spool"));
        let committer = Committer::start(store, spool.clone(), Clock::system());
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        Self { people: People::new(recipients), pair: Pair::new(), spool, committer, runtime }
    }

    /// The way of one message: records, chunks, arrival, draft, commit.
    fn take_in(&mut self, records: &[u8], id: MessageId) {
        let mut arrival = self.people.arrival(id);
        let mut draft = self.spool.create(id).expect("a sound spool");
        let (mut receiver, mut chunk) = (DataReceiver::new(), Chunk::new());
        self.pair.open(records, |mut plain| {
            while !plain.is_empty() {
                let taken = receiver.take(plain, &mut chunk);
                plain = &plain[taken.bytes..];
                if taken.ended || chunk.room() == 0 {
                    arrival.push(&chunk).expect("sealing works");
                    chunk.clear();
                    write(arrival.ciphertext(), &mut *draft);
                }
            }
        });
        self.make_durable(arrival, draft);
    }

    fn make_durable(&self, arrival: Arrival, mut draft: Box<dyn Draft>) {
        let mut ended = arrival.end(&Verification::unchecked()).expect("sealing works");
        write(ended.ciphertext(), &mut *draft);
        let written = draft.finish(&[7; 500]).expect("a sound disk");
        let committed = self.runtime.block_on(self.committer.commit(vec![arrived(written)]));
        committed.expect("a sound disk");
    }
}

fn write<'a>(pieces: impl Iterator<Item = (usize, Lane, &'a mut Vec<u8>)>, draft: &mut dyn Draft) {
    for (_, stream, bytes) in pieces {
        draft.append(stream, bytes).expect("room on the disk");
        bytes.clear();
    }
}

pub fn whole() {
    for recipients in [1, 5, 20] {
        for size in SIZES {
            let dir = place();
            let mut house = House::new(dir.path(), recipients);
            let mut mail = photo_mail(size, 1, "a@in.example.org");
            mail.extend(b".\r\n");
            let spool = house.spool.clone();
            let stage = Contender::timed("path", || -> Cost {
                let records = house.pair.records(&mail);
                let id = MessageId::new(NOW);
                let cost = measure(|| house.take_in(&records, id));
                spool.remove(id).expect("the file is there");
                cost
            });
            row(stage, unavoidable(dir.path(), size, recipients), size, recipients);
        }
    }
}

/// All that the whole path cannot do without: the layout and the original are each encrypted, authenticated and signed, the
/// documents are decoded, hashed and encoded, and all ciphertext is hashed and written.
fn unavoidable(dir: &Path, size: usize, recipients: usize) -> Vec<Contender<'static>> {
    vec![
        raw::aes_gcm(size),
        raw::base64_decode(size),
        raw::base64_encode(size),
        raw::aes_cfb(size, 2),
        raw::sha1(size, 2),
        raw::sha256(2 * size + decoded(size), 1),
        raw::blake3(2 * size),
        raw::x25519(recipients),
        raw::ed25519(2),
        raw::write_and_fsync(dir.to_owned(), 2 * size),
    ]
}
