//! Finds links to file stores in the client's words: when a mail program finds the files too large it sends such a link in
//! their place (mail-rules section 2, rule 9). Opens no link, keeps no link.

use zeroize::Zeroizing;

/// Hosts, some with the start of a path, that stand for files. Each divided at its first dot.
const STORES: &[(&str, &str)] = &[
    ("1drv", ".ms/"),
    ("box", ".com/s/"),
    ("docs", ".google.com/"),
    ("drive", ".google.com/"),
    ("dropbox", ".com/"),
    ("icloud", ".com/attachment"),
    ("icloud", ".com/photos"),
    ("icloud", ".com/iclouddrive"),
    ("mega", ".nz/"),
    ("onedrive", ".live.com/"),
    ("photos", ".app.goo.gl/"),
    ("photos", ".google.com/"),
    ("share", ".icloud.com/"),
    ("sharepoint", ".com/"),
    ("we", ".tl/"),
    ("wetransfer", ".com/"),
];
/// Bytes of words that are looked through: more than a person writes, and a bound on the work.
const LOOKED_AT: usize = 256 * 1024;
/// Bytes kept from piece to piece: as long as the longest store.
const TAIL: usize = 32;

/// Looks for links in a stream of text.
pub(super) struct Links {
    found: bool,
    seen: usize,
    tail: Zeroizing<Vec<u8>>,
}

impl Links {
    pub(super) fn new() -> Self {
        let mut links = Self { found: false, seen: 0, tail: Zeroizing::new(Vec::with_capacity(3 * TAIL)) };
        links.end_part();
        links
    }

    /// Whether a link was found.
    pub(super) fn found(&self) -> bool {
        self.found
    }

    /// Takes in the next piece of text.
    pub(super) fn push(&mut self, text: &str) {
        let text = text.as_bytes();
        if self.found || self.seen >= LOOKED_AT {
            return;
        }
        let text = &text[..text.len().min(LOOKED_AT - self.seen)];
        self.seen += text.len();
        // Where two pieces meet, the end of one and the start of the next are looked at together.
        self.tail.extend_from_slice(&text[..text.len().min(TAIL)]);
        self.found = holds_link(&self.tail) || holds_link(text);
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

fn holds_link(text: &[u8]) -> bool {
    let mut dots = text.iter().enumerate().filter(|&(_, &b)| b == b'.');
    dots.any(|(dot, _)| {
        let (before, after) = text.split_at(dot);
        STORES.iter().any(|(host, rest)| {
            let starts = after.get(..rest.len()).is_some_and(|a| a.eq_ignore_ascii_case(rest.as_bytes()));
            starts && ends_with_label(before, host.as_bytes())
        })
    })
}

/// Whether `text` ends with `label`, and with no longer one: `dropbox.com` but not `mydropbox.com`; `x.sharepoint.com` too.
/// Without a byte before it nobody knows: the same text is looked at again together with what was before.
fn ends_with_label(text: &[u8], label: &[u8]) -> bool {
    let Some(start) = text.len().checked_sub(label.len()) else { return false };
    let before = text[..start].last();
    text[start..].eq_ignore_ascii_case(label) && before.is_some_and(|b| !b.is_ascii_alphanumeric() && *b != b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn finds(pieces: &[&str]) -> bool {
        let mut links = Links::new();
        pieces.iter().for_each(|piece| links.push(piece));
        links.found()
    }

    #[test]
    fn knows_the_stores() {
        for text in [
            "see https://drive.google.com/file/d/1/view",
            "<https://www.icloud.com/attachment/?u=x>",
            "HTTPS://WWW.DROPBOX.COM/s/x",
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
