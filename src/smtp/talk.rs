//! Talking with one peer, before and under TLS: waits for commands within their time, gathers replies, counts errors, ends.
//! Must never log what a peer sent or who it is.

use super::{
    Door,
    command::{self, Command, Fault},
    connection::{Ending, Visit},
    data::Receiver,
    limits::Conduct,
    receipt::Receipt,
    reply::{Rejection, Reply},
    wire::{BytesBeforeTls, Wire},
};
use crate::intake::Chunk;
use std::time::Duration;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, timeout, timeout_at},
};

/// The longest that last words may take to leave.
const FAREWELL_TIMEOUT: Duration = Duration::from_secs(3);
/// A message that would grow beyond so many times what is allowed is not read to its end.
const TOO_LARGE_BY_FAR: u64 = 2;

/// One peer, over a stream that is TLS or not yet.
pub struct Talk<D, IO> {
    pub visit: Visit<D>,
    pub wire: Wire<IO>,
    conduct: Conduct,
    /// When the session has taken too long.
    until: Instant,
    /// Made for the first message and used again for every other one.
    chunk: Option<Chunk>,
}

/// A talk that waits for its handshake: nothing that was said before is in it, only how the peer behaved and since when.
pub struct Pause<D> {
    visit: Visit<D>,
    conduct: Conduct,
    until: Instant,
}

impl<D> Pause<D> {
    /// Goes on over the secured stream.
    pub fn resume<IO: AsyncRead + AsyncWrite + Unpin>(self, stream: IO) -> Talk<D, IO> {
        let Self { visit, conduct, until } = self;
        Talk { visit, wire: Wire::new(stream), conduct, until, chunk: None }
    }
}

impl<D: Door, IO: AsyncRead + AsyncWrite + Unpin> Talk<D, IO> {
    pub fn new(visit: Visit<D>, stream: IO) -> Self {
        let until = Instant::now() + visit.settings.limits.session_deadline;
        Self { visit, wire: Wire::new(stream), conduct: Conduct::default(), until, chunk: None }
    }

    /// Takes the stream out for a handshake, unless bytes came before it.
    pub fn pause(self) -> Result<(IO, Pause<D>), BytesBeforeTls> {
        let Self { visit, wire, conduct, until, .. } = self;
        Ok((wire.into_stream()?, Pause { visit, conduct, until }))
    }

    /// The next command, or what is wrong with it. `undisturbed` by a relay that stops: a message is under way.
    pub async fn next_command(&mut self, undisturbed: bool) -> Result<Result<Command, Fault>, Ending> {
        let mut deadline = None;
        loop {
            if *self.visit.stopping.borrow() && !undisturbed {
                return Err(Ending::Stopping);
            }
            if self.wire.replies_pile_up() {
                self.flush().await?;
            }
            if let Some(command) = self.wire.next_line(command::parse) {
                return Ok(command);
            }
            let now = Instant::now();
            if now >= self.until {
                return Err(Ending::SessionTooLong);
            }
            let deadline = *deadline.get_or_insert(now + self.visit.settings.limits.command_timeout);
            self.flush().await?;
            self.hear(deadline.min(self.until), undisturbed).await?;
        }
    }

    /// Waits for bytes between commands.
    async fn hear(&mut self, deadline: Instant, undisturbed: bool) -> Result<(), Ending> {
        let Self { visit, wire, .. } = self;
        tokio::select! {
            biased;
            () = async { let _ = visit.stopping.wait_for(|stopping| *stopping).await; }, if !undisturbed => {
                Err(Ending::Stopping)
            }
            came = timeout_at(deadline, wire.read()) => match came {
                Ok(Ok(0) | Err(_)) => Err(Ending::Gone),
                Ok(Ok(_)) => Ok(()),
                Err(_) if deadline == self.until => Err(Ending::SessionTooLong),
                Err(_) => Err(Ending::Silence),
            },
        }
    }

