//! Cases and their addresses. Pure: no I/O, no store.
//! A slip in an address must never reach a case that was not meant; see [`matching`].

mod address;
mod client;
pub mod matching;
#[cfg(test)]
mod tests;
mod words;

use crate::{clock::Timestamp, secret::SealedField};
use serde::{Deserialize, Serialize};

pub use address::{CaseAddress, NotACaseAddress};
pub use client::{Client, NotAClient};

/// The language in which a client is spoken to: an ISO 639-1 code, such as `en`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Language(pub String);

/// Whether a case takes mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    Open,
    Closed,
    /// Its expiry has passed. Never stored: [`Case::state_at`] tells.
    Expired,
}

/// A case as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub address: CaseAddress,
    /// What staff call it; sealed under the context [`Case::label_context`].
    pub label: Option<SealedField>,
    /// Email addresses of the staff who read it; at least one.
    pub staff: Vec<String>,
    /// Addresses and phone numbers that the client is expected to send from, each sealed under [`Case::client_context`].
    pub clients: Vec<SealedField>,
    /// Mail from others is refused instead of flagged. Never without `clients`.
    #[serde(default)]
    pub strict: bool,
    pub language: Option<Language>,
    pub opened: Timestamp,
    pub expires: Option<Timestamp>,
    pub closed: Option<Timestamp>,
}

impl Case {
    /// Whether the case takes mail at `now`.
    pub fn state_at(&self, now: Timestamp) -> CaseState {
        if self.closed.is_some() {
            CaseState::Closed
        } else if self.expires.is_some_and(|expires| expires <= now) {
            CaseState::Expired
        } else {
            CaseState::Open
        }
    }

    /// The context under which the label of the case at `address` is sealed.
    pub fn label_context(address: &CaseAddress) -> String {
        format!("label of {address}")
    }

    /// The context under which the expected clients of the case at `address` are sealed.
    pub fn client_context(address: &CaseAddress) -> String {
        format!("client of {address}")
    }
}
