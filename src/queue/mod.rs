//! Jobs, leases and the retry schedule. Pure: `store` keeps the jobs, `delivery` does them.

mod job;
mod schedule;

pub use job::{AlertKind, AlertSubject, Job, JobId, JobState, Outcome, Work};
pub use schedule::Schedule;
