//! Mail made from the fuzzer's bytes: well-formed trees of parts whose leaves are known. The streaming reader finds all of
//! them, byte for byte, whatever the pieces, and mail-parser finds none that it lacks.

use crate::{
    differential::generated_holds,
    trees::{Coding, MARKS, Mail, TYPES, Tree},
};

/// Depth and number of nodes of a tree: every fuzzing run should see many mails, not large ones.
const DEEPEST: usize = 5;
const NODES: usize = 24;

/// The input as a row of choices. When it is used up every choice is the first.
struct Choices<'a> {
    bytes: &'a [u8],
    nodes: usize,
}

/// What holds for the mail that `bytes` make.
pub fn holds(bytes: &[u8]) {
    let mut choices = Choices { bytes, nodes: 0 };
    let lengths = [choices.below(256) + 1, 64, 1];
    let line_end = choices.one_of(&["\r\n", "\n"]);
    let mail = Mail::new(choices.tree(0), line_end);
    generated_holds(&mail, &lengths);
}

impl Choices<'_> {
    fn below(&mut self, count: usize) -> usize {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        usize::from(*first) % count
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn take(&mut self) -> Vec<u8> {
        let length = (self.below(256) * 4).min(self.bytes.len());
        let (taken, rest) = self.bytes.split_at(length);
        self.bytes = rest;
        taken.to_vec()
    }

    fn tree(&mut self, depth: usize) -> Tree {
        self.nodes += 1;
        match self.below(6) {
            4 if depth < DEEPEST && self.nodes < NODES => {
                let coding = self.one_of(&[Coding::Plain, Coding::Base64(76)]);
                Tree::Message { coding, inner: Box::new(self.tree(depth + 1)) }
            }
            5.. if depth < DEEPEST && self.nodes < NODES => self.multipart(depth),
            _ => self.leaf(),
        }
    }

    fn multipart(&mut self, depth: usize) -> Tree {
        let subtype = self.one_of(&["mixed", "alternative", "related", "digest"]);
        let mark = self.one_of(MARKS);
        let (quoted, preamble) = (self.below(2) == 1 || mark.contains('('), self.below(2) == 1);
        let parts = (0..=self.below(3)).map(|_| self.tree(depth + 1)).collect();
        Tree::Multipart { subtype, boundary: mark.to_owned(), quoted, preamble, parts }
    }

    fn leaf(&mut self) -> Tree {
        let media_type = self.one_of(TYPES);
        let coding = match self.below(3) {
            0 => Coding::Plain,
            1 => Coding::Base64((self.below(19) + 1) * 4),
            _ => Coding::QuotedPrintable,
        };
        let body = self.take();
        // Bytes as they are only where they are lines of text that cannot be a delimiter.
        let text = str::from_utf8(&body).is_ok_and(|text| !text.contains('\r') && !text.starts_with("--"))
            && !body.windows(3).any(|three| three == b"\n--");
        let coding = if matches!(coding, Coding::Plain) && !text { Coding::Base64(76) } else { coding };
        Tree::Leaf { media_type, coding, body }
    }
}
