//! The frames of a spool file: their heads, and a walk over a file that reads heads only and seeks over bodies.
//! A walk trusts no length: a frame that does not fit into its file is damage, never an allocation.

use super::{Lane, SpoolError};
use crate::ids::MessageId;
use std::{fs::File, io, os::unix::fs::FileExt};

/// The first bytes of every spool file, with the version of its format.
pub(super) const MAGIC: &[u8; 10] = b"SEALDROP1\n";
/// Bytes of a frame before its body.
pub(super) const HEAD: usize = 5;
/// Bytes of a segment's number.
pub(super) const SEGMENT: usize = 4;
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
    Segment = 5,
    Mails = 6,
}

impl Kind {
    const ALL: [Self; 6] = [Self::Layout, Self::Original, Self::Record, Self::Digest, Self::Segment, Self::Mails];

    /// The kind of the frames of a lane.
    pub(super) fn of(lane: Lane) -> Self {
        match lane {
            Lane::Segment(0) => Self::Layout,
            Lane::Segment(_) => Self::Segment,
            Lane::Original => Self::Original,
        }
    }

    fn read(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == byte)
    }

    /// Whether a frame of this kind may follow one of kind `before`: pieces, perhaps the mails, the record, the digest.
    fn may_follow(self, before: Option<Self>) -> bool {
        let order = |kind| match kind {
            Self::Layout | Self::Original | Self::Segment => 1,
            Self::Mails => 2,
            Self::Record => 3,
            Self::Digest => 4,
        };
        match before.map(order) {
            Some(4) => false,
            before if self == Self::Digest => before == Some(3),
            before => before.is_none_or(|before| before < order(self) || order(self) == 1 && before == 1),
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
    /// The segment of a piece of a layout.
    pub segment: u32,
    /// Where the body begins, after the segment's number.
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
        if kind != Kind::Segment {
            return Ok(Some(Frame { kind, segment: 0, start, length }));
        }
        let mut segment = [0; SEGMENT];
        let length = length.checked_sub(SEGMENT as u64);
        let length = length.ok_or(SpoolError::Damaged(self.id, "a segment has no number"))?;
        self.file.read_exact_at(&mut segment, start).map_err(reading)?;
        let segment = u32::from_le_bytes(segment);
        Ok(Some(Frame { kind, segment, start: start + SEGMENT as u64, length }))
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

    pub(super) fn into_file(self) -> File {
        self.file
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
