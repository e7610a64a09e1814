//! Signals and changed files while the relay runs: new certificates, new configurations, a stop in the middle of a message.

use crate::support::{
    agency::{PATIENCE, eventually},
    office::{ALICE, CLIENT, Office, id_of},
    smtp_client::{Client, HOST, Place, TLS_1_3_AND_1_2},
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use sealdrop::{clock::Clock, tls::make_self_signed};
use std::{fs, net::SocketAddr, time::Duration};

/// The relay's ports with another certificate than the one in its files.
struct Trusting<'a>(&'a Office, CertificateDer<'static>);

impl Place for Trusting<'_> {
    fn starttls(&self) -> SocketAddr {
        self.0.agency.starttls()
    }

    fn implicit(&self) -> SocketAddr {
        self.0.agency.implicit()
    }

    fn certificate(&self) -> CertificateDer<'static> {
        self.1.clone()
    }
}

/// Whether a handshake that trusts only this certificate succeeds.
async fn is_shown(office: &Office, certificate: &CertificateDer<'static>) -> bool {
    let mut client = Client::connect(&office.agency).await;
    client.expect("220").await;
    client.say("EHLO client.example\r\nSTARTTLS\r\n").await;
    client.expect("250").await;
    client.expect("220").await;
    client.shake_hands(&Trusting(office, certificate.clone()), TLS_1_3_AND_1_2).await.is_ok()
}

/// Puts a new pair into the files, as a renewal does.
fn renew(office: &Office) -> CertificateDer<'static> {
    let made = make_self_signed(HOST, Clock::system().now()).unwrap();
    for (name, text) in [("tls/cert.pem", made.certificate_pem.as_bytes()), ("tls/key.pem", made.key_pem.as_bytes())] {
        let new = office.agency.path("tls/new");
        fs::write(&new, text).unwrap();
        fs::rename(new, office.agency.path(name)).unwrap();
    }
    CertificateDer::from_pem_slice(made.certificate_pem.as_bytes()).unwrap()
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_without_a_restart_and_a_broken_one_is_not() {
    let office = Office::open("").await;
    let first = office.agency.certificate();
    assert!(is_shown(&office, &first).await);
    let second = renew(&office);
    let renewed = async {
        while !is_shown(&office, &second).await {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(PATIENCE, renewed).await.expect("the relay notices the new files");
    assert!(!is_shown(&office, &first).await);

    fs::write(office.agency.path("tls/key.pem"), "broken").unwrap();
    office.agency.signal("HUP");
    let told = "the new configuration cannot be used, the old one stays";
    eventually("the complaint", || office.agency.log().contains(told).then_some(())).await;
    assert!(is_shown(&office, &second).await, "the old pair stays in use");
}

#[tokio::test]
async fn a_new_configuration_is_taken_up_and_no_connection_is_refused_meanwhile() {
    let office = Office::open("").await;
    let greetings = tokio::spawn(keep_connecting(office.agency.starttls()));
    assert!(hello(&office).await.contains("250-SIZE 52428800"));
    for size in ["1 MiB", "2 MiB"] {
        let old = if size == "1 MiB" { "\"50 MiB\"" } else { "\"1 MiB\"" };
        office.agency.configure(&format!("max_message_size = {old}"), &format!("max_message_size = \"{size}\""));
        office.agency.reload().await;
    }
    assert!(hello(&office).await.contains("250-SIZE 2097152"));
    office.mail("after two reloads").await;
    office.mails_to(ALICE, 1).await;
    assert_eq!((office.trail("relay_started").len(), office.trail("relay_stopped").len()), (3, 2));
    assert!(!office.agency.log().contains("that takes a restart"));
    office.agency.configure("[smtp]", "[log]\nlevel = \"warn\"\n[smtp]");
    office.agency.reload().await;
    assert!(office.agency.log().contains("[log] changed: that takes a restart"));

    office.agency.configure("[smtp]", "[smtp]\nmax_mesage_size = 1");
    office.agency.signal("HUP");
    let complaint = eventually("the complaint", || {
        office.agency.log().lines().find(|line| line.contains("the old one stays")).map(str::to_owned)
    })
    .await;
    assert!(complaint.contains("max_mesage_size"), "{complaint}");
    assert!(hello(&office).await.contains("250-SIZE 2097152"));
    greetings.abort();
    assert!(greetings.await.unwrap_err().is_cancelled(), "every connection got a greeting");
}

/// Connects again and again; ends only in a panic.
async fn keep_connecting(to: SocketAddr) {
    use tokio::io::AsyncReadExt;
    loop {
        let mut stream = tokio::net::TcpStream::connect(to).await.expect("nobody is refused");
        let mut greeting = [0; 3];
        stream.read_exact(&mut greeting).await.expect("everybody is greeted");
        assert!([*b"220", *b"421"].contains(&greeting));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// All lines of the answer to EHLO.
async fn hello(office: &Office) -> String {
    let mut client = Client::connect_tls(&office.agency).await;
    client.expect("220").await;
    client.say("EHLO client.example\r\n").await;
    let mut lines = String::new();
    loop {
        let line = client.line().await.unwrap();
        lines += &format!("{line}\n");
        if line.starts_with("250 ") {
            return lines;
        }
    }
}

#[tokio::test]
async fn a_stop_lets_a_message_that_is_coming_in_finish() {
    let mut office = Office::open("").await;
    let mut client = Client::secured(&office.agency).await;
    client.say(&format!("MAIL FROM:<{CLIENT}>\r\nRCPT TO:<{}>\r\nDATA\r\n", office.case)).await;
    for code in ["250", "250", "354"] {
        client.expect(code).await;
    }
    client.say("Subject: slow\r\n\r\nfirst half, ").await;
    let mut idle = Client::secured(&office.agency).await;
    office.agency.signal("TERM");
    assert!(idle.expect("421").await.starts_with("421 4.3.2 "), "others are told to come back");
    client.say("second half\r\n.\r\n").await;
    let id = id_of(&client.expect("250").await);
    office.agency.wait();
    office.agency.start();
    assert_eq!(office.agency.json(&["message", "list"])[0]["id"].as_str(), Some(id.as_str()));
    let forward = office.mails_to(ALICE, 1).await.remove(0);
    assert!(String::from_utf8_lossy(&office.read(&forward).plain).contains("first half, second half"));
}
