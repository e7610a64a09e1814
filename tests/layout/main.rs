//! The layout from outside: whole mails in, the MIME entity for staff out, read back with another parser.

mod arrival;
mod corpus;
mod documents;
mod findings;
mod golden;
mod mails;
mod reply;
mod support;
mod words;
