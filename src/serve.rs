//! The relay, running: this file wires the rooms together, and the way of one message reads here, top to bottom.
//! It decides nothing itself: whether mail is taken is the directory's word, what a message holds is intake's, whether it is
//! durable the committer's, whether it went out the courier's.

mod arriving;
mod directory;
mod outgoing;
mod sockets;
mod upkeep;

use crate::{
    clock::Timestamp,
    config::Config,
    control::{self, Desk},
    delivery::Courier,
    envelope::{Envelope, Mailbox, Recipient},
    intake::Chunk,
    site::{Site, SiteError},
    smtp::{self, Door, Incoming, Rejection},
    store::{Committed, Committer},
    tls::{ServerTls, TlsError},
};
use arriving::Arriving;
use directory::Directory;
use sockets::Sockets;
use std::{net::IpAddr, sync::Arc};
use tokio::sync::{Notify, Semaphore, watch};

/// What every task of the running relay shares.
pub(in crate::serve) struct Relay {
    site: Site,
    directory: Directory,
    committer: Committer,
    /// One permit for each message that may be arriving at once: the memory budget.
    arrivals: Arc<Semaphore>,
    /// Rung when a job was added.
    wake: Arc<Notify>,
}

// ------------------------------------------------------------------------------------------- the way of one message

/// 1. RCPT: is there such a mailbox, does it take mail, and can somebody read it?
/// 2. DATA: a place in the memory budget, room on the disk, certificates that are usable now; then the arrival opens.
impl Door for Relay {
    type Mail = Arriving;

    fn recipient(&self, recipient: &Recipient, _peer: IpAddr) -> Result<Mailbox, Rejection> {
        let mailbox = self.directory.find(recipient)?;
        self.readers(&mailbox).map(|_| mailbox)
    }

    async fn begin(&self, envelope: Envelope, declared: u64) -> Result<Arriving, Rejection> {
        let place = self.arrivals.clone().try_acquire_owned().map_err(|_| Rejection::NotNow)?;
        self.site.spool.ready(declared).map_err(arriving::refused_by_spool)?;
        let now = self.site.clock.now();
        let intros = envelope.mailboxes.iter().map(|mailbox| self.intro(mailbox, now)).collect::<Result<_, _>>()?;
        Arriving::open(self, envelope, intros, place)
    }
}

/// 3. Each chunk is read as MIME, laid out for staff and sealed; only ciphertext reaches the spool.
/// 4. At the end of data the files are made durable, then record, jobs and trail; only that yields a [`Committed`], and
///    only a `Committed` yields the 250.
/// 5. The queue's jobs then go out: see [`outgoing`].
impl Incoming for Arriving {
    async fn push(&mut self, chunk: &Chunk) -> Result<(), Rejection> {
        self.read_and_seal(chunk)?;
        self.write_ciphertext().await
    }

    async fn finish(mut self) -> Result<Committed, Rejection> {
        self.end()?;
        let arrived = self.make_durable().await?;
        self.commit(arrived).await
    }
}

// ------------------------------------------------------------------------------------------------- starting, stopping
