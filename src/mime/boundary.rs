//! The open containers of a message and their boundaries (RFC 2046, section 5.1.1).
//!
//! A line is a delimiter when it is `--boundary` or `--boundary--`, alone or with white space and anything else after it. The
//! RFC would be content with a line that begins so; but then a boundary could be taken for another that it begins.

use super::transfer::Encoding;

/// Longest boundary taken; RFC 2046 allows 70. A part that claims a longer one is a leaf.
pub(super) const LONGEST_BOUNDARY: usize = 256;

/// Longest line looked at as a delimiter: a boundary, its dashes, and white space after them.
pub(super) const LONGEST_LINE: usize = 512;

/// How far a multipart has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Open,
    /// Its closing delimiter was met; one more opening delimiter opens it again.
    Closed,
    /// A limit was reached within it: its delimiters mean nothing any more.
    Undivided,
}

/// An open multipart.
pub(super) struct Multipart {
    pub boundary: Vec<u8>,
    /// multipart/digest: its parts are messages unless they say otherwise (RFC 2046, section 5.1.5).
    pub digest: bool,
    pub phase: Phase,
    /// A part was opened in it.
    pub divided: bool,
    /// Its own transfer encoding: used only when it turns out to hold no part at all.
    pub encoding: Encoding,
}

/// An open container.
pub(super) enum Frame {
    Multipart(Multipart),
    Message,
}

/// A delimiter that was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Delimiter {
    /// Index of the frame it belongs to.
    pub frame: usize,
    /// `--boundary--`.
    pub closing: bool,
}

/// The open containers of one layer, the outermost first.
#[derive(Default)]
pub(super) struct Frames(Vec<Frame>);

impl Frames {
    pub fn push(&mut self, frame: Frame) {
        self.0.push(frame);
    }

    pub fn pop(&mut self) -> Option<Frame> {
        self.0.pop()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The innermost container, when it is a multipart.
    pub fn innermost(&mut self) -> Option<&mut Multipart> {
        match self.0.last_mut() {
            Some(Frame::Multipart(multipart)) => Some(multipart),
            _ => None,
        }
    }

    /// Whether what begins now is a message, not a part of a multipart.
    pub fn at_message(&self) -> bool {
        !matches!(self.0.last(), Some(Frame::Multipart(_)))
    }

    /// Index of the outermost multipart.
    pub fn outermost(&self) -> Option<usize> {
        self.multiparts().next().map(|(index, _)| index)
    }

    /// The multipart at `index`.
    pub fn multipart(&mut self, index: usize) -> Option<&mut Multipart> {
        match self.0.get_mut(index) {
            Some(Frame::Multipart(multipart)) => Some(multipart),
            _ => None,
        }
    }

    /// Whether some multipart waits for a delimiter.
    pub fn listening(&self) -> bool {
        self.multiparts().any(|(_, multipart)| multipart.phase != Phase::Undivided)
    }

    /// Whether a multipart is still without its closing delimiter.
    pub fn unclosed(&self) -> bool {
        self.multiparts().any(|(_, multipart)| multipart.phase == Phase::Open)
    }

    /// The delimiter that `line` is, if it is one. The innermost open multipart comes first, closed ones last: generators
    /// that use one boundary on two levels mean the outer one after they closed the inner one.
    pub fn delimiter(&self, line: &[u8]) -> Option<Delimiter> {
        let text = line.strip_prefix(b"--")?.trim_ascii_end();
        let find = |phase, alone| {
            self.multiparts().rev().filter(move |(_, multipart)| multipart.phase == phase).find_map(
                |(frame, multipart)| {
                    let rest = text.strip_prefix(multipart.boundary.as_slice())?;
                    let after = rest.strip_prefix(b"--").unwrap_or(rest);
                    let fits =
                        if alone { after.is_empty() } else { after.first().is_some_and(u8::is_ascii_whitespace) };
                    fits.then_some(Delimiter { frame, closing: after.len() < rest.len() })
                },
            )
        };
        find(Phase::Open, true).or_else(|| find(Phase::Open, false)).or_else(|| find(Phase::Closed, true))
    }

    /// Whether a line that starts like this can still become a delimiter.
    pub fn possible(&self, start: &[u8]) -> bool {
        let Some(text) = start.strip_prefix(b"--") else { return b"--".starts_with(start) };
        self.multiparts().any(|(_, multipart)| match text.strip_prefix(multipart.boundary.as_slice()) {
            Some(rest) => {
                let after = rest.strip_prefix(b"--").unwrap_or(rest);
                rest == b"-" || after.first().is_none_or(u8::is_ascii_whitespace)
            }
            None => multipart.boundary.starts_with(text),
        })
    }

    fn multiparts(&self) -> impl DoubleEndedIterator<Item = (usize, &Multipart)> {
        self.0.iter().enumerate().filter_map(|(index, frame)| match frame {
            Frame::Multipart(multipart) => Some((index, multipart)),
            Frame::Message => None,
        })
    }
}

#[cfg(test)]
pub(super) fn frames(boundaries: &[&str]) -> Frames {
    let mut frames = Frames::default();
    for boundary in boundaries {
        frames.push(Frame::Multipart(Multipart {
            boundary: boundary.as_bytes().to_vec(),
            digest: false,
            phase: Phase::Open,
            divided: false,
            encoding: Encoding::Identity,
        }));
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(boundaries: &[&str], line: &str) -> Option<(usize, bool)> {
        frames(boundaries).delimiter(line.as_bytes()).map(|d| (d.frame, d.closing))
    }

    #[test]
    fn lines_that_are_delimiters() {
        assert_eq!(found(&["b"], "--b"), Some((0, false)));
        assert_eq!(found(&["b"], "--b-- \t\r"), Some((0, true)));
        assert_eq!(found(&["b"], "--b what else"), Some((0, false)));
        assert_eq!(found(&["b"], "--b--\tclosed"), Some((0, true)));
        assert_eq!(found(&["b"], "--b1"), None);
        assert_eq!(found(&["b"], "--b-"), None);
        assert_eq!(found(&["b"], " --b"), None);
        assert_eq!(found(&[], "--"), None);
    }

    #[test]
    fn a_boundary_may_begin_another() {
        assert_eq!(found(&["b", "b1"], "--b"), Some((0, false)));
        assert_eq!(found(&["b", "b1"], "--b1--"), Some((1, true)));
        assert_eq!(found(&["b1", "b"], "--b1"), Some((0, false)));
        assert_eq!(found(&["b x", "b"], "--b x"), Some((0, false)));
    }

    #[test]
    fn the_inner_one_first_but_not_once_closed() {
        let mut twice = frames(&["b", "b"]);
        assert_eq!(twice.delimiter(b"--b").map(|d| d.frame), Some(1));
        twice.innermost().unwrap().phase = Phase::Closed;
        assert_eq!(twice.delimiter(b"--b").map(|d| d.frame), Some(0));
        twice.multipart(0).unwrap().phase = Phase::Undivided;
        assert_eq!(twice.delimiter(b"--b").map(|d| d.frame), Some(1));
    }

    #[test]
    fn possible_starts() {
        let frames = frames(&["ab", "-x=:y"]);
        for start in ["", "-", "--", "--a", "--ab", "--ab-", "--ab--", "--ab-- \r", "--ab\tx", "---", "---x=:"] {
            assert!(frames.possible(start.as_bytes()), "{start:?}");
        }
        for start in ["a", "-a", "--b", "--ab-x", "--abc", "--ab--c"] {
            assert!(!frames.possible(start.as_bytes()), "{start:?}");
        }
    }
}
