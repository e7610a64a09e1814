//! Files within a page: the base64 of a `data:` link (RFC 2397), undone in stream. Some mail programs paste photos so.

use super::super::words::{Embedded, Reading};
use crate::mime::Base64;
use zeroize::Zeroizing;

/// Characters that are gathered before they are decoded.
const GATHERED: usize = 1024;

/// The content of one `data:` link while it comes in.
pub(super) struct Data {
    decoder: Base64,
    gathered: Zeroizing<Vec<u8>>,
}

impl Data {
    /// The content of a link of this media type begins. None when it is nothing that a person would send: fonts, styles.
    pub(super) fn begin(media_type: &str, to: &mut impl Reading) -> Option<Self> {
        let media_type = media_type.trim().to_ascii_lowercase();
        let kinds = ["image/", "audio/", "video/", "application/pdf", "application/octet-stream"];
        kinds.iter().find(|kind| media_type.starts_with(**kind))?;
        to.file(Embedded::Begins(&media_type));
        Some(Self { decoder: Base64::default(), gathered: Zeroizing::new(Vec::with_capacity(GATHERED)) })
    }

    /// Takes in one character.
    pub(super) fn push(&mut self, c: char, to: &mut impl Reading) {
        // Others are no base64, nor is what an entity would stand for.
        if let Ok(byte) = u8::try_from(c) {
            self.gathered.push(byte);
        }
        if self.gathered.len() == GATHERED {
            self.decode(to);
        }
    }

    /// The link is over, or else the page is (`cut_off`).
    pub(super) fn end(mut self, cut_off: bool, to: &mut impl Reading) {
        self.decode(to);
        let dirty = self.decoder.finish(&mut |bytes| to.file(Embedded::Bytes(bytes)));
        to.file(Embedded::Ends { dirty, cut_off });
    }

    fn decode(&mut self, to: &mut impl Reading) {
        self.decoder.decode(&self.gathered, &mut |bytes| to.file(Embedded::Bytes(bytes)));
        self.gathered.clear();
    }
}
