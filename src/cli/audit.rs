//! `sealdrop audit`: the tamper-evident trail.

use super::{Failure, Globals, files, print, show::show};
use crate::{
    audit::{Actor, Entry},
    clock::{Clock, Timestamp},
    config::parse_duration,
    control::{Data, Request, Response, TrailRequest, TrailState},
};
use clap::Subcommand;
use std::path::PathBuf;

/// Entries that `audit list` shows when nothing narrows it down.
const LATEST: usize = 100;

#[derive(Subcommand)]
pub enum AuditCommand {
    /// List what happened: the latest 100 entries, or all since a moment or of a case
    #[command(after_help = "Example:
  sealdrop audit list --since 7d
  sealdrop audit list --since 2026-11-01 --case river-tiger-42")]
    List {
        /// A span back from now (`7d`) or a day or moment in UTC (`2026-11-25`, `2026-11-25T03:08:54Z`)
        #[arg(long, value_parser = since)]
        since: Option<Timestamp>,
        /// Only this case
        #[arg(long)]
        case: Option<String>,
    },
    /// Verify that no entry was changed, removed or added
    #[command(after_help = "Example:\n  sealdrop audit verify")]
    Verify,
    /// Write all entries to a file, one line of JSON each
    #[command(after_help = "Example:\n  sealdrop audit export --out trail.jsonl")]
    Export {
        /// A new file
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// Carries out a command.
pub fn run(command: AuditCommand, globals: &Globals) -> Result<(), Failure> {
    match command {
        AuditCommand::List { since, case } => {
            let last = (since.is_none() && case.is_none()).then_some(LATEST);
            show(globals, &globals.ask_data(Request::Trail(TrailRequest::List { since, case, last }))?)
        }
        AuditCommand::Verify => verify(globals),
        AuditCommand::Export { out } => {
            // The file first: a name that cannot be used costs nothing.
            let file = files::create(&out, 0o600)?;
            let Response { data: Data::Export { items, length }, body: Some(body) } =
                globals.ask(Request::Trail(TrailRequest::Export)).inspect_err(|_| drop(std::fs::remove_file(&out)))?
            else {
                return Err(Failure::unexpected());
            };
            files::copy(body, length, &out, file)?;
            print::out(&format!("{items} entries are in {}\n", out.display()))
        }
    }
}

fn verify(globals: &Globals) -> Result<(), Failure> {
    let Data::Verified(state) = globals.ask_data(Request::Trail(TrailRequest::Verify))? else {
        return Err(Failure::unexpected());
    };
    if globals.json {
        print::json(&state)?;
    }
    match state {
        TrailState::Whole { .. } if globals.json => Ok(()),
        TrailState::Whole { entries } => {
            print::out(&format!("The trail is whole: {entries} entries, each chained to the one before.\n"))
        }
        TrailState::Broken { problem } => Err(Failure::failed(format!(
            "the trail is broken: {problem}; keep the data directory as it is and find out who could write to it"
        ))),
    }
}

/// Entries, one a line.
pub fn table(entries: &[Entry]) -> String {
    let row = |entry: &Entry| {
        let actor = match &entry.actor {
            Actor::Relay => "relay",
            Actor::Admin(name) => name,
        };
        vec![entry.seq.to_string(), entry.at.human(), actor.to_owned(), in_words(entry)]
    };
    let rows: Vec<_> = entries.iter().map(row).collect();
    print::table(&["entry", "when", "who", "what"], &rows, "The trail has no such entry.")
}

/// An event's name and its particulars: `case_opened  case=river-tiger-42 staff=alice@example.org`.
fn in_words(entry: &Entry) -> String {
    let value = serde_json::to_value(&entry.event).unwrap_or_default();
    let name = value["event"].as_str().unwrap_or_default().replace('_', " ");
    let particulars =
        value.as_object().into_iter().flatten().filter(|(key, value)| *key != "event" && !value.is_null());
    let words: Vec<String> = particulars.map(|(key, value)| format!("{key}={}", plain(value))).collect();
    [vec![format!("{name:<20}")], words].concat().join(" ").trim_end().to_owned()
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn since(text: &str) -> Result<Timestamp, String> {
    let span = parse_duration(text).map(|span| Clock::system().now().minus(span));
    span.or_else(|| Timestamp::parse(text)).ok_or_else(|| "say `7d`, `2026-11-25` or `2026-11-25T03:08:54Z`".to_owned())
}
