//! When no confirmation may be sent, as far as the header tells (mail-rules section 3), and the id that it answers.

use crate::support::*;
use sealdrop::intake::{Flag, Withhold};

fn withheld(head: &str) -> Option<Withhold> {
    lay_out(format!("Subject: x\r\n{head}\r\n\r\nhello")).reply.withhold
}

#[test]
fn mail_from_people_is_answered() {
    for head in [
        "From: ana@example.com",
        "Auto-Submitted: no",
        "Precedence: first-class",
        "X-Auto-Response-Suppress: OOF",
        "X-Sealdrop-Loop: mx.other.example",
        "Listing: no list",
        "Auto-Submitted: No (by hand)",
    ] {
        assert_eq!(withheld(head), None, "{head}");
    }
}

#[test]
fn mail_from_machines_is_not() {
    let cases = [
        ("Auto-Submitted: auto-replied", Withhold::AutoSubmitted),
        ("Auto-Submitted: no\r\nAuto-Submitted: auto-replied", Withhold::AutoSubmitted),
        ("Auto-Submitted: auto-generated; owner-email=a@example.com", Withhold::AutoSubmitted),
        ("List-Id: <a.example.com>", Withhold::List),
        ("List-Unsubscribe: <mailto:a@example.com>", Withhold::List),
        ("Precedence: bulk", Withhold::Precedence),
        ("Precedence: Junk", Withhold::Precedence),
        ("precedence: list", Withhold::Precedence),
        ("Precedence: auto_reply", Withhold::Precedence),
        ("X-Auto-Response-Suppress: All", Withhold::Suppressed),
        ("X-Auto-Response-Suppress: DR, AutoReply", Withhold::Suppressed),
        ("X-Sealdrop-Loop: MX.in.example.org", Withhold::Loop),
    ];
    for (head, reason) in cases {
        assert_eq!(withheld(head), Some(reason), "{head}");
    }
}

#[test]
fn reports_are_not_answered() {
    let report = "Content-Type: message/delivery-status\r\n\r\nStatus: 5.1.1\r\n".to_owned();
    let whole = multipart("Content-Type: multipart/report; boundary=b", "b", std::slice::from_ref(&report));
    assert_eq!(lay_out(whole).reply.withhold, Some(Withhold::Report));
    assert_eq!(lay_out(mixed(&[report])).reply.withhold, Some(Withhold::Report));
    // A person who encloses one is a person.
    let enclosed = "Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/report; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n";
    assert_eq!(lay_out(mixed(&[enclosed.to_owned()])).reply.withhold, None);
}

#[test]
fn a_suppressed_confirmation_is_a_flag_for_staff() {
    let laid = lay_out("X-Auto-Response-Suppress: All\r\n\r\nhello");
    assert!(laid.has(Flag::ReplySuppressed));
    let other = lay_out("X-Auto-Response-Suppress: All\r\nPrecedence: bulk\r\n\r\nhello");
    assert!(!other.has(Flag::ReplySuppressed));
}

#[test]
fn only_a_sound_message_id_is_answered() {
    let id = |field: &str| lay_out(format!("Subject: x\r\nMessage-ID: {field}\r\n\r\nhello")).reply.message_id;
    assert_eq!(id("<a.b-1@mail.example.com>").as_deref(), Some("<a.b-1@mail.example.com>"));
    for bad in ["a@example.com", "<no at>", "<a b@example.com>", "<@>", "", "<a@b> <c@d>", "<\u{e1}@example.com>"] {
        assert_eq!(id(bad), None, "{bad}");
    }
    assert_eq!(id(&format!("<{}@example.com>", "x".repeat(250))), None);
}
