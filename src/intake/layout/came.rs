//! What came, counted while it comes. It holds names of the client's for the summary, bounded, and is wiped at the end.

use super::{
    care::{Pixels, Seen},
    classify::Head,
    names::{SafeName, shown_name},
    sniff::Format,
    writer::Placed,
};
use crate::{
    digest::Digest,
    intake::{Findings, Flag, Trouble, Wrong},
    mime::End,
    senders::Verdict,
};
use std::collections::{BTreeSet, HashMap};
use zeroize::Zeroizing;

/// Bytes of senders' names that are kept for the summary; the original has them all.
const NAMES: usize = 8 * 1024;

/// One document as the summary tells of it.
pub(super) struct Document {
    pub(super) name: SafeName,
    pub(super) format: Format,
    pub(super) size: u64,
    /// The sender's name for it, as it may be shown.
    pub(super) called: Option<Zeroizing<String>>,
    /// The number of the document that had the same bytes.
    pub(super) same_as: Option<usize>,
    pub(super) damaged: bool,
    /// By its own claim.
    pub(super) pixels: Option<Pixels>,
    /// What the client can mend by sending it again.
    pub(super) wrong: Vec<Wrong>,
    pub(super) placed: Placed,
    /// Part of a message that could not be taken apart.
    undivided: bool,
    /// A piece of a message, or a pointer to a file: not the document itself.
    pub(super) fragment: bool,
}

/// What came so far.
pub(super) struct Came {
    documents: Vec<Document>,
    by_digest: HashMap<Digest, usize>,
    /// The names of parts without bytes, as far as they had one.
    pub(super) empty_names: Vec<Zeroizing<String>>,
    names_left: usize,
    pub(super) empty: u32,
    pub(super) decoration: u32,
    pub(super) words: bool,
    flags: BTreeSet<Flag>,
    /// Lines about the mail as a whole.
    notes: Vec<Zeroizing<String>>,
}

impl Came {
    pub(super) fn new() -> Self {
        Self {
            documents: Vec::new(),
            by_digest: HashMap::new(),
            empty_names: Vec::new(),
            names_left: NAMES,
            empty: 0,
            decoration: 0,
            words: false,
            flags: BTreeSet::new(),
            notes: Vec::new(),
        }
    }

    pub(super) fn flag(&mut self, flag: Flag) {
        self.flags.insert(flag);
    }

    pub(super) fn flags(&self) -> impl Iterator<Item = Flag> {
        self.flags.iter().copied()
    }

    pub(super) fn note(&mut self, line: &str) {
        self.notes.push(Zeroizing::new(line.to_owned()));
    }

    pub(super) fn notes(&self) -> impl Iterator<Item = &str> {
        self.notes.iter().map(|line| line.as_str())
    }

    pub(super) fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// A document begins; gives its name in the layout.
    pub(super) fn begin_document(&mut self, head: &Head, format: Format) -> SafeName {
        let called = format.called();
        let number = u32::try_from(self.documents.len() + 1).unwrap_or(u32::MAX);
        let name = SafeName::new(number, called.noun, called.extension);
        let called = head.called().and_then(|name| self.keep_name(name));
        self.documents.push(Document {
            name,
            format,
            size: 0,
            called,
            same_as: None,
            damaged: false,
            pixels: None,
            wrong: Vec::new(),
            undivided: head.undivided,
            fragment: head.fragment,
            placed: Placed::default(),
        });
        if format.may_run() {
            self.flag(Flag::Executable);
        }
        if format == Format::Pgp {
            self.flag(Flag::EncryptedBySender);
        }
        name
    }

    /// The sender's name for the document that began last is known now.
    pub(super) fn rename_document(&mut self, name: &str) {
        let called = self.keep_name(name);
        if let Some(document) = self.documents.last_mut().filter(|_| called.is_some()) {
            document.called = called;
        }
    }

