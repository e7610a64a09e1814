//! What the peer is told. Every text can be read by a client whose own mail server shows it in a bounce.

use crate::store::Committed;

/// Why something is not taken: what the peer sees, apart from our own errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// 550 5.1.1
    UnknownCase,
    /// 550 5.2.1
    ClosedCase,
    /// 550 5.7.1
    NotOurDomain,
    /// 451 4.3.0
    NobodyCanRead,
    /// 552 5.3.4
    TooLarge,
    /// 452 4.5.3
    TooManyRecipients,
    /// 452 4.3.1
    DiskFull,
    /// 451 4.3.0: store, spool or sealing failed, or the memory budget is spent.
    NotNow,
    /// 554 5.4.6: a mail loop.
    Loop,
}

/// One reply: code, enhanced code, lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    text: String,
}

impl Reply {
    /// The only 250 to a message's data: its ids are durable.
    pub fn accepted(_committed: &Committed) -> Self {
        todo!()
    }
}
