//! The index: cases, staff, certificates, messages, jobs, reply ledgers and the trail. The trait speaks the domain's words;
//! no type of a database leaves this room. Every change is durable when [`Store::apply`] returns, or none of it happened.

mod committer;
mod embedded;
mod reconcile;
mod repair;

use crate::{
    audit::{Actor, Broken, Entry, Event},
    cases::{Case, CaseAddress},
    clock::Timestamp,
    digest::Digest,
    envelope::Mailbox,
    ids::MessageId,
    intake::Findings,
    queue::{Job, JobId, Work},
    staff::{CertificateRecord, Staff},
    tls::Protection,
};
use serde::{Deserialize, Serialize};

pub use committer::{Arrived, CommitError, Committed, Committer};
pub use embedded::{EmbeddedStore, Salvaged};
pub use reconcile::{ReconcileError, Reconciled, SpoolRecord, Unreadable, reconcile};
pub use repair::{RepairReport, repair};

/// What is known about a sealed message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRecord {
    pub id: MessageId,
    pub mailbox: Mailbox,
    pub received: Timestamp,
    pub findings: Findings,
    /// Fingerprints of the certificates that it is sealed to.
    pub sealed_to: Vec<String>,
    /// The people that it is forwarded to.
    pub emails: Vec<String>,
    pub protection: Protection,
    /// By which a sender's second try is recognised: a keyed tag of mailbox, Message-ID and content.
    pub duplicate: Digest,
    /// When the ciphertext was removed; the record stays as long as the trail.
    pub purged: Option<Timestamp>,
    /// The sealed mails that the layout is spread over, in order. None in records from a time when every layout was one.
    #[serde(default)]
    pub mails: Vec<MailRecord>,
}

/// One sealed mail of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailRecord {
    /// Bytes of ciphertext.
    pub length: u64,
    /// Too large for the staff's mail server: it stays here.
    pub kept: bool,
}

impl MessageRecord {
    /// How many mails the layout is spread over.
    pub fn mail_count(&self) -> u32 {
        u32::try_from(self.mails.len().max(1)).unwrap_or(u32::MAX)
    }

    /// The numbers of the mails that go to staff.
    pub fn sent_mails(&self) -> Vec<u32> {
        let sent = |number: &u32| self.mails.get(*number as usize - 1).is_none_or(|mail| !mail.kept);
        (1..=self.mail_count()).filter(sent).collect()
    }

    /// The forward of each of these mails to each of `staff`, in the order of the mails.
    pub fn forwards(&self, staff: &[String]) -> Vec<Work> {
        let (message, mailbox) = (self.id, &self.mailbox);
        let forward =
            |mail, staff: &String| Work::Forward { message, mailbox: mailbox.clone(), staff: staff.clone(), mail };
        self.sent_mails().into_iter().flat_map(|mail| staff.iter().map(move |staff| forward(mail, staff))).collect()
    }
}

/// What was confirmed to one sender about one case, or to one sender, or to everybody: by a keyed tag, so that the
/// ledger holds no address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyLedger {
    /// When confirmations were sent, latest last; older ones than a day are dropped.
    pub sent: Vec<Timestamp>,
    /// Documents that came since and were not confirmed yet.
    pub carried: u32,
    /// Something in what was not confirmed yet should be sent again.
    #[serde(default)]
    pub earlier: bool,
    /// A confirmation bounced: no more.
    pub blocked: bool,
}

/// One change; several are applied as one.
#[derive(Clone, Debug)]
pub enum Change {
    PutCase(Case),
    PutStaff(Staff),
    /// Removes a staff member and every certificate of theirs.
    RemoveStaff(String),
    PutCertificate(CertificateRecord),
    RemoveCertificate(String),
    /// Adds or replaces a record. Of several with one duplicate tag the first keeps the tag.
    PutMessage(MessageRecord),
    /// Adds a job that is due at `next`.
    AddJob {
        work: Work,
        next: Timestamp,
    },
    /// The job is done, or dropped: it goes. This and the next two do nothing when it is gone already.
    CompleteJob(JobId),
    /// tempfail: one more attempt is counted, and the next is due at `next`.
    DeferJob {
        job: JobId,
        next: Timestamp,
        error: String,
    },
    /// permfail, or given up: kept as failed.
    FailJob {
        job: JobId,
        error: String,
    },
    /// An admin wants a job tried at once, with its attempts and its time counted anew.
    RetryJob(JobId),
    PutLedger {
        key: Digest,
        ledger: ReplyLedger,
    },
}

