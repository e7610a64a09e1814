//! Where in the MIME tree the reader stands. As deep as the reader goes, and no deeper: its limit bounds this.

use super::classify::Carrier;
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
}

struct Open {
    node: Node,
    /// In an alternative: plain text was shown.
    plain_shown: bool,
    /// The carrier that the message which begins here is from.
    carrier: Option<&'static Carrier>,
}

/// The open nodes, outermost first.
#[derive(Default)]
pub(super) struct Tree(Vec<Open>);

/// What a leaf's place says about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The same words were shown as plain text.
    pub(super) plain_shown: bool,
    pub(super) in_appledouble: bool,
    /// Within a message that was enclosed in this one.
    pub(super) enclosed: bool,
    /// The carrier that the innermost message is from, or the one that it came in.
    pub(super) carrier: Option<&'static Carrier>,
}

impl Tree {
    /// Goes down into a part.
    pub(super) fn enter(&mut self, part: &Part) {
        let node = match (part.kind, part.media_type.as_str()) {
            (Kind::Message, _) => Node::Message,
            (Kind::Multipart, "multipart/alternative") => Node::Alternative,
            (Kind::Multipart, "multipart/appledouble") => Node::AppleDouble,
            _ => Node::Other,
        };
        self.0.push(Open { node, plain_shown: false, carrier: None });
    }

    /// The part entered last is the root of a message from this carrier.
    pub(super) fn is_from(&mut self, carrier: Option<&'static Carrier>) {
        if let Some(open) = self.0.last_mut() {
            open.carrier = carrier;
        }
    }

    /// Goes back up.
    pub(super) fn leave(&mut self) {
        self.0.pop();
    }

    /// Whether the next part is the root of an enclosed message.
    pub(super) fn at_enclosed_root(&self) -> bool {
        self.0.last().is_some_and(|open| open.node == Node::Message)
    }

    pub(super) fn place(&self) -> Place {
        Place {
            plain_shown: self.same_message().any(|open| open.plain_shown),
            in_appledouble: self.same_message().any(|open| open.node == Node::AppleDouble),
            enclosed: self.0.iter().any(|open| open.node == Node::Message),
            carrier: self.0.iter().rev().find_map(|open| open.carrier),
        }
    }

    /// Plain text was shown here: other forms of it need not be.
    pub(super) fn plain_is_shown(&mut self) {
        let inside = self.0.iter().rposition(|open| open.node == Node::Message).map_or(0, |at| at + 1);
        for open in &mut self.0[inside..] {
            open.plain_shown = open.node == Node::Alternative;
        }
    }

    fn same_message(&self) -> impl Iterator<Item = &Open> {
        self.0.iter().rev().take_while(|open| open.node != Node::Message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(node: Node) -> Open {
        Open { node, plain_shown: false, carrier: None }
    }

    #[test]
    fn plain_text_speaks_for_its_alternative_alone() {
        let mut tree = Tree(vec![open(Node::Other), open(Node::Alternative), open(Node::Other)]);
        tree.plain_is_shown();
        assert!(tree.place().plain_shown);
        tree.leave();
        tree.0.push(open(Node::Message));
        // The message enclosed in an alternative has words of its own.
        assert!(!tree.place().plain_shown && tree.place().enclosed && tree.at_enclosed_root());
        tree.leave();
        tree.leave();
        assert!(!tree.place().plain_shown);
    }

    #[test]
    fn plain_text_outside_an_alternative_hides_nothing() {
        let mut tree = Tree(vec![open(Node::Other), open(Node::Other)]);
        tree.plain_is_shown();
        tree.leave();
        tree.0.push(open(Node::Alternative));
        assert!(!tree.place().plain_shown);
    }
}
