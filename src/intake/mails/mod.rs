//! The layout of one message as sealed mails for each mailbox: most often one, several where one would be larger than the staff's
//! mail server takes. Documents are never torn: one that does not fit any more goes to the next mail, and one that fits into no
//! mail stays at the relay, sealed in a mail that is not sent.
//!
//! How large a document is shows only when it ends. So one that may not fit is written twice: into the mail being made, and
//! beside that into a mail of its own. When it has ended one of the two is void. The mail being made can lose it again because
//! how it would have ended without it was sealed beforehand, as ciphertext: no plaintext waits for a decision. Where a document
//! is sure to fit (the usual case: the sender declared a size below the limit), and where it is so small that its size is known
//! when it begins, nothing is written twice.
//!
//! All mailboxes' mails are divided at the same places, by the one that has the least room.

mod copy;
#[cfg(test)]
mod tests;

use super::{
    SealError,
    layout::{
        Boundary, Placed, Sink,
        between::{self, TooLarge},
    },
    seal::MOST_WORDS,
};
use crate::spool::Lane;
use copy::Copy;
use std::{fmt, mem};

pub(super) use copy::Intended;
pub use copy::SealedMail;

/// Of 5 bytes that arrive, the layout of a document makes at most 7: base64 of binary data, in lines, and some to spare.
const GROWTH: (u64, u64) = (7, 5);
/// Bytes of a document's head, at most.
const HEAD: u64 = 1024;

/// The mails of all mailboxes.
pub(super) struct Mails {
    copies: Vec<Copy>,
    boundary: Boundary,
    /// The mail being made, from 1.
    number: u32,
    /// Bytes of the message that may still come.
    pub(super) rest: u64,
    document: Document,
    /// Something came to the mail being made.
    begun: bool,
    failed: Option<SealError>,
}

/// What becomes of the document that is coming in.
enum Document {
    /// None is.
    None,
    /// It is in the mail being made, and has to stay there.
    Here(String),
    /// It is in the mail being made and in another one beside it.
    Twice(String),
}

impl Mails {
    /// Begins the first mail of each copy.
    pub(super) fn begin(intended: Vec<Intended>, boundary: &Boundary) -> Result<Self, SealError> {
        let copies = intended.into_iter().map(Copy::begin).collect::<Result<_, _>>()?;
        let (boundary, document) = (boundary.clone(), Document::None);
        Ok(Self { copies, boundary, number: 1, rest: u64::MAX, document, begun: true, failed: None })
    }

    /// The first error, remembered because a [`Sink`] cannot fail.
    pub(super) fn result(&self) -> Result<(), SealError> {
        self.failed.map_or(Ok(()), Err)
    }

    /// The ciphertext that is ready, with the place of its mailbox.
    pub(super) fn ready(&mut self) -> impl Iterator<Item = (usize, Lane, &mut Vec<u8>)> {
        let copies = self.copies.iter_mut().enumerate();
        copies
            .flat_map(|(place, copy)| copy.ready().map(move |(segment, bytes)| (place, Lane::Segment(segment), bytes)))
    }

    /// Ends the last mail of each copy, and gives what was made.
    pub(super) fn finish(self) -> Result<Vec<Finished>, SealError> {
        self.result()?;
        self.copies.into_iter().map(Copy::finish).collect()
    }

    /// Does something for every copy, unless something failed before.
    fn each(&mut self, mut work: impl FnMut(&mut Copy) -> Result<(), SealError>) {
        if self.failed.is_none() {
            self.failed = self.copies.iter_mut().try_for_each(&mut work).err();
        }
    }

    fn all_fit(&self, more: u64) -> bool {
        self.copies.iter().all(|copy| copy.fits(more))
    }

    /// The document in the mail being made has become too much for it: the mail ends before the document, which goes on in the
    /// next alone.
    fn take_out(&mut self) {
        self.each(Copy::take_out);
        self.number += 1;
    }

    fn begin_next(&mut self, too_large: Option<&TooLarge>) {
        let (number, boundary) = (self.number, self.boundary.clone());
        let words = between::last_words(&boundary, number);
        self.number += 1;
        self.begun = false;
        self.each(|copy| copy.next_mail(&words, &boundary, number + 1, too_large));
    }
}

impl Sink for Mails {
    fn take(&mut self, plain: &[u8]) {
        if plain.is_empty() {
            return;
        }
        let twice = matches!(self.document, Document::Twice(_));
        if twice && !self.all_fit(plain.len() as u64) {
            self.take_out();
            if let Document::Twice(name) = mem::replace(&mut self.document, Document::None) {
                self.document = Document::Here(name);
            }
        }
        self.begun = true;
        self.each(|copy| copy.write(plain));
    }

    fn begin_document(&mut self, name: &dyn fmt::Display, size: Option<u64>) {
        let most = size.unwrap_or_else(|| (self.rest / GROWTH.1).saturating_mul(GROWTH.0).saturating_add(HEAD));
        let fits = self.all_fit(most);
        if fits || size.is_some() {
            if !fits {
                self.next_mail();
            }
            self.document = Document::Here(name.to_string());
            return;
        }
        let (number, boundary) = (self.number, self.boundary.clone());
        let words = between::last_words(&boundary, number);
        self.each(|copy| copy.begin_beside(&words, &boundary, number + 1));
        self.document = Document::Twice(name.to_string());
    }

    fn end_document(&mut self) -> Placed {
        let mail = self.number;
        match mem::replace(&mut self.document, Document::None) {
            Document::Here(document) if !self.all_fit(0) => {
                self.each(|copy| {
                    copy.keep();
                    Ok(())
                });
                self.begin_next(Some(&TooLarge { mail, document }));
                return Placed { mail, kept: true };
            }
            Document::Twice(_) => self.each(|copy| {
                copy.drop_beside();
                Ok(())
            }),
            Document::Here(_) | Document::None => {}
        }
        Placed { mail, kept: false }
    }

    fn room(&self) -> u64 {
        self.copies.iter().map(Copy::room).min().unwrap_or(u64::MAX)
    }

    fn next_mail(&mut self) {
        if self.begun {
            self.begin_next(None);
        }
    }

    fn mail(&self) -> u32 {
        self.number
    }
}

/// All mails of one mailbox, and the ciphertext that was not taken away yet.
pub(super) struct Finished {
    pub(super) mails: Vec<SealedMail>,
    pub(super) rest: Vec<(u32, Vec<u8>)>,
}

/// Bytes that are left free in each mail for its last words.
const LAST_WORDS: u64 = MOST_WORDS as u64;