/// The store failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error("the store is in use by another process")]
    Locked,
    #[error("the disk is full")]
    Full,
    #[error("the store is damaged ({0}): stop the relay and run `sealdrop check --repair`")]
    Damaged(String),
    /// A commit failed, now or earlier: whether the changes survive is not known before a restart, and a failed fsync is not
    /// tried again. After any other error nothing of the changes happened.
    #[error("the store cannot be trusted any more after a failed write: restart the relay once the disk is sound")]
    Poisoned,
    #[error("the store failed: {0}")]
    Backend(String),
}

/// Which entries of the trail are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailFilter {
    pub since: Option<Timestamp>,
    pub case: Option<CaseAddress>,
    /// The last so many.
    pub last: Option<usize>,
}

/// The index. All calls block; none waits for anything but the disk.
pub trait Store: Send + Sync + 'static {
    /// Applies all changes and appends all events to the trail in one durable transaction. Gives the ids of the jobs that
    /// were added, in order.
    fn apply(
        &self,
        now: Timestamp,
        changes: Vec<Change>,
        events: Vec<(Actor, Event)>,
    ) -> Result<Vec<JobId>, StoreError>;

    fn cases(&self) -> Result<Vec<Case>, StoreError>;
    fn case(&self, address: &CaseAddress) -> Result<Option<Case>, StoreError>;
    fn staff(&self) -> Result<Vec<Staff>, StoreError>;
    fn staff_member(&self, email: &str) -> Result<Option<Staff>, StoreError>;
    fn certificates(&self) -> Result<Vec<CertificateRecord>, StoreError>;
    fn certificates_of(&self, email: &str) -> Result<Vec<CertificateRecord>, StoreError>;
    fn messages(&self) -> Result<Vec<MessageRecord>, StoreError>;
    fn message(&self, id: MessageId) -> Result<Option<MessageRecord>, StoreError>;
    /// The ids of all messages that are not purged, in order: each has its file in the spool.
    fn kept(&self) -> Result<Vec<MessageId>, StoreError>;
    /// The message with this duplicate tag, if there is one.
    fn duplicate_of(&self, tag: Digest) -> Result<Option<MessageId>, StoreError>;
    fn ledger(&self, key: Digest) -> Result<ReplyLedger, StoreError>;

    fn jobs(&self) -> Result<Vec<Job>, StoreError>;
    fn job(&self, id: JobId) -> Result<Option<Job>, StoreError>;
    /// Leases up to `limit` jobs that are due at `now`, until `until`: no other call gets them before that. Leases end with
    /// the process. Fails when what comes of them could not be written.
    fn lease(&self, now: Timestamp, until: Timestamp, limit: usize) -> Result<Vec<Job>, StoreError>;
    /// When [`lease`](Store::lease) will next find a job: one is due that nobody has leased, or a lease ends.
    fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Entries of the trail that the filter wants, in order.
    fn trail(&self, filter: &TrailFilter) -> Result<Vec<Entry>, StoreError>;
    /// Verifies the whole trail; gives the number of entries.
    fn verify_trail(&self) -> Result<Result<u64, Broken>, StoreError>;

    /// Fails with [`StoreError::Poisoned`] when nothing more can be written: asked before a message is taken.
    fn ready(&self) -> Result<(), StoreError>;

    /// Grows with every change to cases, staff or certificates: what was computed from them at another generation is stale.
    fn generation(&self) -> u64;
}
