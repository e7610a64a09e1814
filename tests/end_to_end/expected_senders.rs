//! Cases that expect a sender: others are flagged, or refused with a sentence that a person understands.

use crate::support::{
    agency::mail_with,
    office::{ALICE, CLIENT, Office, id_of, photo},
    smtp_client::Client,
};

/// The reply to RCPT for `case` of mail from `from`.
async fn asked(office: &Office, from: &str, case: &str) -> String {
    let mut client = Client::secured(&office.agency).await;
    client.say(&format!("MAIL FROM:<{from}>\r\nRCPT TO:<{case}>\r\n")).await;
    client.expect("250").await;
    client.line().await.unwrap()
}

fn flags(office: &Office, id: &str) -> String {
    office.agency.json(&["message", "show", id])["findings"]["flags"].to_string()
}

#[tokio::test]
async fn a_strict_case_takes_mail_from_those_it_knows_alone() {
    let office = Office::open("").await;
    let more = ["--client", "Ana@Client.example", "--client", "+1 (555) 123-4567", "--strict"];
    let case = office.agency.open_case_with(&[ALICE], &more);
    for known in [CLIENT, "ANA+photos@client.example", "15551234567@vzwpix.com", "5551234567@mms.att.net"] {
        assert!(asked(&office, known, &case).await.starts_with("250 2.1.5 "), "{known}");
    }
    for stranger in ["eve@client.example", "15551234568@vzwpix.com", ""] {
        let said = asked(&office, stranger, &case).await;
        assert!(said.starts_with("550 5.7.1 ") && said.contains("Please send from that one, or call"), "{said}");
        assert!(asked(&office, stranger, &office.case).await.starts_with("250 2.1.5 "), "another case takes it");
    }
    let shown = office.agency.json(&["case", "show", &case]);
    assert_eq!((&shown["strict"], &shown["clients"][1]), (&true.into(), &"+1 (555) 123-4567".into()));
    let shown = office.agency.must(&["case", "show", &case]);
    assert!(shown.contains("refused") && shown.contains("open, strict"), "{shown}");
    assert!(!office.agency.log().contains("5551234567"), "no log names a client");

    office.agency.must(&["case", "expect", &case, "--no-strict"]);
    assert!(asked(&office, "eve@client.example", &case).await.starts_with("250 2.1.5 "));
    let trail = office.trail("case_expects");
    assert_eq!((trail.len(), &trail[0]["strict"], &trail[0]["clients"]), (1, &false.into(), &2.into()));
}

#[tokio::test]
async fn mail_from_others_is_flagged_where_staff_look_first() {
    let office = Office::open("").await;
    office.agency.must(&["case", "expect", &office.case, "--client", CLIENT]);
    let other = office.agency.open_case(&[ALICE]);
    let expected = office.mail("from Ana").await;
    assert!(!flags(&office, &expected).contains("unexpected_sender"));
    // One mail to two cases: only the one that expects somebody else says so.
    let mail = mail_with("from Eve", &[("IMG.jpg", "image/jpeg", &photo(3, 9_000))]);
    let answer = office.agency.send("eve@client.example", &[&office.case, &other], &mail).await.unwrap();
    let ids: Vec<&str> = answer.first_line().unwrap().split(' ').skip(1).take(2).collect();
    assert!(flags(&office, ids[0]).contains("unexpected_sender"), "{}", flags(&office, ids[0]));
    assert!(!flags(&office, ids[1]).contains("unexpected_sender"));
    assert!(office.agency.must(&["message", "show", ids[0]]).contains("the case expects other senders"));
    let mails = office.mails_to(ALICE, 3).await;
    let texts: Vec<String> =
        mails.iter().map(|mail| String::from_utf8_lossy(&office.read(mail).plain).into_owned()).collect();
    let told =
        texts.iter().filter(|text| text.contains("Needs a look: The sender is none of those that this case expects."));
    assert_eq!(told.count(), 1);
    assert_eq!(texts.iter().filter(|text| text.contains("from Eve")).count(), 2, "both cases got it");
}

#[tokio::test]
async fn a_strict_case_needs_somebody_it_knows() {
    let office = Office::open("").await;
    let said = |arguments: &[&str]| {
        let output = office.agency.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(said(&["case", "open", "--strict"]).contains("would refuse everybody"));
    assert!(said(&["case", "expect", &office.case, "--strict"]).contains("--client"));
    assert!(said(&["case", "expect", &office.case]).contains("nothing is to be changed"));
    let refused = said(&["case", "open", "--client", "ana-at-home"]);
    assert!(refused.contains("'+1 555 123 4567'") && !refused.contains("ana-at-home"), "{refused}");
    office.agency.must(&["case", "expect", &office.case, "--client", "555 123 4567", "--strict"]);
    let last = said(&["case", "expect", &office.case, "--forget", "+1-555-123-4567"]);
    assert!(last.contains("would refuse everybody"), "{last}");
    assert!(
        office
            .agency
            .must(&["case", "expect", &office.case, "--forget", "+1-555-123-4567", "--no-strict"])
            .contains("everybody")
    );
}

#[tokio::test]
async fn one_message_to_two_cases_reaches_both() {
    let office = Office::open("").await;
    let other = office.agency.open_case(&[ALICE]);
    let mail = mail_with("for both", &[("IMG.jpg", "image/jpeg", &photo(4, 9_000))]);
    let answer = office.agency.send(CLIENT, &[&office.case, &other], &mail).await.unwrap();
    let line = answer.first_line().unwrap();
    let second = line.split(' ').nth(2).unwrap();
    for (id, case) in [(id_of(line).as_str(), &office.case), (second, &other)] {
        assert_eq!(office.agency.json(&["message", "show", id])["to"], case.as_str());
    }
    assert_eq!(office.mails_to(ALICE, 2).await.len(), 2);
    office.idle().await;
    // One answer for each case: the limit is for sender and case.
    assert_eq!(office.mails_to(CLIENT, 2).await.len(), 2);
}
