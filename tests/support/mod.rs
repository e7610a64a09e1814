//! What several test programs share. Nothing here is part of the relay.
#![allow(dead_code)] // each test program uses a part of it

pub mod agency;
pub mod gpg;
pub mod hostile;
pub mod hunt;
pub mod office;
pub mod peak;
pub mod scripted_server;
pub mod smtp_client;
pub mod staff_server;
pub mod trace;
pub mod workplace;
