//! Judgements that GnuPG's own certificates do not reach (tests/certificates.rs has those that they do).

use super::*;
use crate::openpgp::ReaderKey;
use proptest::prelude::*;
use sequoia_openpgp::{
    cert::{CertBuilder, CipherSuite},
    crypto::mpi::{MPI, PublicKey},
    packet::{
        key::{Key4, SubordinateRole},
        signature::SignatureBuilder,
    },
    types::{KeyFlags, PublicKeyAlgorithm, SignatureType},
};
use std::{sync::LazyLock, time::Duration};

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const DAY: Duration = Duration::from_secs(86_400);

fn encrypts() -> KeyFlags {
    KeyFlags::empty().set_transport_encryption().set_storage_encryption()
}

fn builder() -> CertBuilder<'static> {
    CertBuilder::new()
        .set_cipher_suite(CipherSuite::Cv25519)
        .set_creation_time(NOW.to_system_time())
        .add_userid("<ana@example.org>")
}

fn made(builder: CertBuilder) -> Certificate {
    Certificate { inner: builder.generate().unwrap().0.strip_secret_key_material() }
}

#[test]
fn one_from_the_future_waits() {
    let key = ReaderKey::generate("ana@example.org", NOW.plus(DAY));
    let certificate = Certificate::parse(key.certificate_armored().as_bytes()).unwrap();
    assert_eq!(certificate.check(NOW), Err(CertificateProblem::NotYetValid { from: NOW.plus(DAY) }));
    certificate.check(NOW.plus(DAY)).unwrap();
}

#[test]
fn a_new_style_one_is_taken() {
    let key = ReaderKey::generate_rfc9580("ana@example.org", NOW);
    let certificate = Certificate::parse(key.certificate_armored().as_bytes()).unwrap();
    let health = certificate.health(NOW);
    assert_eq!((health.problem, health.algorithm.as_str(), health.expires), (None, "X25519", None));
    assert!(certificate.usable(NOW).unwrap().seipdv2);
}

#[test]
fn the_last_usable_key_says_when_it_ends() {
    let two = builder().add_subkey(encrypts(), DAY, None).add_subkey(encrypts(), DAY * 9, None);
    let certificate = made(two.set_validity_period(DAY * 20));
    assert_eq!(certificate.usable(NOW).unwrap().keys.len(), 2);
    assert_eq!(certificate.health(NOW).expires, Some(NOW.plus(DAY * 9)));
    assert_eq!(certificate.usable(NOW.plus(DAY * 2)).unwrap().keys.len(), 1);
    let ended = certificate.check(NOW.plus(DAY * 10));
    assert_eq!(ended, Err(CertificateProblem::EncryptionKeyExpired { on: NOW.plus(DAY * 9) }));
    let forever = made(builder().add_subkey(encrypts(), None, None).set_validity_period(DAY * 20));
    assert_eq!(forever.health(NOW).expires, Some(NOW.plus(DAY * 20)));
}

#[test]
fn an_algorithm_that_nobody_knows_is_named_and_not_dropped() {
    let (cert, _) = builder().generate().unwrap();
    let mpis = PublicKey::Unknown { mpis: Box::new([MPI::new(&[7; 32])]), rest: Box::new([]) };
    let algorithm = PublicKeyAlgorithm::Unknown(99);
    let key: Key<PublicParts, SubordinateRole> = Key4::new(NOW.to_system_time(), algorithm, mpis).unwrap().into();
    let mut signer = cert.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
    let binding = SignatureBuilder::new(SignatureType::SubkeyBinding)
        .set_signature_creation_time(NOW.to_system_time())
        .and_then(|builder| builder.set_key_flags(encrypts()))
        .unwrap();
    let binding = key.bind(&mut signer, &cert, binding).unwrap();
    let cert = cert.insert_packets([sequoia_openpgp::Packet::from(key), binding.into()]).unwrap().0;
    let certificate = Certificate { inner: cert.strip_secret_key_material() };
    let again = Certificate::parse(certificate.armored().as_bytes()).unwrap();
    let Err(CertificateProblem::Unsupported { algorithm }) = again.check(NOW) else { panic!("{:?}", again.check(NOW)) };
    assert!(algorithm.contains("99"), "{algorithm}");
}

#[test]
fn a_secret_part_without_armor_is_seen() {
    let (cert, _) = builder().generate().unwrap();
    let binary = cert.as_tsk().to_vec().unwrap();
    assert_eq!(Certificate::parse(&binary).err(), Some(CertificateProblem::SecretKey));
}

#[test]
fn every_text_says_what_to_do() {
    let on = NOW;
    let all = [
        CertificateProblem::NotACertificate,
        CertificateProblem::TooLarge,
        CertificateProblem::SecretKey,
        CertificateProblem::Several { count: 2 },
        CertificateProblem::Expired { on },
        CertificateProblem::EncryptionKeyExpired { on },
        CertificateProblem::Revoked { reason: "key superseded".to_owned() },
        CertificateProblem::EncryptionKeyRevoked,
        CertificateProblem::Weak { what: "RSA 1024".to_owned() },
        CertificateProblem::NoEncryptionKey,
        CertificateProblem::Unsupported { algorithm: "X".to_owned() },
        CertificateProblem::NotBound,
    ];
    for problem in all {
        let text = problem.to_string();
        assert!(["export", "owner"].iter().any(|word| text.contains(word)), "{text}");
    }
}

static BINARY: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let certificate = made(builder().add_subkey(encrypts(), None, None));
    certificate.inner.to_vec().unwrap()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn whatever_comes_is_judged_and_written_without_a_panic(changes in prop::collection::vec((any::<u16>(), any::<u8>()), 1..6), length in any::<u16>()) {
        let mut bytes = BINARY.clone();
        for (at, value) in changes {
            let at = usize::from(at) % bytes.len();
            bytes[at] = value;
        }
        bytes.truncate(usize::from(length).max(bytes.len() / 2));
        if let Ok(certificate) = Certificate::parse(&bytes) {
            let health = certificate.health(NOW);
            prop_assert_eq!(health.problem.is_none(), certificate.check(NOW).is_ok());
            prop_assert_eq!(Certificate::parse(certificate.armored().as_bytes()).unwrap().fingerprint(), health.fingerprint);
        }
    }
}
