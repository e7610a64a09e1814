//! The session's rules, without a socket. (`tests/dialogues.rs` has them again with one.)

use super::{
    super::{command, limits},
    *,
};
use crate::tls;

fn settings() -> Arc<Settings> {
    let limits = limits::tests::limits();
    Arc::new(Settings { hostname: "mx.in.example.org".to_owned(), domain: "in.example.org".to_owned(), limits })
}

/// A session under TLS whose messages are named by a number.
fn secured() -> Session<Tls<u8>> {
    let protection = tls::tests::protection_of_a_handshake();
    Session::new(settings()).upgrade(protection, "192.0.2.1".parse().unwrap())
}

fn read(line: &str) -> Command {
    command::parse(format!("{line}\r\n").as_bytes()).unwrap()
}

/// Says `line`; `postmaster` and `abuse` are the only mailboxes.
fn say(session: &mut Session<Tls<u8>>, line: &str) -> Step<u8> {
    session.command(read(line), Timestamp::from_millis(7), |Recipient(address), _| match address.as_str() {
        "postmaster@in.example.org" => Ok(Mailbox::Postmaster),
        "abuse@in.example.org" => Ok(Mailbox::Abuse),
        "root@in.example.org" => Ok(Mailbox::Postmaster),
        _ => Err(Rejection::UnknownCase),
    })
}

fn reply(step: Step<u8>) -> Reply {
    match step {
        Step::Reply(reply) => reply,
        Step::Refuse(rejection) => rejection.into(),
        Step::Data(_) | Step::Chunk { .. } | Step::Quit => panic!("a reply was expected"),
    }
}

fn codes(session: &mut Session<Tls<u8>>, lines: &[&str]) -> Vec<u16> {
    lines.iter().map(|line| reply(say(session, line)).code()).collect()
}

#[test]
fn nothing_of_a_transaction_is_taken_before_tls() {
    let session = Session::new(settings());
    for line in ["MAIL FROM:<a@b>", "RCPT TO:<a@b>", "DATA", "AUTH PLAIN x"] {
        assert_eq!(session.command(&read(line)), PlainStep::Reply(Reply::TLS_FIRST), "{line}");
    }
    assert_eq!(session.command(&read("BDAT 5 LAST")), PlainStep::Skip(5));
    assert_eq!(session.command(&read("STARTTLS")), PlainStep::StartTls);
}

#[test]
fn what_was_said_before_tls_is_forgotten() {
    let plain = Session::new(settings());
    plain.command(&read("EHLO a"));
    let mut session: Session<Tls<u8>> =
        plain.upgrade(tls::tests::protection_of_a_handshake(), "192.0.2.1".parse().unwrap());
    assert_eq!(reply(say(&mut session, "MAIL FROM:<>")), Reply::HELLO_FIRST);
    assert_eq!(reply(say(&mut session, "STARTTLS")), Reply::TLS_ALREADY);
}

#[test]
fn an_envelope_holds_what_was_said() {
    let mut session = secured();
    let lines = [
        "EHLO client.example",
        "MAIL FROM:<ana@example.org> SIZE=500 SMTPUTF8",
        "RCPT TO:<postmaster>",
        "RCPT TO:<root@in.example.org>",
        "RCPT TO:<abuse@in.example.org>",
        "RCPT TO:<postmaster@in.example.org>",
    ];
    assert_eq!(codes(&mut session, &lines), [250, 250, 250, 250, 250, 452]);
    let Step::Data(Opening { envelope, declared }) = say(&mut session, "DATA") else {
        panic!("an opening was expected")
    };
    assert_eq!(declared, 500);
    assert_eq!(envelope.mailboxes, [Mailbox::Postmaster, Mailbox::Abuse], "no mailbox twice");
    assert_eq!(envelope.reverse_path, ReversePath::Mailbox(Address::parse("ana@example.org").unwrap()));
    assert_eq!((&*envelope.hello, envelope.at, envelope.smtputf8), ("client.example", Timestamp::from_millis(7), true));
    assert_eq!(envelope.protection, session.state.protection);
    assert_eq!(codes(&mut session, &["DATA", "RCPT TO:<postmaster>", "MAIL FROM:<>"]), [503, 503, 250]);
}

#[test]
fn commands_out_of_order() {
    let mut session = secured();
    let lines = ["RCPT TO:<postmaster>", "DATA", "HELO a", "MAIL FROM:<>", "MAIL FROM:<>", "DATA"];
    assert_eq!(codes(&mut session, &lines), [503, 503, 250, 250, 503, 503]);
    assert_eq!(codes(&mut session, &["RCPT TO:<x@in.example.org>", "DATA"]), [550, 503]);
    assert_eq!(codes(&mut session, &["RCPT TO:<postmaster>"]), [250], "the transaction is still open");
}

#[test]
fn greeting_and_reset_end_a_transaction() {
    for reset in ["EHLO b", "HELO b", "RSET"] {
        let mut session = secured();
        codes(&mut session, &["EHLO a", "MAIL FROM:<>", "RCPT TO:<postmaster>", reset]);
        assert_eq!(codes(&mut session, &["DATA", "MAIL FROM:<>"]), [503, 250], "{reset}");
    }
}

#[test]
fn sizes_and_letters_that_were_not_declared() {
    let mut session = secured();
    let lines = ["EHLO a", "MAIL FROM:<> SIZE=1001", "MAIL FROM:<ä@b>", "MAIL FROM:<> SIZE=1000", "RCPT TO:<ä@b>"];
    assert_eq!(codes(&mut session, &lines), [250, 552, 553, 250, 553]);
}

#[test]
fn chunks_belong_to_the_message_that_is_under_way() {
    let mut session = secured();
    let refused = |step| match step {
        Step::Chunk { into: Destination::Nowhere(reply), .. } => reply,
        _ => panic!("a chunk that goes nowhere was expected"),
    };
    assert_eq!(refused(say(&mut session, "BDAT 5")), Reply::MAIL_FIRST);
    codes(&mut session, &["EHLO a", "MAIL FROM:<>"]);
    assert_eq!(refused(say(&mut session, "BDAT 5 LAST")), Reply::RECIPIENT_FIRST);
    codes(&mut session, &["RCPT TO:<postmaster>"]);
    assert!(matches!(say(&mut session, "BDAT 5"), Step::Chunk { size: 5, last: false, into: Destination::New(_) }));
    session.keep(42);
    assert!(session.between_chunks());
    let lines = ["MAIL FROM:<>", "RCPT TO:<postmaster>", "DATA", "NOOP"];
    assert_eq!(codes(&mut session, &lines), [503, 503, 503, 250]);
    assert!(matches!(say(&mut session, "BDAT 0 LAST"), Step::Chunk { last: true, into: Destination::Going(42), .. }));
    assert_eq!(refused(say(&mut session, "BDAT 5")), Reply::MAIL_FIRST);
}
