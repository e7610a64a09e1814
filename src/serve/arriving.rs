//! One message while it comes in, as the relay sees it: an arrival that makes ciphertext, a draft file for each mailbox that takes
//! it, and at the end one commit. Dropped before that, it leaves nothing behind.

use super::Relay;
use crate::{
    clock::Timestamp,
    delivery::{ConfirmFacts, confirm_context},
    envelope::{Envelope, ReversePath},
    intake::{Arrival, Chunk, Findings, Intro, ReplyFacts, SealError, Sealed, Withhold},
    queue::Work,
    secret::AtRestKey,
    smtp::Rejection,
    spool::{Draft, SpoolError, Written},
    store::{Arrived, CommitError, Committed, Committer, MessageRecord, SpoolRecord},
};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// Ciphertext of one message that is held in memory before it is written.
const WRITE_AT: usize = 64 * 1024;
