//! One message for people with unlike certificates: each opens their own copy with their own program.

use crate::support::{
    agency::{Agency, eventually, mail_with},
    gpg::Gpg,
    office::{CLIENT, armored, documents, id_of, installed, photo},
    scripted_server::{Script, ScriptedServer},
};
use sealdrop::digest::sha256;
use std::{fs, process::Command};

const PEOPLE: [(&str, &str); 3] =
    [("alice@example.org", "cv25519"), ("bo@example.org", "rsa4096"), ("cy@example.org", "nistp384")];

#[tokio::test]
async fn every_kind_of_certificate_opens_the_same_message() {
    let server = ScriptedServer::start(Script::default()).await;
    let mut agency = Agency::new(server.address, "");
    let people: Vec<Gpg> = std::thread::scope(|scope| {
        let made = PEOPLE.map(|(email, algorithm)| scope.spawn(move || Gpg::with_key(email, algorithm)));
        made.map(|person| person.join().unwrap()).into()
    });
    for ((email, _), gpg) in PEOPLE.iter().zip(&people) {
        agency.hire(email, &gpg.export(&[email]));
        gpg.import(&fs::read(agency.path("relay-cert.asc")).unwrap());
    }
    let case = agency.open_case(&PEOPLE.map(|(email, _)| email));
    agency.start();
    let picture = photo(1, 150_000);
    let mail = mail_with("Three people read this.", &[("IMG.jpg", "image/jpeg", &picture)]);
    let answer = agency.send(CLIENT, &[&case], &mail).await.unwrap();
    let id = id_of(answer.first_line().unwrap());
    let mails = eventually("three forwards", || Some(server.mails()).filter(|mails| mails.len() >= 4)).await;

    let relay = people[0].fingerprint("intake@in.example.org");
    let exported = agency.path("original.asc");
    agency.must(&["message", "export", &id, "--out", exported.to_str().unwrap()]);
    for ((email, _), gpg) in PEOPLE.iter().zip(&people) {
        let own: Vec<_> = mails.iter().filter(|mail| mail.to == [*email]).collect();
        let [own] = own[..] else { panic!("{} mails to {email}", own.len()) };
        let opened = gpg.decrypt(armored(&own.text).as_bytes());
        assert!(opened.is_signed_by(&relay), "{}", opened.said);
        assert_eq!(documents(&opened.plain), [sha256(&picture).to_string()]);
        let original = gpg.decrypt(&fs::read(&exported).unwrap());
        assert!(original.is_signed_by(&relay), "{}", original.said);
        assert_eq!(original.plain, [mail.as_slice(), b"\r\n"].concat());
    }
    opens_with_sq(&people[1], &exported, &agency, &mail);
    opens_with_rnp(&people[2], &exported, &agency, &mail);
}

/// The secret keys of a person and the relay's certificate, in files beside the person's own.
fn handed_over(person: &Gpg, agency: &Agency) -> [String; 2] {
    let key = person.home().join("secret");
    fs::write(&key, person.must(&["--export-secret-keys"], b"")).unwrap();
    [key.display().to_string(), agency.path("relay-cert.asc").display().to_string()]
}

fn opens_with_sq(person: &Gpg, sealed: &std::path::Path, agency: &Agency, mail: &[u8]) {
    if !installed("sq") {
        return;
    }
    let [key, relay] = handed_over(person, agency);
    let arguments = ["decrypt", "--recipient-key", &key, "--signer-cert", &relay, "--signatures", "1"];
    let output = Command::new("sq").args(arguments).arg(sealed).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.starts_with(mail));
}

fn opens_with_rnp(person: &Gpg, sealed: &std::path::Path, agency: &Agency, mail: &[u8]) {
    if !installed("rnp") {
        return;
    }
    let home = person.home().join("rnp");
    fs::create_dir(&home).unwrap();
    for keys in handed_over(person, agency) {
        let output = Command::new("rnpkeys").arg("--homedir").arg(&home).args(["--import", &keys]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let mut rnp = Command::new("rnp");
    let output = rnp.arg("--homedir").arg(&home).args(["--password", "", "--decrypt", "--output", "-"]).arg(sealed);
    let output = output.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("Good signature"), "{said}");
    assert!(output.stdout.starts_with(mail));
}
