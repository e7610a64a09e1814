//! A layout that is larger than one mail may be: every document whole in one mail, every mail within its limit, nothing lost.

use crate::support::*;
use proptest::prelude::*;
use sealdrop::{
    clock::Timestamp,
    config::Profile,
    envelope::Mailbox,
    ids::MessageId,
    intake::{Arrival, Chunk, Flag, Intro, Sealed, SealedMail},
    mime::Limits,
    openpgp::{Certificate, EncryptionSet, Reader, ReaderKey, RelayKey, Signature},
    senders::Verification,
    spool::Lane,
};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const KIB: usize = 1024;

static RELAY: LazyLock<RelayKey> = LazyLock::new(|| RelayKey::generate("intake@in.example.org", NOW));
static READERS: LazyLock<[ReaderKey; 3]> =
    LazyLock::new(|| ["a@example.org", "b@example.org", "c@example.org"].map(|a| ReaderKey::generate_rfc9580(a, NOW)));

/// A sealed mail and what it holds.
struct Opened {
    text: String,
    documents: Vec<Document>,
    sealed: SealedMail,
}

fn intro(readers: &[ReaderKey], mailbox: Mailbox, profile: Profile, most: u64) -> Intro {
    let reader = |key: &ReaderKey| Reader {
        email: "staff@example.org".to_owned(),
        certificate: Certificate::parse(key.certificate_armored().as_bytes()).unwrap(),
    };
    Intro {
        id: MessageId::new(NOW),
        mailbox,
        unexpected: false,
        label: None,
        set: Arc::new(EncryptionSet::at(NOW, profile, readers.iter().map(reader).collect()).unwrap()),
        from: "intake@in.example.org".to_owned(),
        subject: "Documents received".to_owned(),
        outer_subject: "Documents received".to_owned(),
        most,
    }
}

/// All that a mail for two mailboxes became: of each the mails, opened, and what was found; and how much was written.
struct Arrived {
    mails: [Vec<Opened>; 2],
    sealed: Vec<Sealed>,
    segments: usize,
}

fn take_in(mail: &[u8], profile: Profile, most: u64, expected: u64) -> Arrived {
    let intros = vec![
        intro(&READERS[..1], Mailbox::Postmaster, profile, most),
        intro(&READERS[1..], Mailbox::Abuse, profile, most),
    ];
    let settings = settings(Limits::default());
    let arrival = Arrival::begin(&envelope("ana@example.com"), intros, &RELAY, NOW, &settings);
    let (mut arrival, mut chunk) = (arrival.unwrap().expecting(expected), Chunk::new());
    let mut lanes: HashMap<(usize, Lane), Vec<u8>> = HashMap::new();
    for piece in mail.chunks(Chunk::CAPACITY) {
        chunk.fill(piece);
        arrival.push(&chunk).unwrap();
        chunk.clear();
        arrival.ciphertext().for_each(|(place, lane, bytes)| lanes.entry((place, lane)).or_default().append(bytes));
    }
    let mut ended = arrival.end(&Verification::unchecked()).unwrap();
    ended.ciphertext().for_each(|(place, lane, bytes)| lanes.entry((place, lane)).or_default().append(bytes));
    let open = |place: usize| {
        let mails = ended.sealed[place].mails().iter();
        mails.map(|sealed| open(&READERS[place], sealed, |lane| lanes[&(place, lane)].clone())).collect()
    };
    Arrived { mails: [open(0), open(1)], segments: lanes.len(), sealed: ended.sealed }
}

fn open(reader: &ReaderKey, sealed: &SealedMail, lane: impl Fn(Lane) -> Vec<u8>) -> Opened {
    let ciphertext: Vec<u8> = sealed.segments.iter().flat_map(|segment| lane(Lane::Segment(*segment))).collect();
    assert_eq!(ciphertext.len() as u64, sealed.length);
    let opened = reader.open(&ciphertext, &RELAY.certificate_armored(), NOW).unwrap();
    assert_eq!(opened.signature, Signature::Good);
    let text = String::from_utf8(opened.plain.to_vec()).unwrap();
    Opened { documents: documents_in(text.as_bytes()), text, sealed: sealed.clone() }
}

