//! Where in the MIME tree the reader stands. As deep as the reader goes, and no deeper: its limit bounds this.

use crate::mime::{Kind, Part};

/// What matters of a node above a leaf.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Node {
    Other,
    /// multipart/alternative: the same content in several forms.
    Alternative,
    /// multipart/appledouble: a Macintosh file in two parts.
    AppleDouble,
    /// An enclosed message.
    Message,
    /// TNEF that was unpacked.
    Tnef,
}

struct Open {
    node: Node,
    /// In an alternative: plain text was shown.
    plain_shown: bool,
    /// In a message: its root came, and words of it were shown.
    message: Message,
}

/// What came of a message.
#[derive(Clone, Copy, Default)]
struct Message {
    root: bool,
    words_shown: bool,
}

/// Whose root a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// The mail's own.
    Own,
    /// That of a message enclosed in it.
    Enclosed,
}

/// The open nodes, outermost first.
#[derive(Default)]
pub(super) struct Tree {
    open: Vec<Open>,
    /// The mail itself.
    own: Message,
}

/// What a leaf's place says about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The same words were shown as plain text.
    pub(super) plain_shown: bool,
    pub(super) in_appledouble: bool,
    /// In TNEF, which repeats the words of the message that it came in: words of that message were shown.
    pub(super) repeats: bool,
    /// Within a message that was enclosed in this one.
    pub(super) enclosed: bool,
}

impl Tree {
    /// Goes down into a part. Tells whether it is the root of a message.
    pub(super) fn enter(&mut self, part: &Part) -> Option<Root> {
        let root = self.root();
        let node = match (part.kind, part.media_type.as_str()) {
            (Kind::Message, _) => Node::Message,
            (Kind::Multipart, "multipart/alternative") => Node::Alternative,
            (Kind::Multipart, "multipart/appledouble") => Node::AppleDouble,
            (Kind::Multipart, "application/ms-tnef") => Node::Tnef,
            _ => Node::Other,
        };
        self.open.push(Open { node, plain_shown: false, message: Message::default() });
        root
    }

    /// Goes back up.
    pub(super) fn leave(&mut self) {
        self.open.pop();
    }

    /// Whether the next part is the root of a message: its first, for what was unpacked from it may stand beside it.
    fn root(&mut self) -> Option<Root> {
        let (message, root) = match self.open.last_mut() {
            None => (&mut self.own, Root::Own),
            Some(open) if open.node == Node::Message => (&mut open.message, Root::Enclosed),
            Some(_) => return None,
        };
        (!std::mem::replace(&mut message.root, true)).then_some(root)
    }

    pub(super) fn place(&self) -> Place {
        Place {
            plain_shown: self.same_message().any(|open| open.plain_shown),
            in_appledouble: self.same_message().any(|open| open.node == Node::AppleDouble),
            repeats: self.message().words_shown && self.same_message().any(|open| open.node == Node::Tnef),
            enclosed: self.open.iter().any(|open| open.node == Node::Message),
        }
    }

    /// Words were shown here: other forms of them need not be.
    pub(super) fn words_are_shown(&mut self) {
        let message = self.open.iter().rposition(|open| open.node == Node::Message);
        for open in &mut self.open[message.map_or(0, |at| at + 1)..] {
            open.plain_shown = open.node == Node::Alternative;
        }
        message.map_or(&mut self.own, |at| &mut self.open[at].message).words_shown = true;
    }

    /// The innermost message.
    fn message(&self) -> Message {
        let innermost = self.open.iter().rev().find(|open| open.node == Node::Message);
        innermost.map_or(self.own, |open| open.message)
    }

    fn same_message(&self) -> impl Iterator<Item = &Open> {
        self.open.iter().rev().take_while(|open| open.node != Node::Message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(nodes: &[Node]) -> Tree {
        let mut tree = Tree::default();
        nodes.iter().for_each(|node| push(&mut tree, *node));
        tree
    }

    fn push(tree: &mut Tree, node: Node) {
        tree.open.push(Open { node, plain_shown: false, message: Message::default() });
    }

    #[test]
    fn plain_text_speaks_for_its_alternative_alone() {
        let mut tree = tree(&[Node::Other, Node::Alternative, Node::Other]);
        tree.words_are_shown();
        assert!(tree.place().plain_shown);
        tree.leave();
        push(&mut tree, Node::Message);
        // The message enclosed in an alternative has words of its own.
        assert!(!tree.place().plain_shown && tree.place().enclosed);
        tree.leave();
        tree.leave();
        assert!(!tree.place().plain_shown);
    }

    #[test]
    fn plain_text_outside_an_alternative_hides_nothing() {
        let mut tree = tree(&[Node::Other, Node::Other]);
        tree.words_are_shown();
        tree.leave();
        push(&mut tree, Node::Alternative);
        assert!(!tree.place().plain_shown);
    }

    #[test]
    fn a_message_has_one_root() {
        let mut tree = Tree::default();
        assert_eq!((tree.root(), tree.root()), (Some(Root::Own), None));
        push(&mut tree, Node::Message);
        assert_eq!((tree.root(), tree.root()), (Some(Root::Enclosed), None));
        push(&mut tree, Node::Other);
        assert_eq!(tree.root(), None);
    }

    #[test]
    fn tnef_repeats_the_words_of_its_own_message() {
        let mut tree = tree(&[Node::Other, Node::Tnef]);
        assert!(!tree.place().repeats);
        tree.words_are_shown();
        assert!(tree.place().repeats);
        push(&mut tree, Node::Message);
        push(&mut tree, Node::Tnef);
        assert!(!tree.place().repeats, "a message attached in it has words of its own");
        tree.words_are_shown();
        assert!(tree.place().repeats);
        tree.leave();
        assert!(!tree.place().repeats, "what is not in TNEF repeats nothing");
    }
}
