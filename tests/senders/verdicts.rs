//! The verdict on mails of every kind, each with real signatures and real DNS.

use crate::{
    dns::{Says, text},
    examined::{NOBODY, ONLY_US, World, key_record, mail_from, signed, signed_by, signed_long_ago, signer},
};
use sealdrop::senders::Verdict::{Forged, Unverified, Verified};
use std::fs;

const ANA: &str = "ana@client.example";

/// client.example, which signs and rejects what it did not send.
async fn strict() -> World {
    World::with(&[
        ("client.example", text(ONLY_US)),
        ("s._domainkey.client.example", key_record()),
        ("_dmarc.client.example", text("v=DMARC1; p=reject")),
        ("nobody.example", text(NOBODY)),
        ("forwarder.example", text(NOBODY)),
        ("s._domainkey.mailer.example", key_record()),
    ])
    .await
}

#[tokio::test]
async fn signed_mail_is_verified_and_tampering_is_not() {
    let world = strict().await;
    let mail = signed("client.example", &mail_from(ANA));
    let text = String::from_utf8(mail.clone()).unwrap();
    assert_eq!(world.verdict("ana@unknown.example", &mail).await, Verified);
    // Forwarded by a server that may not send for the reverse-path: the signature lives on.
    assert_eq!(world.verdict("ana@forwarder.example", &mail).await, Verified);
    for (what, tampered) in [
        ("body", text.replace("Here they are", "Here you are")),
        ("more body", format!("{text}More.\r\n")),
        ("subject", text.replace("my  papers", "your papers")),
        ("from", text.replace("Ana <ana@", "Ana <eve@")),
        ("signature", text.replace("b=", "b=A")),
        ("another From", format!("From: eve@evil.example\r\n{text}")),
        ("another signer", text.replace("d=client.example", "d=mailer.example")),
    ] {
        let verdict = world.verdict("ana@unknown.example", tampered.as_bytes()).await;
        let expected = if what == "another From" { Unverified } else { Forged };
        assert_eq!(verdict, expected, "{what}");
    }
}

#[tokio::test]
async fn spf_verifies_what_the_authors_own_servers_send() {
    let world = strict().await;
    let mail = mail_from(ANA).replace('\n', "\r\n");
    assert_eq!(world.verdict(ANA, mail.as_bytes()).await, Verified);
    // The reverse-path of another domain proves nothing about this one, which wants its forgeries rejected.
    assert_eq!(world.verdict("x@unknown.example", mail.as_bytes()).await, Forged);
    let other = mail_from("bo@unknown.example").replace('\n', "\r\n");
    assert_eq!(world.verdict("bo@unknown.example", other.as_bytes()).await, Unverified);
    assert_eq!(world.verdict("bo@nobody.example", other.as_bytes()).await, Forged);
}

#[tokio::test]
async fn a_policy_that_asks_for_nothing_makes_no_forgery() {
    let world = World::with(&[
        ("none.example", text("v=spf1 ?all")),
        ("_dmarc.none.example", text("v=DMARC1; p=none")),
        ("_dmarc.quarantine.example", text("v=DMARC1; p=quarantine")),
        ("_dmarc.parent.example", text("v=DMARC1; p=none; sp=reject")),
    ])
    .await;
    for (from, verdict) in [
        ("ana@none.example", Unverified),
        ("ana@quarantine.example", Forged),
        ("ana@parent.example", Unverified),
        ("ana@sub.parent.example", Forged),
    ] {
        let mail = mail_from(from).replace('\n', "\r\n");
        assert_eq!(world.verdict("x@unknown.example", mail.as_bytes()).await, verdict, "{from}");
    }
}

#[tokio::test]
async fn alignment_is_relaxed_unless_the_domain_wants_it_strict() {
    let world = World::with(&[
        ("s._domainkey.relaxed.example", key_record()),
        ("_dmarc.relaxed.example", text("v=DMARC1; p=reject")),
        ("s._domainkey.strict.example", key_record()),
        ("_dmarc.strict.example", text("v=DMARC1; p=reject; adkim=s")),
        ("s._domainkey.plain.example", key_record()),
        ("s._domainkey.a.plain.example", key_record()),
        // Two customers of a registry that says what it is (RFC 9989, section 4.10.2).
        ("_dmarc.registry.example", text("v=DMARC1; p=none; psd=y")),
        ("_dmarc.b.registry.example", text("v=DMARC1; p=reject")),
        ("s._domainkey.a.registry.example", key_record()),
    ])
    .await;
    for (signer, from, verdict) in [
        ("relaxed.example", "ana@news.relaxed.example", Verified),
        ("strict.example", "ana@news.strict.example", Forged),
        ("strict.example", "ana@strict.example", Verified),
        // Without a policy, who is above may sign for who is below, and not the other way round.
        ("plain.example", "ana@a.plain.example", Verified),
        ("a.plain.example", "ana@plain.example", Unverified),
        ("a.registry.example", "ana@b.registry.example", Forged),
    ] {
        let mail = signed(signer, &mail_from(from));
        assert_eq!(world.verdict("x@unknown.example", &mail).await, verdict, "{from} signed by {signer}");
    }
}

#[tokio::test]
async fn signatures_that_are_over_or_revoked_prove_nothing() {
    let world = World::with(&[
        ("s._domainkey.client.example", key_record()),
        ("s._domainkey.revoked.example", text("v=DKIM1; k=ed25519; p=")),
        ("s._domainkey.broken.example", text("v=DKIM1; k=ed25519; p=AAAA")),
    ])
    .await;
    let verdict = async |mail: Vec<u8>| world.verdict("x@unknown.example", &mail).await;
    assert_eq!(verdict(signed_by(signer("client.example").expiration(3600), &mail_from(ANA))).await, Verified);
    assert_eq!(verdict(signed_long_ago(&mail_from(ANA))).await, Unverified);
    assert_eq!(verdict(signed("revoked.example", &mail_from("ana@revoked.example"))).await, Unverified);
    assert_eq!(verdict(signed("broken.example", &mail_from("ana@broken.example"))).await, Unverified);
    assert_eq!(verdict(signed("keyless.example", &mail_from("ana@keyless.example"))).await, Unverified);
}

