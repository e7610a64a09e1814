//! The frames of a spool file: their heads, and a walk over a file that reads heads only and seeks over bodies.
//! A walk trusts no length: a frame that does not fit into its file is damage, never an allocation.

use super::{SpoolError, Stream};
use crate::ids::MessageId;
use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::FileExt,
};

/// The first bytes of every spool file, with the version of its format.
pub(super) const MAGIC: &[u8; 10] = b"SEALDROP1\n";
/// Bytes of a frame before its body.
pub(super) const HEAD: usize = 5;
/// Bytes of the digest frame's body.
pub(super) const DIGEST: usize = 32;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Layout = 1,
    Original = 2,
    Record = 3,
    Digest = 4,
}

impl From<Stream> for Kind {
    fn from(stream: Stream) -> Self {
        match stream {
            Stream::Layout => Self::Layout,
            Stream::Original => Self::Original,
        }
    }
}

impl Kind {
    fn read(byte: u8) -> Option<Self> {
        [Self::Layout, Self::Original, Self::Record, Self::Digest].into_iter().find(|kind| *kind as u8 == byte)
    }

    /// Whether a frame of this kind may follow one of kind `before`: pieces, then the record, then the digest.
    fn may_follow(self, before: Option<Self>) -> bool {
        match self {
            Self::Layout | Self::Original => !matches!(before, Some(Self::Record | Self::Digest)),
            Self::Record => !matches!(before, Some(Self::Record | Self::Digest)),
            Self::Digest => before == Some(Self::Record),
        }
    }
}

/// The head of a frame whose body has `length` bytes.
pub(super) fn head(kind: Kind, length: u32) -> [u8; HEAD] {
    let [a, b, c, d] = length.to_le_bytes();
    [kind as u8, a, b, c, d]
}

/// One frame's place in its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub kind: Kind,
    /// Where the body begins.
    pub start: u64,
    pub length: u64,
}

/// Walks over the frames of one file.
pub(super) struct Walk {
    id: MessageId,
    file: File,
    position: u64,
    end: u64,
    before: Option<Kind>,
}

impl Walk {
    /// Begins at the first frame; fails when the file is not a spool file of this format.
    pub(super) fn begin(id: MessageId, file: File) -> Result<Self, SpoolError> {
        let end = file.metadata().map_err(reading)?.len();
        let mut magic = [0; MAGIC.len()];
        let whole = end >= MAGIC.len() as u64;
        if whole {
            file.read_exact_at(&mut magic, 0).map_err(reading)?;
        }
        if !whole || magic != *MAGIC {
            return Err(SpoolError::Damaged(id, "it does not begin as a spool file"));
        }
        Ok(Self { id, file, position: MAGIC.len() as u64, end, before: None })
    }

    /// The next frame; None after the digest.
    pub(super) fn step(&mut self) -> Result<Option<Frame>, SpoolError> {
        if self.position == self.end && self.before == Some(Kind::Digest) {
            return Ok(None);
        }
        let start = self.position + HEAD as u64;
        if start > self.end {
            return Err(SpoolError::Damaged(self.id, "it is cut off"));
        }
        let mut head = [0; HEAD];
        self.file.read_exact_at(&mut head, self.position).map_err(reading)?;
        let [kind, length @ ..] = head;
        let length = u64::from(u32::from_le_bytes(length));
        let kind = Kind::read(kind).filter(|kind| kind.may_follow(self.before));
        let kind = kind.ok_or(SpoolError::Damaged(self.id, "a frame is of an unexpected kind"))?;
        if length > self.end - start || (kind == Kind::Digest && length != DIGEST as u64) {
            return Err(SpoolError::Damaged(self.id, "a frame does not fit: the file is cut off or changed"));
        }
        self.position = start + length;
        self.before = Some(kind);
        Ok(Some(Frame { kind, start, length }))
    }

    /// The whole body of a frame.
    pub(super) fn body(&self, frame: Frame) -> Result<Vec<u8>, SpoolError> {
        let length = usize::try_from(frame.length).map_err(|_| SpoolError::Damaged(self.id, "a frame is too long"))?;
        let mut body = vec![0; length];
        self.file.read_exact_at(&mut body, frame.start).map_err(reading)?;
        Ok(body)
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Length of the file in bytes.
    pub(super) fn end(&self) -> u64 {
        self.end
    }
}

/// An error of reading as the spool says it.
pub(super) fn reading(error: io::Error) -> SpoolError {
    SpoolError::Io("a spool file cannot be read", error.kind())
}

/// Reads one stream of a file, passing over the frames of the others.
pub(super) struct StreamReader {
    walk: Walk,
    kind: Kind,
    position: u64,
    left: u64,
}

impl StreamReader {
    pub(super) fn new(walk: Walk, stream: Stream) -> Self {
        Self { walk, kind: stream.into(), position: 0, left: 0 }
    }

    /// Goes to the next frame of the stream; false at the end of the file.
    fn next_frame(&mut self) -> io::Result<bool> {
        while let Some(frame) = self.walk.step().map_err(io::Error::other)? {
            if frame.kind == self.kind && frame.length > 0 {
                (self.position, self.left) = (frame.start, frame.length);
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Read for StreamReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !self.next_frame()? {
            return Ok(0);
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.walk.file().read_at(&mut buffer[..most], self.position)?;
        if read == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.position += read as u64;
        self.left -= read as u64;
        Ok(read)
    }
}
