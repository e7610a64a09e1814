//! Forwards: what arrives, and for whom.

use crate::{
    attempt, deferred, failed,
    support::{
        scripted_server::{Script, ScriptedServer},
        staff_server::StaffServer,
        workplace::Workplace,
    },
};
use sealdrop::{armor, delivery::Courier, queue::Outcome, store::Change};
use std::fs;

const ALICE: &str = "alice@staff.example";

/// The binary OpenPGP message in an armored mail.
fn unwrapped(mail: &str) -> Vec<u8> {
    let armor = mail.split_once("-----BEGIN PGP MESSAGE-----\r\n\r\n").unwrap().1;
    let armor = armor.split_once("-----END PGP MESSAGE-----\r\n").unwrap().0;
    // The last line is the CRC-24.
    let base64 = armor.rsplit_once("\r\n=").unwrap().0;
    armor::unbase64(base64.replace("\r\n", "").as_bytes()).unwrap()
}

fn field<'a>(mail: &'a str, name: &str) -> &'a str {
    let header = mail.split("\r\n\r\n").next().unwrap();
    let prefix = format!("{name}: ");
    header.split("\r\n").find_map(|line| line.strip_prefix(&prefix)).unwrap_or_else(|| panic!("{name} in {header}"))
}

#[tokio::test]
async fn the_ciphertext_arrives_byte_for_byte_in_pgp_mime() {
    let server = StaffServer::start(None);
    let workplace = Workplace::plain(server.address, "");
    let ciphertext: Vec<u8> = (0..300_000u32).map(|i| ((i * 7919) >> 3) as u8).collect();
    let message = workplace.spool(ciphertext.chunks(1000));
    assert_eq!(attempt(&workplace.site, &workplace.forward(message, ALICE)).await.outcome, Outcome::Delivered);
    let mail = &server.mails()[0].text;
    assert_eq!(unwrapped(mail), ciphertext);
    assert!(mail.is_ascii() && mail.split("\r\n").all(|line| line.len() <= 998));
    assert_eq!(field(mail, "To"), ALICE);
    assert_eq!(field(mail, "From"), "intake@in.example.org");
    assert_eq!(field(mail, "Subject"), "[postmaster] Message received");
    assert_eq!(field(mail, "Auto-Submitted"), "auto-generated");
    assert_eq!(field(mail, "X-Sealdrop-Loop"), "mx.in.example.org");
    assert_eq!(field(mail, "MIME-Version"), "1.0");
    assert!(field(mail, "Content-Type").starts_with("multipart/encrypted; protocol=\"application/pgp-encrypted\";"));
}

#[tokio::test]
async fn a_second_try_is_recognised_as_the_same_mail_and_another_copy_is_not() {
    let server = StaffServer::start(None);
    let workplace = Workplace::plain(server.address, "subject = \"hidden\"");
    workplace.hire("bob@staff.example", false);
    let message = workplace.spool([&b"ciphertext"[..]]);
    for staff in [ALICE, ALICE, "bob@staff.example"] {
        let attempt = attempt(&workplace.site, &workplace.forward(message, staff)).await;
        assert_eq!(attempt.outcome, Outcome::Delivered);
    }
    let mails = server.mails();
    let ids: Vec<&str> = mails.iter().map(|mail| field(&mail.text, "Message-ID")).collect();
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    assert!(ids[0].starts_with(&format!("<{message}.")) && ids[0].ends_with("@mx.in.example.org>"));
    assert_eq!(field(&mails[0].text, "Subject"), "Message received");
}

#[tokio::test]
async fn who_is_suspended_waits_and_who_is_gone_gets_nothing() {
    let server = StaffServer::start(None);
    let workplace = Workplace::plain(server.address, "");
    let job = workplace.forward(workplace.spool([&b"ciphertext"[..]]), ALICE);
    workplace.hire(ALICE, true);
    assert!(deferred(attempt(&workplace.site, &job).await).contains("sealdrop staff resume alice@staff.example"));
    workplace.apply(vec![Change::RemoveStaff(ALICE.to_owned())]);
    assert!(failed(attempt(&workplace.site, &job).await).contains("not among the staff"));
    assert_eq!(server.begun(), 0);
}

