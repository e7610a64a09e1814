//! The program from outside: real processes on a set-up of their own, exit statuses, what stdout and stderr say, with a
//! certificate that the real gpg made, and the same commands while the relay runs.

mod support;

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Output, Stdio},
};
use support::gpg::Gpg;

/// A set-up in a temporary directory.
struct SetUp {
    dir: tempfile::TempDir,
}

impl SetUp {
    /// `sealdrop init` on loopback and free ports.
    fn new() -> Self {
        let set_up = Self { dir: tempfile::tempdir().unwrap() };
        let dir = set_up.path("relay").display().to_string();
        set_up.must(&["init", &dir, "--domain", "in.example.org", "--smarthost", "127.0.0.1:1"]);
        let file = set_up.path("relay/sealdrop.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(file, text.replace("0.0.0.0:25", "127.0.0.1:0").replace("0.0.0.0:465", "127.0.0.1:0")).unwrap();
        set_up
    }

    /// A set-up with Alice, whose certificate gpg made.
    fn with_alice() -> Self {
        let set_up = Self::new();
        let gpg = Gpg::new();
        gpg.must(&["--quick-gen-key", "Alice Moreno <alice@example.org>", "future-default", "default", "2y"], b"");
        let certificate = gpg.must(&["--armor", "--export", "alice@example.org"], b"");
        fs::write(set_up.path("alice.asc"), certificate).unwrap();
        let file = set_up.path("alice.asc").display().to_string();
        set_up.must(&["staff", "add", "alice@example.org", "--key", &file, "--name", "Alice Moreno"]);
        set_up
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealdrop"));
        command.args(arguments).current_dir(self.dir.path()).env("SEALDROP_CONFIG", self.path("relay/sealdrop.toml"));
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that must succeed; gives its stdout.
    fn must(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that must fail with this status; gives its stderr.
    fn fails(&self, status: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
        said
    }

    /// Opens a case and gives its address.
    fn open_case(&self) -> String {
        self.must(&["case", "open"]).lines().next().unwrap().to_owned()
    }
}

/// A relay that runs as a process of its own; killed if a test fails.
struct Relay {
    process: Child,
    /// Kept open: a relay that cannot write its log is another test.
    log: BufReader<ChildStderr>,
}

impl Relay {
    /// Starts `serve` and waits for its ready line.
    fn start(set_up: &SetUp) -> Self {
        let mut process = set_up.command(&["serve"]).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("sealdrop ready: mx.in.example.org smtp 127.0.0.1:") {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the relay ended before it was ready");
        }
        Self { process, log }
    }

    /// Stops it as systemd does.
    fn stop(mut self) {
        let told = Command::new("kill").arg(self.process.id().to_string()).status().unwrap();
        assert!(told.success());
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        assert!(self.process.wait().unwrap().success(), "{rest}");
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn init_writes_a_set_up_and_overwrites_nothing() {
    let set_up = SetUp::new();
    for (file, wanted) in
        [("data", 0o700), ("data/relay-key.asc", 0o600), ("at-rest.key", 0o600), ("tls/key.pem", 0o600)]
    {
        assert_eq!(mode(&set_up.path("relay").join(file)), wanted, "{file}");
    }
    let key = fs::read(set_up.path("relay/at-rest.key")).unwrap();
    let said = set_up.fails(1, &["init", "relay", "--domain", "in.example.org"]);
    assert!(said.contains("there already") && said.lines().count() == 1, "{said}");
    assert_eq!(fs::read(set_up.path("relay/at-rest.key")).unwrap(), key);
    let told = set_up.must(&["init", "other", "--domain", "in.example.org", "--smarthost", "mail.example.org:587"]);
    for wanted in ["1. ", "2. ", "3. ", "MX   10 mx.in.example.org.", "v=spf1 a:mail.example.org"] {
        assert!(told.contains(wanted), "{wanted} is not in {told}");
    }
}

#[test]
fn wrong_usage_and_configuration_end_with_2() {
    let set_up = SetUp::new();
    for arguments in [
        &["nonsense"][..],
        &["staff", "add", "alice@example.org"],
        &["case", "open", "--expires", "ninety days"],
        &["case", "open", "--expires", "0d"],
        &["message", "show", "no-id"],
        &["--config", "/nowhere/sealdrop.toml", "staff", "list"],
        &["init", "x", "--domain", "not a domain"],
    ] {
        let said = set_up.fails(2, arguments);
        assert!(!said.is_empty(), "{arguments:?}");
    }
    fs::write(set_up.path("relay/sealdrop.toml"), "[relay]\ndomian = \"x\"\n").unwrap();
    assert!(set_up.fails(2, &["staff", "list"]).contains("domain"));
    assert!(set_up.must(&["--help"]).contains("Example:"));
}

#[test]
fn staff_are_added_with_gpgs_certificate_and_listed() {
    let set_up = SetUp::with_alice();
    let golden = "email              name          state  certificates  open cases\n\
                  alice@example.org  Alice Moreno  reads  1             0\n";
    assert_eq!(set_up.must(&["staff", "list"]), golden);
    let keys: serde_json::Value = serde_json::from_str(&set_up.must(&["key", "list", "--json"])).unwrap();
    assert_eq!((&keys[0]["owner"], &keys[0]["problem"]), (&"alice@example.org".into(), &serde_json::Value::Null));
    let fingerprint = keys[0]["fingerprint"].as_str().unwrap();
    let shown = set_up.must(&["key", "show", &fingerprint[24..]]);
    assert!(
        shown.contains("Alice Moreno <alice@example.org>") && shown.contains("BEGIN PGP PUBLIC KEY BLOCK"),
        "{shown}"
    );
    fs::write(set_up.path("junk"), "hello").unwrap();
    let said = set_up.fails(1, &["key", "add", "alice@example.org", "junk"]);
    assert!(said.starts_with("sealdrop: ") && said.lines().count() == 1, "{said}");
}

#[test]
fn a_case_is_opened_shown_and_put_on_a_card() {
    let set_up = SetUp::with_alice();
    let opened = set_up.run(&["case", "open", "--label", "Moreno, housing", "--language", "es", "--expires", "90d"]);
    let address = String::from_utf8(opened.stdout).unwrap().trim_end().to_owned();
    assert!(address.ends_with("@in.example.org") && address.lines().count() == 1, "{address}");
    assert!(String::from_utf8(opened.stderr).unwrap().contains("Say it aloud"));
    let local = address.split('@').next().unwrap();
    let shown = set_up.must(&["case", "show", &local.replace('-', " ").to_uppercase()]);
    assert!(shown.contains(&address) && shown.contains("Moreno, housing"), "{shown}");
    set_up.must(&["case", "card", local, "--out", "card.html"]);
    let card = fs::read_to_string(set_up.path("card.html")).unwrap();
    assert!(card.contains(local) && card.contains("<svg") && card.contains("lang=\"es\"") && !card.contains("Moreno"));
    set_up.must(&["case", "close", local]);
    assert!(set_up.must(&["case", "list"]).contains("closed"));
    let trail = set_up.must(&["audit", "list", "--case", local]);
    assert!(trail.contains("case opened") && trail.contains("case closed"), "{trail}");
}

#[test]
fn the_trail_is_exported_once_and_verified() {
    let set_up = SetUp::with_alice();
    set_up.must(&["audit", "export", "--out", "trail.jsonl"]);
    let text = fs::read_to_string(set_up.path("trail.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 2);
    assert!(text.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["hash"].is_string()));
    set_up.fails(1, &["audit", "export", "--out", "trail.jsonl"]);
    assert!(set_up.must(&["audit", "verify"]).contains("2 entries"));
}

#[test]
fn the_same_commands_work_while_the_relay_runs() {
    let set_up = SetUp::with_alice();
    let before = set_up.open_case();
    let relay = Relay::start(&set_up);
    assert_eq!(mode(&set_up.path("relay/data/control.sock")), 0o600);
    let during = set_up.open_case();
    let listed = set_up.must(&["case", "list"]);
    assert!(listed.contains(&before) && listed.contains(&during), "{listed}");
    set_up.must(&["audit", "export", "--out", "trail.jsonl"]);
    let trail = fs::read_to_string(set_up.path("trail.jsonl")).unwrap();
    assert_eq!(trail.matches("case_opened").count(), 2, "{trail}");
    assert!(set_up.fails(1, &["check", "--no-dns", "--repair"]).contains("nothing was repaired"));
    relay.stop();
    assert!(!set_up.path("relay/data/control.sock").exists());
    assert!(set_up.must(&["case", "list"]).contains(&during));
}

#[test]
fn check_names_what_is_wrong_with_its_mend() {
    let set_up = SetUp::with_alice();
    let at_rest = set_up.path("relay/at-rest.key");
    fs::set_permissions(&at_rest, fs::Permissions::from_mode(0o644)).unwrap();
    let output = set_up.run(&["check", "--no-dns", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let findings: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    let permissions = findings.iter().find(|finding| finding["about"] == "permissions").unwrap();
    assert_eq!(permissions["standing"], "problem");
    assert!(permissions["text"].as_str().unwrap().contains("chmod"), "{permissions}");
    fs::set_permissions(&at_rest, fs::Permissions::from_mode(0o600)).unwrap();
    // deploy/README.md gives the relay's group the TLS key to read.
    fs::set_permissions(set_up.path("relay/tls/key.pem"), fs::Permissions::from_mode(0o640)).unwrap();
    let output = set_up.run(&["check", "--no-dns"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "no staff mail server runs: {said}");
    for wanted in ["ok       permissions", "ok       TLS certificate", "ok       trail", "problem  staff mail"] {
        assert!(said.contains(wanted), "{wanted} is not in {said}");
    }
}

#[test]
fn check_says_whether_the_recovery_certificate_can_be_sealed_to() {
    let set_up = SetUp::with_alice();
    let file = set_up.path("relay/sealdrop.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(file, text.replace("recovery_certificate = \"\"", "recovery_certificate = \"../safe.asc\"")).unwrap();
    let check = || String::from_utf8(set_up.run(&["check", "--no-dns"]).stdout).unwrap();
    assert!(check().contains("problem  recovery"), "{}", check());
    fs::copy(set_up.path("alice.asc"), set_up.path("safe.asc")).unwrap();
    assert!(check().contains("ok       recovery"), "{}", check());
}

#[test]
fn check_notices_a_lost_index() {
    let set_up = SetUp::new();
    fs::create_dir(set_up.path("relay/data/spool")).unwrap();
    fs::write(set_up.path("relay/data/spool/01m88hj783shsers3mqm0has8w"), "sealed").unwrap();
    let said = String::from_utf8(set_up.run(&["check", "--no-dns"]).stdout).unwrap();
    assert!(said.contains("problem  messages         the index is empty but the spool holds 1"), "{said}");
}
