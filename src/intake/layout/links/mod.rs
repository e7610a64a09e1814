//! Finds links to file stores in the client's words: when a mail program finds the files too large it sends such a link in
//! their place (mail-rules section 2, rule 9); some carriers and fax services send nothing else. Opens no link, keeps no link.

mod stores;

use stores::{STORES, Store};
use zeroize::Zeroizing;

/// Bytes of words that are looked through: more than a person writes, and a bound on the work.
const LOOKED_AT: usize = 256 * 1024;
/// Bytes kept from piece to piece: as long as the longest store.
const TAIL: usize = 48;

/// Looks for links in a stream of text.
pub(super) struct Links {
    store: bool,
    page: bool,
    seen: usize,
    tail: Zeroizing<Vec<u8>>,
}

impl Links {
    pub(super) fn new() -> Self {
        let mut links = Self { store: false, page: false, seen: 0, tail: Zeroizing::new(Vec::with_capacity(3 * TAIL)) };
        links.end_part();
        links
    }

    /// Whether a link to a file store was found.
    pub(super) fn store(&self) -> bool {
        self.store
    }

    /// Whether a link was found to a page that shows what this mail may hold anyway.
    pub(super) fn page(&self) -> bool {
        self.page
    }

    /// Takes in the next piece of text.
    pub(super) fn push(&mut self, text: &str) {
        let text = text.as_bytes();
        if self.store || self.seen >= LOOKED_AT {
            return;
        }
        let text = &text[..text.len().min(LOOKED_AT - self.seen)];
        self.seen += text.len();
        // Where two pieces meet, the end of one and the start of the next are looked at together.
        self.tail.extend_from_slice(&text[..text.len().min(TAIL)]);
        for found in links_in(&self.tail).chain(links_in(text)) {
            self.store |= !found.page;
            self.page |= found.page;
        }
        let rest = &text[text.len().min(TAIL)..];
        if rest.len() >= TAIL {
            self.tail.clear();
        }
        self.tail.extend_from_slice(&rest[rest.len().saturating_sub(TAIL)..]);
        let surplus = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..surplus);
    }

    /// A part ends: its last words and the next part's first are not neighbours.
    pub(super) fn end_part(&mut self) {
        self.tail.clear();
        self.tail.push(b' ');
    }
}

/// The stores that links in `text` lead to.
fn links_in(text: &[u8]) -> impl Iterator<Item = &'static Store> {
    let dots = text.iter().enumerate().filter(|&(_, &b)| b == b'.');
    dots.filter_map(|(dot, _)| {
        let (before, after) = text.split_at(dot);
        STORES.iter().find(|store| starts_with(after, store.rest) && ends_with_label(before, store.host.as_bytes()))
    })
}

/// Whether `text` starts with this, whatever its case. Mail systems that check links put them into links of their own, where
/// a slash is `%2F` or `_`.
fn starts_with(mut text: &[u8], start: &str) -> bool {
    start.bytes().all(|byte| {
        let used = match text {
            [first, ..] if first.eq_ignore_ascii_case(&byte) => 1,
            [b'_', ..] if byte == b'/' => 1,
            [b'%', b'2', b'f' | b'F', ..] if byte == b'/' => 3,
            _ => return false,
        };
        text = &text[used..];
        true
    })
}

/// Whether `text` ends with `label`, and with no longer one: `dropbox.com` but not `mydropbox.com`; `x.sharepoint.com` too.
/// Without a byte before it nobody knows: the same text is looked at again together with what was before.
fn ends_with_label(text: &[u8], label: &[u8]) -> bool {
    let Some(start) = text.len().checked_sub(label.len()) else { return false };
    let (before, found) = text.split_at(start);
    let escaped = before.len() >= 3 && before[before.len() - 3..].eq_ignore_ascii_case(b"%2f");
    let free = before.last().is_some_and(|b| !b.is_ascii_alphanumeric() && *b != b'-');
    found.eq_ignore_ascii_case(label) && (escaped || free)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn finds(pieces: &[&str]) -> bool {
        let mut links = Links::new();
        pieces.iter().for_each(|piece| links.push(piece));
        links.store()
    }

    #[test]
    fn knows_the_stores() {
        for text in [
            "see https://drive.google.com/file/d/1/view",
            "<https://www.icloud.com/attachment/?u=x>",
            "HTTPS://WWW.DROPBOX.COM/s/x",
            "https://nam12.safelinks.protection.outlook.com/?url=https%3A%2F%2Fdrive.google.com%2Ffile%2Fd",
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__drive.google.com_file_d",
            "https://urldefense.com/v3/__https://1drv.ms/i/s__;",
            "https://1drv.ms/i/s",
            "https://photos.app.goo.gl/abc",
            "https://ana-my.sharepoint.com/:f:/g",
            "https://we.tl/t-x",
        ] {
            assert!(finds(&[text]), "{text}");
        }
        for text in ["https://example.com/", "the drive. google.com/", "mydropbox.com/", "we.tlc/", "icloud.com mail"] {
            assert!(!finds(&[text]), "{text}");
        }
    }

    proptest! {
        #[test]
        fn finds_a_link_however_the_text_is_cut(before in "[a-z .]{0,60}", after in "[a-z .]{0,60}", cuts in prop::collection::vec(1usize..40, 1..8)) {
            let text = format!("{before} https://drive.google.com/x {after}");
            let (mut pieces, mut rest, mut cut) = (Vec::new(), &text[..], cuts.iter().cycle());
            while !rest.is_empty() {
                let (piece, tail) = rest.split_at(rest.len().min(*cut.next().unwrap()));
                pieces.push(piece);
                rest = tail;
            }
            prop_assert!(finds(&pieces));
            let pieces: Vec<String> = pieces.iter().map(|p| p.replace("drive.", "mydrive.")).collect();
            prop_assert!(pieces.concat().contains("mydrive") != finds(&pieces.iter().map(|p| &p[..]).collect::<Vec<_>>()));
        }
    }
}
