//! The spool in one directory: `spool/ID` for each published message, `spool/tmp/ID` for drafts.
//! Only the process that holds the store's lock may open it: drafts of an earlier process are removed.

use super::{
    Draft, Spool, SpoolError, Stream, Written,
    draft::{BUFFER, FileDraft, writing},
    frame::{self, Frame, Kind, Walk, reading},
    stream::Places,
};
use crate::{digest::Blake3, ids::MessageId};
use std::{
    fs::{self, DirBuilder, File},
    io::{self, BufReader, Read},
    os::unix::fs::{DirBuilderExt, FileExt},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Bytes read at once.
const READ: usize = 64 * 1024;
/// For how long a measure of the free space is good.
const FREE_SPACE_AGE: Duration = Duration::from_millis(250);
/// Write buffers kept for the next messages.
const SPARE_BUFFERS: usize = 16;

/// The spool of one machine.
pub struct DirectorySpool {
    shared: Arc<Shared>,
}

/// What the spool shares with its drafts.
pub(super) struct Shared {
    directory: PathBuf,
    drafts: PathBuf,
    min_free_space: u64,
    /// An fsync failed: what is on the disk is not known any more.
    poisoned: AtomicBool,
    free: Mutex<Option<(Instant, u64)>>,
    buffers: Mutex<Vec<Vec<u8>>>,
}

impl DirectorySpool {
    /// Opens `spool` in `data_dir` (which must exist), creating it with mode 0700, and removes the drafts of an earlier
    /// process. `min_free_space` is the floor in bytes that [`Spool::ready`] keeps free.
    pub fn open(data_dir: &Path, min_free_space: u64) -> Result<Self, SpoolError> {
        let directory = data_dir.join("spool");
        let drafts = directory.join("tmp");
        make_directory(&directory)?;
        make_directory(&drafts)?;
        for draft in fs::read_dir(&drafts).map_err(reading)? {
            fs::remove_file(draft.map_err(reading)?.path()).map_err(writing)?;
        }
        let shared = Shared {
            directory,
            drafts,
            min_free_space,
            poisoned: AtomicBool::new(false),
            free: Mutex::new(None),
            buffers: Mutex::new(Vec::new()),
        };
        shared.sync_directory(data_dir)?;
        shared.sync_directory(&shared.directory)?;
        Ok(Self { shared: Arc::new(shared) })
    }

    fn walk(&self, id: MessageId) -> Result<Walk, SpoolError> {
        let file = File::open(self.shared.path(id)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => SpoolError::Missing(id),
            _ => reading(error),
        })?;
        Walk::begin(id, file)
    }
}

impl Spool for DirectorySpool {
    fn create(&self, id: MessageId) -> Result<Box<dyn Draft>, SpoolError> {
        self.shared.sound()?;
        Ok(Box::new(FileDraft::new(Arc::clone(&self.shared), id)))
    }

    /// A rename within a file system changes both directories in one step of its journal, and the fsync of the directory
    /// that the files went to makes the new names durable, all of the batch at once. `tmp` needs none: if its side of a
    /// rename is lost in a power cut, the left-over name there goes at the next start.
    fn publish(&self, written: Vec<Written>) -> Result<(), SpoolError> {
        self.shared.sound()?;
        let rename = |file: &Written| fs::rename(self.shared.draft_path(file.id), self.shared.path(file.id));
        let renamed = written.iter().try_for_each(rename).map_err(writing);
        match renamed.and_then(|()| self.shared.sync_directory(&self.shared.directory)) {
            Ok(()) => {
                written.into_iter().for_each(Written::published);
                Ok(())
            }
            Err(error) => {
                for file in &written {
                    // Those that were not renamed are removed when `written` is dropped.
                    let _ = fs::remove_file(self.shared.path(file.id));
                }
                Err(error)
            }
        }
    }

    fn open(&self, id: MessageId, stream: Stream) -> Result<Box<dyn Read + Send>, SpoolError> {
        let reader = Places::find(id, self.walk(id)?, stream)?.reader();
        Ok(Box::new(BufReader::with_capacity(READ, reader)))
    }

    fn length(&self, id: MessageId, stream: Stream) -> Result<u64, SpoolError> {
        Ok(Places::find(id, self.walk(id)?, stream)?.length())
    }

    fn record(&self, id: MessageId) -> Result<Vec<u8>, SpoolError> {
        let mut walk = self.walk(id)?;
        while let Some(frame) = walk.step()? {
            if frame.kind == Kind::Record {
                return walk.body(frame);
            }
        }
        Err(SpoolError::Damaged(id, "it has no record"))
    }