#[tokio::test]
async fn a_message_that_is_gone_fails() {
    let server = StaffServer::start(None);
    let workplace = Workplace::plain(server.address, "");
    let message = workplace.spool([&b"ciphertext"[..]]);
    workplace.site.spool.remove(message).unwrap();
    let reason = failed(attempt(&workplace.site, &workplace.forward(message, ALICE)).await);
    assert!(reason.contains("not in the spool"), "{reason}");
    assert_eq!(server.begun(), 0);
}

#[tokio::test]
async fn a_burst_shares_a_connection() {
    let server = ScriptedServer::start(Script::default()).await;
    let workplace = Workplace::plain(server.address, "");
    let courier = Courier::new(workplace.site.clone());
    for _ in 0..3 {
        let job = workplace.forward(workplace.spool([&b"ciphertext"[..]]), ALICE);
        assert_eq!(courier.attempt(&job).await.outcome, Outcome::Delivered);
    }
    assert_eq!((server.connections(), server.mails().len()), (1, 3));
    assert_eq!(server.lines().iter().filter(|line| *line == "RSET").count(), 2);
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_replaced() {
    let server =
        ScriptedServer::start(Script { answers: vec![("RSET", "421 4.4.2 bye\r\n")], ..Script::default() }).await;
    let workplace = Workplace::plain(server.address, "");
    let courier = Courier::new(workplace.site.clone());
    for _ in 0..2 {
        let job = workplace.forward(workplace.spool([&b"ciphertext"[..]]), ALICE);
        assert_eq!(courier.attempt(&job).await.outcome, Outcome::Delivered);
    }
    assert_eq!((server.connections(), server.mails().len()), (2, 2));
}

#[tokio::test]
async fn logs_in_where_a_user_name_is_set() {
    for (extension, expected) in [
        ("AUTH PLAIN LOGIN", &["AUTH PLAIN AHJlbGF5AGh1bnRlcjI="][..]),
        ("AUTH LOGIN", &["AUTH LOGIN", "cmVsYXk=", "aHVudGVyMg=="]),
    ] {
        let answers = vec![
            ("AUTH PLAIN", "235 2.7.0 welcome\r\n"),
            ("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n"),
            ("cmVsYXk=", "334 UGFzc3dvcmQ6\r\n"),
            ("aHVudGVyMg==", "235 2.7.0 welcome\r\n"),
        ];
        let server = ScriptedServer::start(Script { extensions: vec![extension], answers, ..Script::default() }).await;
        let workplace = Workplace::plain(server.address, "username = \"relay\"\npassword_file = \"password\"");
        let job = workplace.forward(workplace.spool([&b"ciphertext"[..]]), ALICE);
        assert!(deferred(attempt(&workplace.site, &job).await).contains("password file"));
        fs::write(workplace.path("password"), "hunter2\n").unwrap();
        assert_eq!(attempt(&workplace.site, &job).await.outcome, Outcome::Delivered);
        let lines = server.lines();
        assert_eq!(lines[1..=expected.len()], *expected);
    }
}

#[tokio::test]
async fn a_wrong_password_defers_and_is_not_told() {
    let answers = vec![("AUTH", "535 5.7.8 wrong\r\n")];
    let server = ScriptedServer::start(Script { extensions: vec!["AUTH PLAIN"], answers, ..Script::default() }).await;
    let workplace = Workplace::plain(server.address, "username = \"relay\"\npassword_file = \"password\"");
    fs::write(workplace.path("password"), "hunter2\n").unwrap();
    let job = workplace.forward(workplace.spool([&b"ciphertext"[..]]), ALICE);
    let reason = deferred(attempt(&workplace.site, &job).await);
    assert!(reason.contains("AUTH with 535 5.7.8") && !reason.contains("hunter2"), "{reason}");
}
