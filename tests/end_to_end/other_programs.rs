//! Programs that people have: swaks sends, systemd hands over the sockets.

use crate::support::{
    agency::RELAY,
    office::{ALICE, CLIENT, Office, documents, installed, photo},
    smtp_client::Place,
};
use sealdrop::digest::sha256;
use std::{
    fs,
    net::TcpListener,
    os::fd::OwnedFd,
    process::{Command, Stdio},
};

/// Sends a photo with swaks; `how` says with which TLS.
fn swaks(office: &Office, how: &str, port: u16) {
    let picture = office.agency.path("IMG_1.jpg");
    fs::write(&picture, photo(5, 40_000)).unwrap();
    let output = Command::new("swaks")
        .args([how, "--server", "127.0.0.1", "--port", &port.to_string(), "--ehlo", "client.example"])
        .args(["--from", CLIENT, "--to", &office.case, "--header", "Subject: my papers", "--body", "sent by swaks"])
        .arg("--attach-type")
        .arg("image/jpeg")
        .arg("--attach")
        .arg(format!("@{}", picture.display()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("received and sealed"), "{said}");
}

#[tokio::test]
async fn swaks_sends_over_both_kinds_of_tls() {
    if !installed("swaks") {
        return;
    }
    let office = Office::open("").await;
    for (at, (how, port)) in
        [("--tls", office.agency.starttls()), ("--tls-on-connect", office.agency.implicit())].into_iter().enumerate()
    {
        swaks(&office, how, port.port());
        let forward = office.mails_to(ALICE, at + 1).await.remove(at);
        let opened = office.read(&forward).plain;
        assert!(String::from_utf8_lossy(&opened).contains("sent by swaks"));
        assert_eq!(documents(&opened), [sha256(&photo(5, 40_000)).to_string()]);
    }
}

/// What systemd does for a socket unit (sd_listen_fds(3)): descriptors from 3 on, and three variables.
#[tokio::test]
async fn sockets_handed_over_by_systemd_are_used() {
    let mut office = Office::closed("").await;
    // Without them it could not start at all.
    office.agency.configure("listen = [\"127.0.0.1:0\"]", "listen = [\"192.0.2.1:25\"]");
    assert!(!office.agency.try_start_under(&[]));
    let [smtp, smtps] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let [smtp_at, smtps_at] = [smtp.local_addr().unwrap(), smtps.local_addr().unwrap()];
    let mut activation = Command::new("sh");
    activation
        .args(["-c", "exec 3<&0 4<&1 </dev/null >/dev/null; export LISTEN_PID=$$; exec \"$0\" serve", RELAY])
        .envs([("LISTEN_FDS", "2"), ("LISTEN_FDNAMES", "smtp:smtps")])
        .stdin(Stdio::from(OwnedFd::from(smtp)))
        .stdout(Stdio::from(OwnedFd::from(smtps)));
    assert!(office.agency.try_start_as(activation), "{}", office.agency.log());
    assert_eq!((office.agency.starttls(), office.agency.implicit()), (smtp_at, smtps_at));
    office.mail("through systemd's socket").await;
    office.mails_to(ALICE, 1).await;
    office.agency.reload().await;
    office.mail("and after a reload").await;
    office.mails_to(ALICE, 2).await;
}
