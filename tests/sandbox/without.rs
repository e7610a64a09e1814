//! Kernels that lack something, played by strace; files that move out of reach; and what a reload can and cannot change.

use crate::support::{
    agency::eventually,
    office::{ALICE, Office, installed},
    smtp_client::HOST,
};
use sealdrop::{clock::Clock, tls::make_self_signed};
use std::{fs, os::unix::fs::symlink, process::Command};

/// strace as a kernel in which a system call does not exist.
fn kernel_without(call: &str) -> Vec<String> {
    let words = ["strace", "-D", "-f", "-o", "/dev/null", "-e"].map(str::to_owned);
    let inject = [format!("trace={call}"), "-e".to_owned(), format!("inject={call}:error=ENOSYS")];
    words.into_iter().chain(inject).collect()
}

fn start(office: &mut Office, lacking: &str) -> bool {
    let wrapper = kernel_without(lacking);
    let wrapper: Vec<&str> = wrapper.iter().map(String::as_str).collect();
    office.agency.try_start_under(&wrapper)
}

#[tokio::test]
async fn a_relay_whose_kernel_lacks_a_feature_starts_only_if_allowed_to() {
    if !installed("strace") {
        return;
    }
    for (call, lack, about, holds) in [
        ("landlock_create_ruleset", "this kernel offers no Landlock", "file access", "system calls filtered"),
        ("seccomp", "this kernel does not filter system calls", "system calls", "by Landlock"),
    ] {
        let mut office = Office::closed("").await;
        assert!(!start(&mut office, call), "it started without {call}");
        let log = office.agency.log();
        assert!(log.contains("the sandbox cannot be entered") && log.contains(lack), "{log}");
        assert!(log.contains("`mode = \"available\"` in [sandbox]"), "the mend is not named: {log}");

        office.agency.configure("[smtp]", "[sandbox]\nmode = \"available\"\n\n[smtp]");
        assert!(start(&mut office, call), "{}", office.agency.log());
        let log = office.agency.log();
        assert!(log.contains("a part of the sandbox is not in force") && log.contains(holds), "{log}");
        let check = String::from_utf8(office.agency.run(&["check", "--no-dns"]).stdout).unwrap();
        let line = check.lines().find(|line| line.contains(about)).unwrap();
        assert!(line.starts_with("warning"), "{line}");
        office.mail("without").await;
        office.mails_to(ALICE, 1).await;
        office.agency.stop();
    }
}

#[tokio::test]
async fn check_says_beforehand_that_the_kernel_lacks_it() {
    if !installed("strace") {
        return;
    }
    let office = Office::closed("").await;
    let check = || {
        let wrapper = kernel_without("landlock_create_ruleset");
        let mut command = Command::new(&wrapper[0]);
        command.args(&wrapper[1..]).args([env!("CARGO_BIN_EXE_sealdrop"), "check", "--no-dns"]);
        let output = command.env("SEALDROP_CONFIG", office.agency.path("sealdrop.toml")).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().find(|line| line.contains("file access")).unwrap_or_else(|| panic!("{text}")).to_owned()
    };
    let line = check();
    assert!(line.starts_with("problem") && line.contains("the relay does not start"), "{line}");
    office.agency.configure("[smtp]", "[sandbox]\nmode = \"available\"\n\n[smtp]");
    let line = check();
    assert!(line.starts_with("warning") && line.contains("the relay runs without"), "{line}");
}

#[tokio::test]
async fn switched_off_it_still_gives_up_privileges_and_says_so() {
    let office = Office::open("\n[sandbox]\nmode = \"off\"\n").await;
    let text = fs::read_to_string(format!("/proc/{}/status", office.agency.pid())).unwrap();
    assert!(
        text.contains("Seccomp:\t0") && text.contains("NoNewPrivs:\t1") && text.contains("CapEff:\t0000000000000000")
    );
    assert!(
        office.agency.log().contains("files not restricted, system calls not filtered, no core dumps, not traceable")
    );
    let check = String::from_utf8(office.agency.run(&["check", "--no-dns"]).stdout).unwrap();
    let line = check.lines().find(|line| line.contains("file access")).unwrap();
    assert!(line.starts_with("warning") && line.contains("set `mode = \"required\"`"), "{line}");
}

/// certbot's files: symbolic links in one directory to files in another, and each renewal makes a new file.
#[tokio::test]
async fn a_certificate_behind_symbolic_links_is_renewed_in_the_sandbox() {
    let mut office = Office::closed("").await;
    let (archive, live) = (office.agency.path("archive"), office.agency.path("tls"));
    fs::create_dir(&archive).unwrap();
    for name in ["cert", "key"] {
        fs::rename(live.join(format!("{name}.pem")), archive.join(format!("{name}1.pem"))).unwrap();
    }
    let point_to = |number: usize| {
        for name in ["cert", "key"] {
            symlink(archive.join(format!("{name}{number}.pem")), live.join("new")).unwrap();
            fs::rename(live.join("new"), live.join(format!("{name}.pem"))).unwrap();
        }
    };
    point_to(1);
    office.agency.start();
    let made = make_self_signed(HOST, Clock::system().now()).unwrap();
    fs::write(archive.join("cert2.pem"), made.certificate_pem.as_bytes()).unwrap();
    fs::write(archive.join("key2.pem"), made.key_pem.as_bytes()).unwrap();
    point_to(2);
    let renewed = || office.agency.log().contains("the new TLS certificate is in use").then_some(());
    eventually("the renewal", renewed).await;
    // The handshake verifies against the new certificate.
    office.mail("after the renewal").await;

    let elsewhere = tempfile::tempdir().unwrap();
    fs::copy(archive.join("cert1.pem"), elsewhere.path().join("cert.pem")).unwrap();
    symlink(elsewhere.path().join("cert.pem"), live.join("new")).unwrap();
    fs::rename(live.join("new"), live.join("cert.pem")).unwrap();
    // Not "cannot be used" alone: a look between the two renames above says that, too.
    let refused = || office.agency.log().contains("permission denied").then_some(());
    eventually("the file elsewhere to be refused", refused).await;
    assert!(office.agency.log().contains("the new TLS certificate cannot be used"), "{}", office.agency.log());
}

/// What is out of reach is refused by name and leaves the old configuration in place.
#[tokio::test]
async fn a_reload_names_what_takes_a_restart() {
    let office = Office::open("").await;
    let elsewhere = tempfile::tempdir().unwrap();
    for name in ["cert.pem", "key.pem"] {
        fs::copy(office.agency.path("tls").join(name), elsewhere.path().join(name)).unwrap();
    }
    let moved = format!("certificate = {:?}", elsewhere.path().join("cert.pem"));
    for (old, new, told) in [
        ("certificate = \"tls/cert.pem\"", moved.as_str(), "[tls] certificate = "),
        ("data_dir = \"data\"", "data_dir = \"other\"", "[relay] data_dir = "),
        (&format!("port = {}", office.server.address.port()), "port = 2", "[staff_mail] port = 2: "),
    ] {
        office.agency.configure(old, new);
        office.agency.signal("HUP");
        let refused = |line: &&str| line.contains("the old one stays") && line.contains(told);
        let line = eventually(told, || office.agency.log().lines().find(refused).map(str::to_owned)).await;
        assert!(line.contains("restart the relay"), "{line}");
        office.agency.configure(new, old);
    }
    office.mail("still well").await;
    office.mails_to(ALICE, 1).await;
}
