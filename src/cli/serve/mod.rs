//! `sealdrop serve`: sets up the log and runs the relay in the foreground.

mod log;

use super::{Failure, Globals};
use crate::config::{Log, LogFormat};

/// Logs as a default configuration does: for the demo, whose relay runs in this process.
pub fn start_log(globals: &Globals) {
    log::start(&Log { format: LogFormat::Text, level: "warn".to_owned() }, globals);
}

/// Runs the relay until it is told to stop.
pub fn run(globals: &Globals) -> Result<(), Failure> {
    let config = globals.read_config()?;
    log::start(&config.log, globals);
    crate::serve::run(config).map_err(|error| Failure::failed(format!("the relay does not run: {error}")))
}
