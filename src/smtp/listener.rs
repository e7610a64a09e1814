//! Accepts connections, each in a task of its own, so that a panic costs one session; and drains them when the relay stops.
//! Must never log a peer's address.

use super::{
    Door, Settings,
    connection::{self, Visit},
    limits::{Slot, Slots},
    reply::Reply,
};
use crate::{clock::Clock, tls::ServerTls};
use std::{
    io::{self, Write as _},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinError, JoinSet},
    time::{sleep, timeout},
};

/// How long accepting pauses when the system has no more files or memory for connections.
const BREATHER: Duration = Duration::from_millis(100);

/// What a port speaks from the first byte on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// SMTP, and TLS after STARTTLS (RFC 3207).
    StartTls,
    /// TLS (RFC 8314).
    ImplicitTls,
}

/// The SMTP door of a relay.
pub struct Listener<D> {
    door: Arc<D>,
    tls: Arc<ServerTls>,
    clock: Clock,
    settings: Mutex<Arc<Settings>>,
    slots: Slots,
}

impl<D: Door> Listener<D> {
    pub fn new(door: Arc<D>, tls: Arc<ServerTls>, clock: Clock, settings: Settings) -> Self {
        Self { door, tls, clock, settings: Mutex::new(Arc::new(settings)), slots: Slots::default() }
    }

    /// New connections follow these settings; live ones keep theirs.
    pub fn configure(&self, settings: Settings) {
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// Connections at this moment.
    pub fn connections(&self) -> usize {
        self.slots.taken()
    }

    /// Accepts on all `sockets` until `stopping` turns true (or its sender is gone), and then gives transactions whose data is
    /// coming in up to `drain` to end. Fails only when a socket cannot be used at all.
    pub async fn serve(
        self: Arc<Self>,
        sockets: Vec<(std::net::TcpListener, Port)>,
        stopping: watch::Receiver<bool>,
        drain: Duration,
    ) -> io::Result<()> {
        let mut ports = JoinSet::new();
        for (socket, port) in sockets {
            socket.set_nonblocking(true)?;
            let listener = TcpListener::from_std(socket)?;
            ports.spawn(self.clone().serve_port(listener, port, stopping.clone(), drain));
        }
        while let Some(ended) = ports.join_next().await {
            report(&ended);
        }
        Ok(())
    }

    async fn serve_port(
        self: Arc<Self>,
        listener: TcpListener,
        port: Port,
        mut stopping: watch::Receiver<bool>,
        drain: Duration,
    ) {
        let stops = stopping.clone();
        let mut sessions = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                () = async { let _ = stopping.wait_for(|stopping| *stopping).await; } => break,
                Some(ended) = sessions.join_next() => report(&ended),
                accepted = listener.accept() => match accepted {
                    Ok((stream, from)) => self.admit(stream, from.ip(), port, &stops, &mut sessions),
                    Err(error) => {
                        tracing::warn!(kind = %error.kind(), "cannot accept connections at the moment");
                        sleep(BREATHER).await;
                    }
                },
            }
        }
        drop(listener);
        let drained = timeout(drain, async {
            while let Some(ended) = sessions.join_next().await {
                report(&ended);
            }
        });
        if drained.await.is_err() {
            tracing::warn!(
                left = sessions.len(),
                "sessions did not end in time and are cut off; their senders keep the mail"
            );
        }
    }

    /// Gives a connection its place and task, or turns it away.
    fn admit(
        &self,
        stream: TcpStream,
        peer: IpAddr,
        port: Port,
        stopping: &watch::Receiver<bool>,
        sessions: &mut JoinSet<()>,
    ) {
        let settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(slot) = self.slots.admit(peer, &settings.limits) else {
            tracing::info!(connections = self.slots.taken(), "connection refused: too many");
            return turn_away(stream, port);
        };
        let (door, tls, clock, stopping) = (self.door.clone(), self.tls.clone(), self.clock.clone(), stopping.clone());
        let visit = Visit { door, tls, settings, clock, peer, stopping };
        sessions.spawn(serve_session(slot, visit, stream, port));
    }
}

async fn serve_session<D: Door>(slot: Slot, visit: Visit<D>, stream: TcpStream, port: Port) {
    // Replies are gathered already: waiting for more of them (Nagle) would only delay. Without it all still works.
    let _ = stream.set_nodelay(true);
    let ending = connection::serve(visit, stream, port).await;
    drop(slot);
    tracing::debug!(?ending, "session ended");
}

/// Says why, as far as the empty socket buffer takes it, and closes. Never waits.
fn turn_away(stream: TcpStream, port: Port) {
    if port == Port::StartTls
        && let Ok(mut stream) = stream.into_std()
    {
        // Best effort: the peer sees a closed connection anyway.
        let _ = stream.write(Reply::TOO_MANY_CONNECTIONS.as_bytes());
    }
}

/// A panic has cost its session. Its text is not looked at: it may hold content.
fn report(ended: &Result<(), JoinError>) {
    if ended.as_ref().is_err_and(JoinError::is_panic) {
        tracing::error!("a session panicked and was closed; its sender keeps the mail");
    }
}
