//! A server that refuses, hangs, breaks off or is not there: what is deferred, what fails, and that one person's copy
//! does not touch another's.

use crate::{
    attempt, deferred, failed,
    support::{
        scripted_server::{CLOSE, HANG, Script, ScriptedServer},
        staff_server::StaffServer,
        workplace::Workplace,
    },
};
use sealdrop::{delivery::Courier, queue::Outcome};

const ALICE: &str = "alice@staff.example";

fn answering(line: &'static str, answer: &'static str) -> Script {
    Script { answers: vec![(line, answer)], ..Script::default() }
}

#[tokio::test]
async fn one_refused_recipient_does_not_touch_another() {
    let server = StaffServer::start(None);
    let workplace = Workplace::plain(server.address, "");
    workplace.hire("bob@staff.example", false);
    let message = workplace.spool([&b"ciphertext"[..]]);
    let courier = Courier::new(workplace.site.clone());
    let [alice, bob] = [ALICE, "bob@staff.example"].map(|staff| workplace.forward(message, staff));
    server.refuse(Some((ALICE, 550)));
    assert!(failed(courier.attempt(&alice).await).contains("RCPT with 550"));
    assert_eq!(courier.attempt(&bob).await.outcome, Outcome::Delivered);
    server.refuse(Some((ALICE, 450)));
    assert!(deferred(courier.attempt(&alice).await).contains("RCPT with 450"));
    server.refuse(None);
    assert_eq!(courier.attempt(&alice).await.outcome, Outcome::Delivered);
    let to: Vec<String> = server.mails().iter().flat_map(|mail| mail.to.clone()).collect();
    assert_eq!(to, ["bob@staff.example", ALICE]);
}

#[tokio::test]
async fn refusals_are_told_apart() {
    for (line, answer, permanent) in [
        ("connect", "554 5.7.1 go away\r\n", false),
        ("EHLO", "550 5.7.1 who are you\r\n", false),
        ("MAIL", "553 5.7.1 not your address\r\n", false),
        ("MAIL", "552 5.3.4 too big\r\n", true),
        ("RCPT", "550 5.1.1 unknown\r\n", true),
        ("RCPT", "552 5.2.2 full\r\n", false),
        ("DATA", "554 5.5.1 no\r\n", true),
        ("DATA", "250 2.0.0 what\r\n", false),
        (".", "554 5.6.0 no\r\n", true),
        (".", "451 4.3.0 later\r\n", false),
        ("RCPT", "nonsense\r\n", false),
        ("RCPT", CLOSE, false),
        (".", CLOSE, false),
    ] {
        let server = ScriptedServer::start(answering(line, answer)).await;
        let workplace = Workplace::plain(server.address, "");
        let job = workplace.forward(workplace.spool([&b"ciphertext"[..]]), ALICE);
        let outcome = attempt(&workplace.site, &job).await.outcome;
        assert_eq!(matches!(outcome, Outcome::Failed(_)), permanent, "{line} {answer} {outcome:?}");
        assert!(matches!(outcome, Outcome::Failed(_) | Outcome::Deferred(_)), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_left_after_the_timeout() {
    let mut waits = tokio::task::JoinSet::new();
    for line in ["connect", "EHLO", "RCPT", "."] {
        waits.spawn(async move {
            let server = ScriptedServer::start(answering(line, HANG)).await;
            let workplace = Workplace::plain(server.address, "timeout = \"1s\"");
            let job = workplace.forward(workplace.spool([&b"ciphertext"[..]]), ALICE);
            deferred(attempt(&workplace.site, &job).await)
        });
    }
    for reason in waits.join_all().await {
        assert!(reason.contains("not finished within 1 s"), "{reason}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_middle_defers() {
    let server = ScriptedServer::start(Script { closes_after: Some(100_000), ..Script::default() }).await;
    let workplace = Workplace::plain(server.address, "");
    let piece = [b'x'; 64 * 1024];
    let job = workplace.forward(workplace.spool([&piece[..]; 64]), ALICE);
    assert!(deferred(attempt(&workplace.site, &job).await).contains("broke at the end of the data"));
    server.now(Script::default());
    assert_eq!(attempt(&workplace.site, &job).await.outcome, Outcome::Delivered);
}

#[tokio::test]
async fn a_server_that_is_not_there_defers() {
    let gone = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let workplace = Workplace::plain(gone, "");
    let job = workplace.forward(workplace.spool([&b"ciphertext"[..]]), ALICE);
    assert!(deferred(attempt(&workplace.site, &job).await).contains("no connection"));
}

#[tokio::test]
async fn what_is_larger_than_the_server_takes_is_not_even_begun() {
    let server = ScriptedServer::start(Script { extensions: vec!["SIZE 2000"], ..Script::default() }).await;
    let workplace = Workplace::plain(server.address, "");
    let large = workplace.forward(workplace.spool([&[b'x'; 1500][..]]), ALICE);
    let reason = failed(attempt(&workplace.site, &large).await);
    assert!(reason.contains("2000 bytes at most") && reason.contains("sealdrop message export"), "{reason}");
    assert_eq!(server.lines(), ["EHLO mx.in.example.org"]);
    let small = workplace.forward(workplace.spool([&b"ciphertext"[..]]), ALICE);
    assert_eq!(attempt(&workplace.site, &small).await.outcome, Outcome::Delivered);
    let size = server.lines().iter().find_map(|line| line.split_once("SIZE=")?.1.parse().ok());
    assert_eq!(size, Some(server.mails()[0].text.len()));
}
