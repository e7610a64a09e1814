//! One message while it comes in: chunks in, ciphertext out, for each mailbox that it is meant for.

use super::{Chunk, Findings, ReplyFacts, SealError};
use crate::{
    clock::Timestamp,
    envelope::{Envelope, Mailbox},
    ids::MessageId,
    openpgp::{EncryptionSet, RelayKey},
    senders::Verdict,
    spool::Stream,
};
use std::sync::Arc;

/// What the layout says before the first document of one mailbox's copy.
pub struct Intro {
    pub id: MessageId,
    pub mailbox: Mailbox,
    /// The case's label, opened from its sealed field.
    pub label: Option<zeroize::Zeroizing<String>>,
    pub set: Arc<EncryptionSet>,
    /// The From of the mail that staff get, and its protected subject.
    pub from: String,
    pub subject: String,
    /// The subject as it is outside, visible to every mail server; differs from `subject` when that is hidden.
    pub outer_subject: String,
}

/// A message that is coming in.
pub struct Arrival {}

/// A message that was sealed for one mailbox: its ciphertext is complete. Made only here.
pub struct Sealed {
    pub(in crate::intake) id: MessageId,
    pub(in crate::intake) mailbox: Mailbox,
    pub(in crate::intake) findings: Findings,
    pub(in crate::intake) sealed_to: Vec<String>,
    pub(in crate::intake) emails: Vec<String>,
}

impl Sealed {
    pub fn id(&self) -> MessageId {
        self.id
    }
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }
    pub fn findings(&self) -> &Findings {
        &self.findings
    }
    /// Fingerprints of the certificates that it is sealed to.
    pub fn sealed_to(&self) -> &[String] {
        &self.sealed_to
    }
    /// The people who can read it, one forward each.
    pub fn emails(&self) -> &[String] {
        &self.emails
    }
}

impl Arrival {
    /// Starts sealing for every intro (one a mailbox).
    pub fn begin(
        _envelope: &Envelope,
        _verdict: Verdict,
        _intros: Vec<Intro>,
        _signer: &RelayKey,
        _now: Timestamp,
    ) -> Result<Self, SealError> {
        todo!()
    }

    /// Takes in the next chunk.
    pub fn push(&mut self, _chunk: &Chunk) -> Result<(), SealError> {
        todo!()
    }

    /// The pieces of ciphertext that are ready: for each mailbox (by its place among the intros) and stream, the bytes made
    /// since the last call. The caller writes them and clears them.
    pub fn ciphertext(&mut self) -> impl Iterator<Item = (usize, Stream, &mut Vec<u8>)> {
        std::iter::empty()
    }

    /// Ends the message: the last ciphertext is then in [`ciphertext`](Self::ciphertext).
    pub fn end(&mut self) -> Result<(), SealError> {
        todo!()
    }

    /// What was sealed, one a mailbox in the intros' order, and what a confirmation needs. Call after [`end`](Self::end).
    pub fn into_sealed(self) -> (Vec<Sealed>, ReplyFacts) {
        todo!()
    }
}
