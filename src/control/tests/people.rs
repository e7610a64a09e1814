//! Staff and their certificates.

use super::*;

const ALICE: &str = "alice@example.org";
const BO: &str = "bo@example.org";

fn staff(request: StaffRequest) -> Request {
    Request::Staff(request)
}

#[test]
fn a_person_is_added_with_certificates_and_both_are_in_the_trail() {
    let house = House::new();
    let keys = vec![key(ALICE), key(ALICE)];
    let add = StaffRequest::Add { email: "Alice@Example.org".to_owned(), name: Some("Alice".to_owned()), keys };
    house.done(staff(add));
    let Ok(Data::Staff(all)) = house.ask(staff(StaffRequest::List)) else { panic!() };
    assert_eq!((all[0].email.as_str(), all[0].keys.len(), all[0].suspended), (ALICE, 2, false));
    let events = house.events();
    assert!(matches!(&events[0], Event::StaffAdded { staff } if staff == ALICE));
    assert!(matches!(&events[1..], [Event::KeyAdded { .. }, Event::KeyAdded { .. }]));
}

#[test]
fn nobody_is_added_without_a_usable_certificate() {
    let house = House::new();
    let add = |keys| staff(StaffRequest::Add { email: ALICE.to_owned(), name: None, keys });
    assert!(house.refused(add(vec![])).why.contains("no certificate"));
    assert!(house.refused(add(vec!["hello".to_owned()])).why.contains("not an OpenPGP certificate"));
    let signing_only = RelayKey::generate(ALICE, yesterday()).certificate_armored();
    assert!(house.refused(add(vec![key(ALICE), signing_only])).why.contains("no key for encryption"));
    let secret = ReaderKey::generate(ALICE, yesterday()).to_armored();
    assert!(house.refused(add(vec![KeyRequest::text_of(secret.to_vec())])).why.contains("SECRET"));
    assert!(house.events().is_empty(), "something was changed");
}

#[test]
fn a_certificate_of_one_person_is_not_given_to_another() {
    let house = House::of(&[BO]);
    let theirs = key(ALICE);
    house.done(staff(StaffRequest::Add { email: ALICE.to_owned(), name: None, keys: vec![theirs.clone()] }));
    let refusal = house.refused(Request::Key(KeyRequest::Add { email: BO.to_owned(), key: theirs }));
    assert!(refusal.why.contains(ALICE), "{refusal}");
}

#[test]
fn a_certificate_that_names_somebody_else_is_pointed_out() {
    let house = House::of(&[ALICE]);
    let done = house.done(Request::Key(KeyRequest::Add { email: ALICE.to_owned(), key: key("eve@example.org") }));
    assert!(done.notes.iter().any(|note| note.contains("really theirs")), "{:?}", done.notes);
}

#[test]
fn the_last_certificate_goes_with_a_warning_and_a_short_fingerprint_is_enough() {
    let house = House::of(&[ALICE]);
    let case = house.open_case(&[ALICE]);
    let fingerprint = house.site.store.certificates().unwrap()[0].fingerprint.clone();
    let short = fingerprint[fingerprint.len() - 16..].to_lowercase();
    let done = house.done(Request::Key(KeyRequest::Remove { fingerprint: short }));
    assert!(done.notes.iter().any(|note| note.contains("last certificate")));
    assert!(done.notes.iter().any(|note| note.contains(&case)), "{:?}", done.notes);
    assert!(house.refused(Request::Key(KeyRequest::Show { fingerprint })).why.contains("no certificate"));
    assert!(
        house.refused(Request::Key(KeyRequest::Show { fingerprint: "ab".to_owned() })).why.contains("no certificate")
    );
}

#[test]
fn refreshing_takes_only_the_same_certificate() {
    let house = House::new();
    let known = key(ALICE);
    house.done(staff(StaffRequest::Add { email: ALICE.to_owned(), name: None, keys: vec![known.clone()] }));
    assert!(house.done(Request::Key(KeyRequest::Refresh { key: known })).said.contains("up to date"));
    house.refused(Request::Key(KeyRequest::Refresh { key: key(ALICE) }));
    assert_eq!(house.site.store.certificates().unwrap().len(), 1);
}

#[test]
fn a_suspended_person_reads_nothing_and_open_cases_without_a_reader_are_named() {
    let house = House::of(&[ALICE]);
    let case = house.open_case(&[ALICE]);
    let done = house.done(staff(StaffRequest::Suspend { email: ALICE.to_owned() }));
    assert!(done.notes.iter().any(|note| note.contains(&case)), "{:?}", done.notes);
    assert!(!house.show_case(&case).has_reader());
    house.done(staff(StaffRequest::Resume { email: ALICE.to_owned() }));
    assert!(house.show_case(&case).has_reader());
}

#[test]
fn a_person_leaves_only_cases_that_have_somebody_else() {
    let house = House::of(&[ALICE, BO]);
    let shared = house.open_case(&[ALICE, BO]);
    let alone = house.open_case(&[ALICE]);
    let remove = || staff(StaffRequest::Remove { email: ALICE.to_owned() });
    assert!(house.refused(remove()).why.contains(&alone));
    house.done(Request::Case(CaseRequest::Close { case: alone }));
    house.done(remove());
    let readers: Vec<_> = house.show_case(&shared).staff.into_iter().map(|reader| reader.email).collect();
    assert_eq!(readers, [BO]);
    assert!(house.site.store.certificates_of(ALICE).unwrap().is_empty());
    assert!(house.events().iter().any(|event| matches!(event, Event::StaffRemoved { staff } if staff == ALICE)));
}

#[test]
fn a_survey_names_what_needs_mending() {
    let house = House::of(&[ALICE]);
    let case = house.open_case(&[ALICE]);
    house.done(staff(StaffRequest::Suspend { email: ALICE.to_owned() }));
    let Ok(Data::Survey(survey)) = house.ask(Request::Survey) else { panic!() };
    assert_eq!((survey.staff, survey.open_cases, survey.missing_files), (1, 1, 0));
    assert!(survey.cases_to_mend[0].address.starts_with(&case));
    assert!(matches!(survey.trail, TrailState::Whole { entries: 4 }), "{:?}", survey.trail);
}
