//! Takes a message out of the stream: DATA with its dots (RFC 5321, section 4.5.2) and BDAT with its counts (RFC 3030).
//!
//! Only CRLF.CRLF ends DATA. A bare LF or CR is data and is passed on unchanged, so that nobody can hide a second message in
//! ours or ours in another (SMTP smuggling: CVE-2023-51764, CVE-2023-51765, CVE-2023-51766).
//!
//! Our own and not smtp-proto's receivers, because those push into a growing `Vec` that holds the whole message; these fill
//! one bounded, zeroised [`Chunk`] in runs found with SIMD. Must never keep a byte of the message itself.

use crate::intake::Chunk;
use memchr::memmem::Finder;

/// What one call took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Bytes of the input that are used up. Fewer than all when the sink is full or the data ended.
    pub bytes: usize,
    /// The data ended; what follows in the input are commands.
    pub ended: bool,
}

/// Where a message's bytes go: a [`Chunk`], whose bytes nobody here can read again. (Tests and fuzzing look at them in
/// sinks of their own.)
pub trait Sink {
    /// How many more bytes fit.
    fn room(&self) -> usize;
    /// Appends as much of `bytes` as fits and says how much that was.
    fn fill(&mut self, bytes: &[u8]) -> usize;
}

impl Sink for Chunk {
    fn room(&self) -> usize {
        Chunk::room(self)
    }

    fn fill(&mut self, bytes: &[u8]) -> usize {
        Chunk::fill(self, bytes)
    }
}

/// Finds the message's bytes in what comes from the peer.
pub trait Receiver {
    /// Takes what it can from `input` into `sink`.
    fn take(&mut self, input: &[u8], sink: &mut impl Sink) -> Taken;
}

/// Receives what follows DATA.
pub struct DataReceiver {
    at: At,
    /// LF.dot, and not CRLF.dot: a search that stops at every line end is half as fast.
    lf_dot: Finder<'static>,
}

/// What the bytes so far end in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// CRLF, or nothing yet: a dot would be the first of its line.
    LineStart,
    /// Anything else.
    Text,
    /// CR within a line; passed on already.
    Cr,
    /// CRLF and a dot; not passed on, and never will be.
    Dot,
    /// CRLF, a dot and CR; the CR is not passed on yet.
    DotCr,
}

impl DataReceiver {
    /// Starts after the 354; the CRLF of the DATA command counts as the line end before the first line.
    pub fn new() -> Self {
        Self { at: At::LineStart, lf_dot: Finder::new(b"\n.") }
    }

    /// Where `run`, which holds no CRLF.dot, leaves us.
    fn after(&self, run: &[u8]) -> At {
        match run {
            [.., b'\r', b'\n'] => At::LineStart,
            [b'\n'] if self.at == At::Cr => At::LineStart,
            [.., b'\r'] => At::Cr,
            [] => self.at,
            _ => At::Text,
        }
    }

    /// The start of `input` up to and with the next CRLF that a dot follows; all of it when there is none.
    fn run<'a>(&self, input: &'a [u8]) -> &'a [u8] {
        let mut from = 0;
        while let Some(found) = self.lf_dot.find(&input[from..]) {
            let lf = from + found;
            let after_cr = if lf == 0 { self.at == At::Cr } else { input[lf - 1] == b'\r' };
            if after_cr {
                return &input[..=lf];
            }
            from = lf + 1;
        }
        input
    }

    /// Passes on one run as far as it fits; gives how many bytes were used.
    fn pass_run(&mut self, input: &[u8], sink: &mut impl Sink) -> usize {
        let run = self.run(input);
        let fitting = sink.fill(run);
        self.at = self.after(&run[..fitting]);
        fitting
    }
}

impl Default for DataReceiver {
    fn default() -> Self {
        Self::new()
    }
}

impl Receiver for DataReceiver {
    fn take(&mut self, input: &[u8], sink: &mut impl Sink) -> Taken {
        let mut bytes = 0;
        while bytes < input.len() && sink.room() > 0 {
            match (self.at, input[bytes]) {
                (At::LineStart, b'.') => {
                    self.at = At::Dot;
                    bytes += 1;
                }
                (At::Dot, b'\r') => {
                    self.at = At::DotCr;
                    bytes += 1;
                }
                (At::DotCr, b'\n') => return Taken { bytes: bytes + 1, ended: true },
                (At::DotCr, _) => {
                    sink.fill(b"\r");
                    self.at = At::Cr;
                }
                (At::Dot, _) => self.at = At::Text,
                (At::LineStart | At::Text | At::Cr, _) => bytes += self.pass_run(&input[bytes..], sink),
            }
        }
        Taken { bytes, ended: false }
    }
}

/// Receives one BDAT chunk.
pub struct BdatReceiver {
    left: u64,
}

impl BdatReceiver {
    /// Expects `size` bytes.
    pub fn new(size: u64) -> Self {
        Self { left: size }
    }
}

