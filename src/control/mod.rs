//! The control protocol: what an admin can ask, over a socket of the running relay or directly on the store. One request,
//! one response, both one line of JSON; an export's bytes follow its response.
//!
//! [`Desk`] answers requests, [`listen()`] lets the running relay's admins reach it, and [`ask()`] is the command line's side:
//! it takes the relay's desk when there is one and opens the installation itself when there is none. Both ways run the same
//! code. Every change goes through [`Store::apply`](crate::store::Store::apply) with its event and the name of the admin.
//!
//! Requests and responses hold labels and clients' addresses: no type here that can hold one has a Debug, and nothing of
//! them is logged.

mod ask;
mod cases;
mod desk;
mod keys;
mod listen;
mod messages;
mod moment;
mod people;
mod protocol;
mod queue;
mod refusal;
mod replies;
mod staff;
mod survey;
#[cfg(test)]
mod tests;
mod trail;

pub use ask::{Asked, ask};
pub use cases::{CaseRequest, CaseView, NewCase, ReaderView};
pub use desk::Desk;
pub use keys::{KeyRequest, KeyView};
pub use listen::{ListenError, listen, socket_path};
pub use messages::{MessageRequest, MessageState, MessageView};
pub use people::this_user;
pub use protocol::{Body, Data, Done, Request, Response};
pub use queue::{JobView, QueueRequest};
pub use refusal::Refusal;
pub use replies::ReplyRequest;
pub use staff::{StaffRequest, StaffView};
pub use survey::Survey;
pub use trail::{TrailRequest, TrailState};
