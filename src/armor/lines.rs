//! Base64 in lines (RFC 2045, section 6.8), made in stream. It serves plaintext (the layout) and ciphertext (armor) alike,
//! so it keeps less than a line from call to call and wipes that.

use base64_simd::{AsOut, STANDARD};
use zeroize::Zeroize;

/// Columns of a full line, without its CRLF: the most that RFC 2045 and RFC 9580 allow.
pub const LINE: usize = 76;
/// Bytes that fill a line.
pub const LINE_BYTES: usize = LINE / 4 * 3;

/// Encodes a stream of bytes as base64 in lines of [`LINE`] columns, each ended by CRLF.
///
/// Where the lines end does not depend on how the stream is cut into pushes.
pub struct Base64Lines {
    carry: [u8; LINE_BYTES],
    carried: usize,
}

impl Base64Lines {
    /// An encoder at the start of a line.
    pub fn new() -> Self {
        Self { carry: [0; LINE_BYTES], carried: 0 }
    }

    /// Length in bytes of the encoding of `length` bytes, CRLFs included.
    pub const fn encoded_length(length: u64) -> u64 {
        let lines = length / LINE_BYTES as u64;
        let rest = length % LINE_BYTES as u64;
        let last = if rest == 0 { 0 } else { rest.div_ceil(3) * 4 + 2 };
        lines * (LINE as u64 + 2) + last
    }

    /// The most that one push of `length` bytes or a finish adds to the output: an output that has this much spare
    /// capacity is not moved in memory, and so leaves no copy behind.
    pub const fn most_added(length: usize) -> usize {
        (length / LINE_BYTES + 1) * (LINE + 2)
    }

    /// Appends the lines that `bytes` complete to `out`, and carries the rest over.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut bytes = bytes;
        if self.carried > 0 {
            let taken = bytes.len().min(LINE_BYTES - self.carried);
            self.carry[self.carried..self.carried + taken].copy_from_slice(&bytes[..taken]);
            self.carried += taken;
            bytes = &bytes[taken..];
            if self.carried < LINE_BYTES {
                return;
            }
            append_lines(&self.carry, out);
            self.carried = 0;
        }
        let whole = bytes.len() - bytes.len() % LINE_BYTES;
        append_lines(&bytes[..whole], out);
        let rest = &bytes[whole..];
        self.carry[..rest.len()].copy_from_slice(rest);
        self.carried = rest.len();
    }

    /// Appends what is left as a last, shorter line, wipes it, and is at the start of a line again.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if self.carried > 0 {
            let start = out.len();
            out.resize(start + STANDARD.encoded_length(self.carried), 0);
            let _ = STANDARD.encode(&self.carry[..self.carried], out[start..].as_out());
            out.extend_from_slice(b"\r\n");
        }
        self.carried = 0;
        self.carry.zeroize();
    }
}

impl Default for Base64Lines {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Base64Lines {
    fn drop(&mut self) {
        self.carry.zeroize();
    }
}

/// Encodes whole lines. The base64 of all of them is made in one go (SIMD needs a run) at the end of the space that the
/// lines take up, then each line moves forward to its place: no second buffer, and no line is overwritten before it moves.
fn append_lines(bytes: &[u8], out: &mut Vec<u8>) {
    let lines = bytes.len() / LINE_BYTES;
    let start = out.len();
    out.resize(start + lines * (LINE + 2), 0);
    let space = &mut out[start..];
    let _ = STANDARD.encode(bytes, space[2 * lines..].as_out());
    for line in 0..lines {
        let from = 2 * lines + line * LINE;
        let to = line * (LINE + 2);
        space.copy_within(from..from + LINE, to);
        space[to + LINE..to + LINE + 2].copy_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encode(pieces: &[&[u8]]) -> Vec<u8> {
        let (mut lines, mut out) = (Base64Lines::new(), Vec::new());
        pieces.iter().for_each(|piece| lines.push(piece, &mut out));
        lines.finish(&mut out);
        out
    }

    #[test]
    fn breaks_after_76_columns_and_ends_every_line() {
        assert_eq!(encode(&[]), b"");
        assert_eq!(encode(&[b"Ana"]), b"QW5h\r\n");
        let full = encode(&[&[0; LINE_BYTES]]);
        assert_eq!(full, [&[b'A'; 76][..], b"\r\n"].concat());
        let more = encode(&[&[0; LINE_BYTES + 1]]);
        assert_eq!(more, [&full[..], b"AA==\r\n"].concat());
    }

    #[test]
    fn wipes_its_carry() {
        let mut lines = Base64Lines::new();
        lines.push(b"words of the client", &mut Vec::new());
        lines.finish(&mut Vec::new());
        assert_eq!(lines.carry, [0; LINE_BYTES]);
    }

    proptest! {
        #[test]
        fn any_cutting_gives_the_same_lines(bytes in prop::collection::vec(any::<u8>(), 0..2000), cuts in prop::collection::vec(1usize..300, 1..40)) {
            let mut pieces = Vec::new();
            let (mut rest, mut cut) = (&bytes[..], cuts.iter().cycle());
            while !rest.is_empty() {
                let (piece, tail) = rest.split_at(rest.len().min(*cut.next().unwrap()));
                pieces.push(piece);
                rest = tail;
            }
            let text = encode(&pieces);
            prop_assert_eq!(text.len() as u64, Base64Lines::encoded_length(bytes.len() as u64));
            prop_assert!(text.len() <= Base64Lines::most_added(bytes.len()));
            let lines: Vec<&[u8]> = text.split(|&b| b == b'\n').collect();
            prop_assert!(lines.iter().all(|line| line.len() <= LINE + 1));
            let joined: Vec<u8> = text.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
            prop_assert_eq!(crate::armor::unbase64(&joined).unwrap(), bytes);
        }
    }
}
