//! Mail that goes out: sealed forwards to staff, confirmations to clients, alerts to admins. Everything goes through a
//! smarthost over verified TLS (plaintext only to a loopback host), streams from the spool, and never holds a client's
//! plaintext: there is none left.

mod alert;
mod confirm;
mod forward;
mod smarthost;

use crate::{
    audit::{Actor, Event},
    queue::{Job, Outcome},
    site::Site,
    store::Change,
};

pub use confirm::{ConfirmFacts, confirm_context};

/// Attempts jobs. One for the relay; clones share its connections.
#[derive(Clone)]
pub struct Courier {}

/// What an attempt came to, and what is to be written in the same transaction as its outcome.
pub struct Attempt {
    pub outcome: Outcome,
    pub changes: Vec<Change>,
    pub events: Vec<(Actor, Event)>,
}

impl Courier {
    pub fn new(_site: Site) -> Self {
        todo!()
    }

    /// Attempts one job. Never panics, never waits longer than the configured timeout.
    pub async fn attempt(&self, _job: &Job) -> Attempt {
        todo!()
    }
}
