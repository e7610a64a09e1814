//! `sealdrop queue`: mail that waits to go out.

use super::{Failure, Globals, print, show::show};
use crate::{
    clock::Timestamp,
    control::{JobView, QueueRequest, Request},
};
use clap::Subcommand;

#[derive(Subcommand)]
pub enum QueueCommand {
    /// List what waits, with attempts, last error and next try
    #[command(after_help = "Example:\n  sealdrop queue list")]
    List,
    /// Try one job, or all, at once
    #[command(after_help = "Example:
  sealdrop queue retry                           everything that waits or failed
  sealdrop queue retry 12")]
    Retry {
        #[arg(value_name = "ID")]
        job: Option<u64>,
    },
    /// Give a job up; the sealed message stays
    #[command(after_help = "Example:\n  sealdrop queue drop 12")]
    Drop {
        #[arg(value_name = "ID")]
        job: u64,
    },
}

/// Carries out a command.
pub fn run(command: &QueueCommand, globals: &Globals) -> Result<(), Failure> {
    let request = match *command {
        QueueCommand::List => QueueRequest::List,
        QueueCommand::Retry { job } => QueueRequest::Retry { job },
        QueueCommand::Drop { job } => QueueRequest::Drop { job },
    };
    show(globals, &globals.ask_data(Request::Queue(request))?)
}

/// The message that a job is about, and which of several mails.
fn message(job: &JobView) -> String {
    match (job.message, job.mail) {
        (Some(id), Some(mail @ 2..)) => format!("{id}, mail {mail}"),
        (Some(id), _) => id.to_string(),
        (None, _) => String::new(),
    }
}

/// All jobs, one a line.
pub fn table(jobs: &[JobView]) -> String {
    let row = |job: &JobView| {
        vec![
            job.id.to_string(),
            job.work.clone(),
            job.to.clone(),
            message(job),
            job.state.clone(),
            job.attempts.to_string(),
            job.next.map(Timestamp::human).unwrap_or_default(),
            job.last_error.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = jobs.iter().map(row).collect();
    let heading = ["id", "work", "to", "message", "state", "attempts", "next try", "last error"];
    print::table(&heading, &rows, "Nothing waits to go out.")
}
