//! Sealed messages that are kept: what is known about them, resending, exporting and purging. Nothing here can read one.

use super::{Data, Desk, JobView, Refusal, Response, desk::email, moment};
use crate::{
    audit::{Actor, Entry, Event},
    clock::Timestamp,
    ids::MessageId,
    intake::Findings,
    queue::{Job, JobState, Work},
    spool::Stream,
    store::{Change, MailRecord, MessageRecord, TrailFilter},
    tls::Protection,
};
use serde::{Deserialize, Serialize};
use std::io::Read;

/// What can be asked about messages.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageRequest {
    List {
        case: Option<String>,
    },
    Show {
        id: MessageId,
    },
    /// Forwards it again, to everybody it is sealed to or to one of them.
    Resend {
        id: MessageId,
        to: Option<String>,
    },
    /// The response's body is the sealed original, or one of the mails to staff by its number: the bytes of an OpenPGP message.
    Export {
        id: MessageId,
        #[serde(default)]
        mail: Option<u32>,
    },
    /// Removes the ciphertext for good; the record stays.
    Purge {
        id: MessageId,
    },
}

/// How far a message got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// Nothing of it waits any more.
    Delivered,
    /// Mail about it waits in the queue.
    Waiting,
    /// Mail about it failed for good.
    Failed,
    /// Its ciphertext was removed.
    Purged,
}

/// A sealed message, as admins see it.
#[derive(Clone, Serialize, Deserialize)]
pub struct MessageView {
    pub id: MessageId,
    /// The full address that it came to.
    pub to: String,
    #[serde(with = "moment")]
    pub received: Timestamp,
    pub state: MessageState,
    pub findings: Findings,
    pub sealed_to: Vec<String>,
    pub emails: Vec<String>,
    /// The sealed mails that its layout is spread over, in order.
    pub mails: Vec<MailRecord>,
    pub protection: Protection,
    #[serde(with = "moment::option")]
    pub purged: Option<Timestamp>,
    pub jobs: Vec<JobView>,
    /// The trail's entries about it, in `message show` only.
    pub history: Vec<Entry>,
}

impl Desk {
    pub(super) fn messages(&self, actor: &Actor, request: MessageRequest) -> Result<Response, Refusal> {
        match request {
            MessageRequest::List { case } => self.message_list(case.as_deref()).map(Response::from),
            MessageRequest::Show { id } => self.message_show(id).map(Response::from),
            MessageRequest::Resend { id, to } => self.resend(actor, id, to.as_deref()).map(Response::from),
            MessageRequest::Export { id, mail } => self.export(actor, id, mail),
            MessageRequest::Purge { id } => self.purge(actor, id).map(Response::from),
        }
    }

    fn message_list(&self, case: Option<&str>) -> Result<Data, Refusal> {
        let case = case.map(|case| self.case_address(case)).transpose()?;
        let mut records = self.site.store.messages()?;
        records.retain(|record| case.is_none() || record.mailbox.case() == case.as_ref());
        records.sort_by_key(|record| std::cmp::Reverse(record.id));
        let jobs = self.site.store.jobs()?;
        Ok(Data::Messages(records.into_iter().map(|record| self.message_view(record, &jobs)).collect()))
    }

    fn message_show(&self, id: MessageId) -> Result<Data, Refusal> {
        let record = self.record(id)?;
        let since = TrailFilter { since: Some(record.received), ..TrailFilter::default() };
        let mut history = self.site.store.trail(&since)?;
        history.retain(|entry| entry.event.message() == Some(id));
        let view = self.message_view(record, &self.site.store.jobs()?);
        Ok(Data::Message(MessageView { history, ..view }))
    }

    fn message_view(&self, record: MessageRecord, jobs: &[Job]) -> MessageView {
        let jobs: Vec<&Job> = jobs.iter().filter(|job| job.work.message() == Some(record.id)).collect();
        let state = if record.purged.is_some() {
            MessageState::Purged
        } else if jobs.is_empty() {
            MessageState::Delivered
        } else if jobs.iter().any(|job| matches!(job.state, JobState::Failed { .. })) {
            MessageState::Failed
        } else {
            MessageState::Waiting
        };
        MessageView {
            id: record.id,
            to: format!("{}@{}", record.mailbox, self.site.config.relay.domain),
            received: record.received,
            state,
            findings: record.findings,
            sealed_to: record.sealed_to,
            emails: record.emails,
            mails: record.mails,
            protection: record.protection,
            purged: record.purged,
            jobs: jobs.into_iter().map(JobView::of).collect(),
            history: Vec::new(),
        }
    }