impl Arrived {
    /// What holds of every message: `documents` came in order, each whole, in mails of `most` bytes unless they are kept.
    fn is_whole(&self, documents: &[Vec<u8>], most: u64) {
        let expected: Vec<Document> = documents.iter().enumerate().map(|(at, bytes)| named(at, bytes)).collect();
        for (place, mails) in self.mails.iter().enumerate() {
            let found: Vec<&Document> = mails.iter().flat_map(|mail| &mail.documents).collect();
            assert_eq!(found, expected.iter().collect::<Vec<_>>());
            let kept = mails.iter().any(|mail| mail.sealed.kept);
            for (at, mail) in mails.iter().enumerate() {
                assert!(mail.sealed.length <= most || mail.sealed.kept, "{} of {most}", mail.sealed.length);
                assert!(!mail.sealed.kept || mail.documents.len() == 1 && at > 0, "kept for one document's sake");
                let number = if at > 0 { format!(" ({})", at + 1) } else { String::new() };
                assert!(mail.text.contains(&format!("\r\nSubject: Documents received{number}\r\n")));
            }
            assert!(!mails.last().unwrap().sealed.kept, "the last one tells what came");
            let flags = &self.sealed[place].findings().flags;
            assert_eq!(flags.contains(&Flag::TooLargeForStaff), kept);
            let last = mails.last().unwrap();
            let told = format!("This was mail {0} of {0}", mails.len());
            assert_eq!(last.text.contains(&told), mails.len() > 1, "{}", last.text);
        }
        let kept = |at: usize| self.mails[at].iter().map(|mail| mail.sealed.kept).collect::<Vec<_>>();
        assert_eq!(kept(0), kept(1), "all mailboxes' mails are divided alike");
    }

    fn documents_by_mail(&self) -> Vec<usize> {
        self.mails[0].iter().map(|mail| mail.documents.len()).collect()
    }
}

fn named(at: usize, bytes: &[u8]) -> Document {
    document(format!("{:02}-photo.jpg", at + 1), bytes)
}

/// A photo of its own for each number.
fn photo(number: usize, length: usize) -> Vec<u8> {
    let mut bytes = file(JPEG, length.max(200));
    bytes[100] = number as u8;
    bytes
}

fn mail_of(words: &str, photos: &[Vec<u8>]) -> Vec<u8> {
    let mut parts = vec![format!("\r\n{words}")];
    parts.extend(photos.iter().map(|photo| part("Content-Type: image/jpeg; name=p.jpg", photo)));
    mixed(&parts).into_bytes()
}

#[test]
fn what_surely_fits_is_written_once() {
    let photos: Vec<_> = (0..3).map(|n| photo(n, 100 * KIB)).collect();
    let mail = mail_of("hola", &photos);
    let arrived = take_in(&mail, Profile::Compatible, 2_000_000, mail.len() as u64);
    arrived.is_whole(&photos, 2_000_000);
    assert_eq!((arrived.documents_by_mail(), arrived.segments), (vec![3], 4), "one layout and one original a mailbox");
}

#[test]
fn photos_that_fit_come_in_one_mail_though_nobody_said_how_large_they_are() {
    let photos: Vec<_> = (0..3).map(|n| photo(n, 200 * KIB)).collect();
    let arrived = take_in(&mail_of("hola", &photos), Profile::Compatible, 1_000_000, 50_000_000);
    arrived.is_whole(&photos, 1_000_000);
    assert_eq!(arrived.documents_by_mail(), [3]);
}

#[test]
fn six_photos_of_which_two_fit_come_in_three_mails() {
    let photos: Vec<_> = (0..6).map(|n| photo(n, 300 * KIB)).collect();
    let mail = mail_of("hola", &photos);
    for expected in [mail.len() as u64, 50_000_000] {
        let arrived = take_in(&mail, Profile::Compatible, 1_000_000, expected);
        arrived.is_whole(&photos, 1_000_000);
        assert_eq!(arrived.documents_by_mail(), [2, 2, 2]);
        let [first, second, _] = &arrived.mails[0][..] else { panic!("three mails") };
        assert!(first.text.contains("This was mail 1 of this message") && first.text.contains("goes on in mail 2"));
        assert!(second.text.contains("This is mail 2 of this message") && !second.text.contains("Sent by"));
    }
}

