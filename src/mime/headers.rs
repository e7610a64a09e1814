//! One header block, parsed by mail-parser.

/// The fields of one header block, at most 64 KiB. No Debug: it holds the client's words.
pub struct Headers {}

impl Headers {
    /// Parses a block of header lines, up to and with the empty line or without it.
    pub fn parse(_block: &[u8]) -> Self {
        todo!()
    }

    /// Whether a field of this name is there, in any case.
    pub fn has(&self, _name: &str) -> bool {
        todo!()
    }

    /// Whether a field's name starts with `prefix` (for `List-`), in any case.
    pub fn has_prefix(&self, _prefix: &str) -> bool {
        todo!()
    }

    /// The first field of this name: unfolded, RFC 2047 words decoded, trimmed.
    pub fn text(&self, _name: &str) -> Option<String> {
        todo!()
    }
}