    /// Writes the replies that wait, within the time that a command may take.
    pub async fn flush(&mut self) -> Result<(), Ending> {
        match timeout(self.visit.settings.limits.command_timeout, self.wire.flush()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Ending::Gone),
            Err(_) => Err(Ending::Deaf),
        }
    }

    /// Answers a command, unless it was one error too many.
    pub fn answer(&mut self, reply: &Reply) -> Result<(), Ending> {
        if reply.code() >= 400 {
            tracing::info!(code = reply.code(), "refused");
        }
        if reply.is_error() {
            self.conduct.error(&self.visit.settings.limits)?;
        }
        self.wire.send(reply);
        Ok(())
    }

    /// Answers a line that is no command.
    pub fn fault(&mut self, fault: Fault) -> Result<(), Ending> {
        self.answer(&fault.into())?;
        if fault == Fault::ChunkSize { Err(Ending::OutOfStep) } else { Ok(()) }
    }

    /// Answers a recipient that is not taken. Guessing gets slow.
    pub async fn refuse(&mut self, rejection: Rejection) -> Result<(), Ending> {
        use Rejection::{ClosedCase, NotOurDomain, UnexpectedSender, UnknownCase};
        if !matches!(rejection, UnknownCase | ClosedCase | NotOurDomain | UnexpectedSender) {
            return self.answer(&rejection.into());
        }
        tracing::info!(?rejection, "recipient refused");
        let delay = self.conduct.unknown_recipient(&self.visit.settings.limits)?;
        if !delay.is_zero() {
            self.flush().await?;
            let stopping = self.visit.stopping.wait_for(|stopping| *stopping);
            // Until the delay is over or the relay stops, whichever is first.
            let _ = timeout(delay, stopping).await;
        }
        self.wire.send(&rejection.into());
        Ok(())
    }

    /// Takes in one BDAT chunk of `size`, unless so much can only be a mistake.
    pub async fn take_chunk(
        &mut self,
        receiver: impl Receiver,
        size: u64,
        receipt: &mut Receipt<D::Mail>,
    ) -> Result<(), Ending> {
        if self.is_too_large_by_far(receipt.size().saturating_add(size)) {
            return Err(Ending::TooLarge);
        }
        self.take(receiver, receipt).await
    }

    /// Takes in message data until `receiver` says that it ended. Plaintext goes from the wire into the chunk and from there
    /// to intake.
    pub async fn take(&mut self, mut receiver: impl Receiver, receipt: &mut Receipt<D::Mail>) -> Result<(), Ending> {
        let mut chunk = self.chunk.take().unwrap_or_default();
        loop {
            let taken = receiver.take(self.wire.buffered(), &mut chunk);
            self.wire.consume(taken.bytes);
            if taken.ended || chunk.room() == 0 {
                receipt.push(&chunk, self.visit.settings.limits.max_message_size).await;
                chunk.clear();
            }
            if taken.ended {
                self.chunk = Some(chunk);
                return Ok(());
            }
            if self.is_too_large_by_far(receipt.size()) {
                return Err(Ending::TooLarge);
            }
            if self.wire.buffered().is_empty() {
                self.hear_data(receipt).await?;
            }
        }
    }

    /// Waits for more of a message.
    async fn hear_data(&mut self, receipt: &mut Receipt<D::Mail>) -> Result<(), Ending> {
        let now = Instant::now();
        let deadline = receipt.pace.deadline(now, &self.visit.settings.limits)?;
        self.flush().await?;
        match timeout_at(deadline, self.wire.read()).await {
            Ok(Ok(0) | Err(_)) => Err(Ending::Gone),
            Ok(Ok(bytes)) => {
                receipt.pace.came(bytes, now.elapsed());
                Ok(())
            }
            Err(_) => Err(Ending::TooSlow),
        }
    }

    fn is_too_large_by_far(&self, size: u64) -> bool {
        size > self.visit.settings.limits.max_message_size.saturating_mul(TOO_LARGE_BY_FAR)
    }

    /// Says the last words and closes.
    pub async fn end(mut self, ending: Ending) -> Ending {
        drop(self.chunk);
        if let Some(reply) = ending.farewell() {
            self.wire.send(&reply);
        }
        if !matches!(ending, Ending::Gone | Ending::Deaf | Ending::BytesBeforeTls) {
            // Best effort: the peer may be gone, and that is what we wanted.
            let _ = timeout(FAREWELL_TIMEOUT, self.wire.close()).await;
        }
        ending
    }
}
