//! The demo.

use super::{Failure, Globals};
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub struct DemoArgs {
    /// Keep configuration, data and what was decrypted in this new directory
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// x
pub fn run(_args: DemoArgs, _globals: &Globals) -> Result<(), Failure> {
    todo!()
}
