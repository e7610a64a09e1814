//! The bytes of a conversation: commands out, bounded answers in, and content that streams.
//! lettre writes the commands and parses the answers; it does not move the bytes, because it would hold a whole mail in
//! memory and a line of any length (docs/decisions.md).

use super::error::{Refusal, SendError, Stage};
use lettre::transport::smtp::response::Response;
use std::{
    fmt::Display,
    io::{self, Read},
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Bytes of content in memory at a time, before dot-stuffing.
const PIECE: usize = 64 * 1024;
/// The longest answer, all lines together; RFC 5321 (section 4.5.3.1.5) allows 512 bytes a line.
const MAX_ANSWER: usize = 32 * 1024;

/// Content that is read while it is sent.
pub type Content = Box<dyn Read + Send>;

/// Anything that carries bytes both ways.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// One side of an SMTP conversation.
pub struct Wire {
    stream: Box<dyn Duplex>,
    /// What came and was not taken yet.
    received: Vec<u8>,
}

impl Wire {
    /// A conversation over `stream`, with nothing said yet.
    pub fn new(stream: impl Duplex + 'static) -> Self {
        Self { stream: Box::new(stream), received: Vec::new() }
    }

    /// The stream, for a handshake. Fails when the server has sent more than it was asked for: those bytes came in
    /// plaintext and would be taken as said under TLS (CVE-2011-0411).
    pub fn into_stream(self) -> Result<Box<dyn Duplex>, SendError> {
        if self.received.is_empty() { Ok(self.stream) } else { Err(SendError::Injected) }
    }

    /// Sends a command (with its CRLF) and gives the answer, which must be positive.
    pub async fn command(&mut self, stage: Stage, command: impl Display) -> Result<Response, SendError> {
        self.write(stage, command.to_string().as_bytes()).await?;
        self.answer(stage).await
    }

    /// Takes the next answer, which must be positive.
    pub async fn answer(&mut self, stage: Stage) -> Result<Response, SendError> {
        let mut answer = String::new();
        loop {
            let line = self.line(stage).await?;
            // Some servers send a code and nothing else: the space is added so that the parser takes it.
            let line = if line.len() == 3 { format!("{line} ") } else { line };
            let last = line.as_bytes().get(3) != Some(&b'-');
            answer.push_str(&line);
            answer.push_str("\r\n");
            if answer.len() > MAX_ANSWER {
                return Err(SendError::NotSmtp(stage));
            }
            if last {
                break;
            }
        }
        let response: Response = answer.parse().map_err(|_| SendError::NotSmtp(stage))?;
        if response.is_positive() { Ok(response) } else { Err(SendError::Refused(stage, Refusal::new(&response))) }
    }

    /// Sends content after a 354, dot-stuffed, with the final dot, and gives the answer. When the content cannot be
    /// read to its end there is no final dot: the caller drops the connection and the server keeps nothing.
    pub async fn content(&mut self, content: Content) -> Result<Response, SendError> {
        let mut source = Source { content, piece: vec![0; PIECE] };
        let mut stuffing = DotStuffing::default();
        let mut stuffed = Vec::with_capacity(PIECE + PIECE / 8);
        loop {
            let length;
            (source, length) = source.fill().await?;
            if length == 0 {
                break;
            }
            stuffed.clear();
            stuffing.stuff(&source.piece[..length], &mut stuffed);
            self.write_content(&stuffed).await?;
        }
        self.write_content(stuffing.end()).await?;
        self.answer(Stage::Content).await
    }

    /// A server that gives up in the middle may have said why before it closed: its answer is worth more than the
    /// broken pipe.
    async fn write_content(&mut self, bytes: &[u8]) -> Result<(), SendError> {
        let Err(broken) = self.write(Stage::Content, bytes).await else { return Ok(()) };
        match self.answer(Stage::Content).await {
            Err(refused @ SendError::Refused(..)) => Err(refused),
            _ => Err(broken),
        }
    }

    async fn write(&mut self, stage: Stage, bytes: &[u8]) -> Result<(), SendError> {
        let broken = |error: io::Error| SendError::Broken(stage, error.kind());
        self.stream.write_all(bytes).await.map_err(broken)?;
        self.stream.flush().await.map_err(broken)
    }

    /// The next line without its end.
    async fn line(&mut self, stage: Stage) -> Result<String, SendError> {
        loop {
            if let Some(end) = self.received.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.received.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(line.trim_ascii_end()).into_owned());
            }
            if self.received.len() > MAX_ANSWER {
                return Err(SendError::NotSmtp(stage));
            }
            let read = self.stream.read_buf(&mut self.received).await;
            match read {
                Ok(0) => return Err(SendError::Broken(stage, io::ErrorKind::UnexpectedEof)),
                Ok(_) => {}
                Err(error) => return Err(SendError::Broken(stage, error.kind())),
            }
        }
    }
}

/// Content and the piece of it that is on its way.
struct Source {
    content: Content,
    piece: Vec<u8>,
}

impl Source {
    /// Fills the piece as far as the content goes, on a thread that may block; gives the number of bytes.
    async fn fill(mut self) -> Result<(Self, usize), SendError> {
        let filled = tokio::task::spawn_blocking(move || {
            let mut length = 0;
            while length < self.piece.len() {
                match self.content.read(&mut self.piece[length..]) {
                    Ok(0) => break,
                    Ok(read) => length += read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error.kind()),
                }
            }
            Ok((self, length))
        });
        let filled = filled.await.map_err(|_| SendError::Content(io::ErrorKind::Other))?;
        filled.map_err(SendError::Content)
    }
}

