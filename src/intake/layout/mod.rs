//! The layout for staff: a MIME entity made in stream from the events of the MIME reader. First what is known of the
//! mail, then the client's words as plain text and the documents in the order in which they come, last the list of what
//! came. Each leaf is held back for a window until its class is known; nothing else is.
//!
//! It must never lose a document: what is in doubt is one, and the original is sealed besides. It must never act on
//! content: it opens no archive, follows no link, believes no name and no type.
//!
//! [`Layout`] is public so that tests and benches can drive it with a [`Sink`] of their own. The relay's is the sealer
//! (`arrival`); nobody else has a client's plaintext to put in, as only `intake` can read a chunk.

pub(super) mod between;
mod came;
mod care;
mod classify;
mod heading;
mod html;
mod leaf;
mod links;
mod names;
mod opening;
mod page_file;
mod photos;
mod quoted;
mod reply_facts;
mod sniff;
mod summary;
mod tree;
mod words;
mod writer;

pub use heading::{Heading, numbered};
pub use opening::Opening;
pub use reply_facts::{LOOP_FIELD, ReplyRules};
pub use writer::{Boundary, Placed, Sink};

use super::{
    Findings, Flag, ReplyFacts, Withhold,
    sharpness::{self, Measured, Photo},
};
use crate::{
    digest::{Digest, Sha256},
    mime::{End, Headers, Kind, Part, Summary, Visitor},
    senders::{Verdict, Verification},
};
use came::Came;
use classify::{Carrier, ContentIds, Head, WINDOW};
use leaf::Leaf;
use links::Links;
use names::shown;
use photos::Photos;
use tree::{Root, Tree};
use writer::Writer;
use zeroize::Zeroizing;

/// Bytes of words that are shown of one message, as UTF-8: some thousand pages. A mail of nothing but words in a charset that
/// grows ninefold in the layout would fill the disk else, and no mail program opens it. The original has them all.
const MOST_WORDS: usize = 4 * 1024 * 1024;

/// The layout of one message while it is made. What it writes follows upon an [`Opening`]'s bytes.
pub struct Layout<S: Sink> {
    writer: Writer<S>,
    rules: ReplyRules,
    tree: Tree,
    leaf: Option<Leaf>,
    /// A file within the words of that leaf, which is coming in.
    embedded: Option<Leaf>,
    /// The first bytes of the leaf, until its class is known. Its memory is reused and wiped at the end.
    window: Zeroizing<Vec<u8>>,
    cids: ContentIds,
    links: Links,
    /// Bytes of words that are still shown.
    words_left: usize,
    came: Came,
    photos: Photos,
    reply: ReplyFacts,
    content: Sha256,
    hops: usize,
}

/// A finished layout.
pub struct Finished<S> {
    pub sink: S,
    /// All but the original's size, which the layout cannot know.
    pub findings: Findings,
    pub reply: ReplyFacts,
    /// By which a sender's second try is recognised: SHA-256 over the digests of all leaves' decoded bytes and over the
    /// fields that tell one mail from the next. It leaves out all that changes from try to try (Received, boundaries).
    pub content: Digest,
}

impl<S: Sink> Layout<S> {
    /// A layout that goes to `sink`, with the boundary that its [`Opening`] was made with.
    pub fn new(sink: S, boundary: Boundary, rules: ReplyRules) -> Self {
        Self {
            writer: Writer::new(sink, boundary),
            rules,
            tree: Tree::default(),
            leaf: None,
            embedded: None,
            window: Zeroizing::new(Vec::with_capacity(WINDOW)),
            cids: ContentIds::default(),
            links: Links::new(),
            words_left: MOST_WORDS,
            came: Came::new(),
            photos: Photos::default(),
            reply: ReplyFacts::default(),
            content: Sha256::default(),
            hops: 0,
        }
    }

    /// Holds photos from now on, to be measured; None: none. Each comes out of [`Self::next_photo`] when it is whole.
    pub fn hold_photos(&mut self, settings: Option<sharpness::Settings>) {
        self.photos.set(settings);
    }

    /// The next photo that waits to be measured.
    pub fn next_photo(&mut self) -> Option<Photo> {
        self.photos.next()
    }

    /// Takes in what a measurement gave. Only before [`Self::finish`] does it reach the summary.
    pub fn measured(&mut self, measured: Measured) {
        if measured.is_blurred() {
            self.came.blurred(measured.document);
        }
    }

    /// Adds a line to the summary, above the documents: what is known of the mail as a whole.
    pub fn note(&mut self, line: &str) {
        self.came.note(line);
    }

    /// Where the layout goes.
    pub fn sink(&self) -> &S {
        self.writer.sink()
    }

    /// The relays that the message came through, by its Received fields (RFC 5321, section 6.3); 0 until its header is in.
    pub fn hops(&self) -> usize {
        self.hops
    }

