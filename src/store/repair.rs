//! `sealdrop check --repair`: a sound index out of a damaged or lost one. Records that are sound are carried over, what the
//! spool knows is taken in again, and the damaged file is kept beside the new one.

use super::{
    EmbeddedStore,
    embedded::Salvaged,
    reconcile::{ReconcileError, Reconciled, bring_together},
};
use crate::{
    clock::Timestamp,
    ids::MessageId,
    secret::AtRestKey,
    spool::{DirectorySpool, Spool, SpoolError},
};
use std::path::Path;

/// What a repair did, for the admin. Cases, staff and certificates that were lost have to be added again: the spool does
/// not know them.
#[derive(Debug)]
pub struct RepairReport {
    /// What became of the index's own records.
    pub salvaged: Salvaged,
    /// What the spool gave back, and what it lacks.
    pub reconciled: Reconciled,
    /// Files whose content is not what was written: their messages should be asked for again.
    pub damaged: Vec<(MessageId, SpoolError)>,
}

/// Repairs the index in `data_dir` and examines every file of the spool. The relay must be stopped: fails with
/// [`StoreError::Locked`](super::StoreError::Locked) otherwise, before anything is touched.
pub fn repair(data_dir: &Path, at_rest: &AtRestKey, now: Timestamp) -> Result<RepairReport, ReconcileError> {
    let salvaged = EmbeddedStore::salvage(data_dir, now)?;
    let store = EmbeddedStore::open(data_dir)?;
    let spool = DirectorySpool::open(data_dir, 0)?;
    let reconciled = bring_together(&store, &spool, at_rest, now)?;
    Ok(RepairReport { salvaged, reconciled, damaged: damaged_files(&spool)? })
}

fn damaged_files(spool: &dyn Spool) -> Result<Vec<(MessageId, SpoolError)>, SpoolError> {
    let verify = |id: MessageId| spool.verify(id).err().map(|error| (id, error));
    Ok(spool.list()?.into_iter().filter_map(verify).collect())
}

impl RepairReport {
    /// Whether everything was sound already.
    pub fn nothing_to_mend(&self) -> bool {
        self.salvaged == Salvaged::default() && self.reconciled == Reconciled::default() && self.damaged.is_empty()
    }
}
