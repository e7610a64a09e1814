//! What came, counted while it comes. It holds names of the client's for the summary, bounded, and is wiped at the end.

use super::{
    classify::Head,
    names::{SafeName, shown_name},
    sniff::Format,
    writer::Placed,
};
use crate::{
    digest::Digest,
    intake::{Findings, Flag},
    mime::End,
};
use std::collections::{BTreeSet, HashMap};
use zeroize::Zeroizing;

/// Bytes of senders' names that are kept for the summary; the original has them all.
const NAMES: usize = 16 * 1024;

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
    pub(super) placed: Placed,
    /// Part of a message that could not be taken apart.
    undivided: bool,
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
        }
    }

    pub(super) fn flag(&mut self, flag: Flag) {
        self.flags.insert(flag);
    }

    pub(super) fn flags(&self) -> impl Iterator<Item = Flag> {
        self.flags.iter().copied()
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
        let undivided = head.undivided;
        let placed = Placed::default();
        self.documents.push(Document {
            name,
            format,
            size: 0,
            called,
            same_as: None,
            damaged: false,
            placed,
            undivided,
        });
        if format.may_run() {
            self.flag(Flag::Executable);
        }
        if format == Format::Pgp {
            self.flag(Flag::EncryptedBySender);
        }
        name
    }

    /// The document that began last is over.
    pub(super) fn end_document(&mut self, digest: Digest, size: u64, end: End) {
        let number = self.documents.len();
        let Some(document) = self.documents.last_mut() else { return };
        document.size = size;
        document.damaged = end.dirty || end.cut_off;
        document.same_as = self.by_digest.get(&digest).copied();
        self.by_digest.entry(digest).or_insert(number);
        if document.damaged {
            self.flag(Flag::Malformed);
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

    /// Documents that count as received: the same bytes once, and nothing that a limit kept from being looked into.
    pub(super) fn counted(&self) -> usize {
        let limited = self.flags.contains(&Flag::LimitReached);
        self.documents.iter().filter(|document| document.same_as.is_none() && !(limited && document.undivided)).count()
    }

    pub(super) fn findings(&self) -> Findings {
        Findings {
            size: 0,
            documents: u32::try_from(self.counted()).unwrap_or(u32::MAX),
            empty: self.empty,
            decoration: self.decoration,
            words: self.words,
            flags: self.flags().collect(),
            troubles: Vec::new(),
        }
    }

    fn keep_name(&mut self, name: &str) -> Option<Zeroizing<String>> {
        let shown = shown_name(name);
        self.names_left = self.names_left.checked_sub(shown.len())?;
        // A copy that is as long as the name, not as the longest name.
        Some(Zeroizing::new(shown.to_string())).filter(|name| !name.is_empty())
    }
}
