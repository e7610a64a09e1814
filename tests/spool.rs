//! The spool's promises: what is published is whole and durable, what is not leaves nothing behind, and no changed byte
//! goes unseen.

use sealdrop::{
    clock::Timestamp,
    ids::MessageId,
    spool::{DirectorySpool, Lane, Spool, SpoolError, Stream},
};
use std::{
    fs,
    io::Read,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn open(directory: &Path) -> DirectorySpool {
    DirectorySpool::open(directory, 0).unwrap()
}

fn path(directory: &Path, id: MessageId) -> PathBuf {
    directory.join("spool").join(id.to_string())
}

/// Publishes a message whose streams come in the given pieces.
fn publish(spool: &dyn Spool, pieces: &[(Lane, &[u8])]) -> MessageId {
    let id = MessageId::new(NOW);
    let mut draft = spool.create(id).unwrap();
    for (lane, piece) in pieces {
        draft.append(*lane, piece).unwrap();
    }
    spool.publish(vec![draft.finish(b"the record").unwrap()]).unwrap();
    id
}

fn read(spool: &dyn Spool, id: MessageId, stream: Stream) -> Vec<u8> {
    let mut content = Vec::new();
    spool.open(id, stream).unwrap().read_to_end(&mut content).unwrap();
    content
}

fn drafts(directory: &Path) -> usize {
    fs::read_dir(directory.join("spool/tmp")).unwrap().count()
}

#[test]
fn streams_come_back_apart_whatever_their_pieces() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open(directory.path());
    let large: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    let mut pieces: Vec<(Lane, &[u8])> = Vec::new();
    let (mut layout, mut original) = (Vec::<u8>::new(), Vec::<u8>::new());
    for (turn, piece) in large.chunks(70_000).chain(large.chunks(999).take(50)).enumerate() {
        let lane = if turn % 3 == 0 { Lane::Segment(0) } else { Lane::Original };
        if lane == Lane::Segment(0) { &mut layout } else { &mut original }.extend_from_slice(piece);
        pieces.push((lane, piece));
    }
    pieces.push((Lane::Segment(0), &[]));
    let id = publish(&spool, &pieces);
    let spool = open(directory.path());
    assert_eq!(spool.list().unwrap(), [id]);
    assert!(read(&spool, id, Stream::Layout(1)) == layout && read(&spool, id, Stream::Original) == original);
    assert_eq!(spool.length(id, Stream::Layout(1)).unwrap(), layout.len() as u64);
    assert_eq!(spool.length(id, Stream::Original).unwrap(), original.len() as u64);
    assert_eq!(spool.record(id).unwrap(), b"the record");
    spool.verify(id).unwrap();
}

/// A file of two mails: the first of segments 0 and 2, the second of segment 3. Segment 1 is void.
fn publish_two_mails(spool: &dyn Spool) -> MessageId {
    let id = MessageId::new(NOW);
    let mut draft = spool.create(id).unwrap();
    let pieces = [(0, "one "), (1, "void"), (2, "three"), (0, "two "), (3, "other "), (1, "void"), (3, "mail")];
    for (segment, piece) in pieces {
        draft.append(Lane::Segment(segment), piece.as_bytes()).unwrap();
        draft.append(Lane::Original, b"original ").unwrap();
    }
    draft.divide(&[vec![0, 2], vec![3]]).unwrap();
    spool.publish(vec![draft.finish(b"the record").unwrap()]).unwrap();
    id
}

#[test]
fn mails_are_their_segments_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open(directory.path());
    let id = publish_two_mails(&spool);
    spool.verify(id).unwrap();
    assert_eq!(read(&spool, id, Stream::Layout(1)), b"one two three");
    assert_eq!(read(&spool, id, Stream::Layout(2)), b"other mail");
    assert_eq!(read(&spool, id, Stream::Original), b"original ".repeat(7));
    assert_eq!((spool.length(id, Stream::Layout(1)).unwrap(), spool.length(id, Stream::Layout(2)).unwrap()), (13, 10));
    assert_eq!(spool.record(id).unwrap(), b"the record");
    for none in [0, 3, u32::MAX] {
        assert!(matches!(spool.length(id, Stream::Layout(none)), Err(SpoolError::Damaged(..))), "mail {none}");
    }
}

#[test]
fn no_changed_byte_of_a_file_of_two_mails_goes_unseen() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open(directory.path());
    let id = publish_two_mails(&spool);
    let path = path(directory.path(), id);
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&path, &changed).unwrap();
        assert!(spool.verify(id).is_err(), "byte {at}");
        // Whatever it gives, it gives without a panic and without an allocation that the file's length does not bear out.
        let _ = spool.open(id, Stream::Layout(2)).map(|mut mail| mail.read_to_end(&mut Vec::new()));
        fs::write(&path, &whole[..at]).unwrap();
        assert!(spool.verify(id).is_err(), "cut at {at}");
    }
}

/// What every release before this one wrote, and this one writes for a message of one mail.
#[test]
fn a_file_of_one_mail_says_nothing_of_segments() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open(directory.path());
    let id = publish(&spool, &[(Lane::Segment(0), b"layout"), (Lane::Original, b"original")]);
    let expected = b"SEALDROP1\n\x01\x06\0\0\0layout\x02\x08\0\0\0original\x03\x0a\0\0\0the record\x04\x20\0\0\0";
    assert!(fs::read(path(directory.path(), id)).unwrap().starts_with(expected));
    assert!(matches!(spool.open(id, Stream::Layout(2)), Err(SpoolError::Damaged(..))));
}

