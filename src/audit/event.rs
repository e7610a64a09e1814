//! What can happen, in words that an auditor reads. No event holds content, file names or client addresses.

use crate::{cases::CaseAddress, envelope::Mailbox, ids::MessageId, intake::Withhold};
use serde::{Deserialize, Serialize};

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The relay itself.
    Relay,
    /// A person at the command line, by Unix user name.
    Admin(String),
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    RelayStarted {
        version: String,
    },
    RelayStopped,
    MessageReceived {
        message: MessageId,
        mailbox: Mailbox,
        size: u64,
        documents: u32,
        sealed_to: Vec<String>,
        tls: String,
    },
    /// A sender that lost our 250 sent a message again, which was neither kept nor delivered twice.
    MessageSentAgain {
        message: MessageId,
    },
    /// Mail was refused for now because nobody could read it.
    NobodyCanRead {
        mailbox: Mailbox,
        reasons: Vec<String>,
    },
    Forwarded {
        message: MessageId,
        staff: String,
        /// Which of several mails; left out of the first, as it is most often the only one.
        #[serde(default = "first_mail", skip_serializing_if = "is_first_mail")]
        mail: u32,
    },
    ForwardFailed {
        message: MessageId,
        staff: String,
        reason: String,
        #[serde(default = "first_mail", skip_serializing_if = "is_first_mail")]
        mail: u32,
    },
    ConfirmationSent {
        message: MessageId,
    },
    ConfirmationWithheld {
        message: MessageId,
        reason: Withhold,
    },
    ConfirmationFailed {
        message: MessageId,
    },
    AlertSent {
        about: String,
    },
    MessageResent {
        message: MessageId,
        staff: Vec<String>,
    },
    MessageExported {
        message: MessageId,
        /// One of the mails to staff; none is the original.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mail: Option<u32>,
    },
    MessagePurged {
        message: MessageId,
        by_retention: bool,
    },
    JobRetried {
        job: u64,
    },
    JobDropped {
        job: u64,
        message: Option<MessageId>,
    },
    CaseOpened {
        case: CaseAddress,
        staff: Vec<String>,
    },
    CaseAssigned {
        case: CaseAddress,
        staff: Vec<String>,
    },
    CaseClosed {
        case: CaseAddress,
    },
    CaseReopened {
        case: CaseAddress,
    },
    /// From whom a case expects mail was changed: how many they are, and whether others are refused.
    CaseExpects {
        case: CaseAddress,
        clients: u64,
        strict: bool,
    },
    /// A sender whose confirmation had bounced may be answered again.
    ReplyUnblocked,
    StaffAdded {
        staff: String,
    },
    StaffSuspended {
        staff: String,
    },
    StaffResumed {
        staff: String,
    },
    StaffRemoved {
        staff: String,
    },
    KeyAdded {
        staff: String,
        fingerprint: String,
    },
    KeyRefreshed {
        staff: String,
        fingerprint: String,
    },
    KeyRemoved {
        staff: String,
        fingerprint: String,
    },
    IndexRepaired {
        messages: u64,
        removed: u64,
    },
}

fn first_mail() -> u32 {
    1
}

// The form that serde wants.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_first_mail(mail: &u32) -> bool {
    *mail == 1
}

impl Event {
    /// The mailbox or case that the event is about, for `audit list --case`.
    pub fn case(&self) -> Option<&CaseAddress> {
        match self {
            Self::MessageReceived { mailbox, .. } | Self::NobodyCanRead { mailbox, .. } => mailbox.case(),
            Self::CaseOpened { case, .. }
            | Self::CaseAssigned { case, .. }
            | Self::CaseExpects { case, .. }
            | Self::CaseClosed { case }
            | Self::CaseReopened { case } => Some(case),
            _ => None,
        }
    }

    /// The message that the event is about.
    pub fn message(&self) -> Option<MessageId> {
        match self {
            Self::MessageReceived { message, .. }
            | Self::MessageSentAgain { message }
            | Self::Forwarded { message, .. }
            | Self::ForwardFailed { message, .. }
            | Self::ConfirmationSent { message }
            | Self::ConfirmationWithheld { message, .. }
            | Self::ConfirmationFailed { message }
            | Self::MessageResent { message, .. }
            | Self::MessageExported { message, .. }
            | Self::MessagePurged { message, .. } => Some(*message),
            Self::JobDropped { message, .. } => *message,
            _ => None,
        }
    }
}
