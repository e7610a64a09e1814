//! What the running relay does by the clock: looks for a new TLS certificate, and removes ciphertext whose time is over.

use super::{Relay, ServeError};
use crate::{
    audit::{Actor, Event},
    store::{Change, MessageRecord, Reconciled},
    tls::ServerTls,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// How often the certificate's files are looked at.
const TLS_EVERY: Duration = Duration::from_secs(5);
/// How often messages whose time is over are looked for.
const RETENTION_EVERY: Duration = Duration::from_secs(3600);

/// Runs until `stop` says so.
pub(in crate::serve) async fn upkeep(relay: Arc<Relay>, tls: Arc<ServerTls>, mut stop: watch::Receiver<bool>) {
    let mut tls_ticks = tokio::time::interval(TLS_EVERY);
    let mut retention_ticks = tokio::time::interval(RETENTION_EVERY);
    loop {
        tokio::select! {
            _ = tls_ticks.tick() => reload_certificate(&tls),
            _ = retention_ticks.tick() => remove_expired(&relay).await,
            _ = stop.changed() => return,
        }
    }
}

/// Says what was found when index and spool were compared at start.
pub(in crate::serve) fn report(found: &Reconciled) {
    if !found.adopted.is_empty() || !found.removed.is_empty() {
        let (adopted, removed) = (found.adopted.len(), found.removed.len());
        tracing::warn!(adopted, removed, "the index was brought in line with the spool after an unclean stop");
    }
    for id in &found.missing {
        tracing::error!(message = %id, "the ciphertext of a message is gone from the spool");
    }
    for (id, why) in &found.unreadable {
        tracing::error!(message = %id, %why, "a file of the spool belongs to no message and is left where it is");
    }
}

fn reload_certificate(tls: &ServerTls) {
    match tls.reload_if_changed() {
        Ok(true) => tracing::info!("the new TLS certificate is in use"),
        Ok(false) => {}
        Err(error) => tracing::error!(%error, "the new TLS certificate cannot be used, the old one stays"),
    }
}

/// Removes the ciphertext of messages older than `[retention] originals` for which no job waits. Their records stay.
async fn remove_expired(relay: &Arc<Relay>) {
    let site = relay.site.clone();
    let expired = tokio::task::spawn_blocking(move || {
        let oldest = site.clock.now().minus(site.config.retention.originals);
        let waiting: Vec<_> = site.store.jobs()?.iter().filter_map(|job| job.work.message()).collect();
        let messages = site.store.messages()?.into_iter();
        // A document that no mail can carry is nowhere but here: it stays until an admin purges it.
        let nowhere_else = |m: &MessageRecord| m.mails.iter().any(|mail| mail.kept);
        let over = |m: &MessageRecord| {
            m.purged.is_none() && m.received < oldest && !waiting.contains(&m.id) && !nowhere_else(m)
        };
        Ok::<_, crate::store::StoreError>(messages.filter(over).collect::<Vec<_>>())
    });
    let Ok(Ok(expired)) = expired.await else {
        tracing::error!("messages whose time is over could not be listed");
        return;
    };
    for message in expired {
        if let Err(error) = purge(relay, message).await {
            tracing::error!(%error, "a message whose time is over could not be removed");
        }
    }
}

/// The record says "purged" before the file goes: a crash between the two leaves a file that the next start removes.
async fn purge(relay: &Arc<Relay>, mut message: MessageRecord) -> Result<(), ServeError> {
    let id = message.id;
    message.purged = Some(relay.site.clock.now());
    let event = Event::MessagePurged { message: id, by_retention: true };
    relay.committer.apply(vec![Change::PutMessage(message)], vec![(Actor::Relay, event)]).await?;
    let spool = relay.site.spool.clone();
    tokio::task::spawn_blocking(move || spool.remove(id)).await.map_err(|_| ServeError::Stopped)??;
    Ok(())
}
