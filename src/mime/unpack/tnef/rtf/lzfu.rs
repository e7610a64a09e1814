//! The compression of RTF ([MS-OXRTFCP], section 3.1): LZ77 with a dictionary of 4 KiB that starts with common RTF. It ends at
//! a reference to the place that is written next, and makes at most 17 bytes of 2: never a bomb.

use zeroize::Zeroizing;

const DICTIONARY: usize = 4096;
/// Bytes handed on at a time.
const PIECE: usize = 1024;

/// What the dictionary starts with ([MS-OXRTFCP], section 2.1.2.1).
const START: &[u8] =
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \
    \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \
    \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

pub(super) struct Lzfu {
    dictionary: Zeroizing<Vec<u8>>,
    /// Where the next byte is written.
    at: usize,
    /// The token kinds that are left of the current control byte, lowest first, behind a 1 that marks their end.
    control: u16,
    /// The first byte of a reference.
    high: Option<u8>,
    ended: bool,
    out: Zeroizing<Vec<u8>>,
}

impl Lzfu {
    pub(super) fn new() -> Self {
        let mut dictionary = Zeroizing::new(vec![b' '; DICTIONARY]);
        dictionary[..START.len()].copy_from_slice(START);
        let out = Zeroizing::new(Vec::with_capacity(PIECE + 32));
        Self { dictionary, at: START.len(), control: 1, high: None, ended: false, out }
    }

    /// Takes in compressed bytes; hands on what they make.
    pub(super) fn decode(&mut self, bytes: &[u8], sink: &mut dyn FnMut(&[u8])) {
        for byte in bytes {
            if self.ended {
                break;
            }
            self.take(*byte);
            if self.out.len() >= PIECE {
                sink(&self.out);
                self.out.clear();
            }
        }
        if !self.out.is_empty() {
            sink(&self.out);
            self.out.clear();
        }
    }

    fn take(&mut self, byte: u8) {
        if let Some(high) = self.high.take() {
            self.control >>= 1;
            return self.copy(high, byte);
        }
        match (self.control, self.control & 1) {
            (1, _) => self.control = u16::from(byte) | 0x100,
            (_, 0) => {
                self.control >>= 1;
                self.write(byte);
            }
            _ => self.high = Some(byte),
        }
    }

    /// A reference: 12 bits of place, 4 of length less 2.
    fn copy(&mut self, high: u8, low: u8) {
        let from = usize::from(high) << 4 | usize::from(low >> 4);
        if from == self.at {
            self.ended = true;
            return;
        }
        for step in 0..usize::from(low & 15) + 2 {
            self.write(self.dictionary[(from + step) % DICTIONARY]);
        }
    }

    fn write(&mut self, byte: u8) {
        self.dictionary[self.at] = byte;
        self.at = (self.at + 1) % DICTIONARY;
        self.out.push(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Vec<u8> {
        let (mut whole, mut pieces) = (Vec::new(), Vec::new());
        Lzfu::new().decode(bytes, &mut |piece| whole.extend_from_slice(piece));
        let mut lzfu = Lzfu::new();
        bytes.chunks(1).for_each(|piece| lzfu.decode(piece, &mut |piece| pieces.extend_from_slice(piece)));
        assert_eq!(whole, pieces);
        whole
    }

    #[test]
    fn the_examples_of_the_specification() {
        assert_eq!(START.len(), 207);
        // [MS-OXRTFCP], sections 4.1 and 4.2.
        let simple =
            b"\x03\x00\x0a\x00\x72\x63\x70\x67\x31\x32\x35\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77\
            \x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0";
        assert_eq!(decoded(simple), b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        let crossing = b"\x41\x00\x04\x20\x57\x58\x59\x5a\x0d\x6e\x7d\x01\x0e\xb0";
        assert_eq!(decoded(crossing), b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
    }

    #[test]
    fn nothing_follows_the_end() {
        assert_eq!(decoded(b"\x01\x0c\xf0\x00abc"), b"");
    }
}