    /// The document that began last is over. Gives whether nothing is wrong with it and it is the first of its bytes.
    pub(super) fn end_document(&mut self, digest: Digest, size: u64, end: End, seen: Seen) -> bool {
        let number = self.documents.len();
        let Some(document) = self.documents.last_mut() else { return false };
        document.size = size;
        document.damaged = end.dirty || end.cut_off;
        document.same_as = self.by_digest.get(&digest).copied();
        self.by_digest.entry(digest).or_insert(number);
        document.pixels = seen.pixels;
        document.wrong = seen.wrong.clone();
        let sound = document.wrong.is_empty() && document.same_as.is_none();
        if document.damaged {
            self.flag(Flag::Malformed);
        }
        seen.wrong.into_iter().for_each(|wrong| self.flag(flag_for(wrong)));
        sound
    }

    /// The document of this number is blurred.
    pub(super) fn blurred(&mut self, number: u32) {
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        if let Some(document) = index.and_then(|index| self.documents.get_mut(index)) {
            document.wrong.push(Wrong::Blurred);
            self.flag(Flag::Blurred);
        }
    }

    /// The document that ended last is in this mail: when that is kept, so are all the documents in it.
    pub(super) fn placed(&mut self, placed: Placed) {
        if let Some(document) = self.documents.last_mut() {
            document.placed = placed;
        }
        if placed.kept {
            let beside = self.documents.iter_mut().filter(|document| document.placed.mail == placed.mail);
            beside.for_each(|document| document.placed.kept = true);
            self.flag(Flag::TooLargeForStaff);
        }
    }

    /// A part that should have been a document has no bytes.
    pub(super) fn empty_part(&mut self, head: &Head) {
        self.empty += 1;
        self.flag(Flag::EmptyPart);
        if let Some(name) = head.called().and_then(|name| self.keep_name(name)) {
            self.empty_names.push(name);
        }
    }

    /// The message is over: what the reader met, and what only now can be told.
    pub(super) fn end(&mut self, reader: crate::mime::Summary) {
        if reader.limit_reached {
            self.flag(Flag::LimitReached);
        }
        if reader.malformed {
            self.flag(Flag::Malformed);
        }
        if self.counted() == 0 {
            self.flag(Flag::NoDocument);
        }
    }

    /// Documents that count as received: the same bytes once, no fragment, and nothing that a limit kept from being looked
    /// into.
    pub(super) fn counted(&self) -> usize {
        let counts =
            |document: &&Document| document.same_as.is_none() && !document.fragment && !self.is_beyond_limit(document);
        self.documents.iter().filter(counts).count()
    }

    /// Whether a limit kept a document from being looked into.
    pub(super) fn is_beyond_limit(&self, document: &Document) -> bool {
        document.undivided && self.flags.contains(&Flag::LimitReached)
    }

    pub(super) fn findings(&self) -> Findings {
        Findings {
            size: 0,
            documents: u32::try_from(self.counted()).unwrap_or(u32::MAX),
            empty: self.empty,
            decoration: self.decoration,
            words: self.words,
            flags: self.flags().collect(),
            troubles: self.troubles().take(Findings::TROUBLES).collect(),
            sender: Verdict::default(),
        }
    }

    /// What is wrong with each document; of the same bytes twice only the first speaks.
    fn troubles(&self) -> impl Iterator<Item = Trouble> {
        let numbered = (1..).zip(&self.documents).filter(|(_, document)| document.same_as.is_none());
        numbered.flat_map(|(number, document)| {
            document.wrong.iter().map(move |what| Trouble { document: number, what: *what })
        })
    }

    fn keep_name(&mut self, name: &str) -> Option<Zeroizing<String>> {
        let shown = shown_name(name);
        self.names_left = self.names_left.checked_sub(shown.len())?;
        // A copy that is as long as the name, not as the longest name.
        Some(Zeroizing::new(shown.to_string())).filter(|name| !name.is_empty())
    }
}

/// The flag that stands for a trouble.
fn flag_for(wrong: Wrong) -> Flag {
    match wrong {
        Wrong::CutOff => Flag::CutOff,
        Wrong::Unreadable => Flag::Unreadable,
        Wrong::Thumbnail => Flag::Thumbnail,
        Wrong::Blurred => Flag::Blurred,
        Wrong::Locked => Flag::Locked,
    }
}
