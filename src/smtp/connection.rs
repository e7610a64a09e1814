//! One connection from greeting to goodbye: what is said before TLS, the handshake, and then the mail. Must never let a byte
//! that came before the handshake be read after it (STARTTLS injection, CVE-2011-0411).

use super::{
    Door, Settings,
    data::BdatReceiver,
    limits::{Misbehaved, TooSlow},
    listener::Port,
    receipt::Receipt,
    reply::{Rejection, Reply},
    session::{Plain, PlainStep, Session},
    talk::Talk,
    wire::BytesBeforeTls,
};
use crate::{
    clock::Clock,
    tls::{Protection, ServerTls},
};
use std::{io, net::IpAddr, sync::Arc, time::Duration};
use tokio::{net::TcpStream, sync::watch, time::timeout};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// The longest that a handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Quit,
    /// The peer went away.
    Gone,
    /// The peer does not read what we say.
    Deaf,
    Silence,
    SessionTooLong,
    TooSlow,
    TooLarge,
    Misbehaved,
    /// A chunk's size could not be read: what follows cannot be told from commands.
    OutOfStep,
    /// STARTTLS injection.
    BytesBeforeTls,
    HandshakeFailed,
    /// The relay is stopping.
    Stopping,
}

impl Ending {
    /// The last words, where there are any that were not said yet.
    pub fn farewell(self) -> Option<Reply> {
        match self {
            Self::Silence => Some(Reply::SILENCE),
            Self::SessionTooLong => Some(Reply::SESSION_TOO_LONG),
            Self::TooSlow => Some(Reply::TOO_SLOW),
            Self::TooLarge => Some(Rejection::TooLarge.into()),
            Self::Misbehaved => Some(Reply::TOO_MANY_ERRORS),
            Self::Stopping => Some(Reply::STOPPING),
            Self::Quit | Self::Gone | Self::Deaf | Self::OutOfStep | Self::BytesBeforeTls | Self::HandshakeFailed => {
                None
            }
        }
    }
}

impl From<Misbehaved> for Ending {
    fn from(_: Misbehaved) -> Self {
        Self::Misbehaved
    }
}

impl From<TooSlow> for Ending {
    fn from(_: TooSlow) -> Self {
        Self::TooSlow
    }
}

impl From<BytesBeforeTls> for Ending {
    fn from(_: BytesBeforeTls) -> Self {
        Self::BytesBeforeTls
    }
}

impl From<io::Error> for Ending {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// What every connection is given.
pub struct Visit<D> {
    pub door: Arc<D>,
    pub tls: Arc<ServerTls>,
    pub settings: Arc<Settings>,
    pub clock: Clock,
    pub peer: IpAddr,
    /// Turns true when the relay stops.
    pub stopping: watch::Receiver<bool>,
}

/// Serves one connection to its end.
pub async fn serve<D: Door>(visit: Visit<D>, stream: TcpStream, port: Port) -> Ending {
    let peer = visit.peer;
    let session = Session::new(visit.settings.clone());
    let greeting = session.greeting();
    let mut talk = Talk::new(visit, stream);
    if port == Port::StartTls {
        talk.wire.send(&greeting);
        if let Err(ending) = before_tls(&mut talk, &session).await {
            return talk.end(ending).await;
        }
    }
    let (mut talk, protection) = match shake_hands(talk).await {
        Ok(secured) => secured,
        Err(ending) => return ending,
    };
    if port == Port::ImplicitTls {
        talk.wire.send(&greeting);
    }
    let mut session = session.upgrade(protection, peer);
    let ending = talk.under_tls(&mut session).await;
    drop(session);
    talk.end(ending).await
}

/// Talks until STARTTLS was said and answered.
async fn before_tls<D: Door>(talk: &mut Talk<D, TcpStream>, session: &Session<Plain>) -> Result<(), Ending> {
    loop {
        let command = match talk.next_command(false).await? {
            Ok(command) => command,
            Err(fault) => {
                talk.fault(fault)?;
                continue;
            }
        };
        match session.command(&command) {
            PlainStep::Reply(reply) => talk.answer(&reply)?,
            PlainStep::Skip(size) => {
                let mut receipt = Receipt::refused(Reply::TLS_FIRST);
                talk.take_chunk(BdatReceiver::new(size), size, &mut receipt).await?;
                talk.answer(&receipt.finish().await)?;
            }
            PlainStep::Quit => {
                talk.wire.send(&Reply::BYE);
                return Err(Ending::Quit);
            }
            PlainStep::StartTls if !talk.wire.buffered().is_empty() => return Err(Ending::BytesBeforeTls),
            PlainStep::StartTls => {
                talk.wire.send(&Reply::START_TLS);
                return talk.flush().await;
            }
        }
    }
}

/// The TLS handshake. The talk goes on with nothing that was said before but how the peer behaved.
async fn shake_hands<D: Door>(talk: Talk<D, TcpStream>) -> Result<(Talk<D, TlsStream<TcpStream>>, Protection), Ending> {
    let longest = HANDSHAKE_TIMEOUT.min(talk.visit.settings.limits.command_timeout);
    let acceptor = TlsAcceptor::from(talk.visit.tls.config());
    let (stream, pause) = talk.pause()?;
    let stream = match timeout(longest, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(_)) => return Err(Ending::HandshakeFailed),
        Err(_) => return Err(Ending::Silence),
    };
    let protection = Protection::of(stream.get_ref().1).ok_or(Ending::HandshakeFailed)?;
    Ok((pause.resume(stream), protection))
}
