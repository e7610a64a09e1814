//! The layout from outside: whole mails in, the MIME entity for staff out, read back with another parser.

mod arrival;
mod corpus_replies;
mod documents;
mod findings;
mod golden;
mod hostile_html;
mod programs;
mod reply;
mod support;
mod unpacked;
mod words;
