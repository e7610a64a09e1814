//! Moments in responses are RFC 3339 text in UTC, so that people and programs read them alike. For `#[serde(with)]`.

use crate::clock::Timestamp;
use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// Writes a moment, to the second.
pub fn serialize<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&moment.rfc3339())
}

/// Reads a moment.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    Timestamp::parse(&text).ok_or_else(|| D::Error::custom("not a moment"))
}

/// The same for a moment that may be absent.
pub mod option {
    use super::*;

    /// Writes a moment, to the second, or null.
    pub fn serialize<S: Serializer>(moment: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match moment {
            Some(moment) => serializer.serialize_some(&moment.rfc3339()),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a moment or null.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| Timestamp::parse(&text).ok_or_else(|| D::Error::custom("not a moment"))).transpose()
    }
}
