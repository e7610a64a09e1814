//! One message between the socket and intake: taken, or refused and only read to its end. Holds no byte of it.

use super::{
    Incoming,
    limits::Pace,
    reply::{Rejection, Reply},
};
use crate::intake::Chunk;
use tokio::time::Instant;

/// A message on its way in.
pub struct Receipt<M> {
    fate: Fate<M>,
    /// Bytes of the message so far.
    size: u64,
    pub(super) pace: Pace,
}

enum Fate<M> {
    Taken(M),
    /// The rest of the data is read, thrown away and answered so.
    Refused(Reply),
}

impl<M: Incoming> Receipt<M> {
    /// A message that the door opened, or did not.
    pub fn new(opened: Result<M, Rejection>) -> Self {
        match opened {
            Ok(mail) => Self { fate: Fate::Taken(mail), size: 0, pace: Pace::new(Instant::now()) },
            Err(rejection) => Self::refused(rejection.into()),
        }
    }

    /// A message that is only read, and answered so.
    pub fn refused(reply: Reply) -> Self {
        Self { fate: Fate::Refused(reply), size: 0, pace: Pace::new(Instant::now()) }
    }

    /// The answer that is certain already.
    pub fn refusal(&self) -> Option<&Reply> {
        match &self.fate {
            Fate::Taken(_) => None,
            Fate::Refused(reply) => Some(reply),
        }
    }

    /// Bytes of the message so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Hands a chunk on, or throws it away. What was refused is let go at once: it leaves nothing behind.
    pub async fn push(&mut self, chunk: &Chunk, max_size: u64) {
        self.size = self.size.saturating_add(chunk.len() as u64);
        if let Fate::Taken(mail) = &mut self.fate {
            let taken = if self.size > max_size { Err(Rejection::TooLarge) } else { mail.push(chunk).await };
            if let Err(rejection) = taken {
                self.fate = Fate::Refused(rejection.into());
            }
        }
    }

    /// The data is complete: makes the message durable and gives the answer.
    pub async fn finish(self) -> Reply {
        match self.fate {
            Fate::Taken(mail) => match mail.finish().await {
                Ok(committed) => Reply::accepted(&committed),
                Err(rejection) => rejection.into(),
            },
            Fate::Refused(reply) => reply,
        }
    }
}
