//! Confirmations: to the reverse-path alone, from the null sender, within the limits, and no trace of the client's
//! address in what is kept.

use crate::{
    attempt, deferred, failed,
    support::{
        scripted_server::{HANG, Script, ScriptedServer},
        workplace::Workplace,
    },
};
use sealdrop::{
    audit::Event,
    delivery::{ConfirmFacts, Courier, settle},
    ids::MessageId,
    intake::{Trouble, Withhold, Wrong},
    queue::{AlertKind, Job, Outcome, Schedule, Work},
    store::Change,
};
use std::time::Duration;

const CLIENT: &str = "ana@client.example";
const MINUTE: Duration = Duration::from_secs(60);

fn facts(documents: u32) -> ConfirmFacts {
    ConfirmFacts {
        to: CLIENT.to_owned(),
        case: "postmaster".to_owned(),
        message_id: Some("<photo.1@client.example>".to_owned()),
        language: None,
        documents,
        empty: 0,
        link_only: false,
        troubles: Vec::new(),
    }
}

fn job(workplace: &Workplace, facts: &ConfirmFacts) -> Job {
    let message = MessageId::new(workplace.now());
    let facts = facts.seal(&workplace.site.at_rest, message);
    workplace.job(Work::Confirm { message, facts })
}

/// Attempts a confirmation and writes down what came of it, as the relay does.
async fn confirm(courier: &Courier, workplace: &Workplace, facts: &ConfirmFacts) -> Outcome {
    let added = workplace.site.store.apply(workplace.now(), vec![added(workplace, facts)], Vec::new()).unwrap();
    let job = workplace.site.store.job(added[0]).unwrap().unwrap();
    let attempt = courier.attempt(&job).await;
    let outcome = attempt.outcome.clone();
    let settled = settle(&job, attempt, &Schedule::new(5 * 24 * 60 * MINUTE), workplace.now(), 0.5);
    let events = format!("{:?}", settled.events);
    assert!(!events.contains(CLIENT) && !format!("{:?}", settled.changes).contains(CLIENT));
    workplace.site.store.apply(workplace.now(), settled.changes, settled.events).unwrap();
    outcome
}

fn added(workplace: &Workplace, facts: &ConfirmFacts) -> Change {
    Change::AddJob { work: job(workplace, facts).work, next: workplace.now() }
}

async fn place(script: Script) -> (ScriptedServer, Workplace, Courier) {
    let server = ScriptedServer::start(script).await;
    let workplace = Workplace::plain(server.address, "timeout = \"1s\"");
    let courier = Courier::new(workplace.site.clone());
    (server, workplace, courier)
}

/// The first line of the text of the last mail.
fn first_line(server: &ScriptedServer) -> String {
    let text = server.mails().last().unwrap().text.clone();
    text.split_once("\r\n\r\n").unwrap().1.lines().next().unwrap().to_owned()
}

#[tokio::test]
async fn goes_to_the_reverse_path_from_nobody() {
    let (server, workplace, courier) = place(Script::default()).await;
    assert_eq!(confirm(&courier, &workplace, &facts(2)).await, Outcome::Delivered);
    let [mail] = &server.mails()[..] else { panic!() };
    assert_eq!((mail.from.as_str(), &mail.to[..]), ("", &[CLIENT.to_owned()][..]));
    let (header, text) = mail.text.split_once("\r\n\r\n").unwrap();
    assert!(text.starts_with("We got 2 files. Thank you. / Recibimos 2 archivos. Gracias.\r\n"), "{text}");
    for field in [
        "From: intake@in.example.org",
        "To: ana@client.example",
        "Subject: We got your message / Recibimos su mensaje",
        "Auto-Submitted: auto-replied",
        "X-Auto-Response-Suppress: All",
        "In-Reply-To: <photo.1@client.example>",
        "References: <photo.1@client.example>",
        "X-Sealdrop-Loop: mx.in.example.org",
        "Content-Type: text/plain; charset=utf-8",
    ] {
        assert!(header.lines().any(|line| line == field), "{field}\n{header}");
    }
    assert!(!mail.text.contains("postmaster"), "nothing about the case");
}

#[tokio::test]
async fn one_in_ten_minutes_and_the_next_counts_what_came_meanwhile() {
    let (server, workplace, courier) = place(Script::default()).await;
    assert_eq!(confirm(&courier, &workplace, &facts(2)).await, Outcome::Delivered);
    for _ in 0..2 {
        workplace.site.clock.advance(MINUTE);
        assert_eq!(confirm(&courier, &workplace, &facts(3)).await, Outcome::Withheld(Withhold::TooSoon));
    }
    workplace.site.clock.advance(8 * MINUTE);
    assert_eq!(confirm(&courier, &workplace, &facts(1)).await, Outcome::Delivered);
    assert!(first_line(&server).starts_with("We got 7 files."));
    workplace.site.clock.advance(10 * MINUTE);
    assert_eq!(confirm(&courier, &workplace, &facts(1)).await, Outcome::Delivered);
    assert!(first_line(&server).starts_with("We got 1 file."));
}

