//! The whole relay, as a process, with real mail, real DNS and the real gpg: what staff read, whether the client is answered.

use crate::{
    dns::{DnsServer, Says, text},
    examined::{NOBODY, ONLY_US, key_record, signed},
    support::{
        agency::{eventually, mail_with},
        office::{ALICE, CLIENT, Office, documents, photo},
    },
};
use sealdrop::digest::sha256;
use std::net::SocketAddr;

/// A mail of the client's with one photo, and that photo.
fn mail(seed: u8) -> (String, Vec<u8>) {
    let photo = photo(seed, 20_000);
    let mail = mail_with("my photo", &[("IMG.jpg", "image/jpeg", &photo)]);
    (String::from_utf8(mail).unwrap().replace("\r\n", "\n"), photo)
}

/// An office whose relay asks this DNS server.
async fn office(dns: SocketAddr) -> Office {
    let mut office = Office::closed("").await;
    office.agency.configure("verify = false", &format!("dns_timeout = \"1s\"\nresolvers = [\"{dns}\"]"));
    office.agency.start();
    office
}

/// Mails this and gives what Alice reads, whether the photo came, and the verdict that `message show` knows.
async fn delivered(office: &Office, from: &str, mail: &[u8], photo: &[u8]) -> (String, String) {
    let before = office.server.mails().iter().filter(|mail| mail.to == [ALICE]).count();
    let id = office.mail_as(from, mail).await;
    let read = office.read(&office.mails_to(ALICE, before + 1).await[before]);
    assert_eq!(documents(&read.plain), [sha256(photo).to_string()], "the photo must arrive whatever the verdict");
    let shown = office.agency.json(&["message", "show", &id]);
    let text = String::from_utf8_lossy(&read.plain).replace("=\r\n", "");
    (text, shown["findings"]["sender"].as_str().unwrap().to_owned())
}

async fn withheld(office: &Office, count: usize) {
    let withheld = || office.trail("confirmation_withheld");
    eventually("the reason", || (withheld().len() == count).then_some(())).await;
    assert!(withheld().iter().all(|entry| entry["reason"] == "forged"), "{:?}", withheld());
}

#[tokio::test]
async fn what_the_domain_signed_is_verified_and_answered() {
    let dns = DnsServer::start(&[
        ("client.example", text("v=spf1 ip4:127.0.0.0/8 -all")),
        ("s._domainkey.client.example", key_record()),
        ("_dmarc.client.example", text("v=DMARC1; p=reject")),
    ])
    .await;
    let office = office(dns.address).await;
    let (mail, photo) = mail(1);
    let (text, verdict) = delivered(&office, CLIENT, &signed("client.example", &mail), &photo).await;
    assert_eq!(verdict, "verified");
    assert!(text.contains("Sender: really sent by client.example"), "{text}");
    assert!(text.contains("checked: SPF pass (client.example), DKIM pass (client.example), DMARC pass"), "{text}");
    assert!(!text.contains("likely forged"));
    office.mails_to(CLIENT, 1).await;
    // Neither the log nor the trail learns who it was.
    let log = office.agency.log();
    assert!(!log.contains("client.example"), "{log}");
    let trail = office.agency.must(&["audit", "list", "--json"]);
    assert!(!trail.contains("client.example"), "{trail}");
}

#[tokio::test]
async fn forgeries_are_delivered_and_flagged_and_nobody_is_answered() {
    let dns = DnsServer::start(&[
        ("client.example", text(ONLY_US)),
        ("s._domainkey.client.example", key_record()),
        ("_dmarc.client.example", text("v=DMARC1; p=reject")),
        ("nobody.example", text(NOBODY)),
    ])
    .await;
    let office = office(dns.address).await;
    let cases = [
        ("ana@stranger.example", "client.example says that mail like this is not its own."),
        ("ana@nobody.example", "client.example says that mail like this is not its own."),
    ];
    for (count, (from, words)) in cases.into_iter().enumerate() {
        let (mail, photo) = mail(10 + count as u8);
        let tampered = String::from_utf8(signed("client.example", &mail)).unwrap().replace("my photo", "no photo");
        let (text, verdict) = delivered(&office, from, tampered.as_bytes(), &photo).await;
        assert_eq!(verdict, "forged");
        assert!(text.contains(&format!("Sender: LIKELY FORGED. {words}")), "{text}");
        assert!(text.contains("Needs a look: The sender is likely forged"), "{text}");
        withheld(&office, count + 1).await;
    }
    // SPF alone, of a domain without a policy.
    let (mail, photo) = mail(20);
    let mail = mail.replace("ana@client.example", "ana@nobody.example").replace('\n', "\r\n");
    let (text, verdict) = delivered(&office, "ana@nobody.example", mail.as_bytes(), &photo).await;
    assert_eq!(verdict, "forged");
    assert!(text.contains("nobody.example says that the server which"), "{text}");
    withheld(&office, 3).await;
    office.idle().await;
    assert!(office.server.mails().iter().all(|mail| mail.to == [ALICE]), "somebody was answered");
}

#[tokio::test]
async fn a_silent_dns_delays_the_mail_a_little_and_loses_nothing() {
    let dns = DnsServer::start(&[
        ("client.example", Says::Nothing),
        ("s._domainkey.client.example", Says::Nothing),
        ("_dmarc.client.example", Says::Nothing),
    ])
    .await;
    let office = office(dns.address).await;
    let (mail, photo) = mail(30);
    let (text, verdict) = delivered(&office, CLIENT, &signed("client.example", &mail), &photo).await;
    assert_eq!(verdict, "unverified");
    assert!(text.contains("Sender: could not be verified.") && text.contains("DNS did not answer in time."), "{text}");
    office.mails_to(CLIENT, 1).await;
}

/// A set-up without any DNS takes mail all the same.
#[tokio::test]
async fn without_checks_the_sender_is_unverified() {
    let office = Office::open("").await;
    let (mail, photo) = mail(40);
    let (text, verdict) = delivered(&office, CLIENT, mail.replace('\n', "\r\n").as_bytes(), &photo).await;
    assert_eq!(verdict, "unverified");
    assert!(text.contains("Sender: could not be verified. Nobody looked"), "{text}");
}
