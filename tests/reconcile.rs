//! Start-up and repair: whatever the index lost, the sealed messages in the spool come back, with what is still to be done.

use redb::{Database, ReadableDatabase, TableDefinition};
use sealdrop::{
    audit::{Actor, Event},
    cases::CaseAddress,
    clock::Timestamp,
    digest,
    envelope::Mailbox,
    ids::MessageId,
    intake::Findings,
    queue::Work,
    secret::AtRestKey,
    spool::{DirectorySpool, Lane, Spool, SpoolError},
    staff::Staff,
    store::{
        Change, EmbeddedStore, MailRecord, MessageRecord, ReconcileError, Reconciled, SpoolRecord, Store, StoreError,
        TrailFilter, Unreadable, reconcile, repair,
    },
    tls::Protection,
};
use std::{fs, path::Path, time::Duration};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn key() -> AtRestKey {
    AtRestKey::new(&[7; 32])
}

/// A protection as a record holds it: nobody but a handshake can make another.
fn protection() -> Protection {
    serde_json::from_str(r#"{"version":"TLSv1.3","cipher":"C","key_exchange":"K"}"#).unwrap()
}

/// A message as serve seals its record: one forward, one confirmation.
fn spool_record(received: Timestamp) -> SpoolRecord {
    let id = MessageId::new(received);
    let record = MessageRecord {
        id,
        mailbox: Mailbox::Postmaster,
        received,
        findings: Findings { size: 5, documents: 1, ..Findings::default() },
        sealed_to: vec!["ABCD".into()],
        emails: vec!["alice@staff.example".into()],
        protection: protection(),
        duplicate: digest::sha256(&id.to_bytes()),
        purged: None,
        mails: Vec::new(),
    };
    let forward =
        Work::Forward { message: id, mailbox: Mailbox::Postmaster, staff: "alice@staff.example".into(), mail: 1 };
    let confirm = Work::Confirm { message: id, facts: key().seal("x", b"facts") };
    SpoolRecord { record, jobs: vec![forward, confirm] }
}

/// Puts a message into the spool alone, as if the process had ended before the store's commit.
fn publish(spool: &dyn Spool, record: &SpoolRecord) -> MessageId {
    let mut draft = spool.create(record.record.id).unwrap();
    draft.append(Lane::Segment(0), b"layout").unwrap();
    spool.publish(vec![draft.finish(&record.seal(&key())).unwrap()]).unwrap();
    record.record.id
}

/// A store that was in use, and its spool.
fn used(directory: &Path) -> (EmbeddedStore, DirectorySpool) {
    let store = EmbeddedStore::open(directory).unwrap();
    store.apply(NOW, vec![], vec![(Actor::Relay, Event::RelayStopped)]).unwrap();
    (store, DirectorySpool::open(directory, 0).unwrap())
}

fn last_event(store: &dyn Store) -> Event {
    store.trail(&TrailFilter { last: Some(1), ..TrailFilter::default() }).unwrap().remove(0).event
}

#[test]
fn a_file_without_a_record_is_taken_in_with_its_jobs() {
    let directory = tempfile::tempdir().unwrap();
    let (store, spool) = used(directory.path());
    let sealed = spool_record(NOW);
    let id = publish(&spool, &sealed);
    let found = reconcile(&store, &spool, &key(), NOW).unwrap();
    assert_eq!(found, Reconciled { adopted: vec![id], ..Reconciled::default() });
    assert_eq!(store.message(id).unwrap(), Some(sealed.record));
    let works: Vec<Work> = store.jobs().unwrap().into_iter().map(|job| job.work).collect();
    assert_eq!(works, sealed.jobs);
    assert_eq!(last_event(&store), Event::IndexRepaired { messages: 1, removed: 0 });
    assert_eq!(reconcile(&store, &spool, &key(), NOW).unwrap(), Reconciled::default(), "nothing is left to mend");
    assert_eq!(store.verify_trail().unwrap(), Ok(3));
}

#[test]
fn jobs_that_may_be_long_done_do_not_come_back() {
    let directory = tempfile::tempdir().unwrap();
    let (store, spool) = used(directory.path());
    publish(&spool, &spool_record(NOW.minus(2 * DAY)));
    publish(&spool, &spool_record(NOW.minus(6 * DAY)));
    assert_eq!(reconcile(&store, &spool, &key(), NOW).unwrap().adopted.len(), 2);
    let jobs = store.jobs().unwrap();
    assert!(jobs.len() == 1 && matches!(jobs[0].work, Work::Forward { .. }), "the forward of two days ago alone");
}

#[test]
fn jobs_that_the_trail_knows_to_be_done_do_not_come_back() {
    let directory = tempfile::tempdir().unwrap();
    let (store, spool) = used(directory.path());
    let id = publish(&spool, &spool_record(NOW));
    let done = Event::Forwarded { message: id, staff: "alice@staff.example".into(), mail: 1 };
    store.apply(NOW, vec![], vec![(Actor::Relay, done)]).unwrap();
    assert_eq!(reconcile(&store, &spool, &key(), NOW).unwrap().adopted, [id]);
    let jobs = store.jobs().unwrap();
    assert!(jobs.len() == 1 && matches!(jobs[0].work, Work::Confirm { .. }));
}

#[test]
fn each_mail_of_a_message_comes_back_that_is_not_known_to_be_done() {
    let directory = tempfile::tempdir().unwrap();
    let (store, spool) = used(directory.path());
    let mut sealed = spool_record(NOW);
    let mail = |kept| MailRecord { length: 5, kept };
    sealed.record.mails = vec![mail(false), mail(true), mail(false), mail(false)];
    sealed.jobs = sealed.record.forwards(&sealed.record.emails);
    let id = publish(&spool, &sealed);
    let done = Event::Forwarded { message: id, staff: "alice@staff.example".into(), mail: 3 };
    store.apply(NOW, vec![], vec![(Actor::Relay, done)]).unwrap();
    assert_eq!(reconcile(&store, &spool, &key(), NOW).unwrap().adopted, [id]);
    let mails: Vec<u32> = store
        .jobs()
        .unwrap()
        .into_iter()
        .filter_map(|job| if let Work::Forward { mail, .. } = job.work { Some(mail) } else { None })
        .collect();
    assert_eq!(mails, [1, 4], "the second is kept, the third was sent");
    assert_eq!(store.message(id).unwrap(), Some(sealed.record));
}

/// Records, jobs and entries as releases wrote them that knew one mail a message.
#[test]
fn records_of_older_releases_mean_the_first_mail() {
    let work: Work = serde_json::from_str(
        r#"{"work":"forward","message":"01kaw2m0jx6y9v3q8r5t7w1z4b","mailbox":"abuse","staff":"alice@staff.example"}"#,
    )
    .unwrap();
    assert!(matches!(work, Work::Forward { mail: 1, .. }));
    let entry = r#"{"event":"forwarded","message":"01kaw2m0jx6y9v3q8r5t7w1z4b","staff":"alice@staff.example"}"#;
    let event: Event = serde_json::from_str(entry).unwrap();
    assert!(matches!(event, Event::Forwarded { mail: 1, .. }));
    assert_eq!(serde_json::to_string(&event).unwrap(), entry, "the chain's hashes stay what they were");
    let mut record = serde_json::to_value(spool_record(NOW).record).unwrap();
    record.as_object_mut().unwrap().remove("mails");
    let record: MessageRecord = serde_json::from_value(record).unwrap();
    assert_eq!((record.mail_count(), record.sent_mails()), (1, vec![1]));
}

#[test]
fn a_case_that_the_index_lost_comes_back_closed_so_that_its_address_stays_taken() {
    let directory = tempfile::tempdir().unwrap();
    let (store, spool) = used(directory.path());
    let address = CaseAddress::random();
    for _ in 0..2 {
        let mut sealed = spool_record(NOW);
        sealed.record.mailbox = Mailbox::Case(address.clone());
        publish(&spool, &sealed);
    }
    let found = reconcile(&store, &spool, &key(), NOW).unwrap();
    assert_eq!((found.adopted.len(), found.cases), (2, 1));
    let case = store.case(&address).unwrap().unwrap();
    assert_eq!((case.closed, case.staff), (Some(NOW), vec!["alice@staff.example".to_owned()]));
}

#[test]
fn what_is_missing_is_reported_and_what_was_purged_goes() {
    let directory = tempfile::tempdir().unwrap();
    let (store, spool) = used(directory.path());
    let (gone, purged) = (spool_record(NOW).record, spool_record(NOW));
    let file = publish(&spool, &purged);
    let purged = MessageRecord { purged: Some(NOW), ..purged.record };
    store.apply(NOW, vec![Change::PutMessage(gone.clone()), Change::PutMessage(purged)], vec![]).unwrap();
    let found = reconcile(&store, &spool, &key(), NOW).unwrap();
    assert_eq!(found, Reconciled { removed: vec![file], missing: vec![gone.id], ..Reconciled::default() });
    assert_eq!(spool.list().unwrap(), []);
    assert_eq!(last_event(&store), Event::IndexRepaired { messages: 0, removed: 1 });
}

#[test]
fn a_file_that_cannot_be_taken_in_stays() {
    let directory = tempfile::tempdir().unwrap();
    let (store, spool) = used(directory.path());
    let id = publish(&spool, &spool_record(NOW));
    let found = reconcile(&store, &spool, &AtRestKey::new(&[8; 32]), NOW).unwrap();
    assert!(matches!(found.unreadable[..], [(found, Unreadable::Key(_))] if found == id));
    let path = directory.path().join("spool").join(id.to_string());
    let mut content = fs::read(&path).unwrap();
    content[16] ^= 1;
    fs::write(&path, content).unwrap();
    let found = reconcile(&store, &spool, &key(), NOW).unwrap();
    assert!(matches!(found.unreadable[..], [(_, Unreadable::Spool(SpoolError::Damaged(..)))]));
    assert_eq!((spool.list().unwrap(), store.messages().unwrap()), (vec![id], vec![]));
}

#[test]
fn a_record_moved_to_another_message_does_not_open() {
    let (one, other) = (spool_record(NOW), spool_record(NOW));
    assert!(SpoolRecord::open(one.record.id, &key(), one.seal(&key())).is_ok());
    assert!(matches!(SpoolRecord::open(other.record.id, &key(), one.seal(&key())), Err(Unreadable::Key(_))));
}

#[test]
fn a_lost_index_is_noticed_and_rebuilt_by_repair() {
    let directory = tempfile::tempdir().unwrap();
    let sealed = spool_record(NOW);
    {
        let (_, spool) = used(directory.path());
        publish(&spool, &sealed);
    }
    fs::remove_file(directory.path().join("store.redb")).unwrap();
    {
        let store = EmbeddedStore::open(directory.path()).unwrap();
        let spool = DirectorySpool::open(directory.path(), 0).unwrap();
        assert_eq!(reconcile(&store, &spool, &key(), NOW), Err(ReconcileError::IndexLost(1)));
        let running = repair(directory.path(), &key(), NOW).map(|_| ());
        assert_eq!(running, Err(ReconcileError::Store(StoreError::Locked)));
    }
    let report = repair(directory.path(), &key(), NOW).unwrap();
    assert_eq!(report.reconciled.adopted, [sealed.record.id]);
    assert!(!report.nothing_to_mend());
    assert!(repair(directory.path(), &key(), NOW).unwrap().nothing_to_mend());
    let store = EmbeddedStore::open(directory.path()).unwrap();
    assert_eq!((store.messages().unwrap(), store.jobs().unwrap().len()), (vec![sealed.record], 2));
}

#[test]
fn damaged_records_are_left_out_and_the_rest_is_carried_over() {
    let directory = tempfile::tempdir().unwrap();
    let sealed = spool_record(NOW);
    let staff = |email: &str| Staff { email: email.into(), name: None, suspended: false, added: NOW };
    {
        let (store, spool) = used(directory.path());
        publish(&spool, &sealed);
        reconcile(&store, &spool, &key(), NOW).unwrap();
        store.apply(NOW, vec![Change::PutStaff(staff("a@x")), Change::PutStaff(staff("b@x"))], vec![]).unwrap();
    }
    for (table, key) in [("messages", &sealed.record.id.to_bytes()[..]), ("staff", b"a@x"), ("meta", b"tail")] {
        flip_a_bit(directory.path(), table, key);
    }
    assert!(matches!(EmbeddedStore::open(directory.path()), Err(StoreError::Damaged(_))));
    let report = repair(directory.path(), &key(), NOW).unwrap();
    assert_eq!(report.salvaged.damaged.len(), 3, "{:?}", report.salvaged.damaged);
    assert!(report.salvaged.set_aside.unwrap().exists());
    assert_eq!(report.reconciled.adopted, [sealed.record.id], "the spool gives it back");
    let store = EmbeddedStore::open(directory.path()).unwrap();
    assert_eq!(store.staff().unwrap(), [staff("b@x")]);
    assert_eq!(store.message(sealed.record.id).unwrap(), Some(sealed.record.clone()));
    assert_eq!(store.duplicate_of(sealed.record.duplicate).unwrap(), Some(sealed.record.id));
    assert_eq!(store.verify_trail().unwrap(), Ok(5));
    assert_eq!(store.lease(NOW, NOW.plus(DAY), 9).unwrap().len(), 2, "its jobs are carried over and not added again");
}

#[test]
fn a_file_that_is_no_database_is_set_aside() {
    let directory = tempfile::tempdir().unwrap();
    let sealed = spool_record(NOW);
    publish(&DirectorySpool::open(directory.path(), 0).unwrap(), &sealed);
    fs::write(directory.path().join("store.redb"), vec![0x55; 100_000]).unwrap();
    let error = EmbeddedStore::open(directory.path()).err().unwrap();
    assert!(error.to_string().contains("sealdrop check --repair"), "{error}");
    let report = repair(directory.path(), &key(), NOW).unwrap();
    assert_eq!(report.reconciled.adopted, [sealed.record.id]);
    assert_eq!(fs::read(report.salvaged.set_aside.unwrap()).unwrap(), vec![0x55; 100_000]);
}

#[test]
fn repair_names_the_files_whose_content_changed() {
    let directory = tempfile::tempdir().unwrap();
    let id = {
        let (store, spool) = used(directory.path());
        let id = publish(&spool, &spool_record(NOW));
        reconcile(&store, &spool, &key(), NOW).unwrap();
        id
    };
    let path = directory.path().join("spool").join(id.to_string());
    let mut content = fs::read(&path).unwrap();
    content[16] ^= 1;
    fs::write(&path, content).unwrap();
    let report = repair(directory.path(), &key(), NOW).unwrap();
    assert!(matches!(report.damaged[..], [(damaged, SpoolError::Damaged(..))] if damaged == id));
}

/// Changes one bit in the middle of a record, behind the store's back.
fn flip_a_bit(directory: &Path, table: &str, key: &[u8]) {
    let database = Database::open(directory.join("store.redb")).unwrap();
    let definition: TableDefinition<&[u8], &[u8]> = TableDefinition::new(table);
    let read = database.begin_read().unwrap();
    let mut stored = read.open_table(definition).unwrap().get(key).unwrap().unwrap().value().to_vec();
    let middle = stored.len() / 2;
    stored[middle] ^= 4;
    let write = database.begin_write().unwrap();
    write.open_table(definition).unwrap().insert(key, stored.as_slice()).unwrap();
    write.commit().unwrap();
}
