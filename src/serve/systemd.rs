//! What systemd is told: readiness, reloads, the end, and that the process lives (sd_notify(3)). Where there is no systemd, nothing
//! happens.

use sd_notify::NotifyState;
use std::{convert::Infallible, time::Duration};

/// Tells systemd something.
pub(in crate::serve) fn notify(state: NotifyState) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "systemd could not be notified");
    }
}

/// Feeds the watchdog as often as the unit file demands, also while the relay drains or reloads; where none is demanded, waits
/// for ever. It stops when the runtime does not turn any more, which is what systemd is to notice.
pub(in crate::serve) async fn feed_watchdog() -> Infallible {
    let Some(demanded) = sd_notify::watchdog_enabled() else { return std::future::pending().await };
    let mut ticks = tokio::time::interval((demanded / 2).max(Duration::from_millis(1)));
    loop {
        ticks.tick().await;
        notify(NotifyState::Watchdog);
    }
}
