//! What the store tells: staff, certificates, cases, queue, trail, disk.

use super::Finding;
use crate::control::{Survey, TrailState};

/// The findings of a survey.
pub fn findings(survey: &Survey) -> Vec<Finding> {
    let mut findings = vec![disk(survey)];
    findings.extend(staff(survey));
    findings.extend(certificates(survey));
    findings.extend(cases(survey));
    findings.push(queue(survey));
    findings.push(messages(survey));
    findings.push(trail(survey));
    findings
}

fn disk(survey: &Survey) -> Finding {
    match &survey.not_ready {
        None => Finding::ok("disk", "there is room for mail"),
        Some(why) => Finding::problem("disk", format!("{why}; mail is refused for now until that is mended")),
    }
}

fn staff(survey: &Survey) -> Vec<Finding> {
    let mut findings = Vec::new();
    match survey.staff {
        0 => findings.push(Finding::problem("staff", "there is none: `sealdrop staff add EMAIL --key FILE`")),
        1 => findings.push(Finding::ok("staff", "1 person")),
        many => findings.push(Finding::ok("staff", format!("{many} people"))),
    }
    for (email, why) in &survey.admins_to_mend {
        let text = format!(
            "{email} {why}, and cannot read mail to postmaster and abuse: `sealdrop staff add {email} --key FILE`"
        );
        findings.push(Finding::warning("admins", text));
    }
    findings
}

fn certificates(survey: &Survey) -> Vec<Finding> {
    let mut findings = Vec::new();
    for key in &survey.keys_to_mend {
        match &key.problem {
            Some(problem) => {
                let text = format!("{} of {}: {problem}", key.fingerprint, key.owner);
                findings.push(Finding::warning("certificates", text));
            }
            None => findings.extend(key.warnings.iter().map(|warning| Finding::warning("certificates", warning))),
        }
    }
    if findings.is_empty() && survey.staff > 0 {
        findings.push(Finding::ok("certificates", "all can be used"));
    }
    findings
}

fn cases(survey: &Survey) -> Vec<Finding> {
    let mut findings = Vec::new();
    for case in &survey.cases_to_mend {
        let problem = |reader: &crate::control::ReaderView| {
            reader.problem.as_ref().map(|problem| format!("{} {problem}", reader.email))
        };
        let who = case.staff.iter().filter_map(problem).collect::<Vec<_>>().join("; ");
        findings.push(if case.has_reader() {
            Finding::warning("cases", format!("not all staff of {} can read: {who}", case.address))
        } else {
            Finding::problem("cases", format!("mail to {} is refused for now, nobody can read it: {who}", case.address))
        });
    }
    if findings.is_empty() {
        findings.push(Finding::ok("cases", format!("{} open, each with staff who can read", survey.open_cases)));
    }
    findings
}

fn queue(survey: &Survey) -> Finding {
    match survey.failed_jobs.len() {
        0 => Finding::ok("queue", format!("{} waiting, none failed", survey.waiting_jobs)),
        failed => Finding::warning("queue", format!("{failed} failed for good: see `sealdrop queue list`")),
    }
}

fn messages(survey: &Survey) -> Finding {
    if let (TrailState::Whole { entries: 0 }, files @ 1..) = (&survey.trail, survey.unknown_files) {
        let text = format!(
            "the index is empty but the spool holds {files} sealed messages: restore store.redb from a backup, or run \
             `sealdrop check --repair`"
        );
        return Finding::problem("messages", text);
    }
    match survey.missing_files {
        0 => Finding::ok("messages", "each record has its sealed file"),
        missing => {
            let text = format!("{missing} records have no sealed file: restore the spool from a backup");
            Finding::problem("messages", text)
        }
    }
}

fn trail(survey: &Survey) -> Finding {
    match &survey.trail {
        TrailState::Whole { entries } => Finding::ok("trail", format!("whole, {entries} entries")),
        TrailState::Broken { problem } => Finding::problem(
            "trail",
            format!("{problem}; keep the data directory as it is and find out who could write to it"),
        ),
    }
}
