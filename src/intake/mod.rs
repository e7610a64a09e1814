//! The only room in which a client's plaintext exists: it comes in as chunks and leaves as ciphertext.
//! Sans-I/O: nothing here opens a file or a socket, logs, or prints.
//!
//! chunk → arrival → (mime reader → layout → seal, and original → seal) → ciphertext

mod arrival;
mod chunk;
mod findings;
pub mod layout;
mod mails;
mod seal;
pub mod sharpness;

pub use arrival::{Arrival, Ended, Intro, Sealed, Settings};
pub use chunk::Chunk;
pub use findings::{Findings, Flag, ReplyFacts, Trouble, Withhold, Wrong};
pub use mails::SealedMail;
pub use seal::{SealError, SealStream, SessionSecret, encrypt_and_sign_small};
