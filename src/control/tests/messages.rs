//! Messages, the queue and the trail.

use super::*;
use crate::{
    envelope::Mailbox,
    ids::MessageId,
    intake::Findings,
    queue::{JobState, Work},
    spool::Lane,
    store::{Change, MessageRecord},
};
use std::io::Read;

const ALICE: &str = "alice@example.org";
const ORIGINAL: &[u8] = b"stands for ciphertext";

/// A house with one case and one message that waits to be forwarded to Alice.
struct Delivered {
    house: House,
    id: MessageId,
}

impl Delivered {
    fn new() -> Self {
        let house = House::of(&[ALICE]);
        let case = house.open_case(&[]);
        let now = house.site.clock.now();
        let id = MessageId::new(now);
        let mut draft = house.site.spool.create(id).unwrap();
        draft.append(Lane::Segment(0), b"layout").unwrap();
        draft.append(Lane::Original, ORIGINAL).unwrap();
        house.site.spool.publish(vec![draft.finish(b"record").unwrap()]).unwrap();
        let mailbox = Mailbox::try_from(case).unwrap();
        let record = record(id, mailbox.clone(), now);
        let work = Work::Forward { message: id, mailbox, staff: ALICE.to_owned(), mail: 1 };
        let changes = vec![Change::PutMessage(record), Change::AddJob { work, next: now }];
        house.site.store.apply(now, changes, vec![]).unwrap();
        Self { house, id }
    }

    fn ask(&self, request: MessageRequest) -> Result<Data, Refusal> {
        self.house.ask(Request::Message(request))
    }

    fn state(&self) -> MessageState {
        match self.ask(MessageRequest::Show { id: self.id }).unwrap() {
            Data::Message(message) => message.state,
            _ => panic!("not a message"),
        }
    }

    fn jobs(&self) -> Vec<JobView> {
        match self.house.ask(Request::Queue(QueueRequest::List)).unwrap() {
            Data::Jobs(jobs) => jobs,
            _ => panic!("not jobs"),
        }
    }
}

fn record(id: MessageId, mailbox: Mailbox, now: Timestamp) -> MessageRecord {
    let protection = serde_json::json!({"version": "TLSv1.3", "cipher": "c", "key_exchange": "k"});
    MessageRecord {
        id,
        mailbox,
        received: now,
        findings: Findings { size: 3_000_000, documents: 2, ..Findings::default() },
        sealed_to: vec!["F".repeat(40)],
        emails: vec![ALICE.to_owned()],
        protection: serde_json::from_value(protection).unwrap(),
        duplicate: crate::digest::blake3(b"x"),
        purged: None,
        mails: Vec::new(),
    }
}

#[test]
fn a_message_is_waiting_until_its_job_is_done() {
    let delivered = Delivered::new();
    assert_eq!(delivered.state(), MessageState::Waiting);
    let job = delivered.jobs()[0].id;
    delivered.house.done(Request::Queue(QueueRequest::Drop { job }));
    assert_eq!(delivered.state(), MessageState::Delivered);
    assert!(delivered.jobs().is_empty());
    assert!(delivered.house.refused(Request::Queue(QueueRequest::Drop { job })).why.contains("no such job"));
}

#[test]
fn a_failed_job_is_retried_and_the_courier_is_woken() {
    let delivered = Delivered::new();
    let store = &delivered.house.site.store;
    let now = delivered.house.site.clock.now();
    let job = delivered.jobs()[0].id;
    store.apply(now, vec![Change::FailJob { job, error: "refused".to_owned() }], vec![]).unwrap();
    assert_eq!(delivered.state(), MessageState::Failed);
    let wake = Arc::new(tokio::sync::Notify::new());
    let desk = Desk::new(delivered.house.site.clone(), wake.clone());
    desk.handle(Actor::Admin("tester".to_owned()), Request::Queue(QueueRequest::Retry { job: None })).unwrap();
    assert!(matches!(store.job(job).unwrap().unwrap().state, JobState::Waiting { .. }));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let woken = runtime.block_on(async { tokio::time::timeout(std::time::Duration::ZERO, wake.notified()).await });
    assert!(woken.is_ok(), "nobody was woken");
}

