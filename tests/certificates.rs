//! Certificates as GnuPG makes them: the good are taken, and each kind of bad one is refused with its own reason.

mod support;

use sealdrop::{
    clock::{Clock, Timestamp},
    openpgp::{Certificate, CertificateProblem},
};
use std::time::Duration;
use support::gpg::Gpg;

const ANA: &str = "Ana <ana@example.org>";

fn now() -> Timestamp {
    Clock::system().now()
}

fn parse(bytes: &[u8]) -> Certificate {
    Certificate::parse(bytes).unwrap()
}

fn refusal(bytes: &[u8]) -> CertificateProblem {
    match Certificate::parse(bytes) {
        Ok(certificate) => certificate.check(now()).expect_err("a reason to refuse it"),
        Err(problem) => problem,
    }
}

#[test]
fn good_ones_are_taken_and_described() {
    for (algorithm, name) in [("cv25519", "Cv25519"), ("rsa2048", "RSA 2048"), ("nistp384", "NIST P-384")] {
        let gpg = Gpg::with_key(ANA, algorithm);
        let certificate = parse(&gpg.export(&[ANA]));
        certificate.check(now()).unwrap();
        let health = certificate.health(now());
        assert_eq!(health.fingerprint, gpg.fingerprint(ANA));
        assert_eq!((health.algorithm.as_str(), health.problem), (name, None));
        assert_eq!(health.user_ids, [ANA]);
        let days = health.expires.unwrap().since(now()).as_secs() / 86_400;
        assert!((728..=731).contains(&days), "{days}");
        let binary = parse(&gpg.must(&["--export", ANA], b""));
        assert_eq!(binary.armored(), certificate.armored());
        assert_eq!(parse(certificate.armored().as_bytes()).fingerprint(), health.fingerprint);
    }
}

#[test]
fn secret_keys_are_refused_in_every_form() {
    let gpg = Gpg::with_key(ANA, "cv25519");
    let binary = gpg.must(&["--export-secret-keys", ANA], b"");
    let armored = gpg.must(&["--armor", "--export-secret-keys", ANA], b"");
    let both = [gpg.export(&[ANA]), armored.clone()].concat();
    for file in [binary, armored, both] {
        let problem = refusal(&file);
        assert_eq!(problem, CertificateProblem::SecretKey);
        assert!(
            problem
                .to_string()
                .starts_with("this file holds a SECRET key, export only the public one: gpg --armor --export")
        );
    }
}

#[test]
fn several_in_one_file_are_refused() {
    let gpg = Gpg::with_key(ANA, "cv25519");
    gpg.generate("bea@example.org", "default", "default", "2y");
    let (ana, bea) = (gpg.export(&[ANA]), gpg.export(&["bea@example.org"]));
    let one_block = gpg.export(&[ANA, "bea@example.org"]);
    let binary = gpg.must(&["--export", ANA, "bea@example.org"], b"");
    for file in [one_block, binary, [ana, bea].concat()] {
        assert_eq!(refusal(&file), CertificateProblem::Several { count: 2 });
    }
}

#[test]
fn other_things_are_not_certificates() {
    let gpg = Gpg::with_key(ANA, "cv25519");
    let message = gpg.must(&["--armor", "--recipient", ANA, "--encrypt"], b"a message");
    let mut damaged = gpg.must(&["--export", ANA], b"");
    damaged.truncate(damaged.len() / 2);
    for file in [b"".to_vec(), b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5".to_vec(), vec![0xFF; 100], message] {
        assert_eq!(refusal(&file), CertificateProblem::NotACertificate);
    }
    Certificate::parse(&damaged).and_then(|certificate| certificate.check(now())).unwrap_err();
    assert_eq!(refusal(&vec![b'a'; 2 << 20]), CertificateProblem::TooLarge);
}

