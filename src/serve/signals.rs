//! What the process is told by signals.

use super::ServeError;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM and SIGINT stop, SIGHUP reloads.
pub(in crate::serve) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

/// What a signal says.
pub(in crate::serve) enum Told {
    Stop,
    Reload,
}

impl Signals {
    pub(in crate::serve) fn new() -> Result<Self, ServeError> {
        let listen = |kind| signal(kind).map_err(|error| ServeError::Runtime(error.kind()));
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    /// Waits for the next signal.
    pub(in crate::serve) async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.terminate.recv() => Told::Stop,
            _ = self.interrupt.recv() => Told::Stop,
            _ = self.hang_up.recv() => Told::Reload,
        }
    }
}