#[tokio::test]
async fn five_a_day() {
    let (server, workplace, courier) = place(Script::default()).await;
    for _ in 0..5 {
        assert_eq!(confirm(&courier, &workplace, &facts(1)).await, Outcome::Delivered);
        workplace.site.clock.advance(11 * MINUTE);
    }
    assert_eq!(confirm(&courier, &workplace, &facts(1)).await, Outcome::Withheld(Withhold::Limit));
    workplace.site.clock.advance(24 * 60 * MINUTE);
    assert_eq!(confirm(&courier, &workplace, &facts(1)).await, Outcome::Delivered);
    assert!(first_line(&server).starts_with("We got 2 files."));
    assert_eq!(server.mails().len(), 6);
}

#[tokio::test]
async fn a_cap_over_all_senders_that_a_restart_does_not_lift() {
    let server = ScriptedServer::start(Script::default()).await;
    let workplace = Workplace::plain(server.address, "[client_reply]\nmax_per_hour = 2");
    let courier = Courier::new(workplace.site.clone());
    for sender in ["a@client.example", "b@client.example"] {
        let facts = ConfirmFacts { to: sender.to_owned(), ..facts(1) };
        assert_eq!(confirm(&courier, &workplace, &facts).await, Outcome::Delivered);
    }
    let restarted = Courier::new(workplace.site.clone());
    for courier in [courier, restarted] {
        assert_eq!(confirm(&courier, &workplace, &facts(1)).await, Outcome::Withheld(Withhold::Limit));
    }
    workplace.site.clock.advance(60 * MINUTE);
    assert_eq!(confirm(&Courier::new(workplace.site.clone()), &workplace, &facts(1)).await, Outcome::Delivered);
    assert!(first_line(&server).starts_with("We got 3 files."));
}

