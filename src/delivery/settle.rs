//! From the outcome of an attempt to what is written about it. Pure.

use super::Attempt;
use crate::{
    audit::{Actor, Event},
    clock::Timestamp,
    queue::{AlertKind, Job, Outcome, Schedule, Work},
    store::Change,
};

/// What is to be written about one attempt, all in one transaction. The limits on confirmations hold until it is
/// dropped: keep it until the transaction is durable.
pub struct Settlement {
    pub changes: Vec<Change>,
    pub events: Vec<(Actor, Event)>,
    _attempt: Option<super::Turn>,
}

/// Settles an attempt at `job` that ended at `now`. `fraction` in 0.0..1.0 is the random part of the retry's delay.
/// When the schedule has no further try, a deferred job fails. A forward that fails alerts the admins; its ciphertext
/// stays.
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
        Work::Forward { message, staff, mail, .. } => {
            Event::Forwarded { message: *message, staff: staff.clone(), mail: *mail }
        }
        Work::Confirm { message, .. } => Event::ConfirmationSent { message: *message },
        Work::Alert { alert } => Event::AlertSent { about: alert.about().to_owned() },
    }
}

fn fail(job: &Job, error: String, now: Timestamp, changes: &mut Vec<Change>, events: &mut Vec<Event>) {
    match &job.work {
        Work::Forward { message, mailbox, staff, mail } => {
            let (message, mailbox, staff, reason) = (*message, mailbox.clone(), staff.clone(), error.clone());
            events.push(Event::ForwardFailed { message, staff: staff.clone(), reason: reason.clone(), mail: *mail });
            let alert = AlertKind::ForwardFailed { message, mailbox, staff, reason };
            changes.push(Change::AddJob { work: Work::Alert { alert }, next: now });
        }
        Work::Confirm { message, .. } => events.push(Event::ConfirmationFailed { message: *message }),
        // Who is to be told that telling failed? It stays in the queue as failed, and in the log.
        Work::Alert { .. } => {}
    }
    changes.push(Change::FailJob { job: job.id, error });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{envelope::Mailbox, ids::MessageId, intake::Withhold, queue::JobState, secret::SealedField};
    use std::time::Duration;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    const CREATED: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn message() -> MessageId {
        MessageId::from_bytes([7; 16])
    }

    fn forward() -> Work {
        Work::Forward { message: message(), mailbox: Mailbox::Abuse, staff: "alice@staff.example".to_owned(), mail: 1 }
    }

    fn confirm() -> Work {
        Work::Confirm { message: message(), facts: SealedField::from_bytes(Vec::new()) }
    }

    fn alert() -> Work {
        Work::Alert { alert: AlertKind::ReplyBounced { message: message(), mailbox: Mailbox::Abuse } }
    }

    /// What is written about an outcome after `age`, in the form of its debug text.
    fn written(work: Work, outcome: Outcome, age: Duration) -> (String, Vec<Event>) {
        let state = JobState::Leased { until: CREATED };
        let job = Job { id: 3, work, state, created: CREATED, attempts: 0, last_error: None };
        let schedule = Schedule::new(5 * DAY);
        let settled = settle(&job, outcome.into(), &schedule, CREATED.plus(age), 0.5);
        let events = settled.events.into_iter().map(|(actor, event)| {
            assert_eq!(actor, Actor::Relay);
            event
        });
        (format!("{:?}", settled.changes), events.collect())
    }

    #[test]
    fn what_was_delivered_is_done() {
        let staff = "alice@staff.example".to_owned();
        for (work, event) in [
            (forward(), Event::Forwarded { message: message(), staff, mail: 1 }),
            (confirm(), Event::ConfirmationSent { message: message() }),
            (alert(), Event::AlertSent { about: "reply bounced".to_owned() }),
        ] {
            let (changes, events) = written(work, Outcome::Delivered, Duration::ZERO);
            assert_eq!((changes.as_str(), events), ("[CompleteJob(3)]", vec![event]));
        }
    }

    #[test]
    fn a_withheld_confirmation_is_done_and_in_the_trail() {
        let (changes, events) = written(confirm(), Outcome::Withheld(Withhold::TooSoon), Duration::ZERO);
        assert_eq!(changes, "[CompleteJob(3)]");
        assert_eq!(events, [Event::ConfirmationWithheld { message: message(), reason: Withhold::TooSoon }]);
    }

    #[test]
    fn what_was_deferred_comes_again_and_leaves_no_trail() {
        let (changes, events) = written(forward(), Outcome::Deferred("451 later".to_owned()), Duration::ZERO);
        assert!(changes.starts_with("[DeferJob { job: 3") && changes.contains("451 later"), "{changes}");
        assert_eq!(events, []);
    }

    #[test]
    fn a_forward_that_fails_or_is_given_up_alerts_the_admins() {
        let given_up = (Outcome::Deferred("451 later".to_owned()), 5 * DAY, "given up: 451 later");
        for (outcome, age, reason) in [(Outcome::Failed("550 no".to_owned()), Duration::ZERO, "550 no"), given_up] {
            let (changes, events) = written(forward(), outcome, age);
            assert!(changes.starts_with("[AddJob { work: Alert { alert: ForwardFailed"), "{changes}");
            assert!(changes.ends_with(&format!("FailJob {{ job: 3, error: {reason:?} }}]")), "{changes}");
            let staff = "alice@staff.example".to_owned();
            assert_eq!(
                events,
                [Event::ForwardFailed { message: message(), staff, reason: reason.to_owned(), mail: 1 }]
            );
        }
    }

    #[test]
    fn other_failures_alert_nobody() {
        let (changes, events) = written(confirm(), Outcome::Failed("550 5.1.1".to_owned()), Duration::ZERO);
        assert_eq!(changes, "[FailJob { job: 3, error: \"550 5.1.1\" }]");
        assert_eq!(events, [Event::ConfirmationFailed { message: message() }]);
        let (changes, events) = written(alert(), Outcome::Failed("550".to_owned()), Duration::ZERO);
        assert_eq!((changes.as_str(), events), ("[FailJob { job: 3, error: \"550\" }]", vec![]));
    }
}
