//! Who gets mail in and who does not, in the words of interface.md's SMTP table; and what the admins hear of it.

use crate::support::{
    agency::{DOMAIN, eventually, mail_with},
    gpg::Gpg,
    office::{ALICE, CLIENT, Office},
};

#[tokio::test]
async fn addresses_that_take_no_mail_are_refused_in_words() {
    let office = Office::open("").await;
    let agency = &office.agency;
    let closed = agency.open_case(&[ALICE]);
    agency.must(&["case", "close", &closed]);
    for (address, reply) in [
        (office.case.as_str(), "250 2.1.5 "),
        (&closed, "550 5.2.1 This address does not take documents any more."),
        (&format!("no-such-case@{DOMAIN}"), "550 5.1.1 We do not know this address."),
        ("river-tiger-42@elsewhere.example", "550 5.7.1 "),
        (&format!("postmaster@{DOMAIN}"), "250 2.1.5 "),
        (&format!("ABUSE@{DOMAIN}"), "250 2.1.5 "),
        ("postmaster@elsewhere.example", "550 5.7.1 "),
    ] {
        let said = office.recipient(address).await;
        assert!(said.starts_with(reply), "{address}: {said}");
    }
    agency.must(&["case", "reopen", &closed]);
    assert!(office.recipient(&closed).await.starts_with("250 2.1.5 "));
    agency.must(&["case", "close", &office.case]);
    assert!(agency.send(CLIENT, &[&office.case], b"Subject: late\r\n\r\n.").await.is_err());
    assert!(office.server.mails().is_empty());
}

#[tokio::test]
async fn mail_to_postmaster_is_sealed_to_the_admin() {
    let office = Office::open("").await;
    let mail = mail_with("Your server sends us odd mail.", &[]);
    office.agency.send(CLIENT, &["postmaster@in.example.org"], &mail).await.unwrap();
    let forward = &office.mails_to(ALICE, 1).await[0];
    assert!(!forward.text.contains("odd mail"));
    assert!(String::from_utf8_lossy(&office.read(forward).plain).contains("Your server sends us odd mail."));
    office.idle().await;
    assert_eq!(office.server.mails().len(), 1, "nobody but the admin is written to");
}

/// A suspended person is nobody who reads: the mail stays with the sender, and comes in once she is back.
#[tokio::test]
async fn without_a_reader_the_sender_keeps_the_mail_and_the_admin_is_told_once() {
    let office = Office::open("").await;
    office.agency.must(&["staff", "suspend", ALICE]);
    for _ in 0..3 {
        let said = office.recipient(&office.case).await;
        assert!(said.starts_with("451 4.3.0 Your documents cannot be protected at the moment"), "{said}");
    }
    let alert = &office.mails_to(ALICE, 1).await[0];
    assert!(alert.text.contains("Mail for a mailbox is being refused for now"), "{}", alert.text);
    let case = office.case.split('@').next().unwrap();
    assert!(!alert.text.contains(case), "an alert in the clear names no case");
    let [nobody] = &office.trail("nobody_can_read")[..] else { panic!("one entry") };
    let why = nobody["reasons"][0].as_str().unwrap();
    assert!(why.starts_with(&format!("{ALICE}: suspended")), "{why}");
    office.agency.must(&["staff", "resume", ALICE]);
    office.mail("Here I am again.").await;
    let mails = office.mails_to(ALICE, 2).await;
    assert!(String::from_utf8_lossy(&office.read(&mails[1]).plain).contains("Here I am again."));
}

#[tokio::test]
async fn a_certificate_that_expired_meanwhile_reads_no_more_and_a_newer_copy_does() {
    let mut office = Office::closed("").await;
    let bo = Gpg::new();
    let fingerprint = bo.generate("bo@example.org", "ed25519", "sign,cert", "2y");
    bo.must(&["--quick-add-key", &fingerprint, "cv25519", "encr", "seconds=3"], b"");
    office.agency.hire("bo@example.org", &bo.export(&[&fingerprint]));
    let case = office.agency.open_case(&["bo@example.org"]);
    eventually("the end of Bo's certificate", || {
        let shown = office.agency.json(&["case", "show", &case]);
        shown["staff"][0]["problem"].as_str().map(|problem| assert!(problem.contains("expired"), "{problem}"))
    })
    .await;
    office.agency.start();
    let said = office.recipient(&case).await;
    assert!(said.starts_with("451 4.3.0 "), "{said}");
    // The admin has a certificate: the alert is sealed, and tells all.
    let alert = office.mails_to(ALICE, 1).await.remove(0);
    let told = String::from_utf8_lossy(&office.read(&alert).plain).into_owned();
    assert!(told.contains("bo@example.org") && told.contains("expired"), "{told}");
    bo.must(&["--quick-set-expire", &fingerprint, "1y", "*"], b"");
    let renewed = office.agency.path("renewed.asc");
    std::fs::write(&renewed, bo.export(&[&fingerprint])).unwrap();
    office.agency.must(&["key", "add", "bo@example.org", renewed.to_str().unwrap()]);
    assert!(office.recipient(&case).await.starts_with("250 2.1.5 "));
}

#[tokio::test]
async fn one_slip_in_the_address_still_arrives() {
    let office = Office::open("").await;
    let local = office.case.split('@').next().unwrap();
    let (words, digits) = local.rsplit_once('-').unwrap();
    let mut swapped: Vec<char> = words.chars().collect();
    swapped.swap(1, 2);
    let swapped: String = swapped.into_iter().collect();
    let slips = [
        local.to_uppercase().replace('-', "."),
        local.replace('-', ""),
        format!("{words}x-{digits}"),
        format!("{}-{digits}", &words[..words.len() - 1]),
        format!("{swapped}-{digits}"),
    ];
    for slip in &slips {
        let said = office.recipient(&format!("{slip}@{DOMAIN}")).await;
        assert!(said.starts_with("250 2.1.5 "), "{slip} for {local}: {said}");
    }
    let mail = mail_with("with a slip", &[]);
    office.agency.send(CLIENT, &[&format!("{}@{DOMAIN}", slips[2])], &mail).await.unwrap();
    let forward = office.mails_to(ALICE, 1).await.remove(0);
    assert!(String::from_utf8_lossy(&office.read(&forward).plain).contains(local), "it is the case that was meant");
    let two_slips = format!("xx{words}-{digits}@{DOMAIN}");
    assert!(office.recipient(&two_slips).await.starts_with("550 5.1.1 "));
    eventually("the confirmation", || office.server.mails().iter().any(|mail| mail.to == [CLIENT]).then_some(())).await;
}
