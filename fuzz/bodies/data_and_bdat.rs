//! DATA and BDAT cut anywhere give what they give uncut, and what a plain reading of RFC 5321 gives. The first byte says how
//! large the pieces are, the second how large the sink is.

use sealdrop::{
    intake::Chunk,
    smtp::data::{BdatReceiver, DataReceiver, Receiver, Sink},
};

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

/// The message, and how many bytes were used up when it ended.
fn receive(mut receiver: impl Receiver, input: &[u8], piece: usize, capacity: usize) -> (Vec<u8>, Option<usize>) {
    let mut sink = Glass { bytes: Vec::new(), capacity };
    let (mut message, mut used) = (Vec::new(), 0);
    while used < input.len() {
        let end = input.len().min(used.saturating_add(piece));
        let taken = receiver.take(&input[used..end], &mut sink);
        assert!(taken.bytes > 0 || !sink.bytes.is_empty(), "with room in the sink it goes on");
        used += taken.bytes;
        message.append(&mut sink.bytes);
        if taken.ended {
            return (message, Some(used));
        }
    }
    (message, None)
}

/// RFC 5321, section 4.5.2, read plainly: split at CRLF, end at a single dot, take one dot away from a line's start.
fn plainly(input: &[u8]) -> (Vec<u8>, Option<usize>) {
    let (mut message, mut at) = (Vec::new(), 0);
    loop {
        let rest = &input[at..];
        let line = rest.windows(2).position(|two| two == b"\r\n").map(|end| &rest[..end + 2]);
        if line == Some(b".\r\n") {
            return (message, Some(at + 3));
        }
        let text = line.unwrap_or(rest);
        message.extend_from_slice(text.strip_prefix(b".").unwrap_or(text));
        match line {
            Some(line) => at += line.len(),
            None => break,
        }
    }
    // A CR that may belong to the end is not passed on yet.
    if input[at..] == *b".\r" {
        message.truncate(message.len() - 1);
    }
    (message, None)
}

/// What holds for any input.
pub fn holds(bytes: &[u8]) {
    let [piece, capacity, input @ ..] = bytes else { return };
    let (piece, capacity) = (usize::from(*piece) + 1, usize::from(*capacity) + 1);
    let whole = receive(DataReceiver::new(), input, usize::MAX, usize::MAX);
    assert_eq!(whole, plainly(input));
    assert_eq!(receive(DataReceiver::new(), input, piece, capacity), whole);
    // Whatever ends a message ends in CRLF.CRLF, the first CRLF being that of the DATA command at the very start.
    if let Some(end) = whole.1 {
        assert!(input[..end] == *b".\r\n" || input[..end].ends_with(b"\r\n.\r\n"));
    }
    let size = input.len() as u64 / 2 + 1;
    let chunk = receive(BdatReceiver::new(size), input, piece, capacity);
    assert_eq!(chunk.0, input[..chunk.1.unwrap_or(input.len())]);
    assert!(chunk.0.len() as u64 <= size && chunk.1.is_none_or(|used| used as u64 == size));
    in_chunks(input, piece);
}

/// The relay's own sink is wiped and used again: what it says it took is what the receiver moved on by.
fn in_chunks(input: &[u8], piece: usize) {
    let (mut receiver, mut chunk, mut used, mut length) = (DataReceiver::new(), Chunk::new(), 0, 0);
    while used < input.len() {
        let taken = receiver.take(&input[used..input.len().min(used + piece)], &mut chunk);
        assert!(chunk.len() <= Chunk::CAPACITY);
        used += taken.bytes;
        length += chunk.len();
        chunk.clear();
        if taken.ended {
            break;
        }
    }
    assert_eq!(length, plainly(input).0.len());
}
