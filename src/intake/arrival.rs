//! One message while it comes in: chunks in, ciphertext out, for each mailbox that it is meant for.
//! Holds a window of the plaintext at a time: what the MIME reader holds back (its own file says how much), and some 100 KiB
//! in the layout: the look-ahead, the writer's buffer and the words being decoded.

use super::{
    Chunk, Findings, Flag, ReplyFacts, SealError, SealStream, SealedMail,
    layout::{Boundary, Finished, Heading, Layout, Opening, ReplyRules},
    mails::{Intended, Mails},
    seal::Sealer,
    sharpness::{self, Measured, Photo},
};
use crate::{
    clock::Timestamp,
    digest::Digest,
    envelope::{Envelope, Mailbox},
    ids::MessageId,
    mime::{Limits, Summary, Unpacker},
    openpgp::{EncryptionSet, RelayKey},
    senders::{Evidence, Examination, Header, Verification},
    spool::Lane,
};
use std::sync::Arc;

/// What the layout says before the first document of one mailbox's copy.
pub struct Intro {
    pub id: MessageId,
    pub mailbox: Mailbox,
    /// The case's label, opened from its sealed field.
    pub label: Option<zeroize::Zeroizing<String>>,
    /// The case expects other senders.
    pub unexpected: bool,
    pub set: Arc<EncryptionSet>,
    /// The From of the mail that staff get, and its protected subject.
    pub from: String,
    pub subject: String,
    /// The subject as it is outside, visible to every mail server; differs from `subject` when that is hidden.
    pub outer_subject: String,
    /// Bytes of ciphertext that one mail to staff may have, as far as their mail server is known. A larger layout is spread
    /// over several.
    pub most: u64,
}

/// More than the MIME reader and the layout can hold back of what came (docs/flow.md): it is still to be laid out.
const HELD_BACK: u64 = 256 * 1024;

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
    /// None when the last byte is in; then the summary is whole.
    reader: Option<Unpacker>,
    summary: Summary,
    layout: Layout<Mails>,
    originals: Vec<SealStream>,
    mailboxes: Vec<Sealing>,
    examination: Option<Examination>,
    size: u64,
    /// Bytes that the message has at most.
    expected: u64,
}

/// A message whose last byte is in: all of its ciphertext is ready.
pub struct Ended {
    /// By place among the intros.
    ciphertext: Vec<(usize, Lane, Vec<u8>)>,
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
    mails: Vec<SealedMail>,
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
    /// The sealed mails that its layout is spread over, in order; most often one.
    pub fn mails(&self) -> &[SealedMail] {
        &self.mails
    }
}

