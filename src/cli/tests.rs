//! Tests of the command line's own form.

use super::args::Cli;
use clap::{Command, CommandFactory};

#[test]
fn every_command_has_an_example() {
    fn walk(command: &Command, path: &str, missing: &mut Vec<String>) {
        let path = format!("{path} {}", command.get_name());
        let example = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        if !example.contains("Example:") || !example.contains("sealdrop") {
            missing.push(path.clone());
        }
        command.get_subcommands().for_each(|command| walk(command, &path, missing));
    }
    let mut missing = Vec::new();
    walk(&Cli::command(), "", &mut missing);
    assert!(missing.is_empty(), "no example: {missing:?}");
}

#[test]
fn the_arguments_are_consistent() {
    Cli::command().debug_assert();
}
