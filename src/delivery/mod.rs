//! Mail that goes out: sealed forwards to staff, confirmations to clients, alerts to admins. Everything goes through a
//! smarthost over verified TLS (plaintext only to a loopback host), streams from the spool, and never holds a client's
//! plaintext: there is none left.
//!
//! job → [`Courier::attempt`] → [`Attempt`] → [`settle()`] → changes and events, for one transaction

mod alert;
mod confirm;
mod forward;
mod header;
mod limits;
mod pgp_mime;
mod settle;
mod smarthost;

use crate::{
    config::Config,
    queue::{Job, Outcome, Work},
    site::Site,
    store::Change,
};
use forward::Forward;
use limits::{Replies, Turn};
use smarthost::Smarthost;
use std::time::Duration;

pub use confirm::{ConfirmFacts, confirm_context};
pub use forward::{Subjects, room_in_mail, subject_for};
pub use limits::sender_tag;
pub use settle::{Settlement, settle};
pub use smarthost::{Probed, SendError};

/// Whether the staff's mail server would take our mail now: opens a connection as for a mail, and sends none.
pub async fn probe(config: &Config) -> Result<Probed, SendError> {
    Smarthost::new(config.staff_mail.smarthost.clone(), &config.relay.hostname).probe().await
}

/// Attempts jobs. One for the relay; clones share its connections. Made anew when the configuration or a CA file
/// changes.
#[derive(Clone)]
pub struct Courier {
    site: Site,
    staff_mail: Smarthost,
    client_mail: Smarthost,
    replies: Replies,
}

/// What an attempt came to, and what is to be written in the same transaction as its outcome: [`settle()`] turns it into
/// that.
pub struct Attempt {
    pub outcome: Outcome,
    pub changes: Vec<Change>,
    /// While it lives nobody else sends a confirmation to the same sender: the limits hold until they are written down.
    turn: Option<Turn>,
}

impl Courier {
    /// A courier for the installation. Opens no connection yet.
    pub fn new(site: Site) -> Self {
        let hello = &site.config.relay.hostname;
        let staff_mail = Smarthost::new(site.config.staff_mail.smarthost.clone(), hello);
        let client_mail = match &site.config.client_reply.smarthost {
            Some(other) => Smarthost::new(other.clone(), hello),
            None => staff_mail.clone(),
        };
        Self { staff_mail, client_mail, replies: Replies::default(), site }
    }

    /// The size in bytes of the largest mail that the staff's server said it takes, when last it was asked; None when it was not
    /// asked yet, or has no limit.
    pub fn max_size(&self) -> Option<u64> {
        self.staff_mail.max_size()
    }

    /// Asks the staff's server once how large a mail it takes, so that the first message that comes in is cut to measure. The
    /// future holds nothing of the installation.
    pub fn ask_max_size(&self) -> impl Future<Output = ()> + Send + use<> {
        let staff_mail = self.staff_mail.clone();
        async move {
            if let Err(error) = staff_mail.probe().await {
                tracing::debug!(%error, "the staff's mail server could not be asked how large a mail it takes");
            }
        }
    }

    /// How long jobs had better wait because the server that all of them go through could not be reached a moment ago.
    pub fn rest(&self) -> Duration {
        // With a server of their own, confirmations have no reason to wait for the other.
        if self.site.config.client_reply.smarthost.is_some() { Duration::ZERO } else { self.staff_mail.rest() }
    }

    /// Attempts one job. Never panics, never waits longer than the configured timeout: whatever is not finished by then
    /// is deferred.
    pub async fn attempt(&self, job: &Job) -> Attempt {
        let limit = self.site.config.staff_mail.timeout;
        let attempt = async {
            match &job.work {
                Work::Forward { message, mailbox, staff, mail } => {
                    let (mailbox, staff) = (mailbox.clone(), staff.clone());
                    forward::attempt(self, Forward { message: *message, mailbox, staff, mail: *mail }).await
                }
                Work::Confirm { message, facts } => confirm::attempt(self, *message, facts).await,
                Work::Alert { alert } => alert::attempt(self, job, alert).await.into(),
            }
        };
        match tokio::time::timeout(limit, attempt).await {
            Ok(attempt) => attempt,
            Err(_) => Outcome::Deferred(format!("not finished within {} s", limit.as_secs_f32())).into(),
        }
    }
}

impl From<Outcome> for Attempt {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, changes: Vec::new(), turn: None }
    }
}

/// Runs what blocks (store, spool, cryptography) where it may. A panic in it is a deferral of the one job.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Outcome> + Send + 'static) -> Result<T, Outcome> {
    let panicked = |_| Err(Outcome::Deferred("an internal error, see the log".to_owned()));
    tokio::task::spawn_blocking(work).await.unwrap_or_else(panicked)
}
