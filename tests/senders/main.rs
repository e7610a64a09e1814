//! Who really sent it: the room `senders` and the whole relay against a real DNS server on loopback.

#[path = "../support/dns.rs"]
mod dns;
#[path = "../support/mod.rs"]
mod support;

mod examined;
mod relay;
mod streaming;
mod trouble;
mod verdicts;
