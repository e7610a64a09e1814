//! One stream of a spool file, found among its frames and read in order.

use super::{
    SpoolError, Stream,
    frame::{Frame, Kind, Walk},
};
use crate::ids::MessageId;
use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read},
    os::unix::fs::FileExt,
    vec,
};

/// Where the bytes of one stream are in its file.
pub(super) struct Places {
    file: File,
    /// Start and length, in order, none empty.
    runs: Vec<(u64, u64)>,
}

impl Places {
    /// Walks over the file of message `id`.
    pub(super) fn find(id: MessageId, mut walk: Walk, stream: Stream) -> Result<Self, SpoolError> {
        let (mut frames, mut mails) = (Vec::new(), None);
        while let Some(frame) = walk.step()? {
            match (frame.kind, stream) {
                (Kind::Layout | Kind::Segment, Stream::Layout(_)) | (Kind::Original, Stream::Original) => {
                    frames.push(frame);
                }
                (Kind::Mails, Stream::Layout(_)) => mails = Some(walk.body(frame)?),
                _ => {}
            }
        }
        if let Stream::Layout(mail) = stream {
            let segments = match mails {
                Some(mails) => segments(&mails, mail),
                None => (mail == 1).then(|| vec![0]),
            };
            let segments = segments.ok_or(SpoolError::Damaged(id, "it has no mail of this number"))?;
            frames = in_order(&frames, &segments);
        }
        let runs = frames.into_iter().map(|frame| (frame.start, frame.length)).filter(|(_, length)| *length > 0);
        Ok(Self { runs: runs.collect(), file: walk.into_file() })
    }

    /// Bytes of the stream.
    pub(super) fn length(&self) -> u64 {
        self.runs.iter().map(|(_, length)| length).sum()
    }

    pub(super) fn reader(self) -> StreamReader {
        StreamReader { file: self.file, runs: self.runs.into_iter(), position: 0, left: 0 }
    }
}

/// The segments of the mail with this number, after the frame of kind 6.
fn segments(mails: &[u8], mail: u32) -> Option<Vec<u32>> {
    let mut numbers = mails.as_chunks().0.iter().map(|number| u32::from_le_bytes(*number));
    for _ in 1..mail {
        let count = numbers.next()?;
        numbers.by_ref().take(count as usize).for_each(drop);
    }
    let count = numbers.next().filter(|_| mail > 0)? as usize;
    let segments: Vec<u32> = numbers.take(count).collect();
    (segments.len() == count).then_some(segments)
}

/// The frames of these segments, one segment after the other.
fn in_order(frames: &[Frame], segments: &[u32]) -> Vec<Frame> {
    let mut by_segment = HashMap::<u32, Vec<Frame>>::new();
    for frame in frames {
        by_segment.entry(frame.segment).or_default().push(*frame);
    }
    segments.iter().flat_map(|segment| by_segment.remove(segment).unwrap_or_default()).collect()
}

/// Reads the runs of a stream one after the other.
pub(super) struct StreamReader {
    file: File,
    runs: vec::IntoIter<(u64, u64)>,
    position: u64,
    left: u64,
}

impl Read for StreamReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let Some(run) = self.runs.next() else { return Ok(0) };
            (self.position, self.left) = run;
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.file.read_at(&mut buffer[..most], self.position)?;
        if read == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.position += read as u64;
        self.left -= read as u64;
        Ok(read)
    }
}
