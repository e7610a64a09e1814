//! What can be said about who sent a message: SPF (RFC 7208), DKIM (RFC 6376, RFC 8463) and DMARC (RFC 9989, which took the
//! place of RFC 7489), told in words. Never a reason to lose a document, to put mail off or to wait for long: whatever
//! cannot be told in time is [`Verdict::Unverified`].
//!
//! An [`Examination`] reads the message as it passes: the header once, for who claims to have sent and signed it, and the
//! body into a digest, only if a signature wants one. An [`Inquiry`] asks DNS meanwhile. At the end of data both meet, and
//! [`judge`] says what it comes to. Only a message's header block lies here, in wiped memory of at most 48 KiB, and once it
//! is whole no more than 4 KiB of signed fields, until DNS has given the keys. Domains and addresses of senders are never
//! logged: no type here that holds one has a Debug.

mod body;
mod examination;
mod header;
mod inquiry;
mod judge;
#[cfg(test)]
mod tests;
mod words;

pub use examination::{Evidence, Examination};
pub use header::Header;
pub use inquiry::{Inquiry, ResolverError, Verifier};
pub use judge::Verification;

use serde::{Deserialize, Serialize};

/// How far the sender of a message is verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nobody looked, or nothing could be told.
    #[default]
    Unverified,
    /// The domain in the From line has sent this: its own signature, or its own servers, say so.
    Verified,
    /// The sending domain says that this mail is not its own (SPF fail, or DMARC fail where it wants such mail refused).
    Forged,
}
