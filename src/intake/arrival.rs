//! One message while it comes in: chunks in, ciphertext out, for each mailbox that it is meant for.
//! Holds a window of the plaintext at a time: what the MIME reader holds back (its own file says how much), and some 100 KiB
//! in the layout: the look-ahead, the writer's buffer and the words being decoded.

use super::{
    Chunk, Findings, Flag, ReplyFacts, SealError, SealStream, SessionSecret,
    layout::{Boundary, Finished, Layout, Opening, ReplyRules, Sink},
};
use crate::{
    clock::Timestamp,
    digest::Digest,
    envelope::{Envelope, Mailbox},
    ids::MessageId,
    mime::{Limits, Unpacker},
    openpgp::{EncryptionSet, RelayKey},
    senders::{Evidence, Examination, Header, Verification},
    spool::Stream,
};
use std::sync::Arc;

/// What the layout says before the first document of one mailbox's copy.
pub struct Intro {
    pub id: MessageId,
    pub mailbox: Mailbox,
    /// The case's label, opened from its sealed field.
    pub label: Option<zeroize::Zeroizing<String>>,
    pub set: Arc<EncryptionSet>,
    /// The From of the mail that staff get, and its protected subject.
    pub from: String,
    pub subject: String,
    /// The subject as it is outside, visible to every mail server; differs from `subject` when that is hidden.
    pub outer_subject: String,
}

/// What every arrival needs to know of the installation.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Mail to this domain is ours.
    pub domain: String,
    /// The relay's name, by which it knows its own mail.
    pub hostname: String,
    /// How far a message is taken apart.
    pub limits: Limits,
}

/// A message that is coming in.
pub struct Arrival {
    reader: Unpacker,
    layout: Layout<Copies>,
    originals: Copies,
    mailboxes: Vec<Sealing>,
    examination: Option<Examination>,
    size: u64,
}

/// A message whose last byte is in: all of its ciphertext is ready.
pub struct Ended {
    /// By place among the intros.
    ciphertext: Vec<(usize, Stream, Vec<u8>)>,
    /// One a mailbox, in the intros' order.
    pub sealed: Vec<Sealed>,
    pub reply: ReplyFacts,
    /// What came, as one digest: the same for a sender's second try (with Message-ID and mailbox it keys duplicates).
    pub content: Digest,
}

/// A message that was sealed for one mailbox: its ciphertext is complete. Made only here.
pub struct Sealed {
    id: MessageId,
    mailbox: Mailbox,
    findings: Findings,
    sealed_to: Vec<String>,
    emails: Vec<String>,
}

impl Sealed {
    pub fn id(&self) -> MessageId {
        self.id
    }
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }
    pub fn findings(&self) -> &Findings {
        &self.findings
    }
    /// Fingerprints of the certificates that it is sealed to.
    pub fn sealed_to(&self) -> &[String] {
        &self.sealed_to
    }
    /// The people who can read it, one forward each.
    pub fn emails(&self) -> &[String] {
        &self.emails
    }
}

/// What is known of a mailbox's copy while it is sealed.
struct Sealing {
    id: MessageId,
    mailbox: Mailbox,
    set: Arc<EncryptionSet>,
    /// Staff without a usable certificate.
    left_out: Vec<String>,
}

impl Arrival {
    /// Starts sealing for every intro (one a mailbox). `now` is the Date of the mail to staff, inside and, by the forward's
    /// doing, outside.
    pub fn begin(
        envelope: &Envelope,
        intros: Vec<Intro>,
        signer: &RelayKey,
        now: Timestamp,
        settings: &Settings,
    ) -> Result<Self, SealError> {
        let boundary = Boundary::new(crate::chance::bytes());
        let (mut layouts, mut originals) = (Copies::default(), Copies::default());
        let mut mailboxes = Vec::with_capacity(intros.len());
        for intro in intros {
            let secret = SessionSecret::new(&intro.set)?;
            let left_out = left_out(&intro.set);
            let emails = intro.set.emails();
            let opening = Opening {
                id: intro.id,
                mailbox: &intro.mailbox,
                label: intro.label.as_deref().map(String::as_str),
                from: &intro.from,
                to: &emails,
                left_out: &left_out,
                subject: &intro.subject,
                outer_subject: &intro.outer_subject,
                envelope,
                now,
            };
            let mut layout = SealStream::begin(&secret, signer, now)?;
            layout.write(&opening.bytes(&boundary))?;
            layouts.streams.push(layout);
            originals.streams.push(SealStream::begin(&secret, signer, now)?);
            mailboxes.push(Sealing { id: intro.id, mailbox: intro.mailbox, set: intro.set, left_out });
        }
        let rules = ReplyRules::new(&envelope.reverse_path, settings);
        let layout = Layout::new(layouts, boundary, rules);
        Ok(Self { reader: Unpacker::new(settings.limits), layout, originals, mailboxes, examination: None, size: 0 })
    }

