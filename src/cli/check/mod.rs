//! `sealdrop check`: examines set-up and surroundings, one line each: ok, warning or problem with the mend. Changes nothing,
//! but with `--repair`.

mod dns;
mod local;
mod people;
mod repair;
mod sandbox;

use super::{Failure, Globals, print};
use crate::{
    config::Config,
    control::{self, Data, Request},
};
use clap::Args;
use serde::Serialize;

#[derive(Args)]
pub struct CheckArgs {
    /// Rebuild the index from the sealed messages first; the relay must be stopped
    #[arg(long)]
    repair: bool,
    /// Do not ask DNS
    #[arg(long)]
    no_dns: bool,
}

/// How one thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Standing {
    Ok,
    Warning,
    Problem,
}

/// One line of the report.
#[derive(Debug, Serialize)]
struct Finding {
    standing: Standing,
    /// What was looked at.
    about: &'static str,
    /// What was found and, unless it is well, the mend.
    text: String,
}

impl Finding {
    fn ok(about: &'static str, text: impl Into<String>) -> Self {
        Self { standing: Standing::Ok, about, text: text.into() }
    }

    fn warning(about: &'static str, text: impl Into<String>) -> Self {
        Self { standing: Standing::Warning, about, text: text.into() }
    }

    fn problem(about: &'static str, text: impl Into<String>) -> Self {
        Self { standing: Standing::Problem, about, text: text.into() }
    }
}

/// Examines everything; fails when there is a problem.
pub fn run(args: &CheckArgs, globals: &Globals) -> Result<(), Failure> {
    let config = globals.read_config()?;
    let mut findings = Vec::new();
    if args.repair {
        findings.extend(repair::mend(&config)?);
    }
    findings.extend(examine(&config, !args.no_dns)?);
    report(&findings, globals)?;
    match findings.iter().filter(|finding| finding.standing == Standing::Problem).count() {
        0 => Ok(()),
        1 => Err(Failure::failed("there is a problem: see the line that begins with `problem`")),
        many => Err(Failure::failed(format!("there are {many} problems: see the lines that begin with `problem`"))),
    }
}

fn examine(config: &Config, ask_dns: bool) -> Result<Vec<Finding>, Failure> {
    let mut findings = vec![Finding::ok("configuration", format!("{} is valid", config.file.display()))];
    findings.extend(local::permissions(config));
    findings.extend(local::certificate(config));
    findings.extend(local::recovery(config));
    findings.extend(local::texts(config));
    match control::ask(config, Request::Survey) {
        Ok(asked) => {
            let Data::Survey(survey) = asked.response.data else { return Err(Failure::unexpected()) };
            findings.push(local::listening(config, asked.by_relay.then_some(survey.version.as_str())));
            findings.extend(sandbox::findings(config, survey.sandbox.as_ref()));
            findings.extend(people::findings(&survey));
        }
        Err(refusal) => findings.push(Finding::problem("store", refusal.to_string())),
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::failed(format!("cannot look around: {error}; try again")))?;
    findings.extend(runtime.block_on(async {
        let mut findings = vec![smarthost(config).await];
        if ask_dns {
            findings.extend(dns::findings(config).await);
        }
        findings
    }));
    Ok(findings)
}

/// Whether the staff's mail server answers over verified TLS.
async fn smarthost(config: &Config) -> Finding {
    let at = &config.staff_mail.smarthost;
    let name = format!("{}:{}", at.host, at.port);
    match crate::delivery::probe(config).await {
        Ok(answer) => Finding::ok("staff mail", format!("{name} answers: {answer}")),
        Err(why) => Finding::problem("staff mail", format!("{name}: {why}")),
    }
}

fn report(findings: &[Finding], globals: &Globals) -> Result<(), Failure> {
    if globals.json {
        return print::json(&findings);
    }
    let width = findings.iter().map(|finding| finding.about.len()).max().unwrap_or(0);
    let shown = findings.iter().filter(|finding| !globals.quiet || finding.standing > Standing::Ok);
    let line = |finding: &Finding| {
        let standing = match finding.standing {
            Standing::Ok => "ok     ".to_owned(),
            Standing::Warning => print::bold("warning"),
            Standing::Problem => print::bold("problem"),
        };
        format!("{standing}  {:width$}  {}\n", finding.about, finding.text)
    };
    print::out(&shown.map(line).collect::<String>())
}
