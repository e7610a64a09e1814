//! The queue: mail that waits to go out.

use super::{Data, Desk, Refusal, moment};
use crate::{
    audit::{Actor, Event},
    clock::Timestamp,
    ids::MessageId,
    queue::{AlertKind, Job, JobId, JobState, Work},
    store::Change,
};
use serde::{Deserialize, Serialize};

/// What can be asked about the queue.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueRequest {
    List,
    /// Tries one job, or all, at once.
    Retry {
        job: Option<JobId>,
    },
    /// Gives a job up; the sealed message stays.
    Drop {
        job: JobId,
    },
}

/// A job, as admins see it: without what is sealed in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    pub id: JobId,
    /// `forward`, `confirmation` or `alert`.
    pub work: String,
    /// Where it goes, in words that name no client.
    pub to: String,
    pub message: Option<MessageId>,
    /// The number of the mail that is forwarded, from 1.
    #[serde(default)]
    pub mail: Option<u32>,
    /// `waiting`, `sending` or `failed`.
    pub state: String,
    #[serde(with = "moment")]
    pub created: Timestamp,
    /// When it is tried next.
    #[serde(with = "moment::option")]
    pub next: Option<Timestamp>,
    pub attempts: u32,
    pub last_error: Option<String>,
}

impl JobView {
    /// What admins see of `job`.
    pub(super) fn of(job: &Job) -> Self {
        let (work, to) = match &job.work {
            Work::Forward { staff, .. } => ("forward", staff.clone()),
            Work::Confirm { .. } => ("confirmation", "the client".to_owned()),
            Work::Alert { alert: AlertKind::TooLarge { staff, mail, .. } } => {
                ("alert", format!("{staff}: mail {mail} is too large for their server"))
            }
            Work::Alert { alert } => ("alert", format!("the admins: {}", about(alert))),
        };
        let mail = if let Work::Forward { mail, .. } = job.work { Some(mail) } else { None };
        let (state, next) = match job.state {
            JobState::Waiting { next } => ("waiting", Some(next)),
            JobState::Leased { .. } => ("sending", None),
            JobState::Failed { .. } => ("failed", None),
        };
        Self {
            id: job.id,
            work: work.to_owned(),
            to,
            message: job.work.message(),
            mail,
            state: state.to_owned(),
            created: job.created,
            next,
            attempts: job.attempts,
            last_error: job.last_error.clone(),
        }
    }
}

fn about(alert: &AlertKind) -> String {
    match alert {
        AlertKind::NobodyCanRead { mailbox, .. } => format!("nobody can read mail to {mailbox}"),
        AlertKind::ForwardFailed { staff, .. } => format!("mail to {staff} failed"),
        AlertKind::TooLarge { staff, .. } => format!("a mail to {staff} is too large"),
        AlertKind::NotForAll { mailbox, .. } => format!("not all staff can read mail to {mailbox}"),
        AlertKind::ReplyBounced { mailbox, .. } => format!("a confirmation about {mailbox} came back"),
        AlertKind::ClientNotTold { mailbox, .. } => format!("staff of {mailbox}: a client was not told"),
    }
}

impl Desk {
    pub(super) fn queue(&self, actor: &Actor, request: QueueRequest) -> Result<Data, Refusal> {
        match request {
            QueueRequest::List => Ok(Data::Jobs(self.site.store.jobs()?.iter().map(JobView::of).collect())),
            QueueRequest::Retry { job } => self.retry(actor, job),
            QueueRequest::Drop { job } => self.drop_job(actor, job),
        }
    }

    fn retry(&self, actor: &Actor, job: Option<JobId>) -> Result<Data, Refusal> {
        let jobs = match job {
            Some(id) => vec![self.job(id)?],
            None => self.site.store.jobs()?,
        };
        let ids: Vec<JobId> =
            jobs.iter().filter(|job| !matches!(job.state, JobState::Leased { .. })).map(|job| job.id).collect();
        if ids.is_empty() {
            return Ok(Data::done("nothing waits to be tried"));
        }
        let changes = ids.iter().map(|id| Change::RetryJob(*id)).collect();
        let events = ids.iter().map(|job| Event::JobRetried { job: *job }).collect();
        self.apply(actor, changes, events)?;
        self.wake();
        Ok(Data::done(format!("{} tried at once", count(ids.len(), "job is", "jobs are"))))
    }

    fn drop_job(&self, actor: &Actor, id: JobId) -> Result<Data, Refusal> {
        let job = self.job(id)?;
        if matches!(job.state, JobState::Leased { .. }) {
            let why = "it is being sent at this moment";
            return Err(Refusal::new(format!("job {id} was not dropped"), why, "try again in a minute"));
        }
        let message = job.work.message();
        self.apply(actor, vec![Change::CompleteJob(id)], vec![Event::JobDropped { job: id, message }])?;
        let kept =
            message.map(|id| format!("sealed message {id} stays: `sealdrop message resend {id}` sends it again"));
        Ok(Data::noted(format!("job {id} was dropped"), kept.into_iter().collect()))
    }

    fn job(&self, id: JobId) -> Result<Job, Refusal> {
        let unknown = || Refusal::new(format!("job {id}"), "no such job is in the queue", "see `sealdrop queue list`");
        self.site.store.job(id)?.ok_or_else(unknown)
    }
}

/// `1 job is`, `2 jobs are`.
fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
