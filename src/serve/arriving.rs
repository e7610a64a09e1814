//! One message while it comes in, as the relay sees it: an arrival that makes ciphertext, a draft file for each mailbox that takes
//! it, and at the end one commit. Dropped before that, it leaves nothing behind.

use super::{Relay, planned::Planned};
use crate::{
    clock::Timestamp,
    envelope::Envelope,
    intake::{Arrival, Chunk, Intro, SealError, Sealed, Settings},
    mime,
    senders::{Inquiry, Verification},
    smtp::Rejection,
    spool::{Draft, Lane, SpoolError, Written},
    store::{Arrived, CommitError, Committed, StoreError},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::OwnedSemaphorePermit;

/// A message that is coming in.
pub(in crate::serve) struct Arriving {
    relay: Arc<Relay>,
    envelope: Envelope,
    pub(in crate::serve) arrival: Arrival,
    /// Time that measuring photos may still take.
    pub(in crate::serve) measuring_left: Duration,
    /// The Date of the mail to staff, and when the message counts as received.
    began: Timestamp,
    /// One for each mailbox, in the envelope's order.
    drafts: Vec<Box<dyn Draft>>,
    /// Into the sender, if that is verified here.
    inquiry: Option<Inquiry>,
    /// The place in the memory budget.
    _place: OwnedSemaphorePermit,
}

/// A piece of ciphertext for one draft.
type Piece = (usize, Lane, Vec<u8>);

impl Arriving {
    /// Opens the arrival and a draft for each mailbox.
    pub(in crate::serve) fn open(
        relay: Arc<Relay>,
        envelope: Envelope,
        intros: Vec<Intro>,
        expected: u64,
        place: OwnedSemaphorePermit,
    ) -> Result<Self, Rejection> {
        let site = &relay.site;
        let drafts = intros.iter().map(|intro| site.spool.create(intro.id)).collect::<Result<_, _>>();
        let settings = Settings {
            domain: site.config.relay.domain.clone(),
            hostname: site.config.relay.hostname.clone(),
            limits: mime::Limits {
                depth: site.config.limits.max_depth,
                parts: site.config.limits.max_parts,
                ..mime::Limits::default()
            },
        };
        let began = site.clock.now();
        let arrival = Arrival::begin(&envelope, intros, &site.relay_key, began, &settings);
        let mut arrival = arrival.map_err(refused_by_seal)?;
        let inquiry = relay.verifier.as_ref().map(|verifier| verifier.begin(&envelope));
        if inquiry.is_some() {
            arrival.examine();
        }
        arrival.hold_photos(relay.photos.clone());
        Ok(Self {
            arrival: arrival.expecting(expected),
            inquiry,
            measuring_left: site.config.intake.photo_time,
            began,
            drafts: drafts.map_err(refused_by_spool)?,
            relay,
            envelope,
            _place: place,
        })
    }

    /// Plaintext ends here: what comes out of the arrival is ciphertext.
    pub(in crate::serve) fn read_and_seal(&mut self, chunk: &Chunk) -> Result<(), Rejection> {
        self.arrival.push(chunk).map_err(refused_by_seal)?;
        if let (Some(inquiry), Some(header)) = (&mut self.inquiry, self.arrival.header()) {
            inquiry.header(header);
        }
        let looping = self.arrival.hops() > self.relay.site.config.smtp.max_hops;
        if looping { Err(Rejection::Loop) } else { Ok(()) }
    }

    /// Hands the ciphertext made so far to the drafts. Most of it goes to their memory; what would wait for the disk goes to a
    /// thread that may.
    pub(in crate::serve) async fn write_ciphertext(&mut self) -> Result<(), Rejection> {
        let waiting = self.fill_drafts().map_err(refused_by_spool)?;
        if waiting.is_empty() {
            return Ok(());
        }
        let mut drafts = std::mem::take(&mut self.drafts);
        let written = tokio::task::spawn_blocking(move || {
            let result = waiting.iter().try_for_each(|(at, lane, bytes)| drafts[*at].append(*lane, bytes));
            (drafts, waiting, result)
        });
        let (drafts, waiting, result) = written.await.map_err(|_| Rejection::NotNow)?;
        self.drafts = drafts;
        self.give_back(waiting);
        result.map_err(refused_by_spool)
    }

    /// Appends what fits into the drafts' memory and takes out the rest: once a piece waits, so do those behind it.
    fn fill_drafts(&mut self) -> Result<Vec<Piece>, SpoolError> {
        let mut waiting: Vec<Piece> = Vec::new();
        for (at, lane, bytes) in self.arrival.ciphertext().filter(|(_, _, bytes)| !bytes.is_empty()) {
            let behind = waiting.last().is_some_and(|(before, ..)| *before == at);
            if behind || self.drafts[at].blocks(bytes.len()) {
                waiting.push((at, lane, std::mem::take(bytes)));
            } else {
                self.drafts[at].append(lane, bytes)?;
                bytes.clear();
            }
        }
        Ok(waiting)
    }

    /// The sealers get their buffers back: growing fresh ones for each piece is what costs.
    fn give_back(&mut self, pieces: Vec<Piece>) {
        let mut pieces = pieces.into_iter().peekable();
        for (at, lane, bytes) in self.arrival.ciphertext() {
            if let Some((_, _, mut buffer)) = pieces.next_if(|(a, s, _)| (*a, *s) == (at, lane)) {
                buffer.clear();
                *bytes = buffer;
            }
        }
    }

    /// The message is complete: waits for DNS, bounded, makes the last ciphertext, writes it with the sealed record behind it, and fsyncs. Gives all that
    /// the commit needs.
    pub(in crate::serve) async fn make_durable(self) -> Result<(Arc<Relay>, Vec<Arrived>), Rejection> {
        let Self { relay, envelope, mut arrival, began, drafts, inquiry, .. } = self;
        let sender = match inquiry.zip(arrival.evidence()) {
            Some((inquiry, evidence)) => inquiry.conclude(evidence).await,
            None => Verification::unchecked(),
        };
        let mut ended = arrival.end(&sender).map_err(refused_by_seal)?;
        let planned: Vec<Planned> =
            ended.sealed.iter().map(|one| Planned::new(&relay, &envelope, one, &ended, began)).collect();
        let records: Vec<Vec<u8>> = planned.iter().map(|planned| planned.spool_record(&relay)).collect();
        let rest: Vec<Piece> = ended.ciphertext().map(|(at, lane, bytes)| (at, lane, std::mem::take(bytes))).collect();
        let mails = ended.sealed.iter().map(segments).collect::<Vec<_>>();
        let written = tokio::task::spawn_blocking(move || finish_all(drafts, &rest, &mails, &records));
        let written = written.await.map_err(|_| Rejection::NotNow)?.map_err(refused_by_spool)?;
        let arrived = planned.into_iter().zip(written).map(|(planned, written)| planned.arrived(written)).collect();
        Ok((relay, arrived))
    }
}

/// The segments of each mail of a layout that is one mail and was written in one run: what a file means that does not say.
const ONE_MAIL: [[u32; 1]; 1] = [[0]];

/// The segments of each mail.
fn segments(sealed: &Sealed) -> Vec<Vec<u32>> {
    sealed.mails().iter().map(|mail| mail.segments.clone()).collect()
}

/// Blocks: appends the last pieces, then the records, and makes each file's content durable.
fn finish_all(
    mut drafts: Vec<Box<dyn Draft>>,
    rest: &[Piece],
    mails: &[Vec<Vec<u32>>],
    records: &[Vec<u8>],
) -> Result<Vec<Written>, SpoolError> {
    rest.iter().try_for_each(|(at, lane, bytes)| drafts[*at].append(*lane, bytes))?;
    for (draft, mails) in drafts.iter_mut().zip(mails) {
        if *mails != ONE_MAIL {
            draft.divide(mails)?;
        }
    }
    drafts.into_iter().zip(records).map(|(draft, record)| draft.finish(record)).collect()
}

/// Commits what is durable on its own, and lets the queue know.
pub(in crate::serve) async fn commit(relay: &Relay, arrived: Vec<Arrived>) -> Result<Committed, Rejection> {
    let committed = relay.committer.commit(arrived).await.map_err(|error| match error {
        CommitError::Spool(error) => refused_by_spool(error),
        CommitError::Store(error) => refused_by_store(error),
        CommitError::Stopping => Rejection::NotNow,
    })?;
    relay.wake.notify_one();
    Ok(committed)
}

/// What the sender is told when the spool fails.
pub(in crate::serve) fn refused_by_spool(error: SpoolError) -> Rejection {
    if let SpoolError::Full = error {
        tracing::warn!("mail is refused for now: the disk is full");
        return Rejection::DiskFull;
    }
    tracing::error!(%error, "mail is refused for now: the spool failed");
    Rejection::NotNow
}

/// What the sender is told when the store fails.
pub(in crate::serve) fn refused_by_store(error: StoreError) -> Rejection {
    if let StoreError::Full = error {
        return Rejection::DiskFull;
    }
    tracing::error!(%error, "mail is refused for now: the store failed");
    Rejection::NotNow
}

fn refused_by_seal(error: SealError) -> Rejection {
    tracing::error!(%error, "mail is refused for now: sealing failed");
    Rejection::NotNow
}
