//! More documents than one mail to staff can hold: they come spread over several, and what fits into none stays sealed and is
//! had with the command that staff are told.

use crate::support::{
    agency::{eventually, mail_with},
    office::{ALICE, CLIENT, Office, armored, documents, id_of, photo},
    scripted_server::{Script, ScriptedServer},
    smtp_client::Client,
    staff_server::Mail,
};
use sealdrop::digest::sha256;
use std::fs;

const MIB: usize = 1 << 20;

/// An office whose mail server takes 1 MiB at most, by the configuration.
async fn small_office() -> Office {
    let mut office = Office::closed("").await;
    office.agency.configure("tls = \"none\"", "tls = \"none\"\nmax_message_size = \"1 MiB\"");
    office.agency.start();
    office
}

/// A mail with photos of these sizes in KB, and the photos' digests.
fn photos(sizes: &[usize]) -> (Vec<u8>, Vec<String>) {
    let photos: Vec<_> = sizes.iter().enumerate().map(|(n, size)| photo(n as u8, size * 1000)).collect();
    let parts: Vec<_> = photos.iter().map(|photo| ("IMG.jpg", "image/jpeg", photo.as_slice())).collect();
    let digests = photos.iter().map(|photo| sha256(photo).to_string()).collect();
    (mail_with("all my papers", &parts), digests)
}

/// Mails like a server that declares the size.
async fn mail_declaring(office: &Office, mail: &[u8]) -> String {
    let mut client = Client::secured(&office.agency).await;
    let (case, size) = (&office.case, mail.len());
    client.say(&format!("MAIL FROM:<{CLIENT}> SIZE={size}\r\nRCPT TO:<{case}>\r\nDATA\r\n")).await;
    for code in ["250", "250", "354"] {
        client.expect(code).await;
    }
    client.say(&format!("{}\r\n.\r\n", str::from_utf8(mail).unwrap())).await;
    id_of(&client.line().await.unwrap())
}

fn field<'a>(mail: &'a Mail, name: &str) -> Option<&'a str> {
    let header = mail.text.split("\r\n\r\n").next().unwrap();
    header.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")))
}

/// The mails with documents, in the order of their numbers.
async fn forwards(office: &Office, count: usize) -> Vec<Mail> {
    let mut mails = office.mails_to(ALICE, count).await;
    assert_eq!(mails.len(), count);
    mails.sort_by_key(|mail| field(mail, "Subject").unwrap().to_owned());
    mails
}

fn plain(office: &Office, mail: &Mail) -> String {
    String::from_utf8(office.read(mail).plain).unwrap().replace("=\r\n", "")
}

#[tokio::test]
async fn six_photos_come_in_three_mails_that_hang_together() {
    let office = small_office().await;
    let (mail, sent) = photos(&[250; 6]);
    for declares in [true, false] {
        let id = if declares { mail_declaring(&office, &mail).await } else { office.mail_as(CLIENT, &mail).await };
        let mails = forwards(&office, 3).await;
        let first = field(&mails[0], "Message-ID").unwrap();
        for (at, (mail, sent)) in mails.iter().zip(sent.chunks(2)).enumerate() {
            assert!(mail.text.len() <= MIB && mail.text.len() > MIB / 2, "{} bytes", mail.text.len());
            assert_eq!(documents(&office.read(mail).plain), sent);
            let number = if at > 0 { format!(" ({})", at + 1) } else { String::new() };
            let subject = field(mail, "Subject").unwrap();
            assert!(subject.ends_with(&format!("] Documents received{number}")), "{subject}");
            assert!(plain(&office, mail).contains(&format!("HP-Outer: Subject: {subject}\r\n")));
            assert_eq!(
                (field(mail, "In-Reply-To"), field(mail, "References")),
                match at {
                    0 => (None, None),
                    _ => (Some(first), Some(first)),
                }
            );
        }
        assert!(
            plain(&office, &mails[2]).contains("06-photo.jpg") && plain(&office, &mails[2]).contains("mail 3 of 3")
        );
        let shown = office.agency.json(&["message", "show", &id]);
        assert_eq!((shown["mails"].as_array().unwrap().len(), &shown["findings"]["documents"]), (3, &6.into()));
        office.idle().await;
        office.server.forget();
        office.agency.must(&["message", "resend", &id]);
        let again = forwards(&office, 3).await;
        assert_eq!(field(&again[1], "Message-ID"), field(&mails[1], "Message-ID"), "the same mail, however often");
        office.idle().await;
        office.server.forget();
    }
}

