//! What is sealed opens again, byte for byte and signed, however it was cut; by sequoia's own reader in this process
//! (tests/openpgp_interop.rs has the other programs).

use super::*;
use crate::{
    config::Profile,
    openpgp::{Certificate, Container, Reader, ReaderKey, Signature, inspect},
};
use proptest::prelude::*;
use std::sync::LazyLock;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

struct People {
    relay: RelayKey,
    ana: ReaderKey,
    bea: ReaderKey,
    stranger: ReaderKey,
}

static PEOPLE: LazyLock<People> = LazyLock::new(|| People {
    relay: RelayKey::generate("intake@in.example.org", NOW),
    ana: ReaderKey::generate_rfc9580("ana@example.org", NOW),
    bea: ReaderKey::generate_rfc9580("bea@example.org", NOW),
    stranger: ReaderKey::generate("stranger@example.org", NOW),
});

fn set(profile: Profile) -> EncryptionSet {
    let reader = |key: &ReaderKey| {
        let certificate = Certificate::parse(key.certificate_armored().as_bytes()).unwrap();
        Reader { email: "staff@example.org".to_owned(), certificate }
    };
    EncryptionSet::at(NOW, profile, vec![reader(&PEOPLE.ana), reader(&PEOPLE.bea)]).unwrap()
}

fn sample(length: usize) -> Vec<u8> {
    (0..length).map(|at| ((at * 31) >> 3) as u8).collect()
}

/// Seals `plain` in pieces of the lengths `cuts`, taking the ciphertext away after each.
fn seal(profile: Profile, plain: &[u8], cuts: &[usize]) -> Vec<u8> {
    let secret = SessionSecret::new(&set(profile)).unwrap();
    seal_with(&secret, plain, cuts)
}

fn seal_with(secret: &SessionSecret, plain: &[u8], cuts: &[usize]) -> Vec<u8> {
    let mut stream = SealStream::begin(secret, &PEOPLE.relay, NOW).unwrap();
    let (mut rest, mut cuts, mut sealed) = (plain, cuts.iter().cycle(), Vec::new());
    while !rest.is_empty() {
        let (piece, later) = rest.split_at(rest.len().min(*cuts.next().unwrap()));
        stream.write(piece).unwrap();
        sealed.append(stream.ciphertext());
        rest = later;
    }
    sealed.extend(stream.finish().unwrap());
    sealed
}

fn opens_to(sealed: &[u8], plain: &[u8]) {
    for reader in [&PEOPLE.ana, &PEOPLE.bea] {
        let opened = reader.open(sealed, &PEOPLE.relay.certificate_armored(), NOW).unwrap();
        assert!(*opened.plain == plain, "{} bytes opened as {}", plain.len(), opened.plain.len());
        assert_eq!(opened.signature, Signature::Good);
    }
}

const PROFILES: [(Profile, Container); 2] =
    [(Profile::Compatible, Container::Seipd1), (Profile::Rfc9580, Container::Seipd2)];

#[test]
fn every_edge_opens() {
    let edges =
        [0, 1, 504, 505, 506, 511, 512, 513, 8_191, 8_192, 8_193, 16_383, 16_384, 32_767, 32_768, 32_769, 100_000];
    for (profile, container) in PROFILES {
        for length in edges {
            let plain = sample(length);
            let sealed = seal(profile, &plain, &[32_768]);
            opens_to(&sealed, &plain);
            let shape = inspect(&sealed[..]).unwrap();
            assert_eq!((shape.container, shape.readers.len()), (container, 2));
        }
    }
}

#[test]
fn two_streams_share_one_secret_and_nothing_else() {
    for (profile, _) in PROFILES {
        let secret = SessionSecret::new(&set(profile)).unwrap();
        let plain = sample(70_000);
        let (one, two) = (seal_with(&secret, &plain, &[9_000]), seal_with(&secret, &plain, &[9_000]));
        opens_to(&one, &plain);
        opens_to(&two, &plain);
        let after = secret.packets.len();
        assert_eq!(one[..after], two[..after]);
        let equal = one[after..].iter().zip(&two[after..]).filter(|(a, b)| a == b).count();
        assert!(equal < one.len() / 100, "equal plaintext must not look equal");
    }
}

