//! Confirmations to clients (mail-rules section 3).

use crate::{cases::Language, ids::MessageId};
use serde::{Deserialize, Serialize};

/// All that a confirmation needs to know; sealed under [`confirm_context`] in the job, because the client's address is in
/// it. No Debug.
#[derive(Serialize, Deserialize)]
pub struct ConfirmFacts {
    /// The reverse-path.
    pub to: String,
    /// The local part of the case address.
    pub case: String,
    pub message_id: Option<String>,
    pub language: Option<Language>,
    pub documents: u32,
    pub empty: u32,
    pub link_only: bool,
}

/// The context under which the facts of a message's confirmation are sealed.
pub fn confirm_context(message: MessageId) -> String {
    format!("confirmation of {message}")
}
