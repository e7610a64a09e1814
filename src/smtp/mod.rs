//! SMTP at the door (RFC 5321): commands in, replies out, mail only under TLS. Knows nothing of cases, keys or files: it
//! asks a [`Door`] whether a recipient is ours and hands it the message in chunks.
//!
//! [`listener`] accepts → [`connection`] leads one peer to TLS → [`transaction`] takes its mail. [`talk`] waits, answers and
//! ends; [`wire`] has the bytes; [`command`] reads lines; [`session`] says what to do and [`reply`] what to answer; [`data`]
//! and [`receipt`] take a message in; [`limits`] bound it all.

pub mod command;
mod connection;
pub mod data;
mod limits;
mod listener;
mod path;
mod receipt;
mod reply;
pub mod session;
mod talk;
mod transaction;
mod wire;

use crate::{
    config,
    envelope::{Envelope, Mailbox, Recipient, ReversePath},
    intake::Chunk,
    store::Committed,
};
use std::{future::Future, net::IpAddr};

pub use listener::{Listener, Port};
pub use reply::{Rejection, Reply};

/// What stands behind the SMTP door. `serve` implements it for the relay.
pub trait Door: Send + Sync + 'static {
    type Mail: Incoming;

    /// Whether mail from `from` for `recipient` would be taken now, and for which mailbox.
    fn recipient(&self, recipient: &Recipient, from: &ReversePath, peer: IpAddr) -> Result<Mailbox, Rejection>;

    /// Opens a message (at DATA or the first BDAT). `declared` is the SIZE parameter, 0 when absent.
    fn begin(&self, envelope: Envelope, declared: u64) -> impl Future<Output = Result<Self::Mail, Rejection>> + Send;
}

/// A message that is coming in. Dropped before [`finish`](Incoming::finish), it leaves nothing behind.
pub trait Incoming: Send + 'static {
    /// Takes in the next chunk. After an error the rest of the data is read and thrown away, and the error answered.
    fn push(&mut self, chunk: &Chunk) -> impl Future<Output = Result<(), Rejection>> + Send;

    /// The message is complete: makes it durable.
    fn finish(self) -> impl Future<Output = Result<Committed, Rejection>> + Send;
}

/// What the door says of itself and how much it lets a peer do.
#[derive(Clone, Debug)]
pub struct Settings {
    /// For greeting and EHLO.
    pub hostname: String,
    /// The domain of `<postmaster>`.
    pub domain: String,
    pub limits: config::Smtp,
}
