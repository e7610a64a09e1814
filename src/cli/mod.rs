//! The command line: parses, asks the desk, prints. The only room that prints; it decides nothing that another room could.
#![allow(clippy::print_stdout, reason = "this room is the one that speaks to people")]

mod args;
mod audit;
mod card;
mod case;
mod check;
mod demo;
mod failure;
mod files;
mod init;
mod key;
mod message;
mod print;
mod queue;
mod refresh;
mod reply;
mod serve;
mod show;
mod staff;
#[cfg(test)]
mod tests;

use args::{Cli, Command, Globals};
use clap::Parser;
use failure::Failure;
use std::process::ExitCode;

/// Runs the program: 0 done, 1 failed, 2 wrong usage or configuration.
pub fn run() -> ExitCode {
    hide_panic_text();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A closed stdout or stderr leaves nobody to tell.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(failure::USAGE));
        }
    };
    match carry_out(cli.command, &cli.globals) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("sealdrop: {}", failure.text);
            ExitCode::from(failure.status)
        }
    }
}

fn carry_out(command: Command, globals: &Globals) -> Result<(), Failure> {
    match command {
        Command::Demo(args) => demo::run(&args, globals),
        Command::Init(args) => init::run(&args, globals),
        Command::Serve => serve::run(globals),
        Command::Check(args) => check::run(&args, globals),
        Command::Staff(command) => staff::run(command, globals),
        Command::Key(command) => key::run(command, globals),
        Command::Case(command) => case::run(command, globals),
        Command::Message(command) => message::run(command, globals),
        Command::Queue(command) => queue::run(&command, globals),
        Command::Reply(command) => reply::run(command, globals),
        Command::Audit(command) => audit::run(command, globals),
    }
}

/// A panic's text may hold a client's words: only the place is printed, never the text.
fn hide_panic_text() {
    std::panic::set_hook(Box::new(|panic| match panic.location() {
        Some(place) => eprintln!("sealdrop: a bug at {}:{} (its text is withheld)", place.file(), place.line()),
        None => eprintln!("sealdrop: a bug at an unknown place"),
    }));
}
