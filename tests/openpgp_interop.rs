//! What the relay seals, other people's programs open: GnuPG (demanded), rnp (Thunderbird's) and sq (when installed; a
//! notice says so when not). Byte for byte, with the relay's signature verified.

mod support;

use sealdrop::{
    armor::ArmoredMessage,
    clock::{Clock, Timestamp},
    config::Profile,
    intake::{SealStream, SessionSecret},
    openpgp::{Certificate, EncryptionSet, Reader, ReaderKey, RelayKey},
};
use std::{
    io::Read,
    path::Path,
    process::{Command, Output},
};
use support::gpg::Gpg;

const MIB: usize = 1 << 20;
/// Around the framing's and the sealer's edges, and photos' sizes.
const SIZES: [usize; 14] = [0, 1, 505, 511, 512, 513, 8_191, 8_192, 8_193, 32_767, 32_768, 32_769, MIB, 5 * MIB];

fn now() -> Timestamp {
    Clock::system().now()
}

fn sample(length: usize) -> Vec<u8> {
    (0..length).map(|at: usize| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

fn set(certificates: &[&[u8]]) -> EncryptionSet {
    let reader = |bytes: &&[u8]| Reader {
        email: "staff@example.org".to_owned(),
        certificate: Certificate::parse(bytes).unwrap(),
    };
    let set = EncryptionSet::at(now(), Profile::Compatible, certificates.iter().map(reader).collect()).unwrap();
    assert_eq!(set.left_out(), []);
    set
}

/// Seals in pieces of uneven length.
fn seal(set: &EncryptionSet, relay: &RelayKey, plain: &[u8]) -> Vec<u8> {
    let secret = SessionSecret::new(set).unwrap();
    let mut stream = SealStream::begin(&secret, relay, now()).unwrap();
    let (mut rest, mut sealed, mut length) = (plain, Vec::new(), 1);
    while !rest.is_empty() {
        let (piece, later) = rest.split_at(rest.len().min(length));
        stream.write(piece).unwrap();
        sealed.append(stream.ciphertext());
        rest = later;
        length = (length * 7 + 3) % 40_000;
    }
    sealed.extend(stream.finish().unwrap());
    sealed
}

fn armor(sealed: &[u8]) -> Vec<u8> {
    let mut armored = Vec::new();
    ArmoredMessage::new(sealed).read_to_end(&mut armored).unwrap();
    armored
}

#[test]
fn gpg_opens_every_size_for_every_kind_of_key() {
    let relay = RelayKey::generate("intake@in.example.org", now());
    let people: Vec<Gpg> = std::thread::scope(|scope| {
        let person = |algorithm| scope.spawn(move || Gpg::with_key("staff@example.org", algorithm));
        let people: Vec<_> = ["cv25519", "rsa4096", "nistp384"].map(person).into();
        people.into_iter().map(|person| person.join().unwrap()).collect()
    });
    let certificates: Vec<Vec<u8>> = people.iter().map(|gpg| gpg.export(&["staff@example.org"])).collect();
    let opens = |gpg: &Gpg, sealed: &[u8], plain: &[u8]| {
        let opened = gpg.decrypt(sealed);
        assert!(opened.plain == plain, "{} bytes came out as {}", plain.len(), opened.plain.len());
        assert!(opened.is_signed_by(&relay.fingerprint()), "{}", opened.said);
    };
    for (gpg, certificate) in people.iter().zip(&certificates) {
        gpg.import(relay.certificate_armored().as_bytes());
        let alone = set(&[certificate]);
        opens(gpg, &seal(&alone, &relay, &sample(100_000)), &sample(100_000));
    }
    let mixed: Vec<&[u8]> = certificates.iter().map(Vec::as_slice).collect();
    let mixed = set(&mixed);
    for (at, size) in SIZES.into_iter().enumerate() {
        let plain = sample(size);
        opens(&people[at % 3], &seal(&mixed, &relay, &plain), &plain);
    }
    // Three lengths that differ by one byte each: every ending that base64 has.
    for (at, gpg) in people.iter().enumerate() {
        let plain = sample(MIB + at);
        opens(gpg, &armor(&seal(&mixed, &relay, &plain)), &plain);
    }
}

#[test]
fn gpg_reads_the_keys_made_here() {
    let (relay, ana) =
        (RelayKey::generate("intake@in.example.org", now()), ReaderKey::generate("ana@example.org", now()));
    let gpg = Gpg::new();
    gpg.import(relay.certificate_armored().as_bytes());
    gpg.import(&ana.to_armored());
    let sealed = seal(&set(&[ana.certificate_armored().as_bytes()]), &relay, b"a photo");
    let opened = gpg.decrypt(&sealed);
    assert_eq!(opened.plain, b"a photo");
    assert!(opened.is_signed_by(&relay.fingerprint()));
    // What gpg seals, a reader's key opens; compression is left out of this build.
    let sealed = gpg.must(&["--compress-algo", "none", "--recipient", "ana@example.org", "--encrypt"], b"from gpg");
    assert_eq!(*ana.open(&sealed, &relay.certificate_armored(), now()).unwrap().plain, b"from gpg");
}

#[test]
fn gpg_verifies_a_detached_signature() {
    let relay = RelayKey::generate("intake@in.example.org", now());
    let gpg = Gpg::new();
    gpg.import(relay.certificate_armored().as_bytes());
    let (text, signature) = (gpg.home().join("text"), gpg.home().join("signature"));
    std::fs::write(&text, b"checkpoint 7").unwrap();
    std::fs::write(&signature, relay.sign(b"checkpoint 7")).unwrap();
    gpg.must(&["--verify", signature.to_str().unwrap(), text.to_str().unwrap()], b"");
    std::fs::write(&text, b"checkpoint 8").unwrap();
    assert!(!gpg.run(&["--verify", signature.to_str().unwrap(), text.to_str().unwrap()], b"").status.success());
}

/// Files of one message for programs that want files.
struct Files {
    folder: tempfile::TempDir,
    plain: Vec<u8>,
}

impl Files {
    /// `key`, `relay`, `sealed` and `armored` for a message of `size` bytes.
    fn new(size: usize) -> Self {
        let (relay, ana) =
            (RelayKey::generate("intake@in.example.org", now()), ReaderKey::generate("ana@example.org", now()));
        let files = Self { folder: tempfile::tempdir().unwrap(), plain: sample(size) };
        let sealed = seal(&set(&[ana.certificate_armored().as_bytes()]), &relay, &files.plain);
        files.write("key", &ana.to_armored());
        files.write("relay", relay.certificate_armored().as_bytes());
        files.write("armored", &armor(&sealed));
        files.write("sealed", &sealed);
        files
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.folder.path().join(name), bytes).unwrap();
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        Command::new(program).args(arguments).current_dir(self.folder.path()).output().unwrap()
    }

    fn came_out(&self, output: &Output) {
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert!(output.stdout == self.plain, "{} bytes came out as {}: {said}", self.plain.len(), output.stdout.len());
        let said = said.to_lowercase();
        assert!(said.contains("good signature"), "{said}");
    }
}

fn installed(program: &str) -> bool {
    let found = ["/usr/bin", "/usr/local/bin"].iter().any(|folder| Path::new(folder).join(program).exists());
    if !found {
        eprintln!("NOTICE: {program} is not installed: its test is skipped (apt-get install {program})");
    }
    found
}

#[test]
fn rnp_opens_what_we_seal() {
    if !installed("rnp") {
        return;
    }
    for size in SIZES {
        let files = Files::new(size);
        for key in ["key", "relay"] {
            let output = files.run("rnpkeys", &["--homedir", ".", "--import", key]);
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        for message in ["sealed", "armored"] {
            files.came_out(&files.run("rnp", &["--homedir", ".", "--decrypt", message, "--output", "-"]));
        }
    }
}

#[test]
fn sq_opens_what_we_seal() {
    if !installed("sq") {
        return;
    }
    for size in SIZES {
        let files = Files::new(size);
        for message in ["sealed", "armored"] {
            let arguments =
                ["decrypt", "--recipient-key", "key", "--signer-cert", "relay", "--signatures", "1", message];
            files.came_out(&files.run("sq", &arguments));
        }
    }
}
