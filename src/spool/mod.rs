//! The spool: one file of ciphertext for each sealed message, the truth from which the index can be rebuilt.
//! Nothing but ciphertext is ever written here, and nothing is promised before its fsync.
//!
//! A file is `SEALDROP1\n` and then frames: `kind: u8, length: u32 little-endian, bytes`. Kinds 1 and 2 are the layout and the
//! original in pieces, interleaved as they were made; then comes one frame of kind 3, the record: a
//! [`SpoolRecord`](crate::store::SpoolRecord) sealed under the at-rest key; and last one of kind 4: the BLAKE3 digest of all
//! bytes before it.
//!
//! A layout that is spread over several mails is written in segments. Frames of kind 1 are segment 0; kind 5 is a piece of
//! another segment, whose number (u32 little-endian) stands before the bytes. Before the record then comes one frame of kind
//! 6, the mails: for each the count of its segments and their numbers, in order (u32 little-endian each). Segments that no
//! mail names are void. Without such a frame the one mail is segment 0.

mod directory;
mod draft;
mod frame;
mod stream;

use crate::ids::MessageId;
use std::fmt;

pub use directory::DirectorySpool;

/// The OpenPGP messages in a spool file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// The MIME entity made for staff, or that part of it which is in the mail with this number, from 1.
    Layout(u32),
    /// The received bytes.
    Original,
}

/// What ciphertext goes to while a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// A run of the layout: which mail it belongs to, if any, is known at the end.
    Segment(u32),
    /// The received bytes.
    Original,
}

/// The spool failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpoolError {
    #[error("the disk is full, or under the free-space floor")]
    Full,
    #[error("message {0} is not in the spool")]
    Missing(MessageId),
    #[error("message {0}'s file is damaged: {1}")]
    Damaged(MessageId, &'static str),
    /// A failed fsync is not tried again: the relay takes no more mail until it is restarted.
    #[error("the spool cannot be trusted any more after a failed fsync: restart the relay once the disk is sound")]
    Poisoned,
    #[error("{0}: {1}")]
    Io(&'static str, std::io::ErrorKind),
}

/// A place for sealed messages. All calls block.
pub trait Spool: Send + Sync + 'static {
    /// Begins the file of a message; nothing is visible under its id before it is published.
    fn create(&self, id: MessageId) -> Result<Box<dyn Draft>, SpoolError>;
    /// Makes the written files visible under their ids, durably: on return they survive a power cut. All or, on error, the
    /// caller treats none as published.
    fn publish(&self, written: Vec<Written>) -> Result<(), SpoolError>;
    /// Reads one stream of a message: the bytes of its OpenPGP message.
    fn open(&self, id: MessageId, stream: Stream) -> Result<Box<dyn std::io::Read + Send>, SpoolError>;
    /// Length in bytes of one stream.
    fn length(&self, id: MessageId, stream: Stream) -> Result<u64, SpoolError>;
    /// The sealed record at the end of a message's file.
    fn record(&self, id: MessageId) -> Result<Vec<u8>, SpoolError>;
    /// Reads the whole file and compares its digest.
    fn verify(&self, id: MessageId) -> Result<(), SpoolError>;
    /// Removes a message's file, durably. No error when it is gone already.
    fn remove(&self, id: MessageId) -> Result<(), SpoolError>;
    /// The ids of all published messages.
    fn list(&self) -> Result<Vec<MessageId>, SpoolError>;
    /// Fails with [`SpoolError::Full`] when fewer than the floor and `expected` more bytes are free, and with
    /// [`SpoolError::Poisoned`] after a failed fsync: asked before a message is taken.
    fn ready(&self, expected: u64) -> Result<(), SpoolError>;
}

/// A message's file while it is written. Dropped without [`finish`](Draft::finish), it leaves nothing behind.
pub trait Draft: Send {
    /// Appends ciphertext to one of the lanes. Blocks only when [`blocks`](Draft::blocks) says so.
    fn append(&mut self, lane: Lane, ciphertext: &[u8]) -> Result<(), SpoolError>;
    /// Whether appending `more` bytes would write to the disk: otherwise they only go to memory, and an async task may
    /// append them where it is. A small message so reaches the disk in [`finish`](Draft::finish) alone.
    fn blocks(&self, more: usize) -> bool;
    /// Says of which segments the mails are made, in order; unsaid, one mail is made of segment 0. After the last
    /// [`append`](Draft::append). Blocks.
    fn divide(&mut self, mails: &[Vec<u32>]) -> Result<(), SpoolError>;
    /// Appends the sealed record and the digest, and makes the file's content durable (fsync). Blocks.
    fn finish(self: Box<Self>, record: &[u8]) -> Result<Written, SpoolError>;
}

/// A file whose content is durable and that waits to be published. Dropped instead, it is removed.
pub struct Written {
    pub id: MessageId,
    abandon: Option<Box<dyn FnOnce() + Send>>,
}

impl Written {
    /// A file that waits to be published; `abandon` removes it if that never happens.
    pub fn new(id: MessageId, abandon: impl FnOnce() + Send + 'static) -> Self {
        Self { id, abandon: Some(Box::new(abandon)) }
    }

    /// The file is published: it stays. For [`Spool::publish`] alone.
    pub fn published(mut self) {
        self.abandon = None;
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        if let Some(abandon) = self.abandon.take() {
            abandon();
        }
    }
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Written({})", self.id)
    }
}