#[test]
fn a_stranger_and_a_changed_message_are_refused() {
    for (profile, _) in PROFILES {
        let sealed = seal(profile, &sample(3_000), &[1_000]);
        let relay = PEOPLE.relay.certificate_armored();
        assert!(PEOPLE.stranger.open(&sealed, &relay, NOW).is_err());
        for at in [sealed.len() - 1, sealed.len() / 2, sealed.len() - 40] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(PEOPLE.ana.open(&changed, &relay, NOW).is_err());
        }
        assert!(PEOPLE.ana.open(&sealed[..sealed.len() - 1], &relay, NOW).is_err());
        let other = RelayKey::generate("intake@in.example.org", NOW).certificate_armored();
        assert_eq!(PEOPLE.ana.open(&sealed, &other, NOW).unwrap().signature, Signature::Bad);
    }
}

#[test]
fn ciphertext_keeps_up_with_the_plaintext() {
    for (profile, _) in PROFILES {
        let secret = SessionSecret::new(&set(profile)).unwrap();
        let mut stream = SealStream::begin(&secret, &PEOPLE.relay, NOW).unwrap();
        let (mut given, mut taken) = (0, 0);
        for _ in 0..100 {
            stream.write(&sample(32_768)).unwrap();
            given += 32_768;
            taken += stream.ciphertext().len();
            let capacity = stream.ciphertext().capacity();
            assert!(capacity <= 80 * 1024, "the buffer stays small: {capacity}");
            stream.ciphertext().clear();
            assert!(taken + 20 * 1024 > given, "{taken} of {given}");
        }
    }
}

#[test]
fn a_stream_goes_wherever_its_session_goes() {
    fn sends<T: Send>() {}
    fn shared<T: Send + Sync>() {}
    sends::<SealStream>();
    shared::<SessionSecret>();
    shared::<EncryptionSet>();
    shared::<RelayKey>();
}

#[test]
fn a_small_text_is_sealed_whole() {
    let sealed = encrypt_and_sign_small(&set(Profile::Compatible), &PEOPLE.relay, b"disk nearly full", NOW).unwrap();
    opens_to(&sealed, b"disk nearly full");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// A message can be ended at any point and go on from there, and how long it will be is known before, nearly to the byte.
    #[test]
    fn a_message_that_was_ended_goes_on(
        lengths in prop::collection::vec(0usize..50_000, 1..6), words in 0usize..=MOST_WORDS, new in any::<bool>(),
    ) {
        let secret = SessionSecret::new(&set(PROFILES[usize::from(new)].0)).unwrap();
        let mut stream = SealStream::begin(&secret, &PEOPLE.relay, NOW).unwrap();
        let (mut sealed, mut plain) = (Vec::new(), Vec::new());
        for length in lengths {
            let piece = sample(length);
            stream.write(&piece).unwrap();
            plain.extend(piece);
            sealed.append(stream.ciphertext());
            prop_assert_eq!(stream.made(), sealed.len() as u64);
            let (rest, most) = (stream.ended_with(&sample(words)).unwrap(), stream.length_after(words as u64));
            let ended = [&sealed[..], &rest].concat();
            opens_to(&ended, &[&plain[..], &sample(words)].concat());
            let length = ended.len() as u64;
            prop_assert!(length <= most && most < length + 600, "{} bytes, {} foretold", length, most);
        }
        let most = stream.length_after(0);
        sealed.extend(stream.finish().unwrap());
        opens_to(&sealed, &plain);
        prop_assert!(sealed.len() as u64 <= most);
    }

    #[test]
    fn any_cutting_opens(length in 0usize..90_000, cuts in prop::collection::vec(1usize..40_000, 1..12), new in any::<bool>()) {
        let plain = sample(length);
        opens_to(&seal(PROFILES[usize::from(new)].0, &plain, &cuts), &plain);
    }
}
