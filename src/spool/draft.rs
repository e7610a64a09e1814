//! A message's file while it is written: frames gather in memory and go to the disk in large pieces, so that a small
//! message costs one open, one write and one fsync. Holds ciphertext only.

use super::{
    Draft, Lane, SpoolError, Written,
    directory::Shared,
    frame::{self, Kind},
};
use crate::{digest::Blake3, ids::MessageId};
use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    mem,
    num::NonZeroU64,
    os::unix::fs::OpenOptionsExt,
    sync::Arc,
};

/// Bytes that gather in memory before they are written: a message of 100 KB with its layout and original fits in whole.
pub(super) const BUFFER: usize = 256 * 1024;
/// After so many bytes the file is made durable on the way, so that the end of a large message has little left to wait for.
const SYNC_EVERY: usize = 4 * 1024 * 1024;

/// After so many bytes the kernel is asked to begin writing them back, while the rest of the message still comes in.
const BEGIN_EVERY: u64 = 1024 * 1024;

/// A file in the making, `tmp/ID`.
pub(super) struct FileDraft {
    spool: Arc<Shared>,
    id: MessageId,
    /// Frames that are not written yet.
    pending: Vec<u8>,
    /// The last frame of `pending`, while it still grows: its lane and where its head is.
    open: Option<(Lane, usize)>,
    digest: Blake3,
    /// Created when the first bytes are written.
    file: Option<File>,
    unsynced: usize,
    /// Length of the file, and how much of it the kernel was asked to write back.
    written: u64,
    begun: u64,
}

impl FileDraft {
    pub(super) fn new(spool: Arc<Shared>, id: MessageId) -> Self {
        let mut pending = spool.take_buffer();
        pending.extend_from_slice(frame::MAGIC);
        Self {
            spool,
            id,
            pending,
            open: None,
            digest: Blake3::default(),
            file: None,
            unsynced: 0,
            written: 0,
            begun: 0,
        }
    }

    /// Writes the length of the frame that grew into its head.
    fn close_frame(&mut self) {
        if let Some((lane, at)) = self.open.take() {
            let length = self.pending.len() - at - frame::HEAD;
            let length = u32::try_from(length).expect("a frame is at most a buffer long");
            self.pending[at..at + frame::HEAD].copy_from_slice(&frame::head(Kind::of(lane), length));
        }
    }

    /// Appends a whole frame.
    fn append_frame(&mut self, kind: Kind, body: &[u8]) -> Result<(), SpoolError> {
        let length = u32::try_from(body.len())
            .map_err(|_| SpoolError::Io("a frame is too long", io::ErrorKind::InvalidInput))?;
        self.close_frame();
        self.pending.extend_from_slice(&frame::head(kind, length));
        self.pending.extend_from_slice(body);
        Ok(())
    }

    /// Writes what gathered.
    fn flush(&mut self) -> Result<(), SpoolError> {
        self.close_frame();
        self.digest.update(&self.pending);
        self.write_pending()?;
        if self.unsynced >= SYNC_EVERY {
            self.sync()?;
        }
        self.begin_writing_back();
        Ok(())
    }

    /// Lets the disk work while the message still comes in, so that the fsync at its end does not wait for all of it. "Do not need"
    /// starts the writing of dirty pages on Linux and waits for nothing (posix_fadvise(2)). It is advice: an error of the disk
    /// is told by the fsync, and an error of the advice itself changes nothing.
    fn begin_writing_back(&mut self) {
        let length = self.written - self.begun;
        if let (Some(file), Some(length)) = (&self.file, NonZeroU64::new(length).filter(|_| length >= BEGIN_EVERY)) {
            let _ = rustix::fs::fadvise(file, self.begun, Some(length), rustix::fs::Advice::DontNeed);
            self.begun = self.written;
        }
    }

    fn write_pending(&mut self) -> Result<(), SpoolError> {
        self.spool.check_room()?;
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let path = self.spool.draft_path(self.id);
                none.insert(OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(writing)?)
            }
        };
        file.write_all(&self.pending).map_err(writing)?;
        self.unsynced += self.pending.len();
        self.written += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }

    fn sync(&mut self) -> Result<(), SpoolError> {
        self.unsynced = 0;
        match &self.file {
            Some(file) => self.spool.synced(file.sync_data()),
            None => Ok(()),
        }
    }
}

impl Draft for FileDraft {
    fn append(&mut self, lane: Lane, ciphertext: &[u8]) -> Result<(), SpoolError> {
        for piece in ciphertext.chunks(BUFFER / 2) {
            if self.blocks(piece.len()) {
                self.flush()?;
            }
            if self.open.is_none_or(|(open, _)| open != lane) {
                self.close_frame();
                self.open = Some((lane, self.pending.len()));
                self.pending.extend_from_slice(&[0; frame::HEAD]);
                if let Lane::Segment(number @ 1..) = lane {
                    self.pending.extend_from_slice(&number.to_le_bytes());
                }
            }
            self.pending.extend_from_slice(piece);
        }
        Ok(())
    }

    fn blocks(&self, more: usize) -> bool {
        self.pending.len() + frame::HEAD + frame::SEGMENT + more > BUFFER
    }

    fn divide(&mut self, mails: &[Vec<u32>]) -> Result<(), SpoolError> {
        let mut body = Vec::new();
        for segments in mails {
            let count = segments.len() as u32;
            let numbers = [count].into_iter().chain(segments.iter().copied());
            body.extend(numbers.flat_map(u32::to_le_bytes));
        }
        self.append_frame(Kind::Mails, &body)
    }

    fn finish(mut self: Box<Self>, record: &[u8]) -> Result<Written, SpoolError> {
        self.append_frame(Kind::Record, record)?;
        self.digest.update(&self.pending);
        let digest = self.digest.finish();
        self.pending.extend_from_slice(&frame::head(Kind::Digest, frame::DIGEST as u32));
        self.pending.extend_from_slice(&digest.0);
        self.write_pending()?;
        self.sync()?;
        self.file = None;
        let (spool, id) = (Arc::clone(&self.spool), self.id);
        Ok(Written::new(id, move || spool.discard(id)))
    }
}

impl Drop for FileDraft {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            self.spool.discard(self.id);
        }
        self.spool.give_buffer(mem::take(&mut self.pending));
    }
}

/// An error of writing as the spool says it.
pub(super) fn writing(error: io::Error) -> SpoolError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => SpoolError::Full,
        kind => SpoolError::Io("a spool file cannot be written", kind),
    }
}
