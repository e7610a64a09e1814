//! The bytes of one connection: a bounded, zeroised buffer for what comes, and replies gathered into as few writes as
//! possible for what goes. Every read is preceded by a flush, so that nobody waits for a reply that we hold.

use super::{command::MAX_LINE, reply::Reply};
use std::{io, ops::Range};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use zeroize::{Zeroize, Zeroizing};

/// What fits into the buffer: one TLS record.
const CAPACITY: usize = 16 * 1024;

/// A peer's bytes and ours.
pub struct Wire<IO> {
    io: IO,
    input: Zeroizing<Box<[u8]>>,
    /// The part of `input` that came and is not used up.
    held: Range<usize>,
    output: Vec<u8>,
    /// The line that is coming in is over its limit and thrown away.
    overlong: bool,
}

/// Bytes came before the handshake that were meant to be read after it (CVE-2011-0411).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BytesBeforeTls;

impl<IO: AsyncRead + AsyncWrite + Unpin> Wire<IO> {
    pub fn new(io: IO) -> Self {
        let input = Zeroizing::new(vec![0; CAPACITY].into_boxed_slice());
        Self { io, input, held: 0..0, output: Vec::new(), overlong: false }
    }

    /// What came and is not used up.
    pub fn buffered(&self) -> &[u8] {
        &self.input[self.held.clone()]
    }

    /// Uses up so many bytes. What is used up is wiped as soon as the buffer is empty, at the latest with the next read.
    pub fn consume(&mut self, bytes: usize) {
        self.held.start = self.held.end.min(self.held.start.saturating_add(bytes));
        if self.held.is_empty() {
            self.input[..self.held.end].zeroize();
            self.held = 0..0;
        }
    }

    /// Gives the next whole line to `read`, its end included; None when more must be read first. Of a line over the limit
    /// only the first bytes are given, too many of them to be a command; the rest is thrown away.
    pub fn next_line<T>(&mut self, read: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let Some(end) = memchr::memchr(b'\n', self.buffered()) else {
            if self.buffered().len() > MAX_LINE {
                self.overlong = true;
            }
            if self.overlong {
                self.consume(usize::MAX);
            }
            return None;
        };
        let overlong = std::mem::take(&mut self.overlong);
        let line = &self.buffered()[..=end];
        let result = if overlong { read(&[b'.'; MAX_LINE + 1]) } else { read(line) };
        self.consume(end + 1);
        Some(result)
    }

    /// Puts a reply among those that go out with the next flush.
    pub fn send(&mut self, reply: &Reply) {
        self.output.extend_from_slice(reply.as_bytes());
    }

    /// So many replies wait that they should go out before more commands are read.
    pub fn replies_pile_up(&self) -> bool {
        self.output.len() > CAPACITY
    }

    /// Writes all replies that wait.
    pub async fn flush(&mut self) -> io::Result<()> {
        if !self.output.is_empty() {
            self.io.write_all(&self.output).await?;
            self.io.flush().await?;
            self.output.clear();
        }
        Ok(())
    }

    /// Waits for more bytes; gives how many came, 0 at the end of the stream. Replies must be flushed before. Cancel-safe.
    pub async fn read(&mut self) -> io::Result<usize> {
        debug_assert!(self.output.is_empty(), "nobody may wait for a reply that we hold");
        if self.held.start > 0 {
            self.input.copy_within(self.held.clone(), 0);
            let left = self.held.len();
            self.input[left..self.held.end].zeroize();
            self.held = 0..left;
        }
        let came = self.io.read(&mut self.input[self.held.end..]).await?;
        self.held.end += came;
        Ok(came)
    }

    /// Gives the stream back for the handshake, unless bytes are buffered that came before it.
    pub fn into_stream(self) -> Result<IO, BytesBeforeTls> {
        if self.held.is_empty() && self.output.is_empty() { Ok(self.io) } else { Err(BytesBeforeTls) }
    }

    /// Says the last words and closes. Reads on for a moment, because a peer that still sends would otherwise get a reset
    /// instead of our words. The caller bounds the time.
    pub async fn close(mut self) -> io::Result<()> {
        /// What a peer may still have under way: a window or two.
        const MOST: usize = 1024 * 1024;
        self.flush().await?;
        self.io.shutdown().await?;
        let mut thrown_away = 0;
        while thrown_away < MOST {
            self.consume(usize::MAX);
            match self.read().await? {
                0 => break,
                came => thrown_away += came,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::DuplexStream;

    async fn wire(input: &[u8]) -> Wire<DuplexStream> {
        let (mut peer, ours) = tokio::io::duplex(1024 * 1024);
        peer.write_all(input).await.unwrap();
        drop(peer);
        Wire::new(ours)
    }

    async fn lines(wire: &mut Wire<DuplexStream>) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            while let Some(line) = wire.next_line(|line| String::from_utf8_lossy(line).into_owned()) {
                lines.push(line);
            }
            if wire.read().await.unwrap() == 0 {
                return lines;
            }
        }
    }

    #[tokio::test]
    async fn lines_come_whole_and_overlong_ones_not_at_all() {
        let long = format!("NOOP\r\n{}\r\nRSET\n{}\r\nQUIT\r\nrest", "x".repeat(100_000), "y".repeat(MAX_LINE - 2));
        let mut wire = wire(long.as_bytes()).await;
        let lines = lines(&mut wire).await;
        let lengths: Vec<_> = lines.iter().map(String::len).collect();
        assert_eq!(lengths, [6, MAX_LINE + 1, 5, MAX_LINE, 6]);
        assert!(!lines[1].contains('x'));
        assert_eq!(wire.buffered(), b"rest");
    }

    #[tokio::test]
    async fn what_was_used_up_is_wiped() {
        let mut wire = wire(b"a secret line\r\nanother\r\n").await;
        wire.read().await.unwrap();
        wire.next_line(|_| ()).unwrap();
        wire.read().await.unwrap();
        assert_eq!(&wire.input[..11], b"another\r\n\0\0");
        assert!(wire.input[9..].iter().all(|&byte| byte == 0));
        wire.next_line(|_| ()).unwrap();
        assert!(wire.input.iter().all(|&byte| byte == 0));
    }

    #[tokio::test]
    async fn no_byte_crosses_the_handshake() {
        let mut wire = wire(b"STARTTLS\r\nRSET\r\n").await;
        wire.read().await.unwrap();
        wire.next_line(|_| ()).unwrap();
        assert_eq!(wire.into_stream().err(), Some(BytesBeforeTls));
    }
}
