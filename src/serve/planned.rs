//! What is to be written about a sealed message: its record, its jobs, its events. Decided once, kept in the index and, sealed, at the
//! end of the message's own file.

use super::Relay;
use crate::{
    audit::Event,
    clock::Timestamp,
    delivery::ConfirmFacts,
    digest::Digest,
    envelope::{Envelope, ReversePath},
    intake::{Ended, Flag, ReplyFacts, Sealed, Withhold},
    queue::Work,
    spool::Written,
    store::{Arrived, MailRecord, MessageRecord, SpoolRecord},
};

/// The plan for one mailbox's copy.
pub(in crate::serve) struct Planned {
    record: MessageRecord,
    jobs: Vec<Work>,
    withheld: Option<Withhold>,
}

impl Planned {
    pub(in crate::serve) fn new(
        relay: &Relay,
        envelope: &Envelope,
        sealed: &Sealed,
        ended: &Ended,
        now: Timestamp,
    ) -> Self {
        let emails = sealed.emails().to_vec();
        let mails = sealed.mails().iter().map(|mail| MailRecord { length: mail.length, kept: mail.kept }).collect();
        let confirmation = confirmation(relay, envelope, sealed, &ended.reply);
        let withheld = confirmation.as_ref().err().copied();
        let record = MessageRecord {
            id: sealed.id(),
            mailbox: sealed.mailbox().clone(),
            received: now,
            findings: sealed.findings().clone(),
            sealed_to: sealed.sealed_to().to_vec(),
            emails,
            protection: envelope.protection.clone(),
            duplicate: duplicate_tag(relay, sealed, ended),
            purged: None,
            mails,
        };
        let mut jobs = record.forwards(&record.emails);
        jobs.extend(confirmation);
        Self { record, jobs, withheld }
    }

    /// What stands, sealed, at the end of the message's file.
    pub(in crate::serve) fn spool_record(&self, relay: &Relay) -> Vec<u8> {
        SpoolRecord { record: self.record.clone(), jobs: self.jobs.clone() }.seal(&relay.site.at_rest)
    }

    pub(in crate::serve) fn arrived(self, written: Written) -> Arrived {
        let message = self.record.id;
        let events = self.withheld.map(|reason| Event::ConfirmationWithheld { message, reason }).into_iter().collect();
        Arrived { record: self.record, written, jobs: self.jobs, events }
    }
}

/// The job that tells the client what came, or why they must not be told (RFC 3834). The limits are the courier's.
fn confirmation(relay: &Relay, envelope: &Envelope, sealed: &Sealed, facts: &ReplyFacts) -> Result<Work, Withhold> {
    let case = sealed.mailbox().case().ok_or(Withhold::NotACase)?;
    if !relay.site.config.client_reply.enabled {
        return Err(Withhold::SwitchedOff);
    }
    let ReversePath::Mailbox(sender) = &envelope.reverse_path else { return Err(Withhold::NullSender) };
    facts.withhold.map_or(Ok(()), Err)?;
    let findings = sealed.findings();
    let told = ConfirmFacts {
        to: sender.as_str().to_owned(),
        case: case.to_string(),
        message_id: facts.message_id.clone(),
        language: relay.directory.case(case).ok().flatten().and_then(|case| case.language),
        documents: findings.documents,
        empty: findings.empty,
        link_only: findings.documents == 0 && findings.flags.contains(&Flag::LinkInPlaceOfFile),
        troubles: findings.troubles.clone(),
    };
    let message = sealed.id();
    Ok(Work::Confirm { message, facts: told.seal(&relay.site.at_rest, message) })
}

/// By which a sender's second try is recognised: the same mailbox, Message-ID and content. Without a Message-ID nothing is taken
/// for a second try: the same photo sent anew on purpose must arrive.
fn duplicate_tag(relay: &Relay, sealed: &Sealed, ended: &Ended) -> Digest {
    let id = ended.reply.message_id.clone().unwrap_or_else(|| sealed.id().to_string());
    let same = format!("{}\n{id}\n{}", sealed.mailbox(), ended.content);
    relay.site.at_rest.tag("duplicate", same.as_bytes())
}
