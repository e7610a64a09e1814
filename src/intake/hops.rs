//! Counts the relays that a message came through: its Received fields (RFC 5321, section 6.3), so that a loop is ended.

/// Counts while the header streams in; what follows the header is not looked at.
#[derive(Default)]
pub(super) struct Hops {
    count: usize,
    line: Line,
}

#[derive(Default)]
enum Line {
    /// At the start of a line.
    #[default]
    Start,
    /// So many characters of `Received:` have been seen.
    Name(usize),
    /// A CR at the start of a line.
    Cr,
    /// The rest of a line.
    Rest,
    /// The header is over.
    Body,
}

const FIELD: &[u8] = b"Received:";

impl Hops {
    /// How many there are in the header so far.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Takes in the next bytes of the message.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.line = match (&self.line, byte) {
                (Line::Body, _) => return,
                (Line::Start | Line::Cr, b'\n') => Line::Body,
                (_, b'\n') => Line::Start,
                (Line::Start, b'\r') => Line::Cr,
                (Line::Start, _) => self.name(0, byte),
                (Line::Name(seen), _) => self.name(*seen, byte),
                (Line::Cr | Line::Rest, _) => Line::Rest,
            };
        }
    }

    fn name(&mut self, seen: usize, byte: u8) -> Line {
        if !byte.eq_ignore_ascii_case(&FIELD[seen]) {
            return Line::Rest;
        }
        if seen + 1 < FIELD.len() {
            return Line::Name(seen + 1);
        }
        self.count += 1;
        Line::Rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(pieces: &[&[u8]]) -> usize {
        let mut hops = Hops::default();
        pieces.iter().for_each(|piece| hops.push(piece));
        hops.count()
    }

    #[test]
    fn counts_fields_of_the_header_alone() {
        let mail = b"Received: from a\r\n\tReceived: folded\r\nreceived: from b\r\nX-Received: no\r\nReceived : no\r\n\r\nReceived: body\r\n";
        assert_eq!(count(&[mail]), 2);
        assert_eq!(count(&mail.chunks(1).collect::<Vec<_>>()), 2);
        assert_eq!(count(&[b"Received: x\n\nReceived: y\n"]), 1);
        assert_eq!(count(&[b"\r\nReceived: y\n"]), 0);
    }
}
