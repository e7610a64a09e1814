//! One piece of outgoing mail.

use crate::{clock::Timestamp, envelope::Mailbox, ids::MessageId, secret::SealedField};
use serde::{Deserialize, Serialize};

/// A job's number in the store; never used twice.
pub type JobId = u64;

/// What a job does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum Work {
    /// Forward one sealed mail of the layout to one staff member.
    Forward {
        message: MessageId,
        mailbox: Mailbox,
        staff: String,
        /// The number of the mail, from 1.
        #[serde(default = "first_mail")]
        mail: u32,
    },
    /// Tell the client what came. Everything about the client is in the sealed field: `delivery::confirm` reads it under
    /// the context `confirmation of MESSAGE-ID`.
    Confirm { message: MessageId, facts: SealedField },
    /// Tell the admins that the relay needs help, or the staff of a case that a client does.
    Alert { alert: AlertKind },
}

/// A record that speaks of no number is from a time when every layout was one mail.
fn first_mail() -> u32 {
    1
}

/// What an alert is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "alert", rename_all = "snake_case")]
pub enum AlertKind {
    /// Mail for a mailbox is being refused: nobody can read it.
    NobodyCanRead { mailbox: Mailbox, reasons: Vec<String> },
    /// A forward failed for good; the ciphertext stays.
    ForwardFailed { message: MessageId, mailbox: Mailbox, staff: String, reason: String },
    /// Part of a case's staff has no usable certificate.
    NotForAll { mailbox: Mailbox, reasons: Vec<String> },
    /// The staff's mail server found a mail too large after all. This one is for the staff member: what they are missing, and
    /// the command that exports it.
    TooLarge { message: MessageId, mailbox: Mailbox, staff: String, mail: u32 },
    /// A confirmation came back: its sender gets no more of them.
    ReplyBounced { message: MessageId, mailbox: Mailbox },
    /// The same, for the staff of the case: somebody has to tell the client by another way.
    ClientNotTold { message: MessageId, mailbox: Mailbox },
}

impl AlertKind {
    /// What the alert is about, in the trail.
    pub fn about(&self) -> &'static str {
        match self {
            Self::NobodyCanRead { .. } => "nobody can read",
            Self::ForwardFailed { .. } => "forward failed",
            Self::NotForAll { .. } => "not for all",
            Self::TooLarge { .. } => "too large",
            Self::ReplyBounced { .. } => "reply bounced",
            Self::ClientNotTold { .. } => "client not told",
        }
    }

    /// What two alerts have in common when the second tells nothing new: kind, mailbox and, of a failed forward, the
    /// person, of a client who was not told, the message. Each mail that a person has to fetch is news.
    pub fn subject(&self) -> AlertSubject {
        let (mailbox, staff) = match self {
            Self::ForwardFailed { mailbox, staff, .. } => (mailbox, Some(staff.clone())),
            // A sender is blocked by its first bounce: each of these is about another client.
            Self::ClientNotTold { mailbox, message } => (mailbox, Some(message.to_string())),
            Self::TooLarge { message, mailbox, staff, mail } => (mailbox, Some(format!("{staff} {message} {mail}"))),
            Self::NobodyCanRead { mailbox, .. }
            | Self::NotForAll { mailbox, .. }
            | Self::ReplyBounced { mailbox, .. } => (mailbox, None),
        };
        AlertSubject(self.about(), mailbox.clone(), staff)
    }
}

/// See [`AlertKind::subject`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AlertSubject(&'static str, Mailbox, Option<String>);

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum JobState {
    /// Waits until `next`.
    Waiting { next: Timestamp },
    /// Belongs to a worker until `until`; after that it is due again.
    Leased { until: Timestamp },
    /// Failed for good; kept so that an admin can retry or drop it.
    Failed { at: Timestamp },
}

/// A job as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    pub id: JobId,
    #[serde(flatten)]
    pub work: Work,
    #[serde(flatten)]
    pub state: JobState,
    pub created: Timestamp,
    pub attempts: u32,
    /// The last failure in words, without a client's address.
    pub last_error: Option<String>,
}

impl Work {
    /// The message that the job belongs to.
    pub fn message(&self) -> Option<MessageId> {
        match self {
            Self::Forward { message, .. } | Self::Confirm { message, .. } => Some(*message),
            Self::Alert { .. } => None,
        }
    }
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The smarthost answered 250.
    Delivered,
    /// A confirmation that must not be sent (now or ever).
    Withheld(crate::intake::Withhold),
    /// tempfail: to be tried again. The reason is for admins and holds no client address.
    Deferred(String),
    /// permfail.
    Failed(String),
}
