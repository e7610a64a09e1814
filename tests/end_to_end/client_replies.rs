//! Whom the relay tells that documents came, and whom it must not (mail-rules, section 3), seen from both mail servers.

use crate::support::{
    agency::{eventually, mail_with},
    office::{ALICE, CLIENT, Office, id_of, photo},
};
use serde_json::Value;

/// A mail with one photo and these header lines.
fn mail(header: &str) -> Vec<u8> {
    [header.as_bytes(), &mail_with("one photo", &[("IMG.jpg", "image/jpeg", &photo(9, 3_000))])].concat()
}

/// Sends mails for which no confirmation may go out, and finds the reason of each in the trail.
async fn withheld(cases: &[(&str, &str, &str)]) {
    let office = Office::open("").await;
    let mut expected: Vec<(String, String)> = Vec::new();
    for (from, header, reason) in cases {
        let header = header.replace("{case}", &office.case);
        expected.push((office.mail_as(from, &mail(&header)).await, (*reason).to_owned()));
    }
    office.mails_to(ALICE, cases.len()).await;
    office.idle().await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let found: Vec<(String, String)> = office
        .trail("confirmation_withheld")
        .iter()
        .map(|entry| (text(&entry["message"]), text(&entry["reason"])))
        .collect();
    assert_eq!(found, expected);
    let others: Vec<_> =
        office.server.mails().into_iter().filter(|mail| mail.to != [ALICE]).map(|mail| mail.to).collect();
    assert!(others.is_empty(), "{others:?} were written to");
}

#[tokio::test]
async fn robots_lists_and_bounces_get_no_confirmation() {
    withheld(&[
        ("", "", "null_sender"),
        ("mailer-daemon@client.example", "", "robot_sender"),
        ("no-reply@client.example", "", "robot_sender"),
        ("someone@in.example.org", "", "our_own"),
        (CLIENT, "Auto-Submitted: auto-replied\r\n", "auto_submitted"),
        (CLIENT, "List-Id: <news.client.example>\r\n", "list"),
        (CLIENT, "List-Unsubscribe: <mailto:x@client.example>\r\n", "list"),
        (CLIENT, "Precedence: bulk\r\n", "precedence"),
        (CLIENT, "X-Auto-Response-Suppress: All\r\n", "suppressed"),
        (CLIENT, "X-Auto-Response-Suppress: OOF, AutoReply\r\n", "suppressed"),
    ])
    .await;
}

/// What comes back of our own mail carries the mark that we put on it.
#[tokio::test]
async fn our_own_mail_that_comes_back_is_known_by_its_mark() {
    let office = Office::open("").await;
    office.mail("first").await;
    let ours = office.mails_to(CLIENT, 1).await.remove(0).text;
    let returned = ours.replace("Auto-Submitted: auto-replied\r\n", "");
    office.mail_as("bo@client.example", returned.as_bytes()).await;
    let reasons =
        eventually("a reason", || Some(office.trail("confirmation_withheld")).filter(|all| !all.is_empty())).await;
    assert_eq!(reasons[0]["reason"], "loop", "{ours}");
}

#[tokio::test]
async fn two_mails_within_ten_minutes_make_one_confirmation() {
    let office = Office::open("").await;
    office.mail("first").await;
    let told = office.mails_to(CLIENT, 1).await.remove(0);
    assert!(told.text.contains("We got 1 file. Thank you. / Recibimos 1 archivo. Gracias."), "{}", told.text);
    let second = office.mail("second").await;
    office.mails_to(ALICE, 2).await;
    let withheld = eventually("the reason", || office.trail("confirmation_withheld").pop()).await;
    assert_eq!((withheld["message"].as_str(), withheld["reason"].as_str()), (Some(second.as_str()), Some("too_soon")));
    office.idle().await;
    assert_eq!(office.mails_to(CLIENT, 1).await.len(), 1);
    // Another sender is told about the same case.
    office.mail_as("bo@client.example", &mail("")).await;
    office.mails_to("bo@client.example", 1).await;
}

#[tokio::test]
async fn later_documents_are_counted_into_the_next_confirmation() {
    let office = Office::open("").await;
    office.mail("first").await;
    office.mails_to(CLIENT, 1).await;
    office.mail("second").await;
    eventually("one withheld", || office.trail("confirmation_withheld").pop()).await;
    // Ten minutes later, or as if they were.
    office.agency.configure("[client_reply]", "[client_reply]\nmin_interval = \"0s\"");
    office.agency.reload().await;
    office.mail("third").await;
    let told = office.mails_to(CLIENT, 2).await.remove(1);
    assert!(told.text.contains("We got 2 files. Thank you."), "{}", told.text);
}

#[tokio::test]
async fn a_spanish_case_is_confirmed_in_spanish_alone() {
    let office = Office::open("").await;
    let case = office.agency.open_case_with(&[ALICE], &["--language", "es"]);
    let reply = office.agency.send(CLIENT, &[&case], &mail("")).await.unwrap();
    let id = id_of(reply.first_line().unwrap());
    let told = office.mails_to(CLIENT, 1).await.remove(0);
    assert_eq!(told.from, "");
    for line in ["Subject: Recibimos su mensaje", "Recibimos 1 archivo. Gracias.", "Auto-Submitted: auto-replied"] {
        assert!(told.text.contains(line), "{line}: {}", told.text);
    }
    assert!(!told.text.contains("We got"));
    let sent = eventually("the trail", || office.trail("confirmation_sent").pop()).await;
    assert_eq!(sent["message"].as_str(), Some(id.as_str()));
}

/// Rules 1, 2 and 5: for a case alone, to the envelope's sender alone, and not a word of the client's.
#[tokio::test]
async fn the_answer_goes_to_the_envelopes_sender_and_repeats_nothing() {
    let office = Office::open("").await;
    let mail = mail("Reply-To: eve@client.example\r\nErrors-To: eve@client.example\r\n");
    office.mail_as("bo@client.example", &mail).await;
    let told = office.mails_to("bo@client.example", 1).await.remove(0);
    assert_eq!(told.from, "", "MAIL FROM:<>");
    let case = office.case.split('@').next().unwrap();
    for word in ["one photo", "my papers", "IMG.jpg", case, "alice", "eve@", "ana@", "http"] {
        assert!(!told.text.contains(word), "{word}: {}", told.text);
    }
    let postmaster = office.agency.send(CLIENT, &["postmaster@in.example.org"], &mail).await.unwrap();
    let id = id_of(postmaster.first_line().unwrap());
    let withheld = eventually("the reason", || office.trail("confirmation_withheld").pop()).await;
    assert_eq!((withheld["message"].as_str(), withheld["reason"].as_str()), (Some(id.as_str()), Some("not_a_case")));
    office.idle().await;
    let told: Vec<_> = office.server.mails().into_iter().filter(|mail| mail.to != [ALICE]).collect();
    assert_eq!(told.len(), 1, "nobody else was written to");
}