    fn verify(&self, id: MessageId) -> Result<(), SpoolError> {
        let mut walk = self.walk(id)?;
        let mut last: Option<Frame> = None;
        while let Some(frame) = walk.step()? {
            last = Some(frame);
        }
        let last = last.ok_or(SpoolError::Damaged(id, "it is cut off"))?;
        let expected = walk.body(last)?;
        let covered = walk.end() - last.length - frame::HEAD as u64;
        if digest_of(walk.file(), covered)?.0[..] != expected[..] {
            return Err(SpoolError::Damaged(id, "its digest is not that of its content"));
        }
        Ok(())
    }

    fn remove(&self, id: MessageId) -> Result<(), SpoolError> {
        match fs::remove_file(self.shared.path(id)) {
            Ok(()) => self.shared.sync_directory(&self.shared.directory),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(writing(error)),
        }
    }

    fn list(&self) -> Result<Vec<MessageId>, SpoolError> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.shared.directory).map_err(reading)? {
            let name = entry.map_err(reading)?.file_name();
            ids.extend(name.to_str().and_then(|name| name.parse::<MessageId>().ok()));
        }
        ids.sort_unstable();
        Ok(ids)
    }

    fn ready(&self, expected: u64) -> Result<(), SpoolError> {
        self.shared.sound()?;
        let needed = self.shared.min_free_space.saturating_add(expected);
        if self.shared.free_space()? < needed { Err(SpoolError::Full) } else { Ok(()) }
    }
}

impl Shared {
    fn path(&self, id: MessageId) -> PathBuf {
        self.directory.join(id.to_string())
    }

    pub(super) fn draft_path(&self, id: MessageId) -> PathBuf {
        self.drafts.join(id.to_string())
    }

    /// Removes a draft that will not be published. What cannot be removed goes at the next start.
    pub(super) fn discard(&self, id: MessageId) {
        let _ = fs::remove_file(self.draft_path(id));
    }

    /// Fails after a failed fsync.
    fn sound(&self) -> Result<(), SpoolError> {
        if self.poisoned.load(Ordering::Acquire) { Err(SpoolError::Poisoned) } else { Ok(()) }
    }

    /// Takes the result of an fsync. A failed one is never tried again: the kernel has already marked the lost pages clean,
    /// so that the second would succeed and mean nothing.
    pub(super) fn synced(&self, result: io::Result<()>) -> Result<(), SpoolError> {
        result.map_err(|error| {
            self.poisoned.store(true, Ordering::Release);
            tracing::error!(error = %error.kind(), "an fsync in the spool failed: no more mail is taken until a restart");
            SpoolError::Poisoned
        })
    }

    fn sync_directory(&self, directory: &Path) -> Result<(), SpoolError> {
        let directory = File::open(directory).map_err(reading)?;
        self.synced(directory.sync_all())
    }

    /// Fails while messages come in faster than [`Spool::ready`] foresaw and half of the floor is used up: the other half
    /// belongs to the store.
    pub(super) fn check_room(&self) -> Result<(), SpoolError> {
        self.sound()?;
        if self.free_space()? < self.min_free_space / 2 { Err(SpoolError::Full) } else { Ok(()) }
    }

    /// Free bytes, measured a moment ago.
    fn free_space(&self) -> Result<u64, SpoolError> {
        let mut measured = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, free)) = *measured
            && at.elapsed() < FREE_SPACE_AGE
        {
            return Ok(free);
        }
        let space = rustix::fs::statvfs(&self.directory).map_err(|error| reading(error.into()))?;
        let free = space.f_bavail.saturating_mul(space.f_frsize);
        *measured = Some((Instant::now(), free));
        Ok(free)
    }

    /// An empty buffer: growing a fresh one for each message costs page faults.
    pub(super) fn take_buffer(&self) -> Vec<u8> {
        let spare = self.buffers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        spare.unwrap_or_else(|| Vec::with_capacity(BUFFER))
    }

    /// Keeps a buffer for the next message.
    pub(super) fn give_buffer(&self, mut buffer: Vec<u8>) {
        let mut buffers = self.buffers.lock().unwrap_or_else(PoisonError::into_inner);
        if buffers.len() < SPARE_BUFFERS && buffer.capacity() >= BUFFER {
            buffer.clear();
            buffers.push(buffer);
        }
    }
}

fn make_directory(path: &Path) -> Result<(), SpoolError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(writing(error)),
        _ => Ok(()),
    }
}

/// BLAKE3 of the first `length` bytes of a file.
fn digest_of(file: &File, length: u64) -> Result<crate::digest::Digest, SpoolError> {
    let (mut digest, mut buffer, mut position) = (Blake3::default(), vec![0; READ], 0);
    while position < length {
        let most = usize::try_from(length - position).unwrap_or(READ).min(READ);
        file.read_exact_at(&mut buffer[..most], position).map_err(reading)?;
        digest.update(&buffer[..most]);
        position += most as u64;
    }
    Ok(digest.finish())
}
