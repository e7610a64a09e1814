//! What the words of a page come to in the layout: text, and the files that the page holds in `data:` links, each a leaf of
//! its own between the words.

use super::{
    Layout, Sink,
    leaf::{EMBEDDED_WINDOW, Leaf, Showing},
    words::{Embedded, Reading},
};
use crate::mime::End;
use zeroize::Zeroizing;

/// Writes one text leaf into the layout, from which that leaf was taken out for so long.
pub(super) struct Reader<'a, S: Sink> {
    pub(super) layout: &'a mut Layout<S>,
    pub(super) showing: &'a mut Showing,
}

impl<S: Sink> Reading for Reader<'_, S> {
    /// Words are looked through for links whether they are shown or not.
    fn text(&mut self, text: &str) {
        let Layout { links, writer, words_left, .. } = &mut *self.layout;
        links.push(text);
        self.showing.show(text, writer, words_left);
    }

    fn content_id(&mut self, id: &str) {
        self.layout.cids.add(id);
    }

    fn file(&mut self, step: Embedded<'_>) {
        let layout = &mut *self.layout;
        match step {
            Embedded::Begins(media_type) => {
                // While the words' own window is passed on, it is not here.
                if layout.window.capacity() < EMBEDDED_WINDOW {
                    layout.window = Zeroizing::new(Vec::with_capacity(EMBEDDED_WINDOW));
                }
                layout.embedded = Some(Leaf::embedded(media_type));
            }
            Embedded::Bytes(bytes) => {
                layout.leaf = layout.embedded.take();
                layout.take_in(bytes);
                layout.embedded = layout.leaf.take();
            }
            Embedded::Ends { dirty, cut_off } => {
                // A page without the picture is no file without content.
                layout.leaf = layout.embedded.take().filter(|leaf| leaf.size > 0);
                if layout.leaf.is_some() {
                    layout.end_leaf(End { dirty, cut_off });
                    self.showing.open = false;
                }
            }
        }
    }
}
