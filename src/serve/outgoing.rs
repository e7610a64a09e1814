//! The way out: leases due jobs, lets the courier attempt each, and writes down what came of it. A job that is interrupted by a
//! stop or a crash keeps its place in the queue.

use super::Relay;
use crate::{
    chance::fraction,
    clock::Timestamp,
    delivery,
    queue::{Job, Schedule},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
};

/// The longest pause between two looks at the queue, against a clock that jumps.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The pause when a job became due since the last look.
const NEXT_LOOK: Duration = Duration::from_secs(1);
/// How long attempts that run may take to finish when the relay stops. One that is cut off is made again after the next start;
/// a server that hangs must not keep the relay from stopping.
const LAST_ATTEMPTS: Duration = Duration::from_secs(10);
/// A lease outlasts the slowest attempt by this.
const LEASE_MARGIN: Duration = Duration::from_secs(60);

/// Delivers until `stop` says so, then gives the attempts that run a moment to finish.
pub(in crate::serve) async fn deliver(relay: Arc<Relay>, mut stop: watch::Receiver<bool>) {
    let workers = Arc::new(Semaphore::new(relay.site.config.staff_mail.workers));
    let mut attempts = JoinSet::new();
    while !*stop.borrow() {
        let rest = relay.courier.rest();
        let free = if rest.is_zero() { workers.available_permits() } else { 0 };
        let jobs = if free == 0 { Some(Vec::new()) } else { lease(&relay, free).await };
        let readable = jobs.is_some();
        for job in jobs.unwrap_or_default() {
            let Ok(worker) = workers.clone().acquire_owned().await else { return };
            let relay = relay.clone();
            attempts.spawn(async move {
                attempt(&relay, job).await;
                drop(worker);
                relay.wake.notify_one();
            });
        }
        while attempts.try_join_next().is_some() {}
        let pause = match readable {
            _ if !rest.is_zero() => rest,
            true => pause(&relay).await,
            false => LONGEST_PAUSE,
        };
        tokio::select! {
            () = relay.wake.notified(), if rest.is_zero() => {}
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
    let finished = tokio::time::timeout(LAST_ATTEMPTS, async { while attempts.join_next().await.is_some() {} }).await;
    if finished.is_err() {
        tracing::warn!(left = attempts.len(), "deliveries did not end in time and are cut off; they are made again");
        attempts.shutdown().await;
    }
}

/// Leases due jobs. None when the store fails, with a word in the log.
async fn lease(relay: &Arc<Relay>, limit: usize) -> Option<Vec<Job>> {
    let relay = relay.clone();
    let leased = tokio::task::spawn_blocking(move || {
        let now = relay.site.clock.now();
        let until = now.plus(relay.site.config.staff_mail.timeout + LEASE_MARGIN);
        relay.site.store.lease(now, until, limit)
    });
    match leased.await {
        Ok(Ok(jobs)) => Some(jobs),
        Ok(Err(error)) => {
            tracing::error!(%error, "the queue cannot be read");
            None
        }
        Err(_) => None,
    }
}

/// How long until the next job is due.
async fn pause(relay: &Arc<Relay>) -> Duration {
    let now = relay.site.clock.now();
    let store = relay.site.store.clone();
    let next: Option<Timestamp> =
        tokio::task::spawn_blocking(move || store.next_due().ok().flatten()).await.ok().flatten();
    match next {
        None => LONGEST_PAUSE,
        Some(due) if due > now => due.since(now).min(LONGEST_PAUSE),
        // A job that is due but could not be leased because all workers are busy is taken when a worker rings.
        Some(_) => NEXT_LOOK,
    }
}

/// One attempt and its settling.
async fn attempt(relay: &Relay, job: Job) {
    let attempt = relay.courier.attempt(&job).await;
    let now = relay.site.clock.now();
    let schedule = Schedule::new(relay.site.config.staff_mail.give_up_after);
    // Kept until the outcome is durable: the limits on confirmations hang on it.
    let delivery::Settlement { changes, events, .. } = &mut delivery::settle(&job, attempt, &schedule, now, fraction());
    relay.alerts.thin_out(changes, now);
    if let Err(error) = relay.committer.apply(std::mem::take(changes), std::mem::take(events)).await {
        // The lease runs out and the job is tried again: rather twice than never.
        tracing::error!(job = job.id, %error, "the outcome of a job could not be written");
    }
}
