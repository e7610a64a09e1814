//! The sealed mails of one mailbox: one being made, perhaps another beside it, and those that are done. What ends up void in the
//! spool, and what must not leave memory, is decided here.

use super::{Finished, LAST_WORDS};
use crate::{
    envelope::Mailbox,
    ids::MessageId,
    intake::{
        layout::{
            Boundary, Heading,
            between::{self, TooLarge},
        },
        seal::{SealError, SealStream, Sealer, WITHHELD},
    },
};
use std::mem;

/// Bytes of plaintext that every mail takes, whatever the limit: a mail without room would never end.
const LEAST_ROOM: u64 = 24 * 1024;

/// What the mails of one mailbox begin with.
pub(in crate::intake) struct Intended {
    pub id: MessageId,
    pub mailbox: Mailbox,
    pub heading: Heading,
    pub sealer: Sealer,
    /// The bytes of the first mail's opening.
    pub opening: zeroize::Zeroizing<Vec<u8>>,
    /// Bytes of ciphertext that a mail may have.
    pub most: u64,
}

/// One sealed mail, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedMail {
    /// The runs of ciphertext in the spool file that it is made of, in order.
    pub segments: Vec<u32>,
    /// Bytes of ciphertext.
    pub length: u64,
    /// It is larger than the staff's mail server takes, and is not sent.
    pub kept: bool,
}

/// The mails of one mailbox.
pub(super) struct Copy {
    id: MessageId,
    mailbox: Mailbox,
    heading: Heading,
    sealer: Sealer,
    most: u64,
    current: Growing,
    fork: Option<Fork>,
    done: Vec<SealedMail>,
    /// Ciphertext that nothing is added to any more, with its segment.
    ready: Vec<(u32, Vec<u8>)>,
    /// Segments begun so far.
    segments: u32,
}

/// A mail being made.
struct Growing {
    stream: SealStream,
    segments: Vec<u32>,
    kept: bool,
}

/// What a mail can go back to, while a document comes in that may be too much for it. The mail's way with the document and its
/// way without have a piece of cipher stream in common, so one of the two never leaves memory
/// ([`SealStream::ended_with`]).
struct Fork {
    /// The mail that holds the document alone.
    beside: Growing,
    /// How the other ends without it, and its length then.
    end: Vec<u8>,
    length: u64,
    /// The first ciphertext of its way with the document, once it is long enough that the rest may leave.
    withheld: Option<Vec<u8>>,
}

impl Growing {
    /// The segment that ciphertext goes to.
    fn segment(&self) -> u32 {
        self.segments.last().copied().unwrap_or_default()
    }
}

impl Copy {
    pub(super) fn begin(intended: Intended) -> Result<Self, SealError> {
        let Intended { id, mailbox, heading, sealer, opening, most } = intended;
        let mut stream = sealer.begin()?;
        stream.write(&opening)?;
        let most = most.max(stream.length_after(LAST_WORDS + LEAST_ROOM));
        let current = Growing { stream, segments: vec![0], kept: false };
        let (done, ready) = (Vec::new(), Vec::new());
        Ok(Self { id, mailbox, heading, sealer, most, current, fork: None, done, ready, segments: 1 })
    }

    /// Whether so many bytes more fit into the mail being made, and its last words.
    pub(super) fn fits(&self, more: u64) -> bool {
        self.current.stream.length_after(more.saturating_add(LAST_WORDS).min(u64::MAX / 4)) <= self.most
    }

    /// Bytes that still fit: a little less than do.
    pub(super) fn room(&self) -> u64 {
        let left = self.most.saturating_sub(self.current.stream.length_after(LAST_WORDS));
        left - left / 100
    }

    pub(super) fn write(&mut self, plain: &[u8]) -> Result<(), SealError> {
        self.ready.retain(|(_, bytes)| !bytes.is_empty());
        self.current.stream.write(plain)?;
        let Some(fork) = &mut self.fork else { return Ok(()) };
        fork.beside.stream.write(plain)?;
        if fork.withheld.is_none() && self.current.stream.ciphertext().len() >= WITHHELD {
            fork.withheld = Some(mem::take(self.current.stream.ciphertext()));
            self.current.segments.push(self.segments);
            self.segments += 1;
        }
        Ok(())
    }

