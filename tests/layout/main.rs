//! The layout from outside: whole mails in, the MIME entity for staff out, read back with another parser.

mod arrival;
mod corpus_replies;
mod documents;
mod findings;
mod golden;
mod hostile_html;
mod mails;
#[allow(dead_code, reason = "what the replay needs of a row is more than what is looked at here")]
#[path = "../corpus/manifest.rs"]
mod manifest;
mod pictures;
mod programs;
mod reply;
mod support;
mod unpacked;
mod words;