#[test]
fn a_message_is_sent_again_only_to_those_it_is_sealed_to() {
    let delivered = Delivered::new();
    delivered.house.add("bo@example.org");
    let resend = |to: Option<&str>| MessageRequest::Resend { id: delivered.id, to: to.map(str::to_owned) };
    assert!(delivered.ask(resend(Some("bo@example.org"))).err().unwrap().why.contains("not sealed to"));
    delivered.ask(resend(Some("Alice@example.org"))).unwrap();
    assert_eq!(delivered.jobs().len(), 2);
    delivered.house.done(Request::Staff(StaffRequest::Suspend { email: ALICE.to_owned() }));
    assert!(delivered.ask(resend(None)).err().unwrap().why.contains("active"));
}

#[test]
fn exporting_gives_the_sealed_original_and_is_in_the_trail() {
    let delivered = Delivered::new();
    let request = Request::Message(MessageRequest::Export { mail: None, id: delivered.id });
    let response = delivered.house.desk.handle(Actor::Admin("tester".to_owned()), request).unwrap();
    assert!(matches!(response.data, Data::Export { length, .. } if length == ORIGINAL.len() as u64));
    let mut body = Vec::new();
    response.body.unwrap().read_to_end(&mut body).unwrap();
    assert_eq!(body, ORIGINAL);
    assert!(matches!(delivered.house.events().last(), Some(Event::MessageExported { .. })));
}

#[test]
fn purging_waits_for_forwards_and_keeps_the_record() {
    let delivered = Delivered::new();
    let purge = || MessageRequest::Purge { id: delivered.id };
    assert!(delivered.ask(purge()).err().unwrap().next.contains("queue drop"));
    delivered.house.done(Request::Queue(QueueRequest::Drop { job: delivered.jobs()[0].id }));
    delivered.ask(purge()).unwrap();
    assert_eq!(delivered.state(), MessageState::Purged);
    assert!(delivered.house.site.spool.list().unwrap().is_empty());
    assert!(
        delivered.ask(MessageRequest::Export { mail: None, id: delivered.id }).err().unwrap().why.contains("removed")
    );
    assert!(delivered.ask(purge()).is_err());
}

#[test]
fn messages_are_listed_by_case() {
    let delivered = Delivered::new();
    let other = delivered.house.open_case(&[]);
    let count = |case: Option<String>| match delivered.ask(MessageRequest::List { case }).unwrap() {
        Data::Messages(messages) => messages.len(),
        _ => panic!("not messages"),
    };
    assert_eq!((count(None), count(Some(other))), (1, 0));
}

#[test]
fn the_trail_is_listed_verified_and_exported_line_by_line() {
    let delivered = Delivered::new();
    let house = &delivered.house;
    let list = TrailRequest::List { since: None, case: None, last: Some(1) };
    let Ok(Data::Trail(entries)) = house.ask(Request::Trail(list)) else { panic!() };
    assert!(matches!(entries[0].event, Event::CaseOpened { .. }));
    let Ok(Data::Verified(TrailState::Whole { entries })) = house.ask(Request::Trail(TrailRequest::Verify)) else {
        panic!()
    };
    assert_eq!(entries, 3, "staff, key, case");
    let response = house.desk.handle(Actor::Relay, Request::Trail(TrailRequest::Export)).unwrap();
    let mut text = String::new();
    response.body.unwrap().read_to_string(&mut text).unwrap();
    assert!(matches!(response.data, Data::Export { length, items: 3 } if length == text.len() as u64));
    let read: Vec<crate::audit::Entry> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, house.site.store.trail(&TrailFilter::default()).unwrap());
}