#[test]
fn a_piece_larger_than_the_buffer_is_taken_whole() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open(directory.path());
    let large = vec![7; 1_000_000];
    let id = publish(&spool, &[(Lane::Original, &large)]);
    assert!(read(&spool, id, Stream::Original) == large);
}

#[test]
fn a_small_message_touches_the_disk_only_when_it_is_finished() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open(directory.path());
    let mut draft = spool.create(MessageId::new(NOW)).unwrap();
    for _ in 0..7 {
        assert!(!draft.blocks(32 * 1024));
        draft.append(Lane::Segment(0), &[1; 32 * 1024]).unwrap();
    }
    assert_eq!(drafts(directory.path()), 0);
    assert!(draft.blocks(64 * 1024));
    draft.append(Lane::Segment(0), &[1; 64 * 1024]).unwrap();
    assert_eq!(drafts(directory.path()), 1);
}

#[test]
fn what_is_not_published_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open(directory.path());
    let unfinished = |spool: &DirectorySpool| {
        let mut draft = spool.create(MessageId::new(NOW)).unwrap();
        draft.append(Lane::Segment(0), &vec![1; 600_000]).unwrap();
        draft
    };
    drop(unfinished(&spool));
    drop(unfinished(&spool).finish(b"record").unwrap());
    assert_eq!(drafts(directory.path()), 0);
    std::mem::forget(unfinished(&spool));
    std::mem::forget(unfinished(&spool).finish(b"record").unwrap());
    assert_eq!(drafts(directory.path()), 2, "as after kill -9");
    let spool = open(directory.path());
    assert_eq!((drafts(directory.path()), spool.list().unwrap()), (0, vec![]));
}

#[test]
fn a_batch_is_published_whole_or_not_at_all() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open(directory.path());
    let written = |spool: &DirectorySpool| spool.create(MessageId::new(NOW)).unwrap().finish(b"record").unwrap();
    let batch = vec![written(&spool), written(&spool), written(&spool)];
    fs::remove_file(directory.path().join("spool/tmp").join(batch[1].id.to_string())).unwrap();
    assert!(matches!(spool.publish(batch), Err(SpoolError::Io(..))));
    assert_eq!((drafts(directory.path()), spool.list().unwrap()), (0, vec![]));
    spool.publish(vec![written(&spool), written(&spool)]).unwrap();
    assert_eq!(spool.list().unwrap().len(), 2);
}

#[test]
fn every_changed_byte_and_every_cut_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open(directory.path());
    let id = publish(&spool, &[(Lane::Segment(0), b"some layout"), (Lane::Original, b"the original")]);
    let file = path(directory.path(), id);
    let sound = fs::read(&file).unwrap();
    for position in 0..sound.len() {
        let mut changed = sound.clone();
        changed[position] ^= 1 << (position % 8);
        fs::write(&file, changed).unwrap();
        assert!(matches!(spool.verify(id), Err(SpoolError::Damaged(..))), "byte {position} changed");
        fs::write(&file, &sound[..position]).unwrap();
        assert!(matches!(spool.verify(id), Err(SpoolError::Damaged(..))), "cut at {position}");
    }
    fs::write(&file, [sound.as_slice(), b"x"].concat()).unwrap();
    assert!(matches!(spool.verify(id), Err(SpoolError::Damaged(..))), "something appended");
    fs::write(&file, &sound).unwrap();
    spool.verify(id).unwrap();
}

#[test]
fn reading_a_file_that_is_cut_off_fails_and_does_not_end() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open(directory.path());
    let id = publish(&spool, &[(Lane::Segment(0), b"some layout"), (Lane::Original, b"the original")]);
    let file = fs::OpenOptions::new().write(true).open(path(directory.path(), id)).unwrap();
    file.set_len(40).unwrap();
    assert!(matches!(spool.open(id, Stream::Original), Err(SpoolError::Damaged(..))));
    assert!(matches!(spool.length(id, Stream::Original), Err(SpoolError::Damaged(..))));
    assert!(matches!(spool.record(id), Err(SpoolError::Damaged(..))));
}

#[test]
fn a_removed_message_is_missing() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open(directory.path());
    let id = publish(&spool, &[]);
    spool.remove(id).unwrap();
    spool.remove(id).unwrap();
    assert_eq!(spool.verify(id), Err(SpoolError::Missing(id)));
    assert!(spool.open(id, Stream::Layout(1)).is_err());
    assert_eq!(spool.list().unwrap(), []);
}

#[test]
fn only_the_relay_can_read_its_files() {
    let directory = tempfile::tempdir().unwrap();
    let spool = open(directory.path());
    let id = publish(&spool, &[]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path(directory.path(), id)), 0o600);
    assert_eq!(mode(&directory.path().join("spool")), 0o700);
    assert_eq!(mode(&directory.path().join("spool/tmp")), 0o700);
}

#[test]
fn the_free_space_floor_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(open(directory.path()).ready(1_000_000), Ok(()));
    assert_eq!(open(directory.path()).ready(u64::MAX), Err(SpoolError::Full));
    let spool = DirectorySpool::open(directory.path(), u64::MAX).unwrap();
    assert_eq!(spool.ready(0), Err(SpoolError::Full));
    let draft = spool.create(MessageId::new(NOW)).unwrap();
    assert_eq!(draft.finish(b"record").unwrap_err(), SpoolError::Full);
    assert_eq!(drafts(directory.path()), 0);
}
