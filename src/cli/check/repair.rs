//! `check --repair`: makes a sound index from what is sound of the old one and from the spool, the truth.

use super::Finding;
use crate::{
    cli::Failure,
    clock::Clock,
    config::Config,
    site::read_at_rest_key,
    store::{RepairReport, repair},
};

const ABOUT: &str = "repair";

/// Repairs the index; the relay must be stopped.
pub fn mend(config: &Config) -> Result<Vec<Finding>, Failure> {
    let data_dir = &config.relay.data_dir;
    let failed = |why: String| Failure::failed(format!("nothing was repaired: {why}"));
    let at_rest = read_at_rest_key(&config.store.key_file, data_dir).map_err(|error| failed(error.to_string()))?;
    let report = repair(data_dir, &at_rest, Clock::system().now()).map_err(|error| failed(error.to_string()))?;
    Ok(findings(&report))
}

fn findings(report: &RepairReport) -> Vec<Finding> {
    if report.nothing_to_mend() {
        return vec![Finding::ok(ABOUT, "index and sealed files were sound: nothing was changed")];
    }
    let mut findings = vec![Finding::ok(ABOUT, done(report))];
    if let Some(old) = &report.salvaged.set_aside {
        findings.push(Finding::warning(ABOUT, format!("the damaged index is kept as {}", old.display())));
    }
    if report.reconciled.cases > 0 {
        let text = format!(
            "{} cases were only known from their mail, and are closed now: see `sealdrop case list`, then \
             `sealdrop case assign` and `case reopen`",
            report.reconciled.cases
        );
        findings.push(Finding::warning(ABOUT, text));
    }
    for id in &report.reconciled.missing {
        findings.push(Finding::problem(ABOUT, format!("message {id} has no sealed file: restore it from a backup")));
    }
    for (id, why) in &report.reconciled.unreadable {
        findings.push(Finding::problem(ABOUT, format!("message {id} was left out: {why}")));
    }
    for (id, why) in &report.damaged {
        findings.push(Finding::problem(ABOUT, format!("message {id}: {why}; ask its sender for it again")));
    }
    findings
}

fn done(report: &RepairReport) -> String {
    format!(
        "{} records were damaged and left out, {} messages taken in from their files, {} files of purged messages removed",
        report.salvaged.damaged.len(),
        report.reconciled.adopted.len(),
        report.reconciled.removed.len(),
    )
}
