//! Group commit: many arrivals wait, one thread publishes their files and writes their records in one transaction.

use super::{Change, MessageRecord, Store, StoreError};
use crate::{
    audit::{Actor, Event},
    clock::Clock,
    ids::MessageId,
    queue::Work,
    spool::{Spool, SpoolError, Written},
};
use std::sync::Arc;

/// Proof that a message is durable for every mailbox it was meant for: the only thing that a 250 to DATA can be made of.
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
}

#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the relay is stopping")]
    Stopping,
}

/// The one thread that makes things durable. Clones share it.
#[derive(Clone)]
pub struct Committer {}

impl Committer {
    /// Starts the thread. It ends when the last clone is dropped.
    pub fn start(_store: Arc<dyn Store>, _spool: Arc<dyn Spool>, _clock: Clock) -> Self {
        todo!()
    }

    /// Publishes the files, then writes records, jobs and events, all in one durable transaction (that other callers may
    /// share). After an error nothing of it is visible.
    pub async fn commit(&self, _arrived: Vec<Arrived>) -> Result<Committed, CommitError> {
        todo!()
    }

    /// Applies changes and events durably, sharing the transaction with whoever waits.
    pub async fn apply(&self, _changes: Vec<Change>, _events: Vec<(Actor, Event)>) -> Result<(), StoreError> {
        todo!()
    }
}
