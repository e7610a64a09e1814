//! What the benches share. Nothing here is part of the relay.
#![allow(dead_code)] // each bench uses a part of it

pub mod client;
pub mod mail;
pub mod people;
pub mod process;
pub mod random;
pub mod relay;
pub mod sink;
