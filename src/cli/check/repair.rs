//! `check --repair`: rebuilds the index from the spool, the truth.

use super::Finding;
use crate::{cli::Failure, config::Config};

/// Repairs the store; the relay must be stopped.
pub fn repair(config: &Config) -> Result<Finding, Failure> {
    let repaired = crate::store::repair(config);
    let repaired = repaired.map_err(|error| Failure::failed(format!("the index was not rebuilt: {error}")))?;
    Ok(Finding::ok("repair", format!("{repaired}")))
}
