//! Alerts: sealed to an admin who can read that, without a name to one who cannot.

use crate::{
    attempt, deferred,
    support::{staff_server::StaffServer, workplace::Workplace},
};
use sealdrop::{
    cases::{Case, CaseAddress},
    envelope::Mailbox,
    ids::MessageId,
    openpgp::{ReaderKey, Signature},
    queue::{AlertKind, Job, Outcome, Work},
    staff::CertificateRecord,
    store::Change,
};

const ADMIN: &str = "admin@staff.example";

fn alert(workplace: &Workplace) -> Job {
    let reasons = vec!["carol@staff.example: expired".to_owned()];
    workplace.job(Work::Alert { alert: AlertKind::NobodyCanRead { mailbox: Mailbox::Abuse, reasons } })
}

/// Gives the admin a certificate; the key pair to it.
fn give_key(workplace: &Workplace) -> ReaderKey {
    give_key_to(workplace, ADMIN)
}

fn give_key_to(workplace: &Workplace, email: &str) -> ReaderKey {
    let key = ReaderKey::generate(email, workplace.now());
    let (owner, armored, added) = (email.to_owned(), key.certificate_armored(), workplace.now());
    let record = CertificateRecord { fingerprint: key.fingerprint(), owner, armored, added };
    workplace.apply(vec![Change::PutCertificate(record)]);
    key
}

#[tokio::test]
async fn an_admin_without_a_key_learns_no_name() {
    let server = StaffServer::start(None);
    let workplace = Workplace::plain(server.address, "");
    assert_eq!(attempt(&workplace.site, &alert(&workplace)).await.outcome, Outcome::Delivered);
    let mail = &server.mails()[0];
    assert_eq!(mail.to, [ADMIN]);
    assert!(mail.text.contains("Subject: Sealdrop needs help\r\n") && mail.text.contains("`sealdrop check`"));
    assert!(!mail.text.contains("abuse") && !mail.text.contains("carol"), "{}", mail.text);
}

#[tokio::test]
async fn an_admin_with_a_key_gets_it_all_sealed() {
    let server = StaffServer::start(None);
    let workplace = Workplace::plain(server.address, "");
    workplace.hire(ADMIN, false);
    let key = give_key(&workplace);
    assert_eq!(attempt(&workplace.site, &alert(&workplace)).await.outcome, Outcome::Delivered);
    let text = server.mails()[0].text.clone();
    assert!(text.contains("multipart/encrypted") && !text.contains("abuse") && !text.contains("carol"), "{text}");
    let armor = &text[text.find("-----BEGIN PGP").unwrap()..];
    let armor = &armor[..armor.find("\r\n--sealed").unwrap()];
    let relay = workplace.site.relay_key.certificate_armored();
    let opened = key.open(armor.as_bytes(), &relay, workplace.now()).unwrap();
    assert_eq!(opened.signature, Signature::Good);
    let inside = String::from_utf8(opened.plain.to_vec()).unwrap();
    assert!(inside.contains("Subject: [abuse] Mail is being refused\r\n"), "{inside}");
    assert!(inside.contains("HP-Outer: Subject: Sealdrop needs help\r\n"), "{inside}");
    assert!(inside.contains("- carol@staff.example: expired\r\n"), "{inside}");
}

#[tokio::test]
async fn a_suspended_admin_gets_no_ciphertext() {
    let server = StaffServer::start(None);
    let workplace = Workplace::plain(server.address, "");
    workplace.hire(ADMIN, true);
    give_key(&workplace);
    assert_eq!(attempt(&workplace.site, &alert(&workplace)).await.outcome, Outcome::Delivered);
    assert!(!server.mails()[0].text.contains("PGP MESSAGE"));
}

#[tokio::test]
async fn an_alert_that_reaches_nobody_is_tried_again() {
    let server = StaffServer::start(None);
    server.refuse(Some((ADMIN, 450)));
    let workplace = Workplace::plain(server.address, "");
    assert!(deferred(attempt(&workplace.site, &alert(&workplace)).await).contains("450"));
}

/// mail-rules, section 3, rule 7: staff hear of a client who could not be told, sealed or not at all.
#[tokio::test]
async fn staff_of_the_case_hear_sealed_of_a_client_who_was_not_told() {
    let server = StaffServer::start(None);
    let workplace = Workplace::plain(server.address, "");
    workplace.hire("bo@staff.example", false);
    let key = give_key_to(&workplace, "alice@staff.example");
    let case = Case {
        address: CaseAddress::random(),
        label: None,
        staff: vec!["alice@staff.example".to_owned(), "bo@staff.example".to_owned()],
        clients: Vec::new(),
        strict: false,
        language: None,
        opened: workplace.now(),
        expires: None,
        closed: None,
    };
    let (message, mailbox) = (MessageId::new(workplace.now()), Mailbox::Case(case.address.clone()));
    workplace.apply(vec![Change::PutCase(case.clone())]);
    let job = workplace.job(Work::Alert { alert: AlertKind::ClientNotTold { message, mailbox } });
    assert_eq!(attempt(&workplace.site, &job).await.outcome, Outcome::Delivered);
    let [mail] = &server.mails()[..] else { panic!("one of the two can read") };
    assert_eq!(mail.to, ["alice@staff.example"]);
    assert!(!mail.text.contains(case.address.as_str()) && !mail.text.contains(&message.to_string()), "{}", mail.text);
    let armor = &mail.text[mail.text.find("-----BEGIN PGP").unwrap()..];
    let armor = &armor[..armor.find("\r\n--sealed").unwrap()];
    let opened = key.open(armor.as_bytes(), &workplace.site.relay_key.certificate_armored(), workplace.now()).unwrap();
    let inside = String::from_utf8(opened.plain.to_vec()).unwrap();
    assert!(
        inside.contains("Please tell the sender by another way.") && inside.contains(&message.to_string()),
        "{inside}"
    );
}
