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
mod classify;
mod heading;
mod html;
mod leaf;
mod links;
mod names;
mod opening;
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

use super::{Findings, Flag, ReplyFacts, Withhold};
use crate::{
    digest::{Digest, Sha256},
    mime::{End, Headers, Kind, Part, Summary, Visitor},
};
use came::Came;
use classify::{ContentIds, Head, WINDOW};
use leaf::Leaf;
use links::Links;
use names::shown;
use tree::Tree;
use writer::Writer;
use zeroize::Zeroizing;

/// The layout of one message while it is made. What it writes follows upon an [`Opening`]'s bytes.
pub struct Layout<S: Sink> {
    writer: Writer<S>,
    rules: ReplyRules,
    tree: Tree,
    leaf: Option<Leaf>,
    /// The first bytes of the leaf, until its class is known. Its memory is reused and wiped at the end.
    window: Zeroizing<Vec<u8>>,
    cids: ContentIds,
    links: Links,
    came: Came,
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
            window: Zeroizing::new(Vec::with_capacity(WINDOW)),
            cids: ContentIds::default(),
            links: Links::new(),
            came: Came::new(),
            reply: ReplyFacts::default(),
            content: Sha256::default(),
            hops: 0,
        }
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

    /// The message is over, and the reader said `reader` of it: writes the summary.
    pub fn finish(mut self, reader: Summary) -> Finished<S> {
        if self.links.found() {
            self.came.flag(Flag::LinkInPlaceOfFile);
        }
        self.came.end(reader);
        summary::write(&self.came, &mut self.writer);
        Finished {
            findings: self.came.findings(),
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
        let ours = !self.tree.place().enclosed;
        if ours && self.reply.withhold.is_none() && reply_facts::is_report(&part.media_type) {
            self.reply.withhold = Some(Withhold::Report);
        }
    }
}

impl<S: Sink> Visitor for Layout<S> {
    fn start(&mut self, part: Part) {
        if part.depth == 0 {
            self.root(&part.headers, &part.media_type);
        } else if self.tree.at_enclosed_root() {
            self.enclosed_root(&part.headers);
        }
        self.note_type(&part);
        self.tree.enter(&part);
        if part.kind == Kind::Leaf {
            let head = Head::of(part);
            if head.claims_encryption() {
                self.came.flag(Flag::EncryptedBySender);
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
}
