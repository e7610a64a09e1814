//! The spool: one file of ciphertext for each sealed message, the truth from which the index can be rebuilt.
//! Nothing but ciphertext is ever written here, and nothing is promised before its fsync.
//!
//! A file holds frames: `kind: u8, length: u32 little-endian, bytes`. Kinds are the two [`Stream`]s and, last, the record:
//! a [`MessageRecord`](crate::store::MessageRecord) sealed under the at-rest key, and then the BLAKE3 digest of all before it.

use crate::ids::MessageId;

/// The two OpenPGP messages in a spool file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// The MIME entity made for staff.
    Layout,
    /// The received bytes.
    Original,
}

/// The spool failed.
#[derive(Debug, thiserror::Error)]
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
    /// Appends ciphertext to one of the streams.
    fn append(&mut self, stream: Stream, ciphertext: &[u8]) -> Result<(), SpoolError>;
    /// Appends the sealed record and the digest, and makes the file's content durable (fsync).
    fn finish(self: Box<Self>, record: &[u8]) -> Result<Written, SpoolError>;
}

/// A file whose content is durable and that waits to be published. Dropped instead, it is removed.
pub struct Written {
    pub id: MessageId,
}
