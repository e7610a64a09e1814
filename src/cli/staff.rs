//! `sealdrop staff`: people who may read documents.

use super::{Failure, Globals, files, print, show::show};
use crate::control::{KeyRequest, Request, StaffRequest, StaffView};
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum StaffCommand {
    /// Add a person with their OpenPGP certificate
    #[command(after_help = "Example:
  sealdrop staff add alice@example.org --key alice.asc --name 'Alice Moreno'

The file is what `gpg --armor --export alice@example.org` writes. Compare the fingerprint with Alice, by voice or in person.")]
    Add {
        /// Their email address
        email: String,
        /// A file with their public certificate; may be given several times
        #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
        key: Vec<PathBuf>,
        /// Their name
        #[arg(long)]
        name: Option<String>,
    },
    /// List everybody
    #[command(after_help = "Example:\n  sealdrop staff list")]
    List,
    /// Show one person
    #[command(after_help = "Example:\n  sealdrop staff show alice@example.org")]
    Show { email: String },
    /// Send a person nothing for now; certificates and cases stay
    #[command(after_help = "Example:\n  sealdrop staff suspend alice@example.org")]
    Suspend { email: String },
    /// Send a suspended person mail again
    #[command(after_help = "Example:\n  sealdrop staff resume alice@example.org")]
    Resume { email: String },
    /// Remove a person, their certificates and their place in cases
    #[command(after_help = "Example:\n  sealdrop staff remove alice@example.org")]
    Remove { email: String },
}

/// Carries out a command.
pub fn run(command: StaffCommand, globals: &Globals) -> Result<(), Failure> {
    let request = match command {
        StaffCommand::Add { email, key, name } => {
            let keys = key.iter().map(|path| files::read_certificate(path).map(KeyRequest::text_of));
            StaffRequest::Add { email, name, keys: keys.collect::<Result<_, _>>()? }
        }
        StaffCommand::List => StaffRequest::List,
        StaffCommand::Show { email } => StaffRequest::Show { email },
        StaffCommand::Suspend { email } => StaffRequest::Suspend { email },
        StaffCommand::Resume { email } => StaffRequest::Resume { email },
        StaffCommand::Remove { email } => StaffRequest::Remove { email },
    };
    show(globals, &globals.ask_data(Request::Staff(request))?)
}

/// All staff, one a line.
pub fn table(staff: &[StaffView]) -> String {
    let row = |person: &StaffView| {
        vec![
            person.email.clone(),
            person.name.clone().unwrap_or_default(),
            state(person).to_owned(),
            person.keys.len().to_string(),
            person.open_cases.len().to_string(),
        ]
    };
    let rows: Vec<_> = staff.iter().map(row).collect();
    let empty = "There is no staff yet. Add somebody with `sealdrop staff add EMAIL --key FILE`.";
    print::table(&["email", "name", "state", "certificates", "open cases"], &rows, empty)
}

/// One person.
pub fn facts(person: &StaffView) -> String {
    let keys = person.keys.iter().map(|key| {
        let state = key.problem.clone().unwrap_or_else(|| "usable".to_owned());
        format!("{} ({}): {state}", key.fingerprint, key.algorithm)
    });
    let lines = |lines: Vec<String>| (!lines.is_empty()).then(|| lines.join("\n"));
    print::facts(&[
        ("email", Some(person.email.clone())),
        ("name", person.name.clone()),
        ("state", Some(state(person).to_owned())),
        ("added", Some(person.added.human())),
        ("certificates", lines(keys.collect())),
        ("open cases", lines(person.open_cases.clone())),
    ])
}

/// `reads`, or why not.
fn state(person: &StaffView) -> &'static str {
    if person.suspended {
        "suspended"
    } else if person.keys.iter().any(|key| key.problem.is_none()) {
        "reads"
    } else {
        "cannot read: no usable certificate"
    }
}
