//! What every backend of the store must do, written against `&dyn Store`: a second backend runs the same list.

use sealdrop::{
    audit::{Actor, Event},
    cases::{Case, CaseAddress},
    clock::Timestamp,
    digest::{self, Digest},
    envelope::Mailbox,
    ids::MessageId,
    intake::Findings,
    queue::{Job, JobId, JobState, Work},
    staff::{CertificateRecord, Staff},
    store::{Change, EmbeddedStore, MessageRecord, ReplyLedger, Store, TrailFilter},
    tls::Protection,
};
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const MINUTE: Duration = Duration::from_secs(60);

/// Runs each check on a new, empty store.
macro_rules! conformance {
    ($($check:ident),* $(,)?) => {
        mod embedded {
            $(#[test]
            fn $check() {
                let directory = tempfile::tempdir().unwrap();
                super::$check(&super::EmbeddedStore::open(directory.path()).unwrap());
            })*
        }
    };
}

conformance![
    staff_and_certificates_come_back_and_go,
    removing_staff_removes_their_certificates,
    generation_grows_with_people_and_not_with_mail,
    messages_come_back_in_order_and_know_their_duplicates,
    a_purged_message_keeps_its_record_and_is_not_kept,
    job_ids_are_given_in_order_and_never_again,
    only_due_jobs_are_leased_and_only_once,
    a_lease_that_ran_out_is_given_again,
    a_deferred_job_waits_and_counts,
    a_failed_job_rests_until_it_is_retried,
    a_retried_job_stays_leased_to_its_worker,
    changes_to_a_job_that_is_gone_do_nothing,
    ledgers_come_back,
    the_trail_is_chained_filtered_and_verified,
    cases_come_back_and_the_trail_finds_what_is_about_them,
    an_empty_apply_writes_nothing,
];

fn staff(email: &str) -> Staff {
    Staff { email: email.into(), name: Some("Name".into()), suspended: false, added: NOW }
}

