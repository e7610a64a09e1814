//! The words of a TNEF message on their way into a leaf, which begins with the first that is not blank: a body of nothing is
//! no body. Without NULs, which TNEF ends strings with.

use super::package::Give;
use encoding_rs::{CoderResult, Decoder, UTF_16LE};
use zeroize::Zeroizing;

/// Bytes of UTF-16 decoded at a time.
const PIECE: usize = 512;

pub(super) struct Words {
    media_type: String,
    /// Decodes UTF-16.
    wide: Option<Decoder>,
    open: bool,
}

impl Words {
    pub(super) fn plain(charset: Option<&str>) -> Self {
        let charset = charset.map(|charset| format!("; charset={charset}")).unwrap_or_default();
        Self { media_type: format!("text/plain{charset}"), wide: None, open: false }
    }

    /// HTML, in a charset that it knows itself.
    pub(super) fn html() -> Self {
        Self { media_type: "text/html".to_owned(), wide: None, open: false }
    }

    /// Words in UTF-16, given in UTF-8.
    pub(super) fn wide(media_type: &str) -> Self {
        let wide = Some(UTF_16LE.new_decoder_without_bom_handling());
        Self { media_type: format!("{media_type}; charset=utf-8"), wide, open: false }
    }

    /// Something came that is not blank.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    pub(super) fn put(&mut self, bytes: &[u8], give: &mut Give) {
        match self.wide.take() {
            None => self.give(bytes, give),
            Some(mut decoder) => {
                bytes.chunks(PIECE).for_each(|piece| self.give_wide(&mut decoder, piece, false, give));
                self.wide = Some(decoder);
            }
        }
    }

    pub(super) fn finish(mut self, give: &mut Give) {
        if let Some(mut decoder) = self.wide.take() {
            self.give_wide(&mut decoder, &[], true, give);
        }
        if self.open {
            give.close();
        }
    }

    fn give_wide(&mut self, decoder: &mut Decoder, mut bytes: &[u8], last: bool, give: &mut Give) {
        // Two bytes become three at most; what is left of the piece before may add three.
        let mut text = Zeroizing::new(String::with_capacity(2 * PIECE));
        loop {
            let (result, read, _) = decoder.decode_to_string(bytes, &mut text, last);
            bytes = &bytes[read..];
            self.give(text.as_bytes(), give);
            text.clear();
            if result == CoderResult::InputEmpty {
                return;
            }
        }
    }

    fn give(&mut self, bytes: &[u8], give: &mut Give) {
        for piece in bytes.split(|byte| *byte == 0) {
            let piece = if self.open { piece } else { piece.trim_ascii_start() };
            if piece.is_empty() {
                continue;
            }
            if !self.open {
                self.open = give.open(&self.media_type, None);
            }
            give.body(piece);
        }
    }
}
