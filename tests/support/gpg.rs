//! A person with GnuPG: the real `gpg` in a home of its own, whose agent is stopped when the person goes.

#![allow(dead_code)] // each test program uses its own part

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

/// A GnuPG home with its keys.
pub struct Gpg {
    home: tempfile::TempDir,
}

/// What `gpg --decrypt` gave.
pub struct Decrypted {
    pub plain: Vec<u8>,
    /// The status lines and whatever else gpg said.
    pub said: String,
}

impl Decrypted {
    /// Whether the message carried a good signature by the key with this fingerprint.
    pub fn is_signed_by(&self, fingerprint: &str) -> bool {
        self.said.contains("[GNUPG:] GOODSIG") && self.said.contains(&format!("[GNUPG:] VALIDSIG {fingerprint}"))
    }
}

impl Gpg {
    /// A person without keys. The path is short: sockets of gpg-agent allow no long ones.
    pub fn new() -> Self {
        let home = tempfile::Builder::new().prefix("sd-gpg-").tempdir_in("/tmp").expect("a home for gpg");
        Self { home }
    }

    /// Runs gpg in batch mode and gives all that it did.
    pub fn run(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut gpg = Command::new("gpg")
            .arg("--homedir")
            .arg(self.home.path())
            .args(["--batch", "--yes", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", ""])
            .args(["--trust-model", "always", "--no-auto-check-trustdb", "--quiet"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("gpg is installed: apt-get install gnupg");
        let mut stdin = gpg.stdin.take().expect("stdin is piped");
        std::thread::scope(|scope| {
            // gpg may stop reading early: that is for its exit status to tell.
            scope.spawn(move || stdin.write_all(input).ok());
            gpg.wait_with_output().expect("gpg runs")
        })
    }

    /// Runs gpg, which must succeed, and gives its standard output.
    pub fn must(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let output = self.run(arguments, input);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "gpg {arguments:?} failed: {said}");
        output.stdout
    }

    /// Imports armored or binary keys.
    pub fn import(&self, keys: &[u8]) {
        self.must(&["--import"], keys);
    }

    /// Makes a key (as `--quick-gen-key` takes algorithm, usage and expiry) and gives its fingerprint.
    pub fn generate(&self, address: &str, algorithm: &str, usage: &str, expiry: &str) -> String {
        self.must(&["--quick-gen-key", address, algorithm, usage, expiry], b"");
        self.fingerprint(address)
    }

    /// A person with one key: `cv25519`, `rsa4096`, `nistp384`, each for signing with a subkey for encryption.
    pub fn with_key(address: &str, algorithm: &str) -> Self {
        let gpg = Self::new();
        let (primary, subkey) = match algorithm {
            "cv25519" => ("ed25519", "cv25519"),
            other => (other, other),
        };
        let fingerprint = gpg.generate(address, primary, "sign,cert", "2y");
        gpg.must(&["--quick-add-key", &fingerprint, subkey, "encr", "2y"], b"");
        gpg
    }

    /// The fingerprint of the key for `address`.
    pub fn fingerprint(&self, address: &str) -> String {
        let listed = self.must(&["--with-colons", "--list-keys", address], b"");
        let listed = String::from_utf8(listed).expect("colons are text");
        let line = listed.lines().find(|line| line.starts_with("fpr:")).expect("a fingerprint");
        line.split(':').nth(9).expect("the tenth field").to_owned()
    }

    /// The armored certificates for `addresses`.
    pub fn export(&self, addresses: &[&str]) -> Vec<u8> {
        self.must(&[&["--armor", "--export"], addresses].concat(), b"")
    }

    /// Decrypts and verifies; fails the test when gpg does not decrypt.
    pub fn decrypt(&self, message: &[u8]) -> Decrypted {
        let output = self.run(&["--status-fd", "2", "--decrypt"], message);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && said.contains("[GNUPG:] DECRYPTION_OKAY"), "gpg does not decrypt: {said}");
        assert!(said.contains("[GNUPG:] GOODMDC"), "gpg misses the integrity protection: {said}");
        Decrypted { plain: output.stdout, said }
    }

    /// Where the keys are.
    pub fn home(&self) -> &std::path::Path {
        self.home.path()
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf").arg("--homedir").arg(self.home.path()).args(["--kill", "all"]).output();
    }
}
