//! DNS that is silent, lies or goes on for ever: the wait is bounded, the questions are counted, nobody is called a forger.

use crate::{
    dns::{DnsServer, Says, text},
    examined::{NOBODY, World, found, key_record, mail_from, signed, verifier},
};
use sealdrop::senders::Verdict::{Forged, Unverified, Verified};
use std::{net::UdpSocket, time::Duration};

const ANA: &str = "ana@client.example";

/// A server that takes every question and answers none. Were there no deadline, this would wait for many times as long.
#[tokio::test]
async fn a_silent_dns_ends_the_wait_without_a_verdict() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let verifier = verifier(silent.local_addr().unwrap(), Duration::from_secs(1));
    let mail = signed("client.example", &mail_from(ANA));
    let verification = found(&verifier, ANA, [mail.as_slice()]).await;
    assert_eq!(verification.verdict(), Unverified);
    assert!(verification.in_words().contains("DNS did not answer in time."));
}

/// What is known when time is up counts; what is not known makes no forgery.
#[tokio::test]
async fn half_an_answer_is_half_an_answer() {
    let dns = DnsServer::start(&[
        ("client.example", text(NOBODY)),
        ("s._domainkey.client.example", Says::Nothing),
        ("_dmarc.client.example", text("v=DMARC1; p=reject")),
        ("s._domainkey.signed.example", key_record()),
        ("signed.example", Says::Nothing),
        ("_dmarc.signed.example", Says::Nothing),
    ])
    .await;
    let verifier = verifier(dns.address, Duration::from_millis(1500));
    let mail = signed("client.example", &mail_from(ANA));
    assert_eq!(found(&verifier, ANA, [mail.as_slice()]).await.verdict(), Unverified, "its key was not heard");
    let mail = mail_from(ANA).replace('\n', "\r\n");
    assert_eq!(found(&verifier, ANA, [mail.as_bytes()]).await.verdict(), Forged);
    let mail = signed("signed.example", &mail_from("ana@signed.example"));
    assert_eq!(found(&verifier, "ana@signed.example", [mail.as_slice()]).await.verdict(), Verified);
}

#[tokio::test]
async fn a_truncated_answer_is_asked_for_again_over_tcp() {
    let long = format!("v=spf1 {} ip4:127.0.0.1 -all", "ip4:192.0.2.1 ".repeat(200));
    let world = World::with(&[("client.example", text(&long))]).await;
    let mail = mail_from(ANA).replace('\n', "\r\n");
    assert_eq!(world.verdict(ANA, mail.as_bytes()).await, Verified);
    let asked = world.dns.asked();
    assert_eq!(asked.iter().filter(|asked| *asked == "client.example TXT").count(), 2, "{asked:?}");
}

/// RFC 7208, section 4.6.4: ten terms that ask DNS, and no more.
#[tokio::test]
async fn an_spf_record_that_never_ends_is_given_up() {
    let world = World::with(&[
        ("client.example", text("v=spf1 include:client.example -all")),
        (
            "wide.example",
            text(&format!(
                "v=spf1 {} ip4:127.0.0.1 -all",
                (0..50).map(|n| format!("a:a{n}.wide.example ")).collect::<String>()
            )),
        ),
    ])
    .await;
    for from in [ANA, "ana@wide.example"] {
        let before = world.dns.asked().len();
        let mail = mail_from(from).replace('\n', "\r\n");
        let found = found(&world.verifier, from, [mail.as_bytes()]).await;
        assert_eq!(found.verdict(), Unverified, "{from}");
        assert!(found.in_words().contains("SPF permerror"), "{}", *found.in_words());
        let asked = &world.dns.asked()[before..];
        assert!(asked.len() <= 30, "{} questions: {asked:?}", asked.len());
    }
}

#[tokio::test]
async fn aliases_in_a_circle_and_texts_without_sense_prove_nothing() {
    let alias = |name: &str| Says::Alias(name.to_owned());
    let world = World::with(&[
        ("circle.example", alias("square.example")),
        ("square.example", alias("circle.example")),
        ("s._domainkey.circle.example", alias("s._domainkey.square.example")),
        ("s._domainkey.square.example", alias("s._domainkey.circle.example")),
        ("_dmarc.circle.example", alias("_dmarc.circle.example")),
        ("huge.example", text(&"v=spf1 \u{7f}".repeat(7000))),
        ("s._domainkey.huge.example", text(&"p=".repeat(20_000))),
        ("_dmarc.huge.example", text(&"v=DMARC1;".repeat(5000))),
        // A key behind an alias is as good as any.
        ("s._domainkey.rented.example", alias("keys.mailer.example")),
        ("keys.mailer.example", key_record()),
    ])
    .await;
    for (domain, verdict) in
        [("circle.example", Unverified), ("huge.example", Unverified), ("rented.example", Verified)]
    {
        let from = format!("ana@{domain}");
        let before = world.dns.asked().len();
        assert_eq!(world.verdict(&from, &signed(domain, &mail_from(&from))).await, verdict, "{domain}");
        let asked = world.dns.asked().len() - before;
        assert!(asked < 100, "{domain}: {asked} questions");
    }
}

/// A thousand signatures cost no more than a few.
#[tokio::test]
async fn the_number_of_signatures_does_not_set_the_number_of_questions() {
    let world = World::with(&[("s._domainkey.client.example", key_record())]).await;
    let fields: String = (0..300)
        .map(|n| {
            format!(
                "DKIM-Signature: v=1; a=rsa-sha256; d=d{n}.client.example; s=s; h=from; bh={}=; b=AA==\n",
                "A".repeat(43)
            )
        })
        .collect();
    let mail = (fields + &mail_from(ANA)).replace('\n', "\r\n");
    assert_eq!(world.verdict(ANA, mail.as_bytes()).await, Unverified);
    let asked = world.dns.asked();
    assert!(asked.len() <= 15, "{asked:?}");
}

#[tokio::test]
async fn the_second_mail_asks_nothing_anew() {
    let world = World::with(&[
        ("client.example", text("v=spf1 -all")),
        ("s._domainkey.client.example", key_record()),
        ("_dmarc.client.example", text("v=DMARC1; p=reject")),
    ])
    .await;
    let mail = signed("client.example", &mail_from(ANA));
    assert_eq!(world.verdict(ANA, &mail).await, Verified);
    let known = |asked: &[String]| asked.iter().filter(|asked| asked.contains("client.example")).count();
    let before = known(&world.dns.asked());
    assert_eq!(world.verdict(ANA, &mail).await, Verified);
    assert_eq!(known(&world.dns.asked()), before);
}
