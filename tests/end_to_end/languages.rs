//! A language that an agency adds by a file: used, previewed, and refused when it is broken.

use crate::support::{
    agency::mail_with,
    office::{ALICE, CLIENT, Office, photo},
};
use std::fs;

/// The English file as a French one would be made of it.
fn french(office: &Office) -> String {
    let english = office.agency.must(&["reply", "texts", "en"]);
    english
        .replace("subject = We got your message", "subject = Nous avons bien re\u{e7}u votre message")
        .replace("received.one = We got 1 file.", "received.one = 1 document est bien arriv\u{e9}.")
        .replace("thanks = Thank you.", "thanks = Merci.")
}

fn add(office: &Office, name: &str, text: &str) {
    let directory = office.agency.path("texts");
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join(name), text).unwrap();
}

#[tokio::test]
async fn a_case_is_answered_in_a_language_that_a_file_adds() {
    let mut office = Office::closed("").await;
    add(&office, "fr.txt", &french(&office));
    office.agency.configure("[client_reply]", "[client_reply]\ntexts = \"texts\"");
    office.agency.start();
    let case = office.agency.open_case_with(&[ALICE], &["--language", "fr"]);
    let mail = mail_with("une photo", &[("IMG_SECRET.jpg", "image/jpeg", &photo(9, 3_000))]);
    office.agency.send(CLIENT, &[&case], &mail).await.unwrap();
    let told = office.mails_to(CLIENT, 1).await.remove(0).text;
    // The letters are encoded; "document" and "Merci." are as they are.
    assert!(told.contains("1 document est bien arriv=C3=A9.") && told.contains("=?utf-8?B?"), "{told}");
    assert!(
        office
            .agency
            .must(&["reply", "preview", "--language", "fr"])
            .contains("1 document est bien arriv\u{e9}. Merci.")
    );
    let listed = office.agency.json(&["reply", "texts"]);
    assert_eq!((&listed[2]["language"], &listed[2]["used"]), (&"fr".into(), &false.into()));
    let unknown = office.agency.run(&["case", "open", "--language", "fx"]);
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(said.contains("did you mean \"fr\"?"), "{said}");
}

#[tokio::test]
async fn a_broken_file_is_refused_with_its_line_and_the_old_texts_stay() {
    let mut office = Office::closed("").await;
    add(&office, "fr.txt", &french(&office));
    office.agency.configure("[client_reply]", "[client_reply]\ntexts = \"texts\"");
    office.agency.start();
    add(&office, "fr.txt", &french(&office).replace("thanks =", "merci ="));
    let output = office.agency.run(&["check", "--no-dns"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    let line = french(&office).lines().position(|line| line.starts_with("thanks")).unwrap() + 1;
    assert!(said.contains(&format!("fr.txt:{line}: unknown name \"merci\"")), "{said}");
    office.agency.signal("HUP");
    crate::support::agency::eventually("the complaint", || {
        office.agency.log().contains("cannot be used, the old one stays").then_some(())
    })
    .await;
    assert!(office.agency.runs());
}