#[tokio::test]
async fn a_document_that_fits_into_no_mail_is_had_with_the_command_that_staff_are_told() {
    let office = small_office().await;
    let (mail, sent) = photos(&[100, 900, 120]);
    let id = office.mail_as(CLIENT, &mail).await;
    let mails = forwards(&office, 2).await;
    assert_eq!(documents(&office.read(&mails[0]).plain), sent[..1]);
    assert_eq!(documents(&office.read(&mails[1]).plain), sent[2..]);
    assert!(field(&mails[1], "Subject").unwrap().ends_with("(3)"));
    assert_eq!(fetched(&office, &plain(&office, &mails[1])), sent[1..2]);
    let shown = office.agency.must(&["message", "show", &id]);
    assert!(
        shown.contains("kept here: too large") && shown.contains("too large for the staff's mail server"),
        "{shown}"
    );
    let refused = office.agency.run(&["message", "export", &id, "--mail", "4", "--out", "none.asc"]);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("numbers 1 to 3"));
    office.agency.must(&["audit", "verify"]);
}

/// The documents in the file that the command in this text exports.
fn fetched(office: &Office, text: &str) -> Vec<String> {
    let command = text.lines().find_map(|line| line.strip_prefix("    sealdrop ")).expect("a command");
    let mut words: Vec<&str> = command.split_whitespace().collect();
    let file = office.agency.path(words.pop().unwrap());
    words.push(file.to_str().unwrap());
    office.agency.must(&words);
    documents(&office.alice.decrypt(&fs::read(&file).unwrap()).plain)
}

/// Waits until the relay has asked the server what it takes.
async fn asked(server: &ScriptedServer) {
    eventually("the relay's question", || server.lines().iter().any(|line| line == "QUIT").then_some(())).await;
}

#[tokio::test]
async fn the_servers_size_counts_when_it_is_less_than_the_configured_one() {
    let mut office = Office::closed("").await;
    office.server.now(Script { extensions: vec!["SIZE 500000"], ..Script::default() });
    office.agency.start();
    asked(&office.server).await;
    let (mail, sent) = photos(&[150; 3]);
    office.mail_as(CLIENT, &mail).await;
    let mails = forwards(&office, 3).await;
    for (mail, sent) in mails.iter().zip(&sent) {
        assert!(mail.text.len() <= 500_000, "{} bytes", mail.text.len());
        assert_eq!(documents(&office.read(mail).plain), std::slice::from_ref(sent));
    }
}

#[tokio::test]
async fn a_server_that_takes_less_than_it_said_leads_to_a_sealed_notice() {
    let office = Office::open("").await;
    asked(&office.server).await;
    office.server.now(Script { answers: vec![("connect", "421 4.3.2 later\r\n")], ..Script::default() });
    let (mail, sent) = photos(&[200]);
    office.mail_as(CLIENT, &mail).await;
    let tried = |job: &serde_json::Value| job["work"] == "forward" && job["attempts"] == 1;
    eventually("a failed attempt", || office.jobs().iter().any(tried).then_some(())).await;
    office.server.now(Script { extensions: vec!["SIZE 100000"], ..Script::default() });
    office.agency.must(&["queue", "retry"]);
    let mails = office.mails_to(ALICE, 2).await;
    let texts: Vec<String> = mails.iter().map(|mail| plain(&office, mail)).collect();
    let notice = texts.iter().find(|text| text.contains("larger than your mail server takes")).expect("a notice");
    assert!(texts.iter().any(|text| text.contains("did not reach staff")), "and the admins' alert: {texts:?}");
    assert_eq!(fetched(&office, notice), sent);
    assert!(
        mails
            .iter()
            .all(|mail| armored(&mail.text).len() < 10_000 && field(mail, "Subject") == Some("Sealdrop needs help"))
    );
}

#[tokio::test]
async fn a_relay_that_is_killed_forwards_every_mail_after_its_next_start() {
    let mut office = small_office().await;
    office.server.now(Script { answers: vec![("connect", "421 4.3.2 later\r\n")], ..Script::default() });
    let (mail, sent) = photos(&[250, 250, 700, 250]);
    office.mail_as(CLIENT, &mail).await;
    office.agency.kill();
    office.server.now(Script::default());
    office.agency.start();
    let mails = forwards(&office, 2).await;
    assert_eq!(documents(&office.read(&mails[0]).plain), sent[..2]);
    assert_eq!(documents(&office.read(&mails[1]).plain), sent[3..]);
}
