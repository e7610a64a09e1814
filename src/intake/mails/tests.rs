//! What leaves memory while a document is written twice: never the beginnings of both ways that a mail can go.

use super::{copy::*, *};
use crate::{
    clock::Timestamp,
    config::Profile,
    envelope::Mailbox,
    ids::MessageId,
    intake::{
        layout::Heading,
        seal::{Sealer, WITHHELD},
    },
    openpgp::{Certificate, EncryptionSet, Reader, ReaderKey, RelayKey},
};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

fn copy(profile: Profile) -> Copy {
    let key = ReaderKey::generate_rfc9580("ana@example.org", NOW);
    let certificate = Certificate::parse(key.certificate_armored().as_bytes()).unwrap();
    let reader = Reader { email: "ana@example.org".to_owned(), certificate };
    let set = EncryptionSet::at(NOW, profile, vec![reader]).unwrap();
    let relay = RelayKey::generate("intake@in.example.org", NOW);
    let (from, to) = ("intake@in.example.org".to_owned(), set.emails());
    let heading = Heading { from, to, subject: "a".to_owned(), outer_subject: "a".to_owned(), date: NOW };
    let (sealer, opening) = (Sealer::new(&set, &relay, NOW).unwrap(), Zeroizing::new(b"opening".to_vec()));
    let (id, mailbox) = (MessageId::new(NOW), Mailbox::Abuse);
    Copy::begin(Intended { id, mailbox, heading, sealer, opening, most: 1_000_000 }).unwrap()
}

/// What left memory, by segment.
#[derive(Default)]
struct Left(BTreeMap<u32, Vec<u8>>);

impl Left {
    fn take(&mut self, copy: &mut Copy) {
        copy.ready().for_each(|(segment, bytes)| self.0.entry(segment).or_default().append(bytes));
    }

    fn length(&self, segment: u32) -> usize {
        self.0.get(&segment).map_or(0, Vec::len)
    }
}

#[test]
fn of_two_ways_with_one_cipher_stream_only_one_leaves_memory() {
    let boundary = Boundary::new([1; 16]);
    for profile in [Profile::Compatible, Profile::Rfc9580] {
        for (pieces, out) in [(1, true), (1, false), (40, true), (40, false)] {
            let (mut copy, mut left) = (copy(profile), Left::default());
            copy.write(&[1; 50_000]).unwrap();
            copy.begin_beside(&between::last_words(&boundary, 1), &boundary, 2).unwrap();
            left.take(&mut copy);
            let before = left.length(0);
            for _ in 0..pieces {
                copy.write(&[2; 10_000]).unwrap();
                left.take(&mut copy);
                assert_eq!(left.length(0), before, "until it is decided nothing follows");
            }
            let rest = left.length(2);
            assert!(rest == 0 || rest + WITHHELD <= pieces * 10_100, "{rest} of {pieces}");
            assert_eq!(rest > 0, pieces == 40);
            if out {
                copy.take_out().unwrap()
            } else {
                copy.drop_beside()
            }
            left.take(&mut copy);
            let mails = copy.finish().unwrap().mails;
            assert_eq!(mails.len(), 1 + usize::from(out));
            let added = left.length(0) - before;
            match (out, pieces) {
                (true, _) => assert!((1..WITHHELD / 2).contains(&added), "the end without the document: {added}"),
                (false, 1) => assert!(added <= 11_000, "as it comes: {added}"),
                (false, _) => assert!(added >= WITHHELD, "what was withheld: {added}"),
            }
        }
    }
}
