//! The staff's mail server is down, refuses, hangs, or wants TLS: what got its 250 goes out once, to each person apart.

use crate::support::{
    agency::{Agency, eventually, mail_with},
    gpg::Gpg,
    office::{ALICE, CLIENT, Office, armored, equipped, id_of},
    scripted_server::{HANG, Script, ScriptedServer},
    staff_server::StaffServer,
};
use rcgen::{CertificateParams, KeyPair};
use std::{fs, net::TcpListener};

/// The job that forwards to this person, as `queue list` shows it.
fn forward_to(office: &Office, who: &str) -> Option<serde_json::Value> {
    office.jobs().into_iter().find(|job| job["work"] == "forward" && job["to"] == who)
}

#[tokio::test]
async fn a_server_that_is_down_gets_the_mail_once_when_it_is_back() {
    // A port on which nobody listens until the test says so.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let (mut agency, alice, case) = equipped(address, "");
    drop(taken);
    agency.start();
    let answer = agency.send(CLIENT, &[&case], &mail_with("while it is down", &[])).await.unwrap();
    let id = id_of(answer.first_line().unwrap());
    let waiting = eventually("a failed attempt", || {
        let jobs = agency.json(&["queue", "list"]).as_array().unwrap().clone();
        jobs.into_iter().find(|job| job["work"] == "forward" && job["attempts"] == 1)
    })
    .await;
    assert_eq!((waiting["message"].as_str(), waiting["state"].as_str()), (Some(id.as_str()), Some("waiting")));
    assert!(waiting["last_error"].as_str().is_some_and(|error| !error.is_empty()) && waiting["next"].is_string());

    let server = ScriptedServer::start_at(address, Script::default()).await;
    let office = Office { server, agency, alice, case };
    office.agency.must(&["queue", "retry"]);
    let forward = office.mails_to(ALICE, 1).await.remove(0);
    assert!(String::from_utf8_lossy(&office.read(&forward).plain).contains("while it is down"));
    office.idle().await;
    assert_eq!(office.mails_to(ALICE, 1).await.len(), 1);
}

/// An office where Bo has the case, too.
async fn office_of_two() -> (Office, Gpg) {
    let mut office = Office::closed("").await;
    let bo = Gpg::with_key("bo@example.org", "cv25519");
    office.agency.hire("bo@example.org", &bo.export(&["bo@example.org"]));
    bo.import(&fs::read(office.agency.path("relay-cert.asc")).unwrap());
    office.case = office.agency.open_case(&[ALICE, "bo@example.org"]);
    office.agency.start();
    (office, bo)
}

#[tokio::test]
async fn a_refused_copy_touches_no_other_and_waits_for_the_admin() {
    let (office, bo) = office_of_two().await;
    let answers = vec![("RCPT TO:<bo@example.org>", "550 5.7.1 we do not take this\r\n")];
    office.server.now(Script { answers, ..Script::default() });
    let id = office.mail("for two").await;
    let mails = office.mails_to(ALICE, 2).await;
    let (alerts, forwards): (Vec<_>, Vec<_>) =
        mails.iter().partition(|mail| mail.text.contains("Subject: Sealdrop needs help"));
    assert!(String::from_utf8_lossy(&office.read(forwards[0]).plain).contains("for two"));
    let alert = String::from_utf8_lossy(&office.read(alerts[0]).plain).into_owned();
    assert!(alert.contains("bo@example.org") && alert.contains("queue retry"), "{alert}");
    let failed = eventually("the failed job", || forward_to(&office, "bo@example.org")).await;
    assert_eq!(failed["state"], "failed");
    assert!(failed["last_error"].as_str().unwrap().contains("we do not take this"), "{failed}");
    assert!(office.agency.path("data/spool").join(&id).exists(), "the ciphertext stays");
    assert_eq!(office.trail("forward_failed").len(), 1);

    office.server.now(Script::default());
    office.agency.must(&["queue", "retry", &failed["id"].to_string()]);
    let late = office.mails_to("bo@example.org", 1).await.remove(0);
    let opened = bo.decrypt(armored(&late.text).as_bytes());
    assert!(String::from_utf8_lossy(&opened.plain).contains("for two"));
    office.idle().await;
    assert_eq!(office.mails_to(ALICE, 2).await.len(), 2, "nothing goes out twice");
}

#[tokio::test]
async fn a_server_that_hangs_on_one_copy_blocks_no_other() {
    let (office, _bo) = office_of_two().await;
    let answers = vec![("RCPT TO:<bo@example.org>", HANG)];
    office.server.now(Script { answers, ..Script::default() });
    office.mail("one").await;
    office.mail("two").await;
    office.mails_to(ALICE, 2).await;
    let stuck = forward_to(&office, "bo@example.org").unwrap();
    assert_eq!((stuck["state"].as_str(), stuck["attempts"].as_u64()), (Some("sending"), Some(0)));
    let answer = office.recipient(&office.case).await;
    assert!(answer.starts_with("250"), "mail still comes in: {answer}");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_server_that_hangs() {
    let mut office = Office::open("").await;
    office.server.now(Script { answers: vec![(".", HANG)], ..Script::default() });
    office.mail("stuck").await;
    eventually("an attempt under way", || (office.server.bytes() > 0).then_some(())).await;
    let start = std::time::Instant::now();
    office.agency.stop();
    assert!(start.elapsed().as_secs() < 30, "it took {:?}", start.elapsed());
    office.server.now(Script::default());
    office.agency.start();
    office.mails_to(ALICE, 1).await;
}

#[tokio::test]
async fn a_server_with_starttls_is_verified_by_its_ca_file() {
    let identity = tempfile::tempdir().unwrap();
    let [certificate, key] = ["cert.pem", "key.pem"].map(|name| identity.path().join(name));
    let pair = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    fs::write(&certificate, params.self_signed(&pair).unwrap().pem()).unwrap();
    fs::write(&key, pair.serialize_pem()).unwrap();
    let server = StaffServer::start(Some((&certificate, &key)));
    let (mut agency, alice, case) = equipped(server.address, "");
    agency.configure("host = \"127.0.0.1\"", "host = \"localhost\"");
    let trusted = format!("tls = \"starttls\"\nca_file = \"{}\"", certificate.display());
    agency.configure("tls = \"none\"", &trusted);
    agency.start();
    agency.send(CLIENT, &[&case], &mail_with("under TLS both ways", &[])).await.unwrap();
    let mails = eventually("the forward", || Some(server.mails()).filter(|mails| !mails.is_empty())).await;
    assert_eq!(mails[0].to, [ALICE]);
    let opened = alice.decrypt(armored(&mails[0].text).as_bytes());
    assert!(String::from_utf8_lossy(&opened.plain).contains("under TLS both ways"));
    assert!(check(&agency).contains("verified TLS by STARTTLS"), "{}", check(&agency));
}

fn check(agency: &Agency) -> String {
    String::from_utf8(agency.run(&["check"]).stdout).unwrap()
}
