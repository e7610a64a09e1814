//! Real mail: every message of the corpus through a real relay, and its photos in the shapes in which they come.

mod cuts;
mod disagreements;
#[allow(dead_code)] // each test program uses a part of it
#[path = "../layout/support.rs"]
mod laying;
mod manifest;
#[path = "../mime_support/mod.rs"]
mod mime_support;
mod photos;
mod post;
mod replay;
mod replies;
#[path = "../support/mod.rs"]
mod support;
