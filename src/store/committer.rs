//! Group commit: many arrivals wait, one thread publishes their files and writes their records in one transaction.
//! It answers nobody before both are durable.

use super::{Change, MessageRecord, Store, StoreError};
use crate::{
    audit::{Actor, Event},
    clock::Clock,
    digest::Digest,
    ids::MessageId,
    queue::Work,
    spool::{Spool, SpoolError, Written},
};
use std::{
    collections::HashMap,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};
use tokio::sync::oneshot;

/// The most requests that share one transaction: bounds what one failure can take with it.
const MOST: usize = 256;

/// Senders try again for five days (RFC 5321, section 4.5.4.1), some a little longer.
const SENDERS_GIVE_UP: Duration = Duration::from_secs(7 * 24 * 3600);

/// Proof that a message is durable for every mailbox it was meant for: the only thing that a 250 to DATA can be made of.
#[derive(Debug)]
pub struct Committed {
    ids: Vec<MessageId>,
}

impl Committed {
    /// The ids of the sealed messages, one a mailbox.
    pub fn ids(&self) -> &[MessageId] {
        &self.ids
    }
}

/// One sealed message whose file is written and not yet published.
pub struct Arrived {
    pub record: MessageRecord,
    pub written: Written,
    pub jobs: Vec<Work>,
    /// What happened besides that it was received, in the relay's name.
    pub events: Vec<Event>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the relay is stopping")]
    Stopping,
}

type CommitAnswer = oneshot::Sender<Result<Committed, CommitError>>;
type ApplyAnswer = oneshot::Sender<Result<(), StoreError>>;

/// What a caller waits for.
enum Request {
    Commit { arrived: Vec<Arrived>, answer: CommitAnswer },
    Apply { changes: Vec<Change>, events: Vec<(Actor, Event)>, answer: ApplyAnswer },
}

/// The one thread that makes things durable. Clones share it.
#[derive(Clone)]
pub struct Committer {
    requests: mpsc::Sender<Request>,
}

impl Committer {
    /// Starts the thread. It ends when the last clone is dropped and everything asked for is done.
    pub fn start(store: Arc<dyn Store>, spool: Arc<dyn Spool>, clock: Clock) -> Self {
        let (requests, waiting) = mpsc::channel();
        let worker = Worker { store, spool, clock };
        thread::Builder::new()
            .name("committer".to_owned())
            .spawn(move || worker.run(&waiting))
            .expect("a process that cannot start its first threads cannot do anything");
        Self { requests }
    }

    /// Publishes the files, then writes records, jobs and events, all in one durable transaction (that other callers may
    /// share). After an error nothing of it is visible.
    pub async fn commit(&self, arrived: Vec<Arrived>) -> Result<Committed, CommitError> {
        if arrived.is_empty() {
            return Ok(Committed { ids: Vec::new() });
        }
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request::Commit { arrived, answer }).map_err(|_| CommitError::Stopping)?;
        answered.await.unwrap_or(Err(CommitError::Stopping))
    }

    /// Applies changes and events durably, sharing the transaction with whoever waits.
    pub async fn apply(&self, changes: Vec<Change>, events: Vec<(Actor, Event)>) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        let gone = |_| StoreError::Poisoned;
        self.requests.send(Request::Apply { changes, events, answer }).map_err(|_| StoreError::Poisoned)?;
        answered.await.map_err(gone)?
    }
}

struct Worker {
    store: Arc<dyn Store>,
    spool: Arc<dyn Spool>,
    clock: Clock,
}

/// Requests taken apart: what is to be done, and who is to be told.
#[derive(Default)]
struct Batch {
    written: Vec<Written>,
    /// By duplicate tag.
    duplicates: HashMap<Digest, MessageId>,
    /// Of the arrivals.
    arrivals: Changes,
    /// Of the rest.
    others: Changes,
    commits: Vec<(Vec<MessageId>, CommitAnswer)>,
    applies: Vec<ApplyAnswer>,
}

#[derive(Default)]
struct Changes {
    changes: Vec<Change>,
    events: Vec<(Actor, Event)>,
}

impl Worker {
    fn run(&self, waiting: &mpsc::Receiver<Request>) {
        while let Ok(first) = waiting.recv() {
            let mut batch = Batch::default();
            self.add(&mut batch, first);
            for request in waiting.try_iter().take(MOST - 1) {
                self.add(&mut batch, request);
            }
            self.carry_out(batch);
        }
    }

