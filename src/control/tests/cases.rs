//! Cases.

use super::*;
use crate::cases::CaseState;

const ALICE: &str = "alice@example.org";
const BO: &str = "bo@example.org";

fn open(new: NewCase) -> Request {
    Request::Case(CaseRequest::Open(new))
}

#[test]
fn a_case_without_staff_goes_to_the_only_active_member() {
    let house = House::new();
    assert!(house.refused(open(NewCase::default())).why.contains("no staff"));
    house.add(ALICE);
    let case = house.open_case(&[]);
    assert_eq!(house.show_case(&case).staff[0].email, ALICE);
    house.add(BO);
    assert!(house.refused(open(NewCase::default())).next.contains("--staff"));
    house.done(Request::Staff(StaffRequest::Suspend { email: BO.to_owned() }));
    house.open_case(&[]);
}

#[test]
fn a_case_needs_somebody_who_can_read() {
    let house = House::of(&[ALICE]);
    let staff = |email: &str| NewCase { staff: vec![email.to_owned()], ..NewCase::default() };
    assert!(house.refused(open(staff(BO))).why.contains("no such staff member"));
    house.done(Request::Staff(StaffRequest::Suspend { email: ALICE.to_owned() }));
    assert!(house.refused(open(staff(ALICE))).why.contains("nobody could read"));
}

#[test]
fn label_and_clients_are_shown_to_admins_and_sealed_in_the_store() {
    let house = House::of(&[ALICE]);
    let new = NewCase {
        label: Some("Moreno, housing".to_owned()),
        clients: vec!["ana@example.com".to_owned()],
        language: Some("es".to_owned()),
        expires_in: Some(90 * 24 * 60 * 60),
        ..NewCase::default()
    };
    let Ok(Data::Opened(case)) = house.ask(open(new)) else { panic!() };
    assert!(case.address.ends_with("@in.example.org"));
    let shown = house.show_case(&case.address);
    assert_eq!((shown.label.as_deref(), shown.clients[0].as_str()), (Some("Moreno, housing"), "ana@example.com"));
    let stored = serde_json::to_string(&house.site.store.cases().unwrap()).unwrap();
    assert!(!stored.contains("Moreno") && !stored.contains("ana@"), "{stored}");
    house.site.clock.advance(std::time::Duration::from_secs(91 * 24 * 60 * 60));
    assert_eq!(house.show_case(&case.address).state, CaseState::Expired);
}

#[test]
fn a_refusal_repeats_no_clients_address() {
    let house = House::of(&[ALICE]);
    let new = NewCase { clients: vec!["ana-of-example.com".to_owned()], ..NewCase::default() };
    assert!(!house.refused(open(new)).to_string().contains("ana-of"));
    let new = NewCase { label: Some("x\ny".to_owned()), ..NewCase::default() };
    assert!(house.refused(open(new)).why.contains("one line"));
}

#[test]
fn a_case_is_found_by_any_spelling_and_a_slip_is_only_pointed_out() {
    let house = House::of(&[ALICE]);
    let case = house.open_case(&[]);
    for spelling in
        [case.to_uppercase(), case.replace('-', " "), case.replace('-', "_"), format!("{case}@IN.example.org")]
    {
        assert!(house.show_case(&spelling).address.starts_with(&case), "{spelling}");
    }
    let mut slip: Vec<char> = case.chars().collect();
    slip[1] = if slip[1] == 'q' { 'z' } else { 'q' };
    let refusal = house.refused(Request::Case(CaseRequest::Close { case: slip.into_iter().collect() }));
    assert!(refusal.next.contains(&case), "{refusal}");
    assert!(
        house
            .refused(Request::Case(CaseRequest::Show { case: format!("{case}@example.org") }))
            .why
            .contains("in.example.org")
    );
    assert_eq!(house.show_case(&case).state, CaseState::Open);
}