/// The mechanisms that most records are made of (RFC 7208, section 5).
#[tokio::test]
async fn spf_follows_includes_addresses_and_exchanges() {
    let world = World::with(&[
        ("a.example", text("v=spf1 a:host.example -all")),
        ("mx.example", text("v=spf1 mx -all")),
        ("mx.example", Says::Exchange("host.example".to_owned())),
        ("included.example", text("v=spf1 include:a.example ~all")),
        ("redirected.example", text("v=spf1 redirect=a.example")),
        ("elsewhere.example", text("v=spf1 a:other.example -all")),
        ("soft.example", text("v=spf1 a:other.example ~all")),
        ("host.example", Says::Address([127, 0, 0, 1].into())),
        ("other.example", Says::Address([192, 0, 2, 1].into())),
    ])
    .await;
    for (domain, verdict) in [
        ("a.example", Verified),
        ("mx.example", Verified),
        ("included.example", Verified),
        ("redirected.example", Verified),
        ("elsewhere.example", Forged),
        ("soft.example", Unverified),
    ] {
        let from = format!("ana@{domain}");
        let mail = mail_from(&from).replace('\n', "\r\n");
        assert_eq!(world.verdict(&from, mail.as_bytes()).await, verdict, "{domain}");
    }
}

/// A signature over the beginning of the body: what is put behind it must not pass for signed.
#[tokio::test]
async fn a_signed_length_counts_only_if_it_is_all() {
    let world = World::with(&[("s._domainkey.client.example", key_record())]).await;
    let mail =
        signed_by(signer("client.example").body_length(true), "From: ana@client.example\nTo: x@y.example\n\nHi.\n");
    let text = String::from_utf8(mail.clone()).unwrap();
    assert!(text.contains(" l="), "{text}");
    assert_eq!(world.verdict("x@unknown.example", &mail).await, Verified);
    let longer = format!("{text}Send money.\r\n");
    assert_eq!(world.verdict("x@unknown.example", longer.as_bytes()).await, Unverified);
}

#[tokio::test]
async fn the_example_of_rfc_8463_is_verified() {
    let rsa = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J1\
               6JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G\
               +2kryOTIKT+l/K4w3QIDAQAB";
    let keys = [
        ("brisbane._domainkey.football.example.com", key_record()),
        ("test._domainkey.football.example.com", text(rsa)),
    ];
    let mail = RFC_8463.replace('\n', "\r\n");
    // Each signature proves it alone, and both together.
    for known in [&keys[..], &keys[..1], &keys[1..]] {
        let world = World::with(known).await;
        assert_eq!(world.verdict("joe@unknown.example", mail.as_bytes()).await, Verified);
        let other = mail.replace("We lost", "We won");
        assert_eq!(world.verdict("joe@unknown.example", other.as_bytes()).await, Unverified);
    }
    assert_eq!(World::with(&[]).await.verdict("joe@unknown.example", mail.as_bytes()).await, Unverified);
}

/// RFC 8463, appendix A.3.
const RFC_8463: &str = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
";

/// Mails of the corpus that people signed, with the keys that were in DNS then.
#[tokio::test]
async fn signed_mails_of_the_corpus_are_verified() {
    let corpus = std::env::var("SEALDROP_CORPUS").unwrap_or_else(|_| "../shared/corpus".to_owned());
    let folder = std::path::Path::new(&corpus).join("mimekit/dkim");
    let Ok(mail) = fs::read(folder.join("rfc8463-example.msg")) else {
        eprintln!("NOTICE: the corpus is not here: its test is skipped");
        return;
    };
    let world = World::with(&[
        ("brisbane._domainkey.football.example.com", key_record()),
        ("20120113._domainkey.gmail.com", Says::Text(GMAIL_2012.replace(char::is_whitespace, ""))),
    ])
    .await;
    let crlf = |mail: Vec<u8>| String::from_utf8(mail).unwrap().replace("\r\n", "\n").replace('\n', "\r\n");
    assert_eq!(world.verdict("joe@unknown.example", crlf(mail).as_bytes()).await, Verified);
    let gmail = crlf(fs::read(folder.join("gmail.msg")).unwrap());
    assert_eq!(world.verdict("x@unknown.example", gmail.as_bytes()).await, Verified);
}

/// What Gmail signed with from 2012 to 2016.
const GMAIL_2012: &str = "k=rsa;p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1Kd87/UeJjenpabgbFwh+eBCsSTrqmwIYYvywlbhbqoo2DymndF
    kbjOVIPIldNs/m40KF+yzMn1skyoxcTUGCQs8g3FgD2Ap3ZB5DekAo5wMmk4wimDO+U8QzI3SD07y2+07wlNWwIt8svnxgdxGkVbbhzY8i+RQ9DpSVpPbF7y
    kQxtKXkv/ahW3KjViiAH+ghvvIhkx4xYSIc9oSwVmAl5OctMEeWUwg8Istjqz8BZeTWbf41fbNhte7Y+YqZOwq1Sd0DbvYAD9NOZK9vlfuac0598HY+vtSBc
    zUiKERHv1yRbcaQtZFh5wtiRrN04BLUTD21MycBX5jYchHjPY/wIDAQAB";
