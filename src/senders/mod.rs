//! What can be said about who sent a message: SPF, DKIM and DMARC. The room is kept for it; until a verdict is made here,
//! every sender is [`Verdict::Unverified`] and staff are told so. Never a reason to lose a document.

use serde::{Deserialize, Serialize};

/// How far the sender of a message is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nobody looked, or nothing could be told.
    Unverified,
    /// The sending domain says that this mail is not its own (SPF fail, DMARC fail).
    Forged,
}
