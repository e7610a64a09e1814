//! The sandbox: from inside, in a process that entered it as the relay does and then tries what it must not; and from outside, on
//! the real relay.

#[path = "../support/mod.rs"]
mod support;

mod inside;
mod outside;
mod without;
