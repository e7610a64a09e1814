//! Confirmations to clients, as far as an admin has a hand in them: a sender whose confirmation bounced is unblocked.

use super::{Data, Desk, Refusal};
use crate::{
    audit::{Actor, Event},
    delivery::sender_tag,
    envelope::Address,
    store::{Change, ReplyLedger},
};
use serde::{Deserialize, Serialize};

/// What can be asked about confirmations.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyRequest {
    /// This sender may be answered again. The address is not kept: the ledger goes by a keyed tag of it.
    Unblock { address: String },
}

impl Desk {
    pub(super) fn replies(&self, actor: &Actor, request: ReplyRequest) -> Result<Data, Refusal> {
        let ReplyRequest::Unblock { address } = request;
        // The refusal does not repeat a client's address.
        let address = Address::parse(address.trim()).map_err(|problem| {
            Refusal::new("nobody was unblocked", problem.to_string(), "give the sender's address, as staff see it")
        })?;
        let key = sender_tag(&self.site.at_rest, &address);
        let ledger = self.site.store.ledger(key)?;
        if !ledger.blocked {
            return Ok(Data::done("this sender is not blocked"));
        }
        let ledger = ReplyLedger { blocked: false, ..ledger };
        self.apply(actor, vec![Change::PutLedger { key, ledger }], vec![Event::ReplyUnblocked])?;
        Ok(Data::done("this sender is answered again"))
    }
}
