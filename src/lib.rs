//! Sealdrop: a hardened email intake relay.
//!
//! # The story of one message
//!
//! A client mails photos to the address of their case. [`smtp`] takes the mail over TLS only and hands it on in small
//! [`intake::Chunk`]s. [`intake`] reads the MIME structure while it streams in, lays the documents out for staff and seals
//! both that layout and the untouched original to the [`openpgp::EncryptionSet`] of the case, while [`senders`] asks who
//! really sent it. Only ciphertext reaches the [`spool`]. When the last byte is in, [`store`] makes the message durable and
//! only then does the client's server hear `250`. The [`queue`] then lets [`delivery`] forward the sealed mail to each staff member and confirm to the client.
//! [`serve`] wires all of this together; its first screen is the way of one message.
//!
//! The plaintext of a message never exists as a whole, and never outside bounded, zeroised memory.
//!
//! # Glossary (one word for one thing)
//!
//! | word | meaning |
//! |---|---|
//! | arrival | a message while it is coming in: the only time at which its plaintext exists, a window at a time |
//! | admin | a person named in `[relay] admins`, who is told when the relay needs help |
//! | author | the domain in a message's From line: what it says it is from |
//! | case | what a client's documents belong to; it has one address, some staff, and is open or closed |
//! | case address | the local part made for a case, `word-word-NN` |
//! | certificate | an OpenPGP certificate ("public key") of a staff member |
//! | chunk | a bounded, zeroised piece of an arriving message |
//! | client | the person who sends documents |
//! | commit | to make a sealed message durable: ciphertext, record, jobs and trail; only then is there a 250 |
//! | confirmation | the short mail that tells the client what came |
//! | document | a part of a message that staff want: a photo, a PDF, a letter |
//! | encryption set | every certificate of a case that is usable at this moment; never empty |
//! | envelope | reverse-path and recipients of one SMTP transaction, and how well its connection was protected |
//! | findings | what came, in numbers and flags, with no content |
//! | job | one piece of outgoing mail: a forward to one staff member, a confirmation, or an alert |
//! | layout | the MIME entity made for staff from what arrived; sealed while it is made |
//! | lease | the time for which a job belongs to one worker |
//! | mail (with a number) | one of the sealed mails that a layout is spread over; most layouts are one mail |
//! | mailbox | where accepted mail belongs: a case, or the admins (`postmaster`, `abuse`) |
//! | original | the received bytes, untouched; sealed beside the layout |
//! | outcome | what became of an attempt at a job: delivered, deferred (tempfail) or failed (permfail) |
//! | part | a node of the MIME tree |
//! | queue | the jobs that wait, with their retry schedule |
//! | reader | a person whose certificate is in an encryption set: staff, or the recovery certificate |
//! | recipient | the forward-path of a RCPT command |
//! | rejection | what the peer is told when we do not take something; our own reasons are errors |
//! | reply texts | what clients read, in one language: a file of short lines |
//! | reverse-path | the envelope's sender, perhaps null |
//! | seal | to encrypt to an encryption set and sign with the relay's key |
//! | segment | a run of a layout's ciphertext in its file: part of a mail, or void |
//! | smarthost | the staff's mail server, through which everything goes out |
//! | spool | the files of ciphertext, one for each sealed message; the truth |
//! | staff | people who may read documents |
//! | store | the index over the spool: cases, staff, certificates, messages, jobs, trail |
//! | trail | the tamper-evident audit trail, a hash chain |
//! | verdict | how far a message's author is verified: verified, unverified, or likely forged |

#![forbid(unsafe_code)]

pub mod armor;
pub mod audit;
pub mod cases;
pub mod chance;
pub mod cli;
pub mod clock;
pub mod config;
pub mod control;
pub mod delivery;
pub mod digest;
pub mod envelope;
pub mod ids;
pub mod intake;
pub mod mime;
pub mod nearest;
pub mod openpgp;
pub mod queue;
pub mod sandbox;
pub mod secret;
pub mod senders;
pub mod serve;
pub mod site;
pub mod smtp;
pub mod spool;
pub mod staff;
pub mod store;
pub mod texts;
pub mod tls;
