//! One installation, opened: its configuration, keys, store, spool and clock. What every room that acts is given.

use crate::{clock::Clock, config::Config, openpgp::RelayKey, secret::AtRestKey, spool::Spool, store::Store};
use std::sync::Arc;

/// An opened installation. Clones share it.
#[derive(Clone)]
pub struct Site {
    pub config: Arc<Config>,
    pub store: Arc<dyn Store>,
    pub spool: Arc<dyn Spool>,
    pub at_rest: Arc<AtRestKey>,
    pub relay_key: Arc<RelayKey>,
    pub clock: Clock,
}
