//! From the outcome of an attempt to what is written about it. Pure.

use super::Attempt;
use crate::{
    audit::{Actor, Event},
    clock::Timestamp,
    queue::{AlertKind, Job, Outcome, Schedule, Work},
    store::Change,
};

/// What is to be written about one attempt, all in one transaction. The limits on confirmations hold until it is dropped:
/// keep it until the transaction is durable.
pub struct Settlement {
    pub changes: Vec<Change>,
    pub events: Vec<(Actor, Event)>,
    _attempt: Option<super::Turn>,
}

/// Settles an attempt at `job` that ended at `now`. `fraction` in 0.0..1.0 is the random part of the retry's delay. When the
/// schedule has no further try, a deferred job fails. A forward that fails alerts the admins; its ciphertext stays.
pub fn settle(job: &Job, attempt: Attempt, schedule: &Schedule, now: Timestamp, fraction: f64) -> Settlement {
    let Attempt { outcome, mut changes, turn } = attempt;
    let mut events = Vec::new();
    match outcome {
        Outcome::Delivered => {
            changes.push(Change::CompleteJob(job.id));
            events.push(delivered(&job.work));
        }
        Outcome::Withheld(reason) => {
            changes.push(Change::CompleteJob(job.id));
            events.extend(job.work.message().map(|message| Event::ConfirmationWithheld { message, reason }));
        }
        Outcome::Deferred(error) => match schedule.next(job.created, job.attempts + 1, now, fraction) {
            Some(next) => changes.push(Change::DeferJob { job: job.id, next, error }),
            None => fail(job, format!("given up: {error}"), now, &mut changes, &mut events),
        },
        Outcome::Failed(error) => fail(job, error, now, &mut changes, &mut events),
    }
    let events = events.into_iter().map(|event| (Actor::Relay, event)).collect();
    Settlement { changes, events, _attempt: turn }
}

fn delivered(work: &Work) -> Event {
    match work {
        Work::Forward { message, staff, .. } => Event::Forwarded { message: *message, staff: staff.clone() },
        Work::Confirm { message, .. } => Event::ConfirmationSent { message: *message },
        Work::Alert { alert } => Event::AlertSent { about: alert.about().to_owned() },
    }
}

fn fail(job: &Job, error: String, now: Timestamp, changes: &mut Vec<Change>, events: &mut Vec<Event>) {
    match &job.work {
        Work::Forward { message, mailbox, staff } => {
            let (message, mailbox, staff, reason) = (*message, mailbox.clone(), staff.clone(), error.clone());
            events.push(Event::ForwardFailed { message, staff: staff.clone(), reason: reason.clone() });
            let alert = AlertKind::ForwardFailed { message, mailbox, staff, reason };
            changes.push(Change::AddJob { work: Work::Alert { alert }, next: now });
        }
        Work::Confirm { message, .. } => events.push(Event::ConfirmationFailed { message: *message }),
        // Who is to be told that telling failed? It stays in the queue as failed, and in the log.
        Work::Alert { .. } => {}
    }
    changes.push(Change::FailJob { job: job.id, error });
}
