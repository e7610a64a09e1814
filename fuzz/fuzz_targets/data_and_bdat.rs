//! DATA and BDAT cut anywhere give what they give uncut. The first byte says how large the pieces are, the second how large
//! the sink is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sealdrop::smtp::data::{BdatReceiver, DataReceiver, Receiver, Sink};

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
        let end = input.len().min(used + piece);
        let taken = receiver.take(&input[used..end], &mut sink);
        used += taken.bytes;
        message.append(&mut sink.bytes);
        if taken.ended {
            return (message, Some(used));
        }
    }
    (message, None)
}

fuzz_target!(|bytes: &[u8]| {
    let [piece, capacity, input @ ..] = bytes else { return };
    let (piece, capacity) = (usize::from(*piece) + 1, usize::from(*capacity) + 1);
    let whole = receive(DataReceiver::new(), input, usize::MAX / 2, usize::MAX);
    assert_eq!(receive(DataReceiver::new(), input, piece, capacity), whole);
    // Whatever ends a message ends in CRLF.CRLF, the first CRLF being that of the DATA command at the very start.
    if let Some(end) = whole.1 {
        assert!(input[..end] == *b".\r\n" || input[..end].ends_with(b"\r\n.\r\n"));
    }
    let size = input.len() as u64 / 2 + 1;
    let chunk = receive(BdatReceiver::new(size), input, piece, capacity);
    assert_eq!(chunk.0, input[..chunk.1.unwrap_or(input.len())]);
});
