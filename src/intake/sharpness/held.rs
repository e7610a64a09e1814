//! A photo held in memory: in pieces of one size, so that growing leaves no copy behind; each is wiped when dropped.

use super::{Settings, Stop, budget::Share};
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use zeroize::Zeroizing;

/// Bytes of a piece.
const PIECE: usize = 64 * 1024;

/// The kinds that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Jpeg,
    Png,
}

/// A photo while it comes in. No Debug: it is the client's.
pub(in crate::intake) struct Held {
    photo: Photo,
    most: u64,
}

/// A whole photo, to be measured. No Debug: it is the client's.
pub struct Photo {
    pub(super) document: u32,
    pub(super) kind: Kind,
    pieces: Vec<Zeroizing<Vec<u8>>>,
    length: u64,
    pub(super) share: Share,
}

impl Held {
    /// The document of this number begins.
    pub(in crate::intake) fn new(document: u32, kind: Kind, settings: &Settings) -> Self {
        let share = settings.budget.share();
        Self { photo: Photo { document, kind, pieces: Vec::new(), length: 0, share }, most: settings.max_photo }
    }

    /// Takes the next bytes. None: the photo is too large or the budget is spent; all of it is wiped and given back.
    pub(in crate::intake) fn push(mut self, mut bytes: &[u8]) -> Option<Self> {
        let photo = &mut self.photo;
        photo.length += bytes.len() as u64;
        if photo.length > self.most {
            return None;
        }
        while !bytes.is_empty() {
            let room = photo.pieces.last().map_or(0, |piece| PIECE - piece.len());
            if room == 0 {
                if !photo.share.grow(PIECE as u64) {
                    return None;
                }
                photo.pieces.push(Zeroizing::new(Vec::with_capacity(PIECE)));
                continue;
            }
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            if let Some(piece) = photo.pieces.last_mut() {
                piece.extend_from_slice(now);
            }
            bytes = later;
        }
        Some(self)
    }

    /// The document is over.
    pub(in crate::intake) fn finish(self) -> Photo {
        self.photo
    }
}

impl Photo {
    /// Reads the photo until told to stop.
    pub(super) fn reader<'p>(&'p self, stop: &'p Stop) -> Reader<'p> {
        Reader { pieces: &self.pieces, length: self.length, at: 0, stop }
    }
}

/// Reads a photo in place. Fails once it is told to stop: that is how a decoder is stopped.
pub(super) struct Reader<'p> {
    pieces: &'p [Zeroizing<Vec<u8>>],
    length: u64,
    at: u64,
    stop: &'p Stop,
}

impl BufRead for Reader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.stop.is_stopped() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let at = usize::try_from(self.at).unwrap_or(usize::MAX);
        let piece = self.pieces.get(at / PIECE).map_or(&[][..], |piece| piece);
        Ok(piece.get(at % PIECE..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount as u64;
    }
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl Seek for Reader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