    /// Files first, then the index, then the answers. A process that ends between the first two leaves whole files without
    /// a record, which [`reconcile`](super::reconcile()) finds.
    fn carry_out(&self, batch: Batch) {
        let Batch { written, arrivals, others, commits, applies, .. } = batch;
        let published: Vec<MessageId> = written.iter().map(|file| file.id).collect();
        let publish = if written.is_empty() { Ok(()) } else { self.spool.publish(written) };
        let Changes { mut changes, mut events } = others;
        if publish.is_ok() {
            changes.extend(arrivals.changes);
            events.extend(arrivals.events);
        }
        let applied = self.store.apply(self.clock.now(), changes, events).map(|_| ());
        if publish.is_ok()
            && let Err(error) = &applied
        {
            self.take_back(&published, error);
        }
        for (ids, answer) in commits {
            let outcome = publish.clone().map_err(CommitError::from).and(applied.clone().map_err(CommitError::from));
            // A caller that is gone has lost its peer; the message stays, and its second try is known by its tag.
            let _ = answer.send(outcome.map(|()| Committed { ids }));
        }
        for answer in applies {
            let _ = answer.send(applied.clone());
        }
    }

    /// Removes the files of messages that did not get into the index. Not when the commit itself failed: the records may
    /// have reached the disk then, and a record without its file would be a message lost; the next start finds out.
    fn take_back(&self, published: &[MessageId], error: &StoreError) {
        if *error == StoreError::Poisoned {
            return;
        }
        for id in published {
            if let Err(error) = self.spool.remove(*id) {
                tracing::error!(message = %id, %error, "a file whose record could not be written stays until the next start");
            }
        }
    }
}

impl Worker {
    fn add(&self, batch: &mut Batch, request: Request) {
        match request {
            Request::Commit { arrived, answer } => {
                let ids = arrived.into_iter().map(|arrived| self.add_arrived(batch, arrived)).collect();
                batch.commits.push((ids, answer));
            }
            Request::Apply { changes, events, answer } => {
                batch.others.changes.extend(changes);
                batch.others.events.extend(events);
                batch.applies.push(answer);
            }
        }
    }

    /// Gives the id under which the message is known from now on. A sender that lost our 250 sends again: it gets the id of its
    /// first try, whose jobs are on their way, and the second file goes. Here, where one message is looked at after the other, no
    /// two tries can miss each other.
    fn add_arrived(&self, batch: &mut Batch, arrived: Arrived) -> MessageId {
        let Arrived { record, written, jobs, events } = arrived;
        if let Some(first) = self.first_try(batch, &record) {
            batch.others.events.push((Actor::Relay, Event::MessageSentAgain { message: first }));
            return first;
        }
        let id = record.id;
        batch.written.push(written);
        batch.duplicates.insert(record.duplicate, id);
        batch.arrivals.events.push((Actor::Relay, received(&record)));
        batch.arrivals.events.extend(events.into_iter().map(|event| (Actor::Relay, event)));
        batch.arrivals.changes.push(Change::PutMessage(record));
        let next = self.clock.now();
        batch.arrivals.changes.extend(jobs.into_iter().map(|work| Change::AddJob { work, next }));
        id
    }

    /// The same message, taken within the time in which senders try again. A store that cannot tell means none: rather twice than
    /// never.
    fn first_try(&self, batch: &Batch, record: &MessageRecord) -> Option<MessageId> {
        if let Some(first) = batch.duplicates.get(&record.duplicate) {
            return Some(*first);
        }
        let first = self.store.duplicate_of(record.duplicate).ok().flatten()?;
        let first = self.store.message(first).ok().flatten()?;
        let recent = record.received.since(first.received) < SENDERS_GIVE_UP;
        (recent && first.purged.is_none()).then_some(first.id)
    }
}

/// The trail's entry for a message that came in.
pub(super) fn received(record: &MessageRecord) -> Event {
    let tls = &record.protection;
    Event::MessageReceived {
        message: record.id,
        mailbox: record.mailbox.clone(),
        size: record.findings.size,
        documents: record.findings.documents,
        sealed_to: record.sealed_to.clone(),
        tls: format!("{} {} {}", tls.version, tls.cipher, tls.key_exchange),
    }
}