#[tokio::test]
async fn two_for_one_sender_at_once_are_one_mail() {
    let (server, workplace, courier) = place(Script::default()).await;
    let jobs = [job(&workplace, &facts(1)), job(&workplace, &facts(1))];
    // The turn lasts until what came of it is written down; the other waits for that.
    let first = async {
        let one = courier.attempt(&jobs[0]).await;
        assert_eq!(one.outcome, Outcome::Delivered);
        let settled = settle(&jobs[0], one, &Schedule::new(MINUTE), workplace.now(), 0.5);
        let ledgers = settled.changes.iter().filter(|change| matches!(change, Change::PutLedger { .. }));
        workplace.apply(ledgers.cloned().collect());
    };
    let ((), other) = tokio::join!(first, courier.attempt(&jobs[1]));
    assert_eq!(other.outcome, Outcome::Withheld(Withhold::TooSoon));
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_bounce_blocks_the_sender_and_alerts_admins_and_staff() {
    let answers = vec![("RCPT", "550 5.1.1 <ana@client.example> is unknown\r\n")];
    let (server, workplace, courier) = place(Script { answers, ..Script::default() }).await;
    assert_eq!(confirm(&courier, &workplace, &facts(1)).await, Outcome::Failed("550 5.1.1".to_owned()));
    let jobs = workplace.site.store.jobs().unwrap();
    let alerts: Vec<&AlertKind> =
        jobs.iter().filter_map(|job| if let Work::Alert { alert } = &job.work { Some(alert) } else { None }).collect();
    assert!(matches!(alerts[..], [AlertKind::ReplyBounced { .. }, AlertKind::ClientNotTold { .. }]), "{alerts:?}");
    server.now(Script::default());
    workplace.site.clock.advance(60 * MINUTE);
    assert_eq!(confirm(&courier, &workplace, &facts(1)).await, Outcome::Withheld(Withhold::Bounced));
    let other = ConfirmFacts { to: "other@client.example".to_owned(), ..facts(1) };
    let fresh = Courier::new(workplace.site.clone());
    assert_eq!(confirm(&fresh, &workplace, &other).await, Outcome::Delivered);
}

#[tokio::test]
async fn a_refusal_that_is_not_about_the_address_blocks_nobody() {
    let answers = vec![("RCPT", "550 5.7.1 relaying to ana@client.example denied\r\n")];
    let (server, workplace, courier) = place(Script { answers, ..Script::default() }).await;
    assert_eq!(confirm(&courier, &workplace, &facts(1)).await, Outcome::Failed("550 5.7.1".to_owned()));
    server.now(Script::default());
    let fresh = Courier::new(workplace.site.clone());
    assert_eq!(confirm(&fresh, &workplace, &facts(1)).await, Outcome::Delivered);
}

#[tokio::test]
async fn what_was_not_sent_uses_up_no_limit() {
    for answer in ["451 4.3.0 ana@client.example later\r\n", HANG] {
        let (server, workplace, courier) = place(Script { answers: vec![("RCPT", answer)], ..Script::default() }).await;
        for _ in 0..2 {
            let reason = deferred(courier.attempt(&job(&workplace, &facts(1))).await);
            assert!(!reason.contains("ana"), "{reason}");
        }
        server.now(Script::default());
        let fresh = Courier::new(workplace.site.clone());
        assert_eq!(confirm(&fresh, &workplace, &facts(1)).await, Outcome::Delivered);
    }
}

#[tokio::test]
async fn an_address_beyond_ascii_goes_only_where_it_can() {
    let facts = ConfirmFacts { to: "añá@client.example".to_owned(), ..facts(1) };
    let (_server, workplace, courier) = place(Script::default()).await;
    let reason = failed(courier.attempt(&job(&workplace, &facts)).await);
    assert!(reason.contains("SMTPUTF8") && !reason.contains("añá"), "{reason}");
    let (server, workplace, courier) = place(Script { extensions: vec!["SMTPUTF8"], ..Script::default() }).await;
    assert_eq!(confirm(&courier, &workplace, &facts).await, Outcome::Delivered);
    assert!(server.lines().contains(&"MAIL FROM:<> SMTPUTF8".to_owned()));
    assert_eq!(server.mails()[0].to, ["añá@client.example"]);
}

#[tokio::test]
async fn switched_off_or_unreadable_sends_nothing() {
    let server = ScriptedServer::start(Script::default()).await;
    let workplace = Workplace::plain(server.address, "[client_reply]\nenabled = false");
    let outcome = attempt(&workplace.site, &job(&workplace, &facts(1))).await.outcome;
    assert_eq!(outcome, Outcome::Withheld(Withhold::SwitchedOff));

    let workplace = Workplace::plain(server.address, "");
    let Work::Confirm { facts, .. } = job(&workplace, &facts(1)).work else { unreachable!() };
    let other = workplace.job(Work::Confirm { message: MessageId::new(workplace.now()), facts });
    assert!(failed(attempt(&workplace.site, &other).await).contains("at-rest key"));
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn the_trail_says_what_became_of_it() {
    let (_server, workplace, courier) = place(Script::default()).await;
    confirm(&courier, &workplace, &facts(1)).await;
    confirm(&courier, &workplace, &facts(1)).await;
    let trail = workplace.site.store.trail(&Default::default()).unwrap();
    let events: Vec<&Event> = trail.iter().map(|entry| &entry.event).collect();
    assert!(matches!(events[0], Event::ConfirmationSent { .. }));
    assert!(matches!(events[1], Event::ConfirmationWithheld { reason: Withhold::TooSoon, .. }));
}

#[tokio::test]
async fn what_was_wrong_in_a_withheld_mail_is_told_with_the_next() {
    let (server, workplace, courier) = place(Script::default()).await;
    assert_eq!(confirm(&courier, &workplace, &facts(1)).await, Outcome::Delivered);
    let trouble = |document| Trouble { document, what: Wrong::Blurred };
    let blurred = ConfirmFacts { troubles: vec![trouble(1)], ..facts(2) };
    assert_eq!(confirm(&courier, &workplace, &blurred).await, Outcome::Withheld(Withhold::TooSoon));
    workplace.site.clock.advance(10 * MINUTE);
    assert_eq!(confirm(&courier, &workplace, &facts(1)).await, Outcome::Delivered);
    assert!(
        first_line(&server).starts_with("We got 3 files. Please send some again: see below."),
        "{}",
        first_line(&server)
    );
    let text = server.mails().last().unwrap().text.clone();
    assert!(text.contains("Something in an earlier message did not come through"), "{text}");
    workplace.site.clock.advance(10 * MINUTE);
    let blurred = ConfirmFacts { troubles: vec![trouble(2)], ..facts(3) };
    assert_eq!(confirm(&courier, &workplace, &blurred).await, Outcome::Delivered);
    assert!(first_line(&server).starts_with("We got 3 files. Photo 2 is blurred, please send it again."));
}
