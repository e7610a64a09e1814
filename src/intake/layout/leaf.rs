//! One leaf on its way through the layout: held back for the window, classified, then passed on as it comes.

use super::{
    Layout, Sink,
    care::Care,
    classify::{Class, Head, WINDOW, classify},
    page_file::Reader,
    words::Words,
    writer::{Author, Flow, Writer},
};
use crate::{digest::Sha256, intake::Flag, mime::End};
use zeroize::Zeroizing;

/// Bytes of a file within a page that are held back until its class is known.
pub(super) const EMBEDDED_WINDOW: usize = 8 * 1024;

/// The leaf that is coming in. No Debug: its name is the client's.
pub(super) struct Leaf {
    head: Head,
    hash: Sha256,
    /// Decoded bytes.
    pub(super) size: u64,
    /// Bytes that are held back.
    window: usize,
    route: Route,
}

/// Where its bytes go.
enum Route {
    /// Into the window: its class is not known yet.
    Held,
    Words(Box<Words>, Showing),
    Document(Care),
    /// They are in the original.
    Nowhere,
}

/// How far words are shown.
pub(super) struct Showing {
    /// They are not, when they were shown in another form.
    shown: bool,
    /// Their part is open: something came that is not blank.
    pub(super) open: bool,
    /// Their part was open at some time.
    said: bool,
    /// There were more than are shown.
    cut: bool,
    flow: Flow,
}

impl Leaf {
    pub(super) fn new(head: Head) -> Self {
        Self { head, hash: Sha256::default(), size: 0, window: WINDOW, route: Route::Held }
    }

    /// A file within a page, for which less is held back: the page's own window may be in memory, too.
    pub(super) fn embedded(media_type: &str) -> Self {
        Self { window: EMBEDDED_WINDOW, ..Self::new(Head::embedded(media_type)) }
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
            let (held, after) = decoded.split_at(decoded.len().min(leaf.window - self.window.len()));
            self.window.extend_from_slice(held);
            rest = after;
            if self.window.len() == leaf.window {
                self.decide(false);
            }
        }
        if !rest.is_empty() {
            self.pass_on(rest);
        }
    }

    /// The leaf's name is known now: in time to classify it by, or to tell of it.
    pub(super) fn rename_leaf(&mut self, name: String) {
        match &mut self.leaf {
            Some(Leaf { head, route: Route::Held, .. }) => head.rename(name),
            Some(Leaf { route: Route::Document(_), .. }) => self.came.rename_document(&Zeroizing::new(name)),
            _ => {}
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
        let is_document = matches!(leaf.route, Route::Document(_));
        match leaf.route {
            Route::Words(mut words, mut showing) => {
                words.finish(&mut Reader { layout: self, showing: &mut showing });
                self.links.end_part();
                if showing.cut {
                    self.came.flag(Flag::LimitReached);
                    self.writer.end_part();
                    self.writer.text("The words went on. The sealed original has all of them.\n");
                }
                if showing.said {
                    self.came.words = true;
                    self.tree.words_are_shown();
                }
            }
            Route::Document(care) => {
                let sound = self.came.end_document(digest, leaf.size, end, care.finish());
                self.photos.end(sound);
            }
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
                let showing = Showing { shown, open: false, said: false, cut: false, flow: head.flow };
                Route::Words(Box::new(words), showing)
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
                self.photos.begin(name.number(), format);
                Route::Document(Care::new(format))
            }
        };
        // Taken out while it is passed on, and put back for the next leaf: same memory, wiped with the layout.
        let mut window = std::mem::take(&mut self.window);
        self.pass_on(&window);
        window.clear();
        // Unless a file within the page needs one of its own, for longer than these words.
        if self.embedded.is_none() {
            self.window = window;
        }
    }

    fn pass_on(&mut self, bytes: &[u8]) {
        match &mut self.leaf {
            Some(Leaf { route: Route::Document(care), .. }) => {
                care.push(bytes);
                self.photos.push(bytes);
                self.writer.document(bytes);
            }
            Some(Leaf { route: Route::Words(..), .. }) => self.read_words(bytes),
            Some(Leaf { route: Route::Held | Route::Nowhere, .. }) | None => {}
        }
    }

    fn read_words(&mut self, bytes: &[u8]) {
        // Taken out while it is read: a file within a page is a leaf, too.
        let Some(Leaf { route: Route::Words(mut words, mut showing), head, hash, size, window }) = self.leaf.take()
        else {
            return;
        };
        words.push(bytes, &mut Reader { layout: self, showing: &mut showing });
        self.leaf = Some(Leaf { route: Route::Words(words, showing), head, hash, size, window });
    }
}

impl Showing {
    /// Writes words once they are not blank. `left` is how much is still shown.
    pub(super) fn show<S: Sink>(&mut self, text: &str, writer: &mut Writer<S>, left: &mut usize) {
        let text = if self.open { text } else { text.trim_start() };
        let fits = &text[..text.floor_char_boundary(*left)];
        self.cut |= self.shown && fits.len() < text.len();
        *left -= if self.shown { fits.len() } else { 0 };
        if !self.shown || fits.is_empty() {
            return;
        }
        if !self.open {
            writer.open_text(Author::Sender, self.flow);
            self.open = true;
            self.said = true;
        }
        writer.text(fits);
    }
}

/// Whether words hold a message that is encrypted with PGP, after other words.
fn holds_pgp(window: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN PGP MESSAGE-----";
    window.windows(BEGIN.len()).any(|w| w == BEGIN)
}
