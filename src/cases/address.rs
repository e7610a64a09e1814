//! The address of a case, `word-word-NN`: made to be said aloud over a telephone.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The local part of a case's address in canonical form: two words of the list and two digits, the last a check digit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CaseAddress(String);

/// The text is not a case address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a case address: two words and two digits are expected, such as river-tiger-42")]
pub struct NotACaseAddress;

impl CaseAddress {
    /// A random address. The caller makes sure that it is far enough from every other.
    pub fn random() -> Self {
        todo!()
    }

    /// The canonical text, `river-tiger-42`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CaseAddress {
    type Err = NotACaseAddress;

    fn from_str(_text: &str) -> Result<Self, NotACaseAddress> {
        todo!()
    }
}

impl fmt::Display for CaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<CaseAddress> for String {
    fn from(address: CaseAddress) -> Self {
        address.0
    }
}

impl TryFrom<String> for CaseAddress {
    type Error = NotACaseAddress;

    fn try_from(text: String) -> Result<Self, NotACaseAddress> {
        text.parse()
    }
}
