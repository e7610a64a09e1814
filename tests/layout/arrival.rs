//! The whole of an arrival: chunks in, ciphertext out, opened again with the readers' keys.

use crate::support::*;
use sealdrop::{
    clock::Timestamp,
    config::Profile,
    envelope::Mailbox,
    ids::MessageId,
    intake::{Arrival, Chunk, Flag, Intro, Sealed},
    mime::Limits,
    openpgp::{Certificate, EncryptionSet, Reader, ReaderKey, RelayKey, Signature},
    senders::Verification,
    spool::Lane,
};
use std::{collections::HashMap, sync::Arc, time::Duration};

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

/// A relay with mail for two mailboxes, each with a reader of its own.
struct Relay {
    key: RelayKey,
    readers: [ReaderKey; 2],
}

/// What became of a mail: its ciphertext, and the rest.
struct Arrived {
    streams: HashMap<(usize, Lane), Vec<u8>>,
    sealed: Vec<Sealed>,
    message_id: Option<String>,
}

impl Relay {
    fn new() -> Self {
        let readers = ["alice@example.org", "bob@example.org"].map(|email| ReaderKey::generate(email, NOW));
        Self { key: RelayKey::generate("intake@in.example.org", NOW), readers }
    }

    /// `late`: another of the staff, whose certificate cannot be used yet.
    fn intro(&self, place: usize, mailbox: Mailbox, late: Option<&ReaderKey>) -> Intro {
        let reader = |email: &str, key: &ReaderKey| Reader {
            email: email.to_owned(),
            certificate: Certificate::parse(key.certificate_armored().as_bytes()).unwrap(),
        };
        let emails = ["alice@example.org", "bob@example.org"];
        let mut readers = vec![reader(emails[place], &self.readers[place])];
        readers.extend(late.map(|key| reader("carol@example.org", key)));
        Intro {
            id: MessageId::new(NOW),
            mailbox,
            label: None,
            unexpected: false,
            set: Arc::new(EncryptionSet::at(NOW, Profile::Compatible, readers).unwrap()),
            from: "intake@in.example.org".to_owned(),
            subject: "Documents received".to_owned(),
            outer_subject: "Documents received".to_owned(),
            most: u64::MAX,
        }
    }

    fn begin(&self, intros: Vec<Intro>) -> Arrival {
        let settings = settings(Limits::default());
        Arrival::begin(&envelope("ana@example.com"), intros, &self.key, NOW, &settings).unwrap()
    }

    fn take_in(&self, mail: &[u8], intros: Vec<Intro>) -> Arrived {
        let (mut arrival, mut chunk) = (self.begin(intros), Chunk::new());
        let mut streams: HashMap<_, Vec<u8>> = HashMap::new();
        for piece in mail.chunks(Chunk::CAPACITY) {
            chunk.fill(piece);
            arrival.push(&chunk).unwrap();
            chunk.clear();
            arrival
                .ciphertext()
                .for_each(|(place, stream, bytes)| streams.entry((place, stream)).or_default().append(bytes));
        }
        let mut ended = arrival.end(&Verification::unchecked()).unwrap();
        ended.ciphertext().for_each(|(place, stream, bytes)| streams.entry((place, stream)).or_default().append(bytes));
        Arrived { streams, sealed: ended.sealed, message_id: ended.reply.message_id }
    }

    fn open(&self, place: usize, sealed: &[u8]) -> Option<Vec<u8>> {
        let opened = self.readers[place].open(sealed, &self.key.certificate_armored(), NOW).ok()?;
        assert_eq!(opened.signature, Signature::Good);
        Some(opened.plain.to_vec())
    }
}

