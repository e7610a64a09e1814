//! One leaf on its way through the layout: held back for the window, classified, then passed on as it comes.

use super::{
    Layout, Sink,
    classify::{Class, ContentIds, Head, WINDOW, classify},
    links::Links,
    words::Words,
    writer::{Author, Flow, Writer},
};
use crate::{digest::Sha256, intake::Flag, mime::End};

/// The leaf that is coming in. No Debug: its name is the client's.
pub(super) struct Leaf {
    head: Head,
    hash: Sha256,
    /// Decoded bytes.
    size: u64,
    route: Route,
}

/// Where its bytes go.
enum Route {
    /// Into the window: its class is not known yet.
    Held,
    Words(Box<Words>, Showing),
    Document,
    /// They are in the original.
    Nowhere,
}

/// How far words are shown.
struct Showing {
    /// They are not, when they were shown in another form.
    shown: bool,
    /// Their part is open: something came that is not blank.
    open: bool,
    flow: Flow,
}

impl Leaf {
    pub(super) fn new(head: Head) -> Self {
        Self { head, hash: Sha256::default(), size: 0, route: Route::Held }
    }
}

impl<S: Sink> Layout<S> {
    /// Takes in the next decoded bytes of the leaf.
    pub(super) fn take_in(&mut self, decoded: &[u8]) {
        let Some(leaf) = &mut self.leaf else { return };
        leaf.hash.update(decoded);
        leaf.size += decoded.len() as u64;
        let mut rest = decoded;
        if matches!(leaf.route, Route::Held) {
            let (held, after) = decoded.split_at(decoded.len().min(WINDOW - self.window.len()));
            self.window.extend_from_slice(held);
            rest = after;
            if self.window.len() == WINDOW {
                self.decide(false);
            }
        }
        if !rest.is_empty() {
            self.pass_on(rest);
        }
    }

    /// The leaf is over.
    pub(super) fn end_leaf(&mut self, end: End) {
        if self.leaf.as_ref().is_some_and(|leaf| matches!(leaf.route, Route::Held)) {
            self.decide(true);
        }
        let Some(leaf) = self.leaf.take() else { return };
        let digest = leaf.hash.finish();
        self.content.update(&digest.0);
        let is_document = matches!(leaf.route, Route::Document);
        match leaf.route {
            Route::Words(mut words, mut showing) => {
                let (writer, links) = (&mut self.writer, &mut self.links);
                words.finish(&mut self.cids, &mut |text| showing.show(text, writer, links));
                self.links.end_part();
                if showing.open {
                    self.came.words = true;
                    self.tree.plain_is_shown();
                }
            }
            Route::Document => self.came.end_document(digest, leaf.size, end),
            Route::Held | Route::Nowhere => {}
        }
        self.writer.end_part();
        if is_document {
            self.came.placed(self.writer.placed());
        }
    }

    /// Classifies the leaf by what is in the window, `whole` or not, and passes the window on.
    fn decide(&mut self, whole: bool) {
        let Some(leaf) = &mut self.leaf else { return };
        let place = self.tree.place();
        let head = &leaf.head;
        leaf.route = match classify(head, place, &self.window, whole, &self.cids) {
            Class::Words { dialect, shown } => {
                let words = Words::new(dialect, head.charset.as_deref(), &self.window);
                if holds_pgp(&self.window) {
                    self.came.flag(Flag::EncryptedBySender);
                }
                Route::Words(Box::new(words), Showing { shown, open: false, flow: head.flow })
            }
            Class::Machinery => Route::Nowhere,
            Class::Decoration => {
                self.came.decoration += 1;
                Route::Nowhere
            }
            Class::Empty => {
                self.came.empty_part(head);
                Route::Nowhere
            }
            Class::Document(format) => {
                let name = self.came.begin_document(head, format);
                let size = whole.then_some(self.window.len());
                self.writer.open_document(&name, format.called().media_type, size);
                Route::Document
            }
        };
        // Taken out while it is passed on, and put back for the next leaf: same memory, wiped with the layout.
        let mut window = std::mem::take(&mut self.window);
        self.pass_on(&window);
        window.clear();
        self.window = window;
    }

    fn pass_on(&mut self, bytes: &[u8]) {
        match self.leaf.as_mut().map(|leaf| &mut leaf.route) {
            Some(Route::Words(words, showing)) => {
                let (writer, links, cids): (_, _, &mut ContentIds) =
                    (&mut self.writer, &mut self.links, &mut self.cids);
                words.push(bytes, cids, &mut |text| showing.show(text, writer, links));
            }
            Some(Route::Document) => self.writer.document(bytes),
            Some(Route::Held | Route::Nowhere) | None => {}
        }
    }
}

impl Showing {
    /// Writes words once they are not blank, and looks for links in them whether they are shown or not.
    fn show<S: Sink>(&mut self, text: &str, writer: &mut Writer<S>, links: &mut Links) {
        links.push(text);
        let text = if self.open { text } else { text.trim_start() };
        if !self.shown || text.is_empty() {
            return;
        }
        if !self.open {
            writer.open_text(Author::Sender, self.flow);
            self.open = true;
        }
        writer.text(text);
    }
}

/// Whether words hold a message that is encrypted with PGP, after other words.
fn holds_pgp(window: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN PGP MESSAGE-----";
    window.windows(BEGIN.len()).any(|w| w == BEGIN)
}