impl Receiver for BdatReceiver {
    fn take(&mut self, input: &[u8], sink: &mut impl Sink) -> Taken {
        let wanted = usize::try_from(self.left).map_or(input.len(), |left| left.min(input.len()));
        let bytes = sink.fill(&input[..wanted]);
        self.left -= bytes as u64;
        Taken { bytes, ended: self.left == 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A sink of so many bytes whose content can be looked at.
    struct Glass {
        bytes: Vec<u8>,
        capacity: usize,
    }

    impl Sink for Glass {
        fn room(&self) -> usize {
            self.capacity - self.bytes.len()
        }

        fn fill(&mut self, bytes: &[u8]) -> usize {
            let taken = bytes.len().min(self.room());
            self.bytes.extend_from_slice(&bytes[..taken]);
            taken
        }
    }

    /// What `receiver` makes of `pieces` that come one after the other, with a sink of `capacity`: the message, and how many
    /// bytes it used up to its end.
    fn receive(mut receiver: impl Receiver, pieces: &[&[u8]], capacity: usize) -> (Vec<u8>, Option<usize>) {
        let mut sink = Glass { bytes: Vec::new(), capacity };
        let (mut message, mut used) = (Vec::new(), 0);
        for piece in pieces {
            let mut at = 0;
            while at < piece.len() {
                let taken = receiver.take(&piece[at..], &mut sink);
                at += taken.bytes;
                if taken.ended || sink.room() == 0 {
                    message.append(&mut sink.bytes);
                }
                if taken.ended {
                    return (message, Some(used + at));
                }
            }
            used += at;
        }
        message.append(&mut sink.bytes);
        (message, None)
    }

    /// The plain way: lines end in CRLF, a line of one dot ends the message, any other line loses its first dot.
    fn reference(input: &[u8]) -> (Vec<u8>, Option<usize>) {
        let (mut message, mut start) = (Vec::new(), 0);
        while let Some(end) = input[start..].windows(2).position(|two| two == b"\r\n") {
            let line = &input[start..start + end];
            start += end + 2;
            if line == b"." {
                return (message, Some(start));
            }
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
            message.extend_from_slice(b"\r\n");
        }
        (message, None)
    }

    #[test]
    fn only_crlf_dot_crlf_ends_the_message() {
        for (input, expected) in [
            ("a\r\n.\r\nQUIT", "a\r\n"),
            (".\r\n", ""),
            ("..\r\n.\r\n", ".\r\n"),
            (".a\r\n.\r\n", "a\r\n"),
            ("a\n.\nb\r\n.\r\n", "a\n.\nb\r\n"),
            ("a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n"),
            ("a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n"),
            ("a\r.\rb\r\n.\r\n", "a\r.\rb\r\n"),
            ("a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n"),
            ("a\r\r\n.\r\n", "a\r\r\n"),
            ("a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n"),
            ("\0\r\n.\0\r\n.\r\n", "\0\r\n\0\r\n"),
        ] {
            let end = input.rfind(".\r\n").unwrap() + 3;
            let expected = (expected.as_bytes().to_vec(), Some(end));
            assert_eq!(reference(input.as_bytes()), expected, "{input:?}");
            for cut in 0..=input.len() {
                let (head, tail) = input.as_bytes().split_at(cut);
                assert_eq!(receive(DataReceiver::new(), &[head, tail], 3), expected, "{input:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn a_chunk_ends_by_its_count_alone() {
        let input = b"a\r\n.\r\nb\0QUIT";
        assert_eq!(receive(BdatReceiver::new(8), &[input], 100), (b"a\r\n.\r\nb\0".to_vec()[..8].to_vec(), Some(8)));
        assert_eq!(receive(BdatReceiver::new(8), &[&input[..3], &input[3..]], 2).1, Some(8));
        assert_eq!(receive(BdatReceiver::new(80), &[input], 5), (input.to_vec(), None));
        let mut sink = Glass { bytes: Vec::new(), capacity: 1 };
        assert_eq!(BdatReceiver::new(0).take(b"QUIT", &mut sink), Taken { bytes: 0, ended: true });
    }

    fn tricky() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(&b"\r\n"[..]),
            Just(&b"."[..]),
            Just(&b"\n"[..]),
            Just(&b"\r"[..]),
            Just(&b"a"[..]),
            Just(&b"\r\n."[..]),
            Just(&b"\r\n.\r\n"[..]),
            Just(&b"a line of words"[..]),
        ];
        proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_cut_gives_what_the_reference_gives(
            mut input in tricky(),
            cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
            capacity in 1..20_usize,
        ) {
            input.extend_from_slice(b"\r\n.\r\n");
            let mut at: Vec<_> = cuts.iter().map(|cut| cut.index(input.len())).collect();
            at.extend([0, input.len()]);
            at.sort_unstable();
            let pieces: Vec<_> = at.windows(2).map(|range| &input[range[0]..range[1]]).collect();
            prop_assert_eq!(receive(DataReceiver::new(), &pieces, capacity), reference(&input));
        }
    }
}