/// What is known of a mailbox's copy while it is sealed.
struct Sealing {
    id: MessageId,
    mailbox: Mailbox,
    set: Arc<EncryptionSet>,
    /// Staff without a usable certificate.
    left_out: Vec<String>,
    unexpected: bool,
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
        let (mut mailboxes, mut mails, mut originals) = (Vec::new(), Vec::new(), Vec::new());
        for intro in intros {
            let sealer = Sealer::new(&intro.set, signer, now)?;
            let (emails, left_out) = (intro.set.emails(), left_out(&intro.set));
            let Intro { id, mailbox, label, unexpected, set, from, subject, outer_subject, most } = intro;
            let heading = Heading { from, to: emails, subject, outer_subject, date: now };
            let opening = Opening {
                id,
                mailbox: &mailbox,
                label: label.as_deref().map(String::as_str),
                unexpected,
                heading: &heading,
                left_out: &left_out,
                envelope,
            };
            let opening = opening.bytes(&boundary);
            originals.push(sealer.begin()?);
            mails.push(Intended { id, mailbox: mailbox.clone(), heading, sealer, opening, most });
            mailboxes.push(Sealing { id, mailbox, set, left_out, unexpected });
        }
        let rules = ReplyRules::new(&envelope.reverse_path, settings);
        let layout = Layout::new(Mails::begin(mails, &boundary)?, boundary, rules);
        Ok(Self {
            reader: Some(Unpacker::new(settings.limits)),
            summary: Summary::default(),
            layout,
            originals,
            mailboxes,
            examination: None,
            size: 0,
            expected: u64::MAX,
        })
    }

    /// The message has so many bytes at most: whoever knows that nothing is too large for one mail seals no document twice.
    pub fn expecting(mut self, bytes: u64) -> Self {
        self.expected = bytes;
        self
    }

    /// Takes in the next chunk. After an error the message is lost to us: the sender is told to keep it.
    pub fn push(&mut self, chunk: &Chunk) -> Result<(), SealError> {
        self.layout.sink_mut().rest = self.expected.saturating_sub(self.size).saturating_add(HELD_BACK);
        self.size += chunk.len() as u64;
        self.originals.iter_mut().try_for_each(|original| original.write(chunk.bytes()))?;
        if let Some(examination) = &mut self.examination {
            examination.push(chunk.bytes());
        }
        if let Some(reader) = &mut self.reader {
            reader.push(chunk.bytes(), &mut self.layout);
        }
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

    /// The pieces of ciphertext that are ready: for each mailbox (by its place among the intros) and lane of its file, the
    /// bytes made since the last call, those of one lane in order. The caller writes them and clears them.
    pub fn ciphertext(&mut self) -> impl Iterator<Item = (usize, Lane, &mut Vec<u8>)> {
        let originals = self.originals.iter_mut().map(SealStream::ciphertext).enumerate();
        self.layout.sink_mut().ready().chain(originals.map(|(place, bytes)| (place, Lane::Original, bytes)))
    }

    /// Holds photos to be measured, within these settings. To be called before the first chunk.
    pub fn hold_photos(&mut self, settings: Option<sharpness::Settings>) {
        self.layout.hold_photos(settings);
    }

    /// A photo that waits to be measured: [`Photo::measure`], off this thread, then [`Self::measured`].
    pub fn next_photo(&mut self) -> Option<Photo> {
        self.layout.next_photo()
    }

    /// Takes in what a measurement gave.
    pub fn measured(&mut self, measured: Measured) {
        self.layout.measured(measured);
    }

    /// The last byte is in: ends what is open, so that the last photo can be measured before [`Self::end`].
    pub fn close(&mut self) {
        if let Some(reader) = self.reader.take() {
            self.summary = reader.finish(&mut self.layout);
        }
    }

    /// Ends the message, about whose sender `sender` was found out.
    pub fn end(mut self, sender: &Verification) -> Result<Ended, SealError> {
        self.close();
        let Finished { sink: mails, mut findings, reply, content } = self.layout.finish(self.summary, sender);
        findings.size = self.size;
        let (mut ciphertext, mut sealed) = (Vec::new(), Vec::with_capacity(self.mailboxes.len()));
        let parts = mails.finish()?.into_iter().zip(self.originals).zip(self.mailboxes);
        for (place, ((copy, original), mailbox)) in parts.enumerate() {
            ciphertext.extend(copy.rest.into_iter().map(|(segment, rest)| (place, Lane::Segment(segment), rest)));
            ciphertext.push((place, Lane::Original, original.finish()?));
            sealed.push(mailbox.sealed(&findings, copy.mails));
        }
        Ok(Ended { ciphertext, sealed, reply, content })
    }
}

impl Ended {
    /// The last pieces of ciphertext, as [`Arrival::ciphertext`] gives them.
    pub fn ciphertext(&mut self) -> impl Iterator<Item = (usize, Lane, &mut Vec<u8>)> {
        self.ciphertext.iter_mut().map(|(place, lane, bytes)| (*place, *lane, bytes))
    }
}

impl Sealing {
    fn sealed(self, findings: &Findings, mails: Vec<SealedMail>) -> Sealed {
        let mut findings = findings.clone();
        if !self.left_out.is_empty() {
            findings.flags.push(Flag::NotForAll);
        }
        if self.unexpected {
            findings.flags.push(Flag::UnexpectedSender);
        }
        let (sealed_to, emails) = (self.set.fingerprints(), self.set.emails());
        Sealed { id: self.id, mailbox: self.mailbox, findings, sealed_to, emails, mails }
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