#[test]
fn a_document_too_large_for_any_mail_stays_and_staff_read_how_to_get_it() {
    for profile in [Profile::Compatible, Profile::Rfc9580] {
        let photos: Vec<_> = [100, 900, 100].iter().enumerate().map(|(n, size)| photo(n, size * KIB)).collect();
        let arrived = take_in(&mail_of("hola", &photos), profile, 1_000_000, 50_000_000);
        arrived.is_whole(&photos, 1_000_000);
        assert_eq!(arrived.documents_by_mail(), [1, 1, 1]);
        for (place, mails) in arrived.mails.iter().enumerate() {
            let text = mails[2].text.replace("=\r\n", "");
            let command = format!("sealdrop message export {} --mail 2 --out 02-photo.asc", arrived.sealed[place].id());
            assert!(mails[1].sealed.kept && text.contains(&command), "{text}");
            assert!(text.contains("kept sealed at the relay, as mail 2"), "{text}");
        }
    }
}

#[test]
fn a_message_larger_than_it_said_loses_nothing() {
    let photos: Vec<_> = [400, 500, 100].iter().enumerate().map(|(n, size)| photo(n, size * KIB)).collect();
    let arrived = take_in(&mail_of("hola", &photos), Profile::Compatible, 1_000_000, 1_000);
    let mails = &arrived.mails[0];
    let found: Vec<&Document> = mails.iter().flat_map(|mail| &mail.documents).collect();
    let expected: Vec<Document> = photos.iter().enumerate().map(|(at, bytes)| named(at, bytes)).collect();
    assert_eq!(found, expected.iter().collect::<Vec<_>>());
    assert!(mails[0].sealed.kept && !mails[1].sealed.kept && mails[1].sealed.length <= 1_000_000);
    let summary = &mails[1].text;
    assert_eq!(summary.matches("kept sealed at the relay, as mail 1").count(), 2, "both that were in it: {summary}");
}

#[test]
fn words_go_on_in_the_next_mail_at_the_end_of_a_line() {
    let words: String = (0..30_000).map(|n| format!("line {n} of a long letter, a\u{f1}o\r\n")).collect();
    let mail = format!("Content-Type: text/plain; charset=utf-8\r\n\r\n{words}");
    let arrived = take_in(mail.as_bytes(), Profile::Compatible, 400_000, mail.len() as u64);
    arrived.is_whole(&[], 400_000);
    assert!(arrived.mails[0].len() > 2);
    let lines: Vec<String> = arrived.mails[0].iter().flat_map(|mail| lines_of_the_letter(&mail.text)).collect();
    assert!(lines == words.lines().map(str::to_owned).collect::<Vec<_>>(), "{} lines", lines.len());
}

fn lines_of_the_letter(layout: &str) -> Vec<String> {
    let message = mail_parser::MessageParser::default().parse(layout.as_bytes()).unwrap();
    let texts: Vec<&str> = message.parts.iter().filter_map(|part| part.text_contents()).collect();
    texts.iter().flat_map(|text| text.lines()).filter(|line| line.starts_with("line ")).map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn every_document_is_whole_in_one_mail_within_the_limit(
        sizes in prop::collection::vec(prop_oneof![0usize..3_000, 20_000usize..150_000, 150_000usize..400_000], 1..9),
        most in 60_000u64..500_000, declares in any::<bool>(), new in any::<bool>(),
    ) {
        let photos: Vec<_> = sizes.iter().enumerate().map(|(n, size)| photo(n, *size)).collect();
        let mail = mail_of("hola", &photos);
        let expected = if declares { mail.len() as u64 } else { 50_000_000 };
        let profile = if new { Profile::Rfc9580 } else { Profile::Compatible };
        let arrived = take_in(&mail, profile, most, expected);
        arrived.is_whole(&photos, most);
        // No mail ends before it must: what follows would not have fitted into it.
        for pair in arrived.mails[0].windows(2) {
            if let ([one, two], Some(next)) = (pair, pair[1].documents.first()) && !one.sealed.kept && !two.text.is_empty() {
                let with = one.sealed.length as usize + next.size * 78 / 57 + 8 * KIB;
                prop_assert!(with + 16 * KIB > most as usize, "{} and {} would have fitted", one.sealed.length, next.size);
            }
        }
    }
}
