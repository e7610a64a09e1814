//! Who can read a mailbox's mail, as the way of one message asks: an encryption set or a tempfail, and the word to the admins when
//! somebody cannot read what is meant for them.

use super::{
    Relay,
    directory::Readers,
    expected::{self, Expected},
};
use crate::{
    audit::{Actor, Event},
    cases::Case,
    clock::Timestamp,
    delivery,
    envelope::{Mailbox, ReversePath},
    ids::MessageId,
    intake::Intro,
    openpgp::EncryptionSet,
    queue::{AlertKind, Work},
    smtp::Rejection,
    store::Change,
};
use std::sync::Arc;
use zeroize::Zeroizing;

impl Relay {
    /// The certificates that mail for `mailbox` is sealed to now. Nobody: the sender keeps the mail (451) and the admins hear of
    /// it. Not everybody: the mail is taken, and the admins hear of it.
    pub(in crate::serve) fn readers(&self, mailbox: &Mailbox) -> Result<Arc<EncryptionSet>, Rejection> {
        match self.directory.readers(mailbox) {
            Ok(Readers::Some(set)) => {
                let reasons = in_words(set.left_out(), |email| !set.emails().iter().any(|reader| reader == email));
                if !reasons.is_empty() {
                    self.alert(AlertKind::NotForAll { mailbox: mailbox.clone(), reasons }, None);
                }
                Ok(set)
            }
            Ok(Readers::Nobody(nobody)) => {
                let reasons = in_words(&nobody.problems, |_| true);
                let event = Event::NobodyCanRead { mailbox: mailbox.clone(), reasons: reasons.clone() };
                self.alert(AlertKind::NobodyCanRead { mailbox: mailbox.clone(), reasons }, Some(event));
                Err(Rejection::NobodyCanRead)
            }
            Err(error) => {
                tracing::error!(%error, "the certificates of a case cannot be read");
                Err(Rejection::NotNow)
            }
        }
    }

    /// What the layout for `mailbox` says before the first document.
    pub(in crate::serve) fn intro(
        &self,
        mailbox: &Mailbox,
        from: &ReversePath,
        now: Timestamp,
    ) -> Result<Intro, Rejection> {
        let subjects = delivery::subject_for(mailbox, self.site.config.staff_mail.subject);
        let set = self.readers(mailbox)?;
        let most = delivery::room_in_mail(&self.site, mailbox, &set.emails(), self.mail_limit());
        Ok(Intro {
            id: MessageId::new(now),
            mailbox: mailbox.clone(),
            label: self.label(mailbox).map_err(|_| Rejection::NotNow)?,
            unexpected: self.unexpected(mailbox, from).map_err(|_| Rejection::NotNow)?,
            set,
            most,
            from: self.site.config.staff_mail.from.clone(),
            subject: subjects.inner,
            outer_subject: subjects.outer,
        })
    }

    /// The size in bytes of the largest mail that staff can get: as configured, or as their server said last if that is less.
    fn mail_limit(&self) -> u64 {
        let configured = self.site.config.staff_mail.max_message_size;
        self.courier.max_size().map_or(configured, |size| size.min(configured))
    }

    /// The label of the mailbox's case. One that does not open is left out: the at-rest key may be lost, the documents not.
    fn label(&self, mailbox: &Mailbox) -> Result<Option<Zeroizing<String>>, crate::store::StoreError> {
        let Some(address) = mailbox.case() else { return Ok(None) };
        let label = self.directory.case(address)?.and_then(|case| case.label);
        Ok(label.and_then(|label| self.site.at_rest.open_text(&Case::label_context(address), &label).ok()))
    }

    /// Whether the mailbox's case expects mail from others than `from`.
    fn unexpected(&self, mailbox: &Mailbox, from: &ReversePath) -> Result<bool, crate::store::StoreError> {
        let Some(address) = mailbox.case() else { return Ok(false) };
        let case = self.directory.case(address)?;
        Ok(case.is_some_and(|case| expected::verdict(&self.site.at_rest, &case, from) != Expected::Yes))
    }

    /// Puts an alert into the queue, unless the same was put there within the hour.
    fn alert(&self, alert: AlertKind, event: Option<Event>) {
        let now = self.site.clock.now();
        if !self.alerts.due(&alert, now) {
            return;
        }
        let (committer, wake) = (self.committer.clone(), self.wake.clone());
        tokio::spawn(async move {
            let job = Change::AddJob { work: Work::Alert { alert }, next: now };
            let events = event.into_iter().map(|event| (Actor::Relay, event)).collect();
            match committer.apply(vec![job], events).await {
                Ok(()) => wake.notify_one(),
                Err(error) => tracing::error!(%error, "an alert to the admins could not be written"),
            }
        });
    }
}

/// `alice@example.org: the certificate expired on …`, one for each certificate of those who are `meant`.
fn in_words(problems: &[(String, String)], meant: impl Fn(&str) -> bool) -> Vec<String> {
    problems.iter().filter(|(email, _)| meant(email)).map(|(email, problem)| format!("{email}: {problem}")).collect()
}
