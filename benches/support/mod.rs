//! What the benches share. Nothing here is part of the relay.
#![allow(dead_code)] // each bench uses a part of it

pub mod mail;
pub mod people;
pub mod random;
