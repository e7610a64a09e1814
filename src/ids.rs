//! Names of messages and jobs. A name says when it was made and nothing about what it names.

use crate::clock::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Names one sealed message: 26 characters of Crockford base32, sortable by time (ULID).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MessageId(ulid::Ulid);

impl MessageId {
    /// A new id for a message that arrives at `now`: 48 bits of milliseconds, 80 random bits.
    pub fn new(now: Timestamp) -> Self {
        let random = u128::from_be_bytes(crate::chance::bytes());
        Self(ulid::Ulid::from_parts(now.as_millis().unsigned_abs(), random))
    }

    /// The sixteen bytes of the id, in sorting order.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_bytes()
    }

    /// The id with these bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(ulid::Ulid::from_bytes(bytes))
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_string().to_ascii_lowercase())
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not a message id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a message id: 26 letters and digits are expected, as `sealdrop message list` shows them")]
pub struct NotAMessageId;

impl FromStr for MessageId {
    type Err = NotAMessageId;

    fn from_str(text: &str) -> Result<Self, NotAMessageId> {
        ulid::Ulid::from_string(text).map(Self).map_err(|_| NotAMessageId)
    }
}

impl TryFrom<String> for MessageId {
    type Error = NotAMessageId;

    fn try_from(text: String) -> Result<Self, NotAMessageId> {
        text.parse()
    }
}

impl From<MessageId> for String {
    fn from(id: MessageId) -> Self {
        id.to_string()
    }
}
