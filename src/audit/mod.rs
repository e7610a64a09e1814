//! The trail: every event in a hash chain. No content, no client address. `store` keeps the entries; this room makes and
//! verifies them. Pure.

mod chain;
mod event;

pub use chain::{Broken, Entry, Head, verify, verify_lines};
pub use event::{Actor, Event};
