//! Which alerts the admins get: the same one (kind, mailbox and, of a failed forward, the person) at most once an hour, so that a
//! server that refuses everything, or a stranger who forges senders, does not fill their mailbox. What is left out stands in the
//! trail and in the queue all the same.

use crate::{
    clock::Timestamp,
    queue::{AlertKind, AlertSubject, Work},
    store::Change,
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// The admins are told of the same trouble once in this time.
const ALERT_EVERY: Duration = Duration::from_secs(3600);

/// What the admins were told of, and when. Forgotten with the process: a restart may tell them again.
#[derive(Default)]
pub(in crate::serve) struct Alerts(Mutex<HashMap<AlertSubject, Timestamp>>);

impl Alerts {
    /// Whether the admins are to be told now; if so, it counts as done.
    pub(in crate::serve) fn due(&self, alert: &AlertKind, now: Timestamp) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, at| now.since(*at) < ALERT_EVERY);
        let subject = alert.subject();
        let due = !told.contains_key(&subject);
        if due {
            told.insert(subject, now);
        }
        due
    }

    /// Takes out of `changes` the alerts that are not due.
    pub(in crate::serve) fn thin_out(&self, changes: &mut Vec<Change>, now: Timestamp) {
        changes.retain(|change| match change {
            Change::AddJob { work: Work::Alert { alert }, .. } => self.due(alert, now),
            _ => true,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{envelope::Mailbox, ids::MessageId};

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn failed(staff: &str) -> AlertKind {
        let (message, reason) = (MessageId::new(NOW), "550".to_owned());
        AlertKind::ForwardFailed { message, mailbox: Mailbox::Abuse, staff: staff.to_owned(), reason }
    }

    #[test]
    fn the_same_alert_comes_once_an_hour_and_another_one_at_once() {
        let alerts = Alerts::default();
        assert!(alerts.due(&failed("ana@x"), NOW));
        assert!(!alerts.due(&failed("ana@x"), NOW.plus(ALERT_EVERY / 2)), "for another message, too");
        assert!(alerts.due(&failed("bea@x"), NOW), "another person");
        let not_all = AlertKind::NotForAll { mailbox: Mailbox::Abuse, reasons: Vec::new() };
        let nobody = AlertKind::NobodyCanRead { mailbox: Mailbox::Abuse, reasons: Vec::new() };
        assert!(alerts.due(&not_all, NOW) && alerts.due(&nobody, NOW), "the worse one is not hidden by the other");
        assert!(alerts.due(&failed("ana@x"), NOW.plus(ALERT_EVERY)));
    }

    #[test]
    fn only_alerts_are_taken_out_of_changes() {
        let alerts = Alerts::default();
        let changes = || {
            let alert = Change::AddJob { work: Work::Alert { alert: failed("ana@x") }, next: NOW };
            vec![alert, Change::FailJob { job: 1, error: String::new() }]
        };
        for left in [2, 1] {
            let mut changes = changes();
            alerts.thin_out(&mut changes, NOW);
            assert_eq!(changes.len(), left);
        }
    }
}
