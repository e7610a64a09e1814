//! How the store stands: what `check` wants to know from whoever has it open.

use super::{CaseView, Desk, JobView, KeyView, Refusal, TrailState};
use crate::{
    cases::CaseState,
    ids::MessageId,
    sandbox::{self, InForce},
};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// How the store stands.
#[derive(Clone, Serialize, Deserialize)]
pub struct Survey {
    /// The version of the program that has the store open.
    pub version: String,
    /// Why no mail is taken now: the disk is full, or a write failed.
    pub not_ready: Option<String>,
    pub staff: u64,
    pub open_cases: u64,
    /// Certificates with a problem or a warning.
    pub keys_to_mend: Vec<KeyView>,
    /// Open cases of which at least one reader has a problem.
    pub cases_to_mend: Vec<CaseView>,
    /// Admins of the configuration who cannot read what is sealed to them, with the reason.
    pub admins_to_mend: Vec<(String, String)>,
    pub failed_jobs: Vec<JobView>,
    pub waiting_jobs: u64,
    /// Messages that have a record and no file.
    pub missing_files: u64,
    /// Files that have no record. The next start takes them in, unless the index is lost.
    pub unknown_files: u64,
    pub trail: TrailState,
    /// What holds for the relay's process; none when no relay runs.
    #[serde(default)]
    pub sandbox: Option<InForce>,
}

impl Desk {
    pub(super) fn survey(&self) -> Result<Survey, Refusal> {
        let now = self.now();
        let store = &self.site.store;
        let mut keys: Vec<KeyView> = store.certificates()?.iter().map(|record| KeyView::of(record, now)).collect();
        keys.retain(|key| key.problem.is_some() || !key.warnings.is_empty());
        let mut cases = self.case_views()?;
        cases.retain(|case| case.state == CaseState::Open);
        let open_cases = cases.len() as u64;
        cases.retain(|case| case.staff.iter().any(|reader| reader.problem.is_some()));
        let jobs: Vec<JobView> = store.jobs()?.iter().map(JobView::of).collect();
        let (missing_files, unknown_files) = self.unmatched()?;
        let (failed_jobs, waiting): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| job.state == "failed");
        Ok(Survey {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            not_ready: self.not_ready(),
            staff: store.staff()?.len() as u64,
            open_cases,
            keys_to_mend: keys,
            cases_to_mend: cases,
            admins_to_mend: self.admins_to_mend()?,
            failed_jobs,
            waiting_jobs: waiting.len() as u64,
            missing_files,
            unknown_files,
            trail: self.trail_state()?,
            sandbox: sandbox::in_force().cloned(),
        })
    }

    fn not_ready(&self) -> Option<String> {
        let spool = self.site.spool.ready(0).err().map(|error| error.to_string());
        spool.or_else(|| self.site.store.ready().err().map(|error| error.to_string()))
    }

    fn admins_to_mend(&self) -> Result<Vec<(String, String)>, Refusal> {
        let mut admins = Vec::new();
        for email in &self.site.config.relay.admins {
            if let Some(problem) = self.reader_view(email)?.problem {
                admins.push((email.clone(), problem));
            }
        }
        Ok(admins)
    }

    /// How many records have no file, and how many files have no record.
    fn unmatched(&self) -> Result<(u64, u64), Refusal> {
        let files: HashSet<MessageId> = self.site.spool.list()?.into_iter().collect();
        let records = self.site.store.messages()?;
        let missing = records.iter().filter(|record| record.purged.is_none() && !files.contains(&record.id)).count();
        let known: HashSet<MessageId> = records.iter().map(|record| record.id).collect();
        Ok((missing as u64, files.difference(&known).count() as u64))
    }
}