    fn record(&self, id: MessageId) -> Result<MessageRecord, Refusal> {
        let unknown =
            || Refusal::new(format!("message {id}"), "no such message is known here", "see `sealdrop message list`");
        self.site.store.message(id)?.ok_or_else(unknown)
    }

    /// The record of a message whose ciphertext is still there.
    fn kept(&self, id: MessageId) -> Result<MessageRecord, Refusal> {
        let record = self.record(id)?;
        match record.purged {
            None => Ok(record),
            Some(when) => Err(Refusal::new(
                format!("message {id}"),
                format!("its ciphertext was removed on {}", when.human()),
                "look into the staff's mail for it",
            )),
        }
    }

    fn resend(&self, actor: &Actor, id: MessageId, to: Option<&str>) -> Result<Data, Refusal> {
        let record = self.kept(id)?;
        let what = format!("message {id} was not sent again");
        let staff = match to.map(email).transpose()? {
            None => record.emails.clone(),
            Some(one) if record.emails.contains(&one) => vec![one],
            Some(other) => {
                let why = format!("it is not sealed to {other}, who could not read it");
                let next = format!("send it to one of {}", record.emails.join(", "));
                return Err(Refusal::new(what, why, next));
            }
        };
        let mut active = Vec::new();
        for email in staff {
            if self.site.store.staff_member(&email)?.is_some_and(|person| !person.suspended) {
                active.push(email);
            }
        }
        if active.is_empty() {
            let why = "nobody it is sealed to is active staff";
            return Err(Refusal::new(what, why, "export it with `sealdrop message export`"));
        }
        let now = self.now();
        let jobs = record.forwards(&active).into_iter();
        let changes = jobs.map(|work| Change::AddJob { work, next: now }).collect();
        self.apply(actor, changes, vec![Event::MessageResent { message: id, staff: active.clone() }])?;
        self.wake();
        Ok(Data::done(format!("message {id} goes out again to {}", active.join(", "))))
    }

    fn export(&self, actor: &Actor, id: MessageId, mail: Option<u32>) -> Result<Response, Refusal> {
        let count = self.kept(id)?.mail_count();
        if let Some(mail) = mail.filter(|mail| !(1..=count).contains(mail)) {
            let why = format!("its layout has {}", words_for(count));
            return Err(Refusal::new(format!("mail {mail} of message {id}"), why, "see `sealdrop message show`"));
        }
        let stream = mail.map_or(Stream::Original, Stream::Layout);
        let length = self.site.spool.length(id, stream)?;
        let body = self.site.spool.open(id, stream)?.take(length);
        self.apply(actor, Vec::new(), vec![Event::MessageExported { message: id, mail }])?;
        Ok(Response { data: Data::Export { length, items: 1 }, body: Some(Box::new(body)) })
    }

    /// The file goes before the record says so: the trail never claims a removal that did not happen. A message that was
    /// interrupted in between is purged by asking again.
    fn purge(&self, actor: &Actor, id: MessageId) -> Result<Data, Refusal> {
        let record = self.kept(id)?;
        let jobs = self.site.store.jobs()?;
        let waiting = |job: &&Job| matches!(job.work, Work::Forward { message, .. } if message == id);
        if let Some(job) = jobs.iter().find(waiting) {
            return Err(Refusal::new(
                format!("message {id} was not purged"),
                format!("job {} would still forward it", job.id),
                format!("wait until it is delivered, or run `sealdrop queue drop {}`", job.id),
            ));
        }
        self.site.spool.remove(id)?;
        let change = Change::PutMessage(MessageRecord { purged: Some(self.now()), ..record });
        self.apply(actor, vec![change], vec![Event::MessagePurged { message: id, by_retention: false }])?;
        Ok(Data::done(format!("the ciphertext of message {id} is gone; what staff received stays with them")))
    }
}

/// How many mails there are, and their numbers.
fn words_for(count: u32) -> String {
    if count == 1 { "one mail, number 1".to_owned() } else { format!("{count} mails, numbers 1 to {count}") }
}
