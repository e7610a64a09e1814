//! The relay as a process, real TLS, real SMTP and the real gpg: what the README promises, seen from outside.

#[path = "../support/mod.rs"]
mod support;

mod client_replies;
mod disk_full;
mod expected_senders;
mod journey;
mod languages;
mod large_mail;
mod management;
mod odd_mail;
mod other_programs;
mod pictures;
mod recipients;
mod refusals;
mod reload;
mod staff_servers;