#[test]
fn an_expired_one_is_refused_and_its_extension_merged() {
    let gpg = Gpg::new();
    let old = ["--faked-system-time", "20250101T120000!"];
    gpg.must(&[&old[..], &["--quick-gen-key", ANA, "default", "default", "30d"]].concat(), b"");
    let expired = parse(&gpg.export(&[ANA]));
    let Err(CertificateProblem::Expired { on }) = expired.check(now()) else { panic!("{:?}", expired.check(now())) };
    assert_eq!(on.rfc3339(), "2025-01-31T12:00:00Z");
    assert_eq!(expired.health(now()).expires, Some(on));
    expired.check(on.minus(Duration::from_secs(60))).unwrap();

    let fingerprint = gpg.fingerprint(ANA);
    gpg.must(&["--quick-set-expire", &fingerprint, "2y"], b"");
    let longer = parse(&gpg.export(&[ANA]));
    let merged = expired.clone().merge(longer).unwrap();
    merged.check(now()).unwrap();
    assert_eq!(merged.fingerprint(), fingerprint);
    // Merging the old one into the new one loses nothing.
    merged.merge(expired.clone()).unwrap().check(now()).unwrap();

    let other = Gpg::with_key(ANA, "cv25519");
    let refused = expired.merge(parse(&other.export(&[ANA]))).err().unwrap();
    assert_eq!(refused, CertificateProblem::Another { ours: fingerprint, theirs: other.fingerprint(ANA) });
}

#[test]
fn a_revoked_one_is_refused() {
    let gpg = Gpg::with_key(ANA, "cv25519");
    let fingerprint = gpg.fingerprint(ANA);
    let file = gpg.home().join("openpgp-revocs.d").join(format!("{fingerprint}.rev"));
    // gpg puts a colon before the block, so that nobody imports it by accident.
    let revocation = std::fs::read_to_string(file).unwrap().replace(":-----BEGIN", "-----BEGIN");
    gpg.import(revocation.as_bytes());
    let problem = refusal(&gpg.export(&[ANA]));
    assert!(matches!(&problem, CertificateProblem::Revoked { .. }), "{problem:?}");
}

#[test]
fn one_without_an_encryption_key_is_refused() {
    let gpg = Gpg::new();
    gpg.generate(ANA, "ed25519", "sign,cert", "2y");
    assert_eq!(refusal(&gpg.export(&[ANA])), CertificateProblem::NoEncryptionKey);
}

#[test]
fn weak_ones_are_refused() {
    let short = Gpg::with_key(ANA, "rsa1024");
    assert_eq!(refusal(&short.export(&[ANA])), CertificateProblem::Weak { what: "RSA 1024".to_owned() });

    let strong = Gpg::new();
    let fingerprint = strong.generate(ANA, "ed25519", "sign,cert", "2y");
    strong.must(&["--quick-add-key", &fingerprint, "rsa1024", "encr", "2y"], b"");
    assert_eq!(refusal(&strong.export(&[ANA])), CertificateProblem::Weak { what: "RSA 1024".to_owned() });

    let sha1 = Gpg::new();
    sha1.must(&["--cert-digest-algo", "SHA1", "--quick-gen-key", ANA, "rsa2048", "default", "2y"], b"");
    let problem = refusal(&sha1.export(&[ANA]));
    assert_eq!(problem, CertificateProblem::Weak { what: "signed with SHA-1 or an older hash".to_owned() });
}

#[test]
fn an_expired_or_revoked_encryption_key_is_named() {
    let gpg = Gpg::new();
    let old = ["--faked-system-time", "20250101T120000!"];
    gpg.must(&[&old[..], &["--quick-gen-key", ANA, "ed25519", "sign,cert", "5y"]].concat(), b"");
    let fingerprint = gpg.fingerprint(ANA);
    gpg.must(&[&old[..], &["--quick-add-key", &fingerprint, "cv25519", "encr", "30d"]].concat(), b"");
    let problem = refusal(&gpg.export(&[ANA]));
    assert!(matches!(problem, CertificateProblem::EncryptionKeyExpired { .. }), "{problem:?}");

    let gpg = Gpg::with_key(ANA, "cv25519");
    let fingerprint = gpg.fingerprint(ANA);
    let edit = b"key 1\nrevkey\ny\n0\n\ny\nsave\n";
    gpg.must(&["--command-fd", "0", "--edit-key", &fingerprint], edit);
    assert_eq!(refusal(&gpg.export(&[ANA])), CertificateProblem::EncryptionKeyRevoked);
}

#[test]
fn the_sample_is_a_good_certificate_and_no_secret_lies_beside_it() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("keys");
    parse(&std::fs::read(folder.join("sample-certificate.asc")).unwrap()).check(now()).unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert_ne!(Certificate::parse(&bytes).err(), Some(CertificateProblem::SecretKey));
    }
}