/// Transparency (RFC 5321, section 4.5.2): a line that starts with a dot gets one more.
struct DotStuffing {
    /// The last two bytes so far.
    last: [u8; 2],
}

impl Default for DotStuffing {
    fn default() -> Self {
        Self { last: *b"\r\n" }
    }
}

impl DotStuffing {
    fn stuff(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        for line in piece.split_inclusive(|&byte| byte == b'\n') {
            if self.last == *b"\r\n" && line[0] == b'.' {
                out.push(b'.');
            }
            out.extend_from_slice(line);
            self.last = match line {
                [.., a, b] => [*a, *b],
                [b] => [self.last[1], *b],
                [] => self.last,
            };
        }
    }

    /// What ends the data, with a line end of its own when the content has none.
    fn end(&self) -> &'static [u8] {
        if self.last == *b"\r\n" { b".\r\n" } else { b"\r\n.\r\n" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stuffed(pieces: &[&[u8]]) -> Vec<u8> {
        let (mut stuffing, mut out) = (DotStuffing::default(), Vec::new());
        pieces.iter().for_each(|piece| stuffing.stuff(piece, &mut out));
        out.extend_from_slice(stuffing.end());
        out
    }

    #[test]
    fn dots_at_the_start_of_a_line_are_doubled_and_the_end_is_found() {
        assert_eq!(stuffed(&[]), b".\r\n");
        assert_eq!(stuffed(&[b".\r\n.a\r\nb."]), b"..\r\n..a\r\nb.\r\n.\r\n");
        assert_eq!(stuffed(&[b"a\r", b"\n", b".", b"\r\n"]), b"a\r\n..\r\n.\r\n");
        assert_eq!(stuffed(&[b"a\r\n"]), b"a\r\n.\r\n");
    }

    proptest! {
        #[test]
        fn a_receiver_gets_back_what_was_sent(text in "[.\r\na]{0,60}", cut in 0usize..60) {
            let cut = cut.min(text.len());
            let wire = stuffed(&[&text.as_bytes()[..cut], &text.as_bytes()[cut..]]);
            let mut got = Vec::new();
            let mut rest = &wire[..];
            // RFC 5321: lines end at CRLF only.
            loop {
                let end = rest.windows(2).position(|pair| pair == b"\r\n").unwrap() + 2;
                let (line, tail) = rest.split_at(end);
                if line == b".\r\n" {
                    prop_assert!(tail.is_empty());
                    break;
                }
                got.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
                rest = tail;
            }
            let whole = if text.is_empty() || text.ends_with("\r\n") { text } else { text + "\r\n" };
            prop_assert_eq!(got, whole.as_bytes());
        }
    }

    #[tokio::test]
    async fn answers_of_several_lines_and_of_a_bare_code_are_taken() {
        let (near, mut far) = tokio::io::duplex(4096);
        far.write_all(b"250-one\r\n250 two\r\n354\r\n550-5.1.1 no\r\n550 5.1.1 no\r\n250-a\r\n251 b\r\n")
            .await
            .unwrap();
        let mut wire = Wire::new(near);
        let lines: Vec<String> = wire.answer(Stage::Hello).await.unwrap().message().map(String::from).collect();
        assert_eq!(lines, ["one", "two"]);
        assert!(wire.answer(Stage::Data).await.unwrap().has_code(354));
        assert!(matches!(wire.answer(Stage::Recipient).await, Err(SendError::Refused(Stage::Recipient, _))));
        assert!(matches!(wire.answer(Stage::Hello).await, Err(SendError::NotSmtp(Stage::Hello))));
    }

    #[tokio::test]
    async fn an_endless_answer_is_cut_off() {
        let (near, mut far) = tokio::io::duplex(4096);
        let endless = tokio::spawn(async move { while far.write_all(b"250-more\r\n").await.is_ok() {} });
        assert!(matches!(Wire::new(near).answer(Stage::Hello).await, Err(SendError::NotSmtp(_))));
        endless.await.unwrap();
        let (near, mut far) = tokio::io::duplex(4096);
        let endless = tokio::spawn(async move { while far.write_all(&[b'2'; 512]).await.is_ok() {} });
        assert!(matches!(Wire::new(near).answer(Stage::Hello).await, Err(SendError::NotSmtp(_))));
        endless.await.unwrap();
    }

    #[tokio::test]
    async fn what_was_sent_before_a_handshake_is_an_error() {
        let (near, mut far) = tokio::io::duplex(4096);
        far.write_all(b"220 ready\r\n250 injected\r\n").await.unwrap();
        let mut wire = Wire::new(near);
        wire.answer(Stage::StartTls).await.unwrap();
        assert!(matches!(wire.into_stream(), Err(SendError::Injected)));
    }

    #[tokio::test]
    async fn content_that_cannot_be_read_gets_no_final_dot() {
        struct Breaks(u8);
        impl Read for Breaks {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 += 1;
                if self.0 > 2 {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                buffer.fill(b'a');
                Ok(buffer.len())
            }
        }
        let (near, mut far) = tokio::io::duplex(1 << 20);
        let mut wire = Wire::new(near);
        let error = wire.content(Box::new(Breaks(0))).await.unwrap_err();
        assert!(matches!(error, SendError::Content(io::ErrorKind::InvalidData)));
        drop(wire);
        let mut got = Vec::new();
        far.read_to_end(&mut got).await.unwrap();
        assert!(!got.contains(&b'.'));
    }
}
