//! `sealdrop reply`: what clients are answered, and in which languages.

use super::{Failure, Globals, print, show::show};
use crate::{
    control::{ReplyRequest, Request},
    intake::{Trouble, Wrong},
    texts::{Told, Words, built_in_file, confirmation},
};
use clap::Subcommand;
use serde::Serialize;

#[derive(Subcommand)]
pub enum ReplyCommand {
    /// Show what clients read, one answer for each situation
    #[command(after_help = "Example:
  sealdrop reply preview                         as sent when a case names no language
  sealdrop reply preview --language es")]
    Preview {
        /// One language alone, as for a case that names it
        #[arg(long, value_name = "CODE")]
        language: Option<String>,
    },
    /// List the languages, or print the file of a built-in one to be translated
    #[command(after_help = "Example:
  sealdrop reply texts
  sealdrop reply texts en > texts/fr.txt         then translate it, and run `sealdrop check`")]
    Texts {
        #[arg(value_name = "CODE")]
        language: Option<String>,
    },
    /// Answer a sender again after an answer to them came back
    #[command(after_help = "Example:\n  sealdrop reply unblock ana@example.com")]
    Unblock {
        #[arg(value_name = "ADDRESS")]
        address: String,
    },
}

/// Carries out a command.
pub fn run(command: ReplyCommand, globals: &Globals) -> Result<(), Failure> {
    match command {
        ReplyCommand::Preview { language } => preview(language.as_deref(), globals),
        ReplyCommand::Texts { language: None } => list(globals),
        ReplyCommand::Texts { language: Some(code) } => match built_in_file(&code) {
            Some(text) => print::out(text),
            None => Err(Failure::failed(format!("{code:?} is not built in; `en` and `es` are, to be translated"))),
        },
        ReplyCommand::Unblock { address } => {
            show(globals, &globals.ask_data(Request::Reply(ReplyRequest::Unblock { address }))?)
        }
    }
}

/// One answer.
#[derive(Serialize)]
struct Shown {
    situation: &'static str,
    subject: String,
    text: String,
}

fn preview(language: Option<&str>, globals: &Globals) -> Result<(), Failure> {
    let reply = globals.read_config()?.client_reply;
    if let Some(code) = language
        && reply.texts.language(code).is_none()
    {
        let known = reply.texts.codes().join(", ");
        return Err(Failure::failed(format!("there are no reply texts in {code:?}; the languages there are: {known}")));
    }
    let words = reply.texts.chosen(language, &reply.languages);
    let shown: Vec<Shown> = situations().into_iter().map(|(situation, told)| shown(situation, &told, &words)).collect();
    if globals.json {
        return print::json(&shown);
    }
    let text = |shown: &Shown| {
        let indented: String = shown.text.lines().map(|line| format!("    {line}\n")).collect();
        format!("{}\n    Subject: {}\n\n{indented}\n", print::bold(shown.situation), shown.subject)
    };
    print::out(&shown.iter().map(text).collect::<String>())
}

fn shown(situation: &'static str, told: &Told, words: &[&Words]) -> Shown {
    let said = confirmation(told, words);
    Shown { situation, subject: said.subject, text: said.text }
}

/// What can come, and what is told of it.
fn situations() -> Vec<(&'static str, Told)> {
    let of = |documents| Told { documents, ..Told::default() };
    let bad = |documents, troubles: &[(u32, Wrong)]| {
        let troubles = troubles.iter().map(|(document, what)| Trouble { document: *document, what: *what });
        Told { troubles: troubles.collect(), ..of(documents) }
    };
    let all = [Wrong::Unreadable, Wrong::CutOff, Wrong::Locked, Wrong::Thumbnail, Wrong::Blurred];
    let all: Vec<(u32, Wrong)> = (1..).zip(all).collect();
    vec![
        ("One file", of(1)),
        ("Two files", of(2)),
        ("Five files", of(5)),
        ("Nothing", of(0)),
        ("A link and no file", Told { link_only: true, ..of(0) }),
        ("An empty file alone", Told { empty: 1, ..of(0) }),
        ("Two files and an empty one", Told { empty: 1, ..of(2) }),
        ("The only photo is blurred", bad(1, &[(1, Wrong::Blurred)])),
        ("The second of three photos is blurred", bad(3, &[(2, Wrong::Blurred)])),
        ("Two of four files are cut off", bad(4, &[(1, Wrong::CutOff), (3, Wrong::CutOff)])),
        ("One of everything", bad(5, &all)),
        ("Nothing, after two files within ten minutes", Told { carried: 2, ..of(0) }),
    ]
}

/// A language, as it is listed.
#[derive(Serialize)]
struct Spoken {
    language: String,
    /// In answers whose case names no language.
    used: bool,
    /// None: built in.
    file: Option<String>,
    warning: Option<String>,
}

fn list(globals: &Globals) -> Result<(), Failure> {
    let reply = globals.read_config()?.client_reply;
    let spoken = |words: &Words| Spoken {
        language: words.code().to_owned(),
        used: reply.languages.iter().any(|code| code == words.code()),
        file: words.file().map(|file| file.display().to_string()),
        warning: words.warning(),
    };
    let spoken: Vec<Spoken> = reply.texts.all().iter().map(spoken).collect();
    if globals.json {
        return print::json(&spoken);
    }
    let row = |one: &Spoken| {
        let used = if one.used { "in every answer" } else { "for cases that name it" };
        let file = one.file.clone().unwrap_or_else(|| "built in".to_owned());
        vec![one.language.clone(), used.to_owned(), file]
    };
    let rows: Vec<_> = spoken.iter().map(row).collect();
    print::out(&print::table(&["language", "used", "from"], &rows, "There are no languages."))?;
    for warning in spoken.iter().filter_map(|one| one.warning.as_ref()) {
        eprintln!("note: {warning}");
    }
    Ok(())
}
