//! The way of one message, from a client's mail program to the staff's gpg.

use crate::support::{
    agency::{Agency, eventually, mail_with},
    gpg::Gpg,
    office::{armored, documents, photo},
    scripted_server::{Script, ScriptedServer},
};
use sealdrop::digest::sha256;

#[tokio::test]
async fn three_photos_reach_two_people_sealed_and_the_client_is_told() {
    let server = ScriptedServer::start(Script::default()).await;
    let mut agency = Agency::new(server.address, "");
    let people = [("alice@example.org", "cv25519"), ("bo@example.org", "nistp384")];
    let people = people.map(|(email, algorithm)| (email, Gpg::with_key(email, algorithm)));
    for (email, gpg) in &people {
        agency.hire(email, &gpg.export(&[email]));
        gpg.import(&std::fs::read(agency.path("relay-cert.asc")).unwrap());
    }
    let address = agency.open_case(&["alice@example.org", "bo@example.org"]);
    agency.start();

    let photos = [photo(1, 90_000), photo(2, 300_000), photo(3, 1_500)];
    let kinds = ["image/jpeg", "image/jpeg", "application/octet-stream"];
    let parts: Vec<_> = photos.iter().zip(kinds).map(|(photo, kind)| ("IMG.jpg", kind, photo.as_slice())).collect();
    let mail = mail_with("Here are my papers, the blue one is the lease.", &parts);
    let answer = agency.send("ana@client.example", &[&address], &mail).await.unwrap();
    assert!(answer.first_line().unwrap().starts_with("2.0.0 "), "{answer:?}");

    let mails = eventually("two forwards and a confirmation", || Some(server.mails()).filter(|m| m.len() == 3)).await;
    let sent: Vec<String> = photos.iter().map(|photo| sha256(photo).to_string()).collect();
    for (email, gpg) in &people {
        let forward = mails.iter().find(|mail| mail.to == [*email]).expect("a mail for each");
        let opened = gpg.decrypt(armored(&forward.text).as_bytes());
        assert!(opened.said.contains("[GNUPG:] GOODSIG"), "{}", opened.said);
        assert!(String::from_utf8_lossy(&opened.plain).contains("the blue one is the lease"));
        assert_eq!(documents(&opened.plain), sent);
    }
    let confirmation = mails.iter().find(|mail| mail.to == ["ana@client.example"]).unwrap();
    assert_eq!(confirmation.from, "");
    assert!(confirmation.text.contains("We got 3 files. Thank you. / Recibimos 3 archivos. Gracias."));

    let id = answer.first_line().unwrap().split(' ').nth(1).unwrap().to_owned();
    let exported = agency.path("original.asc");
    agency.must(&["message", "export", &id, "--out", exported.to_str().unwrap()]);
    let original = people[0].1.decrypt(&std::fs::read(&exported).unwrap()).plain;
    // SMTP ends the last line of what is sent: nothing else is different.
    assert_eq!(original, [mail.as_slice(), b"\r\n"].concat());
    agency.must(&["audit", "verify"]);
    agency.stop();
}

#[tokio::test]
async fn a_senders_second_try_is_answered_and_neither_delivered_nor_confirmed_twice() {
    let server = ScriptedServer::start(Script::default()).await;
    let mut agency = Agency::new(server.address, "");
    let gpg = Gpg::with_key("alice@example.org", "cv25519");
    agency.hire("alice@example.org", &gpg.export(&["alice@example.org"]));
    let address = agency.open_case(&["alice@example.org"]);
    agency.start();

    let body = mail_with("once", &[("a.jpg", "image/jpeg", &photo(1, 5_000))]);
    let with_id = |id: &str| [format!("Message-ID: <{id}@client.example>\r\n").as_bytes(), &body].concat();
    let first = agency.send("ana@client.example", &[&address], &with_id("one")).await.unwrap();
    let again = agency.send("ana@client.example", &[&address], &with_id("one")).await.unwrap();
    assert_eq!(first.first_line(), again.first_line());
    // The same photo in another message is sent on purpose.
    let anew = agency.send("ana@client.example", &[&address], &with_id("two")).await.unwrap();
    assert_ne!(first.first_line(), anew.first_line());

    eventually("two forwards", || Some(()).filter(|()| forwards(&server) == 2)).await;
    agency.stop();
    assert_eq!(forwards(&server), 2);
    assert_eq!(server.mails().iter().filter(|mail| mail.to == ["ana@client.example"]).count(), 1);
    assert_eq!(agency.must(&["audit", "list"]).matches("sent again").count(), 1);
}

fn forwards(server: &ScriptedServer) -> usize {
    server.mails().iter().filter(|mail| mail.to == ["alice@example.org"]).count()
}