    /// From here on the mail being made can go back: a mail is begun beside it.
    pub(super) fn begin_beside(&mut self, words: &[u8], boundary: &Boundary, number: u32) -> Result<(), SealError> {
        let end = self.current.stream.ended_with(words)?;
        let length = self.current.stream.made() + end.len() as u64;
        self.set_aside();
        let beside = self.begin_mail(boundary, number, None)?;
        self.fork = Some(Fork { beside, end, length, withheld: None });
        Ok(())
    }

    /// The document has its place in the mail being made: the other one is void.
    pub(super) fn drop_beside(&mut self) {
        let Some(Fork { withheld: Some(withheld), .. }) = self.fork.take() else { return };
        let before = self.current.segments.iter().rev().nth(1).copied().unwrap_or_default();
        self.ready.push((before, withheld));
    }

    /// The mail being made ends as it was before the document: the one beside it takes its place.
    pub(super) fn take_out(&mut self) -> Result<(), SealError> {
        let Fork { beside, end, length, withheld } = self.fork.take().ok_or(SealError::Backend)?;
        let Growing { mut segments, kept, .. } = mem::replace(&mut self.current, beside);
        if withheld.is_some() {
            segments.pop();
        }
        self.ready.push((segments.last().copied().unwrap_or_default(), end));
        self.done.push(SealedMail { segments, length, kept });
        Ok(())
    }

    /// The mail being made stays at the relay.
    pub(super) fn keep(&mut self) {
        self.current.kept = true;
    }

    /// Ends the mail being made with these words and begins the one with this number.
    pub(super) fn next_mail(
        &mut self,
        words: &[u8],
        boundary: &Boundary,
        number: u32,
        too_large: Option<&TooLarge>,
    ) -> Result<(), SealError> {
        self.current.stream.write(words)?;
        let next = self.begin_mail(boundary, number, too_large)?;
        let ended = mem::replace(&mut self.current, next);
        self.end(ended)
    }

    pub(super) fn finish(self) -> Result<Finished, SealError> {
        let Self { current, mut done, mut ready, .. } = self;
        let (mail, segment, rest) = ended(current)?;
        done.push(mail);
        ready.push((segment, rest));
        Ok(Finished { mails: done, rest: ready })
    }

    /// What may leave memory.
    pub(super) fn ready(&mut self) -> impl Iterator<Item = (u32, &mut Vec<u8>)> {
        let withheld = self.fork.as_ref().is_some_and(|fork| fork.withheld.is_none());
        let segment = self.current.segment();
        let current = (!withheld).then(|| (segment, self.current.stream.ciphertext()));
        let beside = self.fork.as_mut().map(|fork| (fork.beside.segment(), fork.beside.stream.ciphertext()));
        self.ready.iter_mut().map(|(segment, bytes)| (*segment, bytes)).chain(current).chain(beside)
    }

    fn begin_mail(
        &mut self,
        boundary: &Boundary,
        number: u32,
        too_large: Option<&TooLarge>,
    ) -> Result<Growing, SealError> {
        let mut stream = self.sealer.begin()?;
        stream.write(&between::opening(&self.heading, boundary, (&self.mailbox, self.id, number), too_large))?;
        let segments = vec![self.segments];
        self.segments += 1;
        Ok(Growing { stream, segments, kept: false })
    }

    /// What was made so far belongs to the mail whatever comes.
    fn set_aside(&mut self) {
        let made = mem::take(self.current.stream.ciphertext());
        self.ready.push((self.current.segment(), made));
    }

    fn end(&mut self, growing: Growing) -> Result<(), SealError> {
        let (mail, segment, rest) = ended(growing)?;
        self.done.push(mail);
        self.ready.push((segment, rest));
        Ok(())
    }
}

/// A complete mail, and the rest of its ciphertext with the segment that it goes to.
fn ended(growing: Growing) -> Result<(SealedMail, u32, Vec<u8>), SealError> {
    let segment = growing.segment();
    let Growing { mut stream, segments, kept } = growing;
    let taken = stream.made() - stream.ciphertext().len() as u64;
    let rest = stream.finish()?;
    Ok((SealedMail { segments, length: taken + rest.len() as u64, kept }, segment, rest))
}