#[test]
fn a_case_closes_and_opens_again() {
    let house = House::of(&[ALICE]);
    let case = house.open_case(&[]);
    house.done(Request::Case(CaseRequest::Close { case: case.clone() }));
    assert_eq!(house.show_case(&case).state, CaseState::Closed);
    house.done(Request::Case(CaseRequest::Reopen { case: case.clone(), expires_in: Some(60) }));
    assert_eq!(house.show_case(&case).state, CaseState::Open);
    house.site.clock.advance(std::time::Duration::from_secs(61));
    assert_eq!(house.show_case(&case).state, CaseState::Expired);
    let done = house.done(Request::Case(CaseRequest::Reopen { case: case.clone(), expires_in: None }));
    assert_eq!(done.notes.len(), 1);
    assert_eq!(house.show_case(&case).state, CaseState::Open);
    let told: Vec<_> = house.events().iter().filter_map(|event| event.case().cloned()).collect();
    assert_eq!(told.len(), 4, "opened, closed, reopened twice");
}

#[test]
fn assigning_replaces_the_staff() {
    let house = House::of(&[ALICE, BO]);
    let case = house.open_case(&[ALICE]);
    let assign = |staff: &[&str]| CaseRequest::Assign {
        case: case.clone(),
        staff: staff.iter().map(|&email| email.to_owned()).collect(),
    };
    house.done(Request::Case(assign(&[BO, "BO@example.org"])));
    let readers: Vec<_> = house.show_case(&case).staff.into_iter().map(|reader| reader.email).collect();
    assert_eq!(readers, [BO]);
}

#[test]
fn whom_a_case_expects_is_changed_and_told() {
    let house = House::of(&[ALICE]);
    let case = house.open_case(&[]);
    let expect = |clients: &[&str], forget: &[&str], strict| {
        let [clients, forget] = [clients, forget].map(|list| list.iter().map(|&text| text.to_owned()).collect());
        Request::Case(CaseRequest::Expect { case: case.clone(), clients, forget, strict })
    };
    house.done(expect(&["ana@example.com", "+1 555 123 4567", "ANA@example.com", "5551234567"], &[], None));
    let shown = house.show_case(&case);
    assert_eq!(
        (shown.clients, shown.strict),
        (vec!["ana@example.com".to_owned(), "+1 555 123 4567".to_owned()], false)
    );
    assert!(house.done(expect(&[], &["(555) 123-4567"], Some(true))).said.contains("1 known senders alone"));
    assert!(house.refused(expect(&[], &["ana@example.com"], None)).why.contains("would refuse everybody"));
    let unknown = house.refused(expect(&[], &["bo@example.com"], None));
    assert!(!unknown.to_string().contains("bo@"), "{unknown}");
    assert!(house.refused(expect(&[], &[], None)).why.contains("nothing"));
    let stored = serde_json::to_string(&house.site.store.cases().unwrap()).unwrap();
    assert!(!stored.contains("ana@") && !stored.contains("555"), "{stored}");
    let told = house.events().into_iter().filter(|event| matches!(event, Event::CaseExpects { .. })).count();
    assert_eq!(told, 2, "what was refused changed nothing");
}

#[test]
fn a_language_without_texts_is_refused() {
    let house = House::of(&[ALICE]);
    let new = |code: &str| NewCase { language: Some(code.to_owned()), ..NewCase::default() };
    assert!(house.refused(open(new("fr"))).next.contains("en, es"));
    assert!(house.ask(open(new("ES"))).is_ok());
}

#[test]
fn a_sender_whose_answer_came_back_is_unblocked_by_their_address() {
    let house = House::of(&[ALICE]);
    let unblock = |address: &str| Request::Reply(ReplyRequest::Unblock { address: address.to_owned() });
    let ana = crate::envelope::Address::parse("ana@example.com").unwrap();
    let key = crate::delivery::sender_tag(&house.site.at_rest, &ana);
    let sent = vec![yesterday()];
    let ledger = crate::store::ReplyLedger { blocked: true, sent: sent.clone(), ..Default::default() };
    let change = crate::store::Change::PutLedger { key, ledger };
    house.site.store.apply(yesterday(), vec![change], Vec::new()).unwrap();
    assert!(house.done(unblock("bo@example.com")).said.contains("not blocked"));
    assert!(house.done(unblock("Ana@Example.com")).said.contains("answered again"));
    let ledger = house.site.store.ledger(key).unwrap();
    assert_eq!((ledger.blocked, ledger.sent), (false, sent), "the day's limit still holds");
    assert_eq!(house.events().iter().filter(|event| matches!(event, Event::ReplyUnblocked)).count(), 1);
    assert!(!house.refused(unblock("ana at home")).to_string().contains("ana at"));
}