    /// Takes in the next chunk. After an error the message is lost to us: the sender is told to keep it.
    pub fn push(&mut self, chunk: &Chunk) -> Result<(), SealError> {
        self.size += chunk.len() as u64;
        self.originals.take(chunk.bytes());
        if let Some(examination) = &mut self.examination {
            examination.push(chunk.bytes());
        }
        self.reader.push(chunk.bytes(), &mut self.layout);
        self.originals.result()?;
        self.layout.sink().result()
    }

    /// Has the sender examined; to be called before the first chunk.
    pub fn examine(&mut self) {
        self.examination = Some(Examination::default());
    }

    /// The header for the inquiry into its sender: once, as soon as it is whole, if the sender is examined.
    pub fn header(&mut self) -> Option<Header> {
        self.examination.as_mut()?.header()
    }

    /// All that the message itself tells of its sender, if that is examined; to be called after the last chunk.
    pub fn evidence(&mut self) -> Option<Evidence> {
        self.examination.take().map(Examination::end)
    }

    /// The relays that the message came through, by its Received fields; 0 until its header is in.
    pub fn hops(&self) -> usize {
        self.layout.hops()
    }

    /// The pieces of ciphertext that are ready: for each mailbox (by its place among the intros) and stream, the bytes made
    /// since the last call. The caller writes them and clears them.
    pub fn ciphertext(&mut self) -> impl Iterator<Item = (usize, Stream, &mut Vec<u8>)> {
        let layouts = self.layout.sink_mut().ready().map(|(place, bytes)| (place, Stream::Layout, bytes));
        layouts.chain(self.originals.ready().map(|(place, bytes)| (place, Stream::Original, bytes)))
    }

    /// Ends the message, about whose sender `sender` was found out.
    pub fn end(mut self, sender: &Verification) -> Result<Ended, SealError> {
        let summary = self.reader.finish(&mut self.layout);
        let Finished { sink: layouts, mut findings, reply, content } = self.layout.finish(summary, sender);
        findings.size = self.size;
        let mut ciphertext = Vec::with_capacity(2 * self.mailboxes.len());
        for (stream, copies) in [(Stream::Layout, layouts), (Stream::Original, std::mem::take(&mut self.originals))] {
            for (place, rest) in copies.finish()?.into_iter().enumerate() {
                ciphertext.push((place, stream, rest));
            }
        }
        let sealed = self.mailboxes.into_iter().map(|sealing| sealing.sealed(&findings)).collect();
        Ok(Ended { ciphertext, sealed, reply, content })
    }
}

impl Ended {
    /// The last pieces of ciphertext, as [`Arrival::ciphertext`] gives them.
    pub fn ciphertext(&mut self) -> impl Iterator<Item = (usize, Stream, &mut Vec<u8>)> {
        self.ciphertext.iter_mut().map(|(place, stream, bytes)| (*place, *stream, bytes))
    }
}

impl Sealing {
    fn sealed(self, findings: &Findings) -> Sealed {
        let mut findings = findings.clone();
        if !self.left_out.is_empty() {
            findings.flags.push(Flag::NotForAll);
        }
        let (sealed_to, emails) = (self.set.fingerprints(), self.set.emails());
        Sealed { id: self.id, mailbox: self.mailbox, findings, sealed_to, emails }
    }
}

/// Staff who have no certificate in the set: one of several that is expired keeps nobody out.
fn left_out(set: &EncryptionSet) -> Vec<String> {
    let emails = set.emails();
    let mut out: Vec<String> = set.left_out().iter().map(|(email, _)| email.clone()).collect();
    out.retain(|email| !emails.contains(email));
    out.sort();
    out.dedup();
    out
}

/// The same plaintext sealed for each mailbox.
#[derive(Default)]
struct Copies {
    streams: Vec<SealStream>,
    failed: Option<SealError>,
}

impl Copies {
    /// The first error, remembered because a [`Sink`] cannot fail.
    fn result(&self) -> Result<(), SealError> {
        self.failed.map_or(Ok(()), Err)
    }

    fn ready(&mut self) -> impl Iterator<Item = (usize, &mut Vec<u8>)> {
        self.streams.iter_mut().map(SealStream::ciphertext).enumerate()
    }

    fn finish(self) -> Result<Vec<Vec<u8>>, SealError> {
        self.result()?;
        self.streams.into_iter().map(SealStream::finish).collect()
    }
}

impl Sink for Copies {
    fn take(&mut self, plain: &[u8]) {
        for stream in &mut self.streams {
            if self.failed.is_none() {
                self.failed = stream.write(plain).err();
            }
        }
    }
}
