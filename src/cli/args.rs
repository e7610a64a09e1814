//! What can be typed. Each command's own arguments stand in its own file.

use super::{
    Failure, audit::AuditCommand, case::CaseCommand, check::CheckArgs, demo::DemoArgs, init::InitArgs, key::KeyCommand,
    message::MessageCommand, queue::QueueCommand, reply::ReplyCommand, staff::StaffCommand,
};
use crate::{
    config::Config,
    control::{self, Data, Request, Response},
};
use clap::{Args, Parser, Subcommand};
use std::path::{Path, PathBuf};

/// Takes mail with a client's documents over TLS, seals it to the staff's OpenPGP certificates while it arrives, and hands
/// it on. Nothing readable is ever written.
#[derive(Parser)]
#[command(
    name = "sealdrop",
    version,
    max_term_width = 100,
    after_help = "Example:
  sealdrop demo                                  see it work, in seconds, on this machine only
  sealdrop init /etc/sealdrop --domain in.example.org
  sealdrop staff add alice@example.org --key alice.asc
  sealdrop case open --staff alice@example.org
  sealdrop serve"
)]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Args)]
pub struct Globals {
    /// The configuration [default: ./sealdrop.toml, then /etc/sealdrop/sealdrop.toml]
    #[arg(long, global = true, env = "SEALDROP_CONFIG", value_name = "FILE", help_heading = "Global options")]
    pub config: Option<PathBuf>,
    /// Print data as JSON
    #[arg(long, global = true, help_heading = "Global options")]
    pub json: bool,
    /// Print only what was asked for
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Global options")]
    pub quiet: bool,
    /// Log more; twice: even more
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Global options")]
    pub verbose: u8,
}

#[derive(Subcommand)]
pub enum Command {
    /// Show the whole way of one message on this machine, and prove its promises
    #[command(after_help = "Example:
  sealdrop demo
  sealdrop demo --keep /tmp/sealdrop-demo        keep everything to look at")]
    Demo(DemoArgs),
    /// Write a working set-up into a directory
    #[command(after_help = "Example:
  sealdrop init /etc/sealdrop --domain in.example.org --hostname mx.in.example.org \\
      --admin admin@example.org --smarthost mail.example.org:587")]
    Init(InitArgs),
    /// Run the relay in the foreground
    #[command(after_help = "Example:
  sealdrop serve --config /etc/sealdrop/sealdrop.toml

SIGTERM finishes what is arriving and stops; SIGHUP reads certificates and configuration again.")]
    Serve,
    /// Examine the set-up and its surroundings
    #[command(after_help = "Example:
  sealdrop check
  sealdrop check --repair                        with the relay stopped: rebuild the index from the sealed messages")]
    Check(CheckArgs),
    /// People who may read documents
    #[command(
        subcommand,
        after_help = "Example:
  sealdrop staff add alice@example.org --key alice.asc --name 'Alice Moreno'
  sealdrop staff list"
    )]
    Staff(StaffCommand),
    /// The staff's OpenPGP certificates
    #[command(
        subcommand,
        after_help = "Example:
  sealdrop key add alice@example.org alice-2027.asc
  sealdrop key list"
    )]
    Key(KeyCommand),
    /// Cases and their addresses
    #[command(
        subcommand,
        after_help = "Example:
  sealdrop case open --staff alice@example.org --language es
  sealdrop case card river-tiger-42 --out card.html"
    )]
    Case(CaseCommand),
    /// Sealed messages that are kept
    #[command(
        subcommand,
        after_help = "Example:
  sealdrop message list --case river-tiger-42"
    )]
    Message(MessageCommand),
    /// Mail that waits to go out
    #[command(
        subcommand,
        after_help = "Example:
  sealdrop queue list
  sealdrop queue retry"
    )]
    Queue(QueueCommand),
    /// What clients are answered
    #[command(
        subcommand,
        after_help = "Example:
  sealdrop reply preview --language es
  sealdrop reply texts en > texts/fr.txt         a file to translate"
    )]
    Reply(ReplyCommand),
    /// The tamper-evident trail
    #[command(
        subcommand,
        after_help = "Example:
  sealdrop audit list --since 7d
  sealdrop audit verify"
    )]
    Audit(AuditCommand),
}

impl Globals {
    /// The configuration file: as said, else the first that exists of the two usual places.
    pub fn config_file(&self) -> PathBuf {
        let usual = ["sealdrop.toml", "/etc/sealdrop/sealdrop.toml"];
        let found = || usual.iter().map(Path::new).find(|file| file.exists()).unwrap_or(Path::new(usual[1]));
        self.config.clone().unwrap_or_else(|| found().to_owned())
    }

    /// Reads the configuration.
    pub fn read_config(&self) -> Result<Config, Failure> {
        Ok(Config::read(&self.config_file())?)
    }

    /// Has a request carried out.
    pub fn ask(&self, request: Request) -> Result<Response, Failure> {
        Ok(control::ask(&self.read_config()?, request)?.response)
    }

    /// Has a request carried out that has no body in its answer.
    pub fn ask_data(&self, request: Request) -> Result<Data, Failure> {
        self.ask(request).map(|response| response.data)
    }
}
