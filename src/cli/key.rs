//! `sealdrop key`: the staff's OpenPGP certificates.

use super::{Failure, Globals, files, print, refresh, show::show};
use crate::{
    clock::Timestamp,
    control::{KeyRequest, KeyView, Request},
};
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum KeyCommand {
    /// Give a person one more certificate
    #[command(after_help = "Example:
  sealdrop key add alice@example.org alice-2027.asc

A certificate that cannot be encrypted to, is expired, revoked or weak is refused with the reason.")]
    Add { email: String, file: PathBuf },
    /// List all certificates
    #[command(after_help = "Example:\n  sealdrop key list")]
    List,
    /// Show one certificate
    #[command(after_help = "Example:
  sealdrop key show 8F3A21C05D7E4B99        the end of the fingerprint is enough")]
    Show {
        #[arg(value_name = "FPR")]
        fingerprint: String,
    },
    /// Remove a certificate: nothing is sealed to it any more
    #[command(after_help = "Example:\n  sealdrop key remove 8F3A21C05D7E4B99")]
    Remove {
        #[arg(value_name = "FPR")]
        fingerprint: String,
    },
    /// Fetch newer copies of known certificates from their owners' domains (Web Key Directory, over HTTPS)
    #[command(after_help = "Example:
  sealdrop key refresh
  sealdrop key refresh alice@example.org

Only a newer copy of the same certificate is taken; a new one needs `sealdrop key add`.")]
    Refresh { email: Option<String> },
}

/// Carries out a command.
pub fn run(command: KeyCommand, globals: &Globals) -> Result<(), Failure> {
    let request = match command {
        KeyCommand::Add { email, file } => {
            KeyRequest::Add { email, key: KeyRequest::text_of(files::read_certificate(&file)?) }
        }
        KeyCommand::List => KeyRequest::List,
        KeyCommand::Show { fingerprint } => KeyRequest::Show { fingerprint },
        KeyCommand::Remove { fingerprint } => KeyRequest::Remove { fingerprint },
        KeyCommand::Refresh { email } => return refresh::run(email.as_deref(), globals),
    };
    show(globals, &globals.ask_data(Request::Key(request))?)
}

/// All certificates, one a line.
pub fn table(keys: &[KeyView]) -> String {
    let row = |key: &KeyView| {
        vec![
            key.fingerprint.clone(),
            key.owner.clone(),
            key.algorithm.clone(),
            key.expires.map_or_else(|| "never".to_owned(), day),
            state(key),
        ]
    };
    let rows: Vec<_> = keys.iter().map(row).collect();
    print::table(&["fingerprint", "owner", "algorithm", "expires", "state"], &rows, "There are no certificates yet.")
}

/// One certificate.
pub fn facts(key: &KeyView) -> String {
    let lines = |lines: &[String]| (!lines.is_empty()).then(|| lines.join("\n"));
    let facts = print::facts(&[
        ("fingerprint", Some(grouped(&key.fingerprint))),
        ("owner", Some(key.owner.clone())),
        ("user ids", lines(&key.user_ids)),
        ("algorithm", Some(key.algorithm.clone())),
        ("created", Some(key.created.human())),
        ("added", Some(key.added.human())),
        ("expires", Some(key.expires.map_or_else(|| "never".to_owned(), Timestamp::human))),
        ("state", Some(key.problem.clone().unwrap_or_else(|| "usable".to_owned()))),
        ("warnings", lines(&key.warnings)),
    ]);
    match &key.armored {
        Some(armored) => format!("{facts}\n{armored}"),
        None => facts,
    }
}

fn state(key: &KeyView) -> String {
    match (&key.problem, key.warnings.is_empty()) {
        (Some(problem), _) => problem.clone(),
        (None, true) => "usable".to_owned(),
        (None, false) => "usable, with a warning: see `key show`".to_owned(),
    }
}

/// The day of a moment.
pub fn day(moment: Timestamp) -> String {
    moment.human().chars().take(10).collect()
}

/// A fingerprint in groups of four, to be read aloud.
fn grouped(fingerprint: &str) -> String {
    let digits: Vec<char> = fingerprint.chars().collect();
    digits.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