/// A protection as a record holds it: nobody but a handshake can make another.
fn protection() -> Protection {
    serde_json::from_str(r#"{"version":"TLSv1.3","cipher":"C","key_exchange":"K"}"#).unwrap()
}

fn certificate(fingerprint: &str, owner: &str) -> CertificateRecord {
    CertificateRecord { fingerprint: fingerprint.into(), owner: owner.into(), armored: "-----".into(), added: NOW }
}

fn message(at: Timestamp, duplicate: &str) -> MessageRecord {
    MessageRecord {
        id: MessageId::new(at),
        mailbox: Mailbox::Abuse,
        received: at,
        findings: Findings::default(),
        sealed_to: vec!["ABCD".into()],
        emails: vec!["alice@staff.example".into()],
        protection: protection(),
        duplicate: digest::sha256(duplicate.as_bytes()),
        purged: None,
        mails: Vec::new(),
    }
}

fn forward(staff: &str) -> Work {
    Work::Forward { message: MessageId::new(NOW), mailbox: Mailbox::Postmaster, staff: staff.into(), mail: 1 }
}

fn change(store: &dyn Store, changes: Vec<Change>) -> Vec<JobId> {
    store.apply(NOW, changes, Vec::new()).unwrap()
}

fn add_job(store: &dyn Store, next: Timestamp) -> JobId {
    change(store, vec![Change::AddJob { work: forward("alice@staff.example"), next }])[0]
}

fn leased(store: &dyn Store, now: Timestamp) -> Vec<JobId> {
    store.lease(now, now.plus(MINUTE), 10).unwrap().iter().map(|job| job.id).collect()
}

fn job(store: &dyn Store, id: JobId) -> Job {
    store.job(id).unwrap().unwrap()
}

fn staff_and_certificates_come_back_and_go(store: &dyn Store) {
    let (alice, bob) = (staff("alice@staff.example"), staff("bob@staff.example"));
    let (one, two) = (certificate("AA", &alice.email), certificate("BB", &bob.email));
    change(store, vec![Change::PutStaff(bob.clone()), Change::PutStaff(alice.clone())]);
    change(store, vec![Change::PutCertificate(one.clone()), Change::PutCertificate(two.clone())]);
    assert_eq!(store.staff().unwrap(), [alice.clone(), bob.clone()]);
    assert_eq!(store.staff_member(&bob.email).unwrap(), Some(bob.clone()));
    assert_eq!(store.staff_member("nobody@staff.example").unwrap(), None);
    assert_eq!(store.certificates().unwrap(), [one.clone(), two.clone()]);
    assert_eq!(store.certificates_of(&alice.email).unwrap(), [one]);
    let suspended = Staff { suspended: true, ..alice };
    change(store, vec![Change::PutStaff(suspended.clone()), Change::RemoveCertificate("AA".into())]);
    assert_eq!(store.staff().unwrap(), [suspended, bob]);
    assert_eq!(store.certificates().unwrap(), [two]);
}

fn removing_staff_removes_their_certificates(store: &dyn Store) {
    let owners = ["alice@staff.example", "bob@staff.example", "alice@staff.example"];
    let certificates = ["AA", "BB", "CC"].into_iter().zip(owners).map(|(fpr, owner)| certificate(fpr, owner));
    change(store, certificates.map(Change::PutCertificate).collect());
    change(store, vec![Change::RemoveStaff("alice@staff.example".into())]);
    assert_eq!(store.certificates().unwrap(), [certificate("BB", "bob@staff.example")]);
}

fn generation_grows_with_people_and_not_with_mail(store: &dyn Store) {
    let before = store.generation();
    change(store, vec![Change::PutMessage(message(NOW, "x"))]);
    add_job(store, NOW);
    assert_eq!(store.generation(), before);
    change(store, vec![Change::PutStaff(staff("alice@staff.example"))]);
    let added = store.generation();
    change(store, vec![Change::RemoveCertificate("AA".into())]);
    assert!(before < added && added < store.generation());
}

fn messages_come_back_in_order_and_know_their_duplicates(store: &dyn Store) {
    let (first, second) = (message(NOW, "one"), message(NOW.plus(MINUTE), "two"));
    let again = MessageRecord { duplicate: first.duplicate, ..message(NOW.plus(2 * MINUTE), "") };
    change(store, vec![Change::PutMessage(second.clone()), Change::PutMessage(first.clone())]);
    change(store, vec![Change::PutMessage(again.clone())]);
    assert_eq!(store.messages().unwrap(), [first.clone(), second.clone(), again]);
    assert_eq!(store.message(second.id).unwrap(), Some(second.clone()));
    assert_eq!(store.message(MessageId::new(NOW)).unwrap(), None);
    assert_eq!(store.duplicate_of(second.duplicate).unwrap(), Some(second.id));
    assert_eq!(store.duplicate_of(first.duplicate).unwrap(), Some(first.id), "the first keeps the tag");
    assert_eq!(store.duplicate_of(Digest([0; 32])).unwrap(), None);
}

fn a_purged_message_keeps_its_record_and_is_not_kept(store: &dyn Store) {
    let (first, second) = (message(NOW, "one"), message(NOW.plus(MINUTE), "two"));
    change(store, vec![Change::PutMessage(first.clone()), Change::PutMessage(second.clone())]);
    assert_eq!(store.kept().unwrap(), [first.id, second.id]);
    let purged = MessageRecord { purged: Some(NOW), ..first };
    change(store, vec![Change::PutMessage(purged.clone())]);
    assert_eq!(store.kept().unwrap(), [second.id]);
    assert_eq!(store.duplicate_of(purged.duplicate).unwrap(), Some(purged.id));
    assert_eq!(store.message(purged.id).unwrap(), Some(purged));
}

fn job_ids_are_given_in_order_and_never_again(store: &dyn Store) {
    let add = |staff| Change::AddJob { work: forward(staff), next: NOW };
    let ids = change(store, vec![add("a@x"), Change::PutStaff(staff("a@x")), add("b@x")]);
    assert_eq!(ids.len(), 2);
    assert!(ids[0] < ids[1]);
    let (first, second) = (job(store, ids[0]), job(store, ids[1]));
    assert!(matches!(first.work, Work::Forward { staff, .. } if staff == "a@x"));
    assert!(matches!(second.work, Work::Forward { staff, .. } if staff == "b@x"));
    assert_eq!((first.created, first.attempts, first.last_error), (NOW, 0, None));
    change(store, vec![Change::CompleteJob(ids[1])]);
    assert_eq!(store.job(ids[1]).unwrap(), None);
    assert!(add_job(store, NOW) > ids[1]);
    assert_eq!(store.jobs().unwrap().len(), 2);
}

fn only_due_jobs_are_leased_and_only_once(store: &dyn Store) {
    let (later, soon, now) =
        (add_job(store, NOW.plus(2 * MINUTE)), add_job(store, NOW.plus(MINUTE)), add_job(store, NOW));
    assert_eq!(store.next_due().unwrap(), Some(NOW));
    assert_eq!(leased(store, NOW.minus(MINUTE)), [0; 0]);
    assert_eq!(leased(store, NOW), [now]);
    assert_eq!(leased(store, NOW), [0; 0], "leased already");
    assert_eq!(job(store, now).state, JobState::Leased { until: NOW.plus(MINUTE) });
    change(store, vec![Change::CompleteJob(now)]);
    assert_eq!(store.next_due().unwrap(), Some(NOW.plus(MINUTE)));
    let late = NOW.plus(5 * MINUTE);
    assert_eq!(store.lease(late, late.plus(MINUTE), 1).unwrap()[0].id, soon, "the one that waited longest");
    assert_eq!(leased(store, late), [later]);
}

fn a_lease_that_ran_out_is_given_again(store: &dyn Store) {
    let id = add_job(store, NOW);
    assert_eq!(leased(store, NOW), [id]);
    assert_eq!(store.next_due().unwrap(), Some(NOW.plus(MINUTE)), "when the lease ends");
    assert_eq!(leased(store, NOW.plus(MINUTE)), [id]);
}

fn a_deferred_job_waits_and_counts(store: &dyn Store) {
    let id = add_job(store, NOW);
    for attempt in 1..=2 {
        assert_eq!(leased(store, NOW.plus(attempt * MINUTE)), [id]);
        let next = NOW.plus((attempt + 1) * MINUTE);
        change(store, vec![Change::DeferJob { job: id, next, error: format!("try {attempt}") }]);
        assert_eq!(leased(store, NOW.plus(attempt * MINUTE)), [0; 0]);
        assert_eq!(store.next_due().unwrap(), Some(next));
        let job = job(store, id);
        assert_eq!((job.attempts, job.state), (attempt, JobState::Waiting { next }));
        assert_eq!(job.last_error.unwrap(), format!("try {attempt}"));
    }
}

fn a_failed_job_rests_until_it_is_retried(store: &dyn Store) {
    let id = add_job(store, NOW);
    assert_eq!(leased(store, NOW), [id]);
    change(store, vec![Change::FailJob { job: id, error: "550".into() }]);
    assert_eq!(job(store, id).state, JobState::Failed { at: NOW });
    assert_eq!((leased(store, NOW.plus(MINUTE)), store.next_due().unwrap()), (vec![], None));
    store.apply(NOW.plus(MINUTE), vec![Change::RetryJob(id)], Vec::new()).unwrap();
    let retried = job(store, id);
    assert_eq!((retried.attempts, retried.created), (0, NOW.plus(MINUTE)));
    assert_eq!(leased(store, NOW.plus(MINUTE)), [id]);
}

fn a_retried_job_stays_leased_to_its_worker(store: &dyn Store) {
    let id = add_job(store, NOW);
    assert_eq!(leased(store, NOW), [id]);
    change(store, vec![Change::RetryJob(id)]);
    assert_eq!(leased(store, NOW), [0; 0]);
    change(store, vec![Change::CompleteJob(id)]);
    assert_eq!((store.jobs().unwrap(), store.next_due().unwrap()), (vec![], None));
}

fn changes_to_a_job_that_is_gone_do_nothing(store: &dyn Store) {
    let id = add_job(store, NOW);
    change(store, vec![Change::CompleteJob(id)]);
    change(store, vec![Change::CompleteJob(id), Change::RetryJob(id)]);
    change(store, vec![Change::DeferJob { job: id, next: NOW, error: "x".into() }]);
    change(store, vec![Change::FailJob { job: id, error: "x".into() }]);
    assert_eq!((store.jobs().unwrap(), store.next_due().unwrap()), (vec![], None));
}

fn ledgers_come_back(store: &dyn Store) {
    let key = digest::sha256(b"sender");
    assert_eq!(store.ledger(key).unwrap(), ReplyLedger::default());
    let ledger = ReplyLedger { sent: vec![NOW], carried: 3, earlier: true, blocked: true };
    change(store, vec![Change::PutLedger { key, ledger: ledger.clone() }]);
    assert_eq!(store.ledger(key).unwrap(), ledger);
}

fn the_trail_is_chained_filtered_and_verified(store: &dyn Store) {
    let event = |email: &str| (Actor::Admin("root".into()), Event::StaffAdded { staff: email.into() });
    for minute in 0..5 {
        let at = NOW.plus(minute * MINUTE);
        store.apply(at, Vec::new(), vec![event("a@x"), (Actor::Relay, Event::RelayStopped)]).unwrap();
    }
    let seqs = |filter| store.trail(&filter).unwrap().iter().map(|entry| entry.seq).collect::<Vec<_>>();
    assert_eq!(seqs(TrailFilter::default()), (1..=10).collect::<Vec<_>>());
    assert_eq!(seqs(TrailFilter { last: Some(3), ..TrailFilter::default() }), [8, 9, 10]);
    assert_eq!(seqs(TrailFilter { last: Some(0), ..TrailFilter::default() }), [0; 0]);
    let since = Some(NOW.plus(4 * MINUTE));
    assert_eq!(seqs(TrailFilter { since, ..TrailFilter::default() }), [9, 10]);
    assert_eq!(seqs(TrailFilter { since, last: Some(1), ..TrailFilter::default() }), [10]);
    let first = store.trail(&TrailFilter::default()).unwrap().remove(0);
    assert_eq!((first.actor, first.event), event("a@x"));
    assert_eq!(store.verify_trail().unwrap(), Ok(10));
}

fn cases_come_back_and_the_trail_finds_what_is_about_them(store: &dyn Store) {
    let case = |address: CaseAddress| Case {
        address,
        label: None,
        staff: vec!["alice@staff.example".into()],
        clients: Vec::new(),
        strict: false,
        language: None,
        opened: NOW,
        expires: None,
        closed: None,
    };
    let (one, other) = (case(CaseAddress::random()), case(CaseAddress::random()));
    let generation = store.generation();
    change(store, vec![Change::PutCase(one.clone()), Change::PutCase(other.clone())]);
    assert!(store.generation() > generation);
    assert_eq!(store.case(&one.address).unwrap(), Some(one.clone()));
    assert_eq!(store.cases().unwrap().len(), 2);
    let closed = Case { closed: Some(NOW), ..one.clone() };
    change(store, vec![Change::PutCase(closed.clone())]);
    assert_eq!(store.case(&one.address).unwrap(), Some(closed));

    let message = MessageRecord { mailbox: Mailbox::Case(one.address.clone()), ..message(NOW, "x") };
    let id = message.id;
    change(store, vec![Change::PutMessage(message)]);
    let forwarded = Event::Forwarded { message: id, staff: "alice@staff.example".into(), mail: 1 };
    let opened = |case: &Case| Event::CaseOpened { case: case.address.clone(), staff: case.staff.clone() };
    let events = [opened(&one), opened(&other), forwarded.clone(), Event::RelayStopped];
    store.apply(NOW, vec![], events.into_iter().map(|event| (Actor::Relay, event)).collect()).unwrap();
    let filter = TrailFilter { case: Some(one.address.clone()), ..TrailFilter::default() };
    let events = |filter| store.trail(&filter).unwrap().into_iter().map(|entry| entry.event).collect::<Vec<_>>();
    assert_eq!(events(filter.clone()), [opened(&one), forwarded.clone()], "through its message too");
    assert_eq!(events(TrailFilter { last: Some(1), ..filter }), [forwarded]);
}

fn an_empty_apply_writes_nothing(store: &dyn Store) {
    assert_eq!(change(store, Vec::new()), [0; 0]);
    assert_eq!(store.trail(&TrailFilter::default()).unwrap(), []);
    assert_eq!(store.verify_trail().unwrap(), Ok(0));
}
