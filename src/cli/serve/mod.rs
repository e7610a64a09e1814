//! `sealdrop serve`: sets up the log and runs the relay in the foreground.

mod log;

use super::{Failure, Globals};

/// Runs the relay until it is told to stop.
pub fn run(globals: &Globals) -> Result<(), Failure> {
    let config = globals.read_config()?;
    log::start(&config.log, globals);
    crate::serve::run(config).map_err(|error| Failure::failed(format!("the relay stopped: {error}")))
}