    /// Where the layout goes, to take away what was made of it.
    pub fn sink_mut(&mut self) -> &mut S {
        self.writer.sink_mut()
    }

    /// The message is over, and the reader said `reader` of it, and whoever asked about the sender `sender`: writes the
    /// summary.
    pub fn finish(mut self, reader: Summary, sender: &Verification) -> Finished<S> {
        if self.links.store() || self.links.page() && self.came.counted() == 0 {
            self.came.flag(Flag::LinkInPlaceOfFile);
        }
        if sender.verdict() == Verdict::Forged {
            self.came.flag(Flag::ForgedSender);
        } else if !sender.may_be_answered() {
            self.came.flag(Flag::ReplySuppressed);
        }
        self.reply.withhold = self.reply.withhold.or(Withhold::for_sender(sender));
        self.came.end(reader);
        summary::write(&self.came, sender, &mut self.writer);
        Finished {
            findings: Findings { sender: sender.verdict(), ..self.came.findings() },
            reply: self.reply,
            content: self.content.finish(),
            sink: self.writer.finish(),
        }
    }

    /// The header of the message itself.
    fn root(&mut self, headers: &Headers, media_type: &str) {
        self.hops = headers.count("Received");
        self.reply.message_id = reply_facts::message_id(headers);
        self.reply.withhold = self.rules.withhold(headers, media_type);
        if self.reply.withhold == Some(Withhold::Suppressed) {
            self.came.flag(Flag::ReplySuppressed);
        }
        for name in ["From", "Subject", "Date"] {
            let value = headers.text(name).map(Zeroizing::new).unwrap_or_default();
            self.content.update(&(value.len() as u64).to_be_bytes());
            self.content.update(value.as_bytes());
        }
        self.writer.text("\n");
        self.fields(&[("From", "From, as written"), ("Subject", "Subject, as written")], headers);
    }

    /// The header of a message that was enclosed in this one.
    fn enclosed_root(&mut self, headers: &Headers) {
        self.writer.end_part();
        self.writer.text("A message was enclosed. Its parts follow.\n");
        self.fields(&[("From", "From"), ("Date", "Date"), ("Subject", "Subject")], headers);
    }

    /// Shows some fields of a header, cleaned, on a line each.
    fn fields(&mut self, fields: &[(&str, &str)], headers: &Headers) {
        for (name, called) in fields {
            let value = headers.text(name).map(Zeroizing::new).unwrap_or_default();
            let value = shown(&value, 200);
            if !value.trim().is_empty() {
                for piece in [called, ": ", &value, "\n"] {
                    self.writer.text(piece);
                }
            }
        }
    }

    /// What the types of parts say about the whole message, wherever they are.
    fn note_type(&mut self, part: &Part) {
        if part.media_type == "multipart/encrypted" {
            self.came.flag(Flag::EncryptedBySender);
        }
        if part.kind == Kind::Leaf && part.media_type == "message/partial" {
            self.came.flag(Flag::Malformed);
        }
        // RFC 2046, section 5.2.3: the file is elsewhere.
        if part.media_type == "message/external-body" {
            self.came.flag(Flag::LinkInPlaceOfFile);
        }
        let ours = !self.tree.place().enclosed;
        if ours && self.reply.withhold.is_none() && reply_facts::is_report(&part.media_type) {
            self.reply.withhold = Some(Withhold::Report);
        }
    }
}

/// The mobile carrier that a message claims to come from.
fn carrier_of(headers: &Headers) -> Option<&'static Carrier> {
    Carrier::of(&headers.text("From").map(Zeroizing::new)?)
}

impl<S: Sink> Visitor for Layout<S> {
    fn start(&mut self, part: Part) {
        let root = self.tree.enter(&part);
        match root {
            Some(Root::Own) => self.root(&part.headers, &part.media_type),
            Some(Root::Enclosed) => self.enclosed_root(&part.headers),
            None => {}
        }
        self.note_type(&part);
        let by_envelope = self.rules.carrier().filter(|_| root == Some(Root::Own));
        self.tree.is_from(by_envelope.or_else(|| root.and_then(|_| carrier_of(&part.headers))));
        if part.kind == Kind::Leaf {
            let head = Head::of(part);
            if head.claims_encryption() {
                self.came.flag(Flag::EncryptedBySender);
            }
            // A file within a page may have left a smaller one.
            if self.window.capacity() < WINDOW {
                self.window = Zeroizing::new(Vec::with_capacity(WINDOW));
            }
            self.leaf = Some(Leaf::new(head));
        }
    }

    fn body(&mut self, decoded: &[u8]) {
        self.take_in(decoded);
    }

    fn end(&mut self, end: End) {
        self.end_leaf(end);
        self.tree.leave();
    }

    fn rename(&mut self, name: String) {
        self.rename_leaf(name);
    }
}
