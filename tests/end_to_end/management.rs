//! Management: the same commands with the same results while the relay runs and while it is stopped, and what they do to
//! messages.

use crate::support::{
    agency::Agency,
    gpg::Gpg,
    office::{ALICE, Office, armored},
};
use std::fs;

/// Everything that only looks.
const LOOKS: [&[&str]; 6] = [
    &["staff", "list"],
    &["staff", "show", ALICE],
    &["key", "list"],
    &["case", "list"],
    &["message", "list"],
    &["queue", "list"],
];

#[tokio::test]
async fn a_stopped_relay_shows_what_a_running_one_showed() {
    let mut office = Office::open("").await;
    let id = office.mail("to be looked at").await;
    office.idle().await;
    let key = office.alice.fingerprint(ALICE);
    let named: [&[&str]; 4] = [
        &["case", "show", &office.case],
        &["case", "card", &office.case],
        &["key", "show", &key],
        &["message", "show", &id],
    ];
    let look = |agency: &Agency| -> Vec<String> {
        let looks = LOOKS.iter().chain(&named);
        looks.flat_map(|words| [agency.must(words), agency.must(&[words, &["--json"][..]].concat())]).collect()
    };
    let running = look(&office.agency);
    let trail = |agency: &Agency| agency.json(&["audit", "list"]).as_array().unwrap().clone();
    let entries = trail(&office.agency);
    office.agency.stop();
    assert_eq!(look(&office.agency), running);
    let mut after = trail(&office.agency);
    assert_eq!(after.pop().unwrap()["event"], "relay_stopped");
    assert_eq!(after, entries, "the stop is all that was added");
    assert!(office.agency.must(&["audit", "verify"]).contains(&format!("{} entries", entries.len() + 1)));
    for (shown, of) in [(ALICE, 0), (&key, 4), (&office.case, 6), (&id, 8)] {
        assert!(running[of].contains(shown), "{shown} is not in {}", running[of]);
    }
}

/// Hires somebody, gives them a case, and undoes it all; what was said, without what is new each time.
fn a_working_day(agency: &Agency, bo: &[u8], expired: &[u8]) -> Vec<String> {
    let [good, bad] = [("bo.asc", bo), ("expired.asc", expired)].map(|(name, certificate)| {
        fs::write(agency.path(name), certificate).unwrap();
        agency.path(name).display().to_string()
    });
    let case = agency.open_case_with(&[ALICE], &["--label", "Moreno", "--expires", "90d"]);
    let steps: [&[&str]; 15] = [
        &["staff", "add", "bo@example.org", "--key", &bad],
        &["staff", "add", "bo@example.org", "--key", &good, "--name", "Bo"],
        &["staff", "add", "bo@example.org", "--key", &good],
        &["key", "add", "bo@example.org", &bad],
        &["case", "assign", &case, "--staff", "bo@example.org", "--staff", ALICE],
        &["case", "assign", &case, "--staff", "nobody@example.org"],
        &["case", "close", &case],
        &["case", "show", "no-such-case"],
        &["case", "reopen", &case, "--expires", "30d"],
        &["staff", "suspend", "bo@example.org"],
        &["staff", "resume", "bo@example.org"],
        &["case", "assign", &case, "--staff", ALICE],
        &["staff", "remove", "bo@example.org"],
        &["queue", "retry"],
        &["case", "close", &case],
    ];
    let local = case.split('@').next().unwrap();
    let said = steps.iter().map(|words| {
        let output = agency.run(words);
        let text = [&output.stdout[..], &output.stderr[..]].concat();
        format!("{}: {}", output.status, String::from_utf8_lossy(&text).replace(local, "CASE"))
    });
    said.collect()
}

#[tokio::test]
async fn the_same_commands_have_the_same_results_with_and_without_a_running_relay() {
    let mut office = Office::closed("").await;
    let bo = Gpg::with_key("bo@example.org", "cv25519");
    let late = Gpg::new();
    let fingerprint = late.generate("bo@example.org", "ed25519", "sign,cert", "2y");
    late.must(&["--quick-add-key", &fingerprint, "cv25519", "encr", "seconds=1"], b"");
    let [bo, late] = [bo.export(&["bo@example.org"]), late.export(&["bo@example.org"])];
    // Other people's programs made the key, so that its end comes by itself; nothing else waits for it.
    let stopped = crate::support::agency::eventually("the end of a certificate", || {
        let said = a_working_day(&office.agency, &bo, &late);
        said[0].starts_with("exit status: 1").then_some(said)
    })
    .await;
    office.agency.start();
    let running = a_working_day(&office.agency, &bo, &late);
    assert_eq!(running, stopped);
    assert!(stopped[0].contains("expired"), "{}", stopped[0]);
    let refused: Vec<usize> = (0..stopped.len()).filter(|at| !stopped[*at].starts_with("exit status: 0")).collect();
    assert_eq!(refused, [0, 2, 3, 5, 7], "{stopped:#?}");
    office.agency.must(&["audit", "verify"]);
}