#[test]
fn every_mailbox_gets_a_layout_and_the_original_and_no_other_ones() {
    let relay = Relay::new();
    let photo = file(JPEG, 300_000);
    let mail = mixed(&["\r\nhola".to_owned(), part("Content-Type: image/jpeg; name=p.jpg", &photo)]);
    let intros = vec![relay.intro(0, Mailbox::Postmaster, None), relay.intro(1, Mailbox::Abuse, None)];
    let ids: Vec<MessageId> = intros.iter().map(|intro| intro.id).collect();
    let arrived = relay.take_in(mail.as_bytes(), intros);
    for place in 0..2 {
        let original = relay.open(place, &arrived.streams[&(place, Lane::Original)]).unwrap();
        assert!(original == mail.as_bytes());
        let bytes = relay.open(place, &arrived.streams[&(place, Lane::Segment(0))]).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        let own = ["postmaster", "abuse"][place];
        assert!(text.contains(&format!("For: {own}\r\n")) && text.contains(&ids[place].to_string()));
        assert_eq!(documents_in(&bytes), [document("01-photo.jpg", &photo)]);
        assert!(relay.open(1 - place, &arrived.streams[&(place, Lane::Segment(0))]).is_none());
        let sealed = &arrived.sealed[place];
        assert_eq!((sealed.id(), sealed.mailbox().to_string()), (ids[place], own.to_owned()));
        assert_eq!((sealed.findings().size, sealed.findings().documents), (mail.len() as u64, 1));
        assert_eq!(sealed.sealed_to(), [relay.readers[place].fingerprint()]);
    }
    assert_eq!(arrived.message_id.as_deref(), Some("<1@example.com>"));
}

#[test]
fn staff_without_a_usable_certificate_are_named_and_flagged() {
    let relay = Relay::new();
    let late = ReaderKey::generate("carol@example.org", NOW.plus(Duration::from_secs(86_400)));
    let intros = vec![relay.intro(0, Mailbox::Postmaster, Some(&late)), relay.intro(1, Mailbox::Abuse, None)];
    let arrived = relay.take_in(b"Subject: x\r\n\r\nhello\r\n", intros);
    let has = |place: usize| arrived.sealed[place].findings().flags.contains(&Flag::NotForAll);
    assert!(has(0) && !has(1));
    let text = String::from_utf8(relay.open(0, &arrived.streams[&(0, Lane::Segment(0))]).unwrap()).unwrap();
    assert!(text.contains("Cannot read this, for want of a usable certificate: carol@example.org\r\n"));
    assert_eq!(arrived.sealed[0].emails(), ["alice@example.org"]);
}

#[test]
fn hardly_anything_is_held_back() {
    let relay = Relay::new();
    let mail = mixed(&[part("Content-Type: image/jpeg", &file(JPEG, 2_000_000))]);
    let (mut arrival, mut chunk) = (relay.begin(vec![relay.intro(0, Mailbox::Postmaster, None)]), Chunk::new());
    let mut made = HashMap::from([(Lane::Segment(0), 0), (Lane::Original, 0)]);
    let mut pushed = 0;
    for piece in mail.as_bytes().chunks(Chunk::CAPACITY) {
        chunk.fill(piece);
        arrival.push(&chunk).unwrap();
        chunk.clear();
        pushed += piece.len();
        for (_, stream, bytes) in arrival.ciphertext() {
            *made.get_mut(&stream).unwrap() += bytes.len();
            assert!(bytes.capacity() < 256 * 1024, "{stream:?}: {}", bytes.capacity());
            bytes.clear();
        }
        // The window of 32 KiB is 44 KiB on the wire; then there are the writer's buffer and the sealer's.
        assert!(made[&Lane::Original] + 2 * 1024 > pushed, "{made:?} of {pushed}");
        assert!(made[&Lane::Segment(0)] + 80 * 1024 > pushed, "{made:?} of {pushed}");
    }
}

#[test]
fn hops_are_known_once_the_header_is_in() {
    let relay = Relay::new();
    let (mut arrival, mut chunk) = (relay.begin(vec![relay.intro(0, Mailbox::Postmaster, None)]), Chunk::new());
    chunk.fill(b"Received: from a\r\nreceived: from b\r\nX-Received: no\r\n");
    arrival.push(&chunk).unwrap();
    assert_eq!(arrival.hops(), 0);
    chunk.clear();
    chunk.fill(b"Subject: x\r\n\r\nReceived: from the body\r\n");
    arrival.push(&chunk).unwrap();
    assert_eq!(arrival.hops(), 2);
}
