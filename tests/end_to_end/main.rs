//! The relay as a process, real TLS, real SMTP and the real gpg: what the README promises, seen from outside.

#[path = "../support/mod.rs"]
mod support;

mod client_replies;
mod journey;
mod odd_mail;
mod recipients;
mod refusals;
mod staff_servers;