#[tokio::test]
async fn a_message_is_exported_sent_again_and_purged() {
    let office = Office::open("").await;
    let agency = &office.agency;
    let id = office.mail("to be kept").await;
    let first = office.mails_to(ALICE, 1).await.remove(0);
    office.idle().await;
    let out = agency.path("original.asc").display().to_string();
    agency.must(&["message", "export", &id, "--out", &out]);
    let original = office.alice.decrypt(&fs::read(&out).unwrap()).plain;
    assert!(String::from_utf8_lossy(&original).contains("to be kept"));
    assert!(!agency.run(&["message", "export", &id, "--out", &out]).status.success(), "no file is overwritten");

    agency.must(&["message", "resend", &id]);
    let again = office.mails_to(ALICE, 2).await.remove(1);
    assert_eq!(armored(&again.text), armored(&first.text));
    assert!(!agency.run(&["message", "resend", &id, "--to", "bo@example.org"]).status.success());

    office.idle().await;
    let file = agency.path("data/spool").join(&id);
    assert!(file.exists());
    agency.must(&["message", "purge", &id]);
    assert!(!file.exists());
    assert_eq!(agency.json(&["message", "show", &id])["state"], "purged");
    for gone in [vec!["message", "resend", &id], vec!["message", "export", &id, "--out", "/tmp/never"]] {
        let output = agency.run(&gone);
        assert_eq!(output.status.code(), Some(1), "{gone:?}");
    }
    for kind in ["message_exported", "message_resent", "message_purged"] {
        assert_eq!(office.trail(kind).len(), 1, "{kind}");
    }
}

/// The mail server answers while `check` asks it: hence the threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_says_what_is_well_and_what_is_not() {
    let mut office = Office::open("").await;
    let said = String::from_utf8(office.agency.run(&["check"]).stdout).unwrap();
    let standing = |said: &str, about: &str| {
        let line = said.lines().find(|line| line[9..].starts_with(about)).unwrap_or_else(|| panic!("{about}: {said}"));
        line.split(' ').next().unwrap().to_owned()
    };
    for about in ["configuration", "permissions", "TLS certificate", "staff mail", "staff ", "cases", "queue", "trail"]
    {
        assert_eq!(standing(&said, about), "ok", "{about}: {said}");
    }
    office.agency.stop();
    office.agency.must(&["staff", "suspend", ALICE]);
    fs::write(office.agency.path("tls/key.pem"), "broken").unwrap();
    let output = office.agency.run(&["check"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    for (about, how) in [("relay", "warning"), ("TLS certificate", "problem"), ("cases", "problem")] {
        assert_eq!(standing(&said, about), how, "{said}");
    }
}

/// The spool is the truth: without its index nothing is lost that was promised, and what waits still goes out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_index_is_rebuilt_from_the_spool() {
    let mut office = Office::open("").await;
    let delivered = office.mail("before").await;
    office.mails_to(ALICE, 1).await;
    office.idle().await;
    office.agency.stop();
    fs::remove_file(office.agency.path("data/store.redb")).unwrap();
    assert!(!office.agency.try_start_under(&[]), "a relay does not begin anew over mail that it forgot");
    assert!(office.agency.log().contains("check --repair"), "{}", office.agency.log());
    let repaired = String::from_utf8(office.agency.run(&["check", "--repair"]).stdout).unwrap();
    assert!(repaired.contains("1 messages taken in"), "{repaired}");
    assert_eq!(office.agency.json(&["message", "list"])[0]["id"].as_str(), Some(delivered.as_str()));

    // Staff and certificates are not in the spool: the admin adds them, and the case goes on.
    office.agency.hire(ALICE, &office.alice.export(&[ALICE]));
    office.agency.must(&["case", "assign", &office.case, "--staff", ALICE]);
    office.agency.must(&["case", "reopen", &office.case]);
    office.agency.start();
    office.mail("after").await;
    // What went out is not in the spool either: the first message goes out once more, rather than never.
    let mails = office.mails_to(ALICE, 3).await;
    let read: Vec<_> =
        mails.iter().map(|mail| String::from_utf8_lossy(&office.read(mail).plain).into_owned()).collect();
    assert_eq!(read.iter().filter(|text| text.contains("before")).count(), 2);
    assert_eq!(read.iter().filter(|text| text.contains("after")).count(), 1);
    office.agency.must(&["audit", "verify"]);
}
