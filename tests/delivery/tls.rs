//! TLS to the smarthost: verified, or the mail waits. After every refusal of ours the server has seen nothing of a
//! mail.

use crate::{
    attempt, deferred,
    support::{
        scripted_server::{Script, ScriptedServer},
        staff_server::StaffServer,
        workplace::Workplace,
    },
};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use sealdrop::{delivery, queue::Outcome, tls::ServerTls};
use std::{fs, net::SocketAddr, path::PathBuf};

/// A certificate and its key in files.
struct Identity {
    _directory: tempfile::TempDir,
    certificate: PathBuf,
    key: PathBuf,
}

impl Identity {
    fn of(name: &str, last_year: i32) -> Self {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(last_year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let identity = Self {
            certificate: directory.path().join("cert.pem"),
            key: directory.path().join("key.pem"),
            _directory: directory,
        };
        fs::write(&identity.certificate, params.self_signed(&key).unwrap().pem()).unwrap();
        fs::write(&identity.key, key.serialize_pem()).unwrap();
        identity
    }

    fn good() -> Self {
        Self::of("localhost", 2090)
    }

    fn server(&self) -> StaffServer {
        StaffServer::start(Some((&self.certificate, &self.key)))
    }

    fn script(&self, implicit: bool) -> Script {
        let tls = ServerTls::load(&self.certificate, &self.key).unwrap().config();
        Script { tls: Some(tls), implicit, extensions: vec!["STARTTLS", "SIZE 90000000"], ..Script::default() }
    }

    /// An installation that trusts this certificate.
    fn trusted_by(&self, server: SocketAddr, tls: &str) -> Workplace {
        let trust = format!("tls = \"{tls}\"\nca_file = \"{}\"\n", self.certificate.display());
        Workplace::new("localhost", server.port(), &trust)
    }
}

#[tokio::test]
async fn starttls_with_a_good_certificate_delivers() {
    let identity = Identity::good();
    let server = identity.server();
    let workplace = identity.trusted_by(server.address, "starttls");
    let job = workplace.forward(workplace.spool([&b"ciphertext"[..]]), "alice@staff.example");
    assert_eq!(attempt(&workplace.site, &job).await.outcome, Outcome::Delivered);
    let [mail] = &server.mails()[..] else { panic!("{:?}", server.mails()) };
    assert_eq!((mail.from.as_str(), &mail.to[..]), ("intake@in.example.org", &["alice@staff.example".to_owned()][..]));
}

#[tokio::test]
async fn a_certificate_that_does_not_verify_defers_and_nothing_is_sent() {
    let good = Identity::good();
    for (name, identity, trusted, why) in [
        ("wrong name", Identity::of("other.example.org", 2090), true, "not valid for name"),
        ("expired", Identity::of("localhost", 2021), true, "expired"),
        ("unknown", Identity::of("localhost", 2090), false, "invalid peer certificate"),
    ] {
        let server = identity.server();
        let trust = if trusted { &identity } else { &good };
        let workplace = trust.trusted_by(server.address, "starttls");
        let job = workplace.forward(workplace.spool([&b"ciphertext"[..]]), "alice@staff.example");
        let reason = deferred(attempt(&workplace.site, &job).await);
        assert!(reason.contains("TLS") && reason.contains(why), "{name}: {reason}");
        assert_eq!((server.begun(), server.mails().len()), (0, 0), "{name}");
    }
}

#[tokio::test]
async fn a_server_without_starttls_gets_nothing() {
    let (identity, server) = (Identity::good(), StaffServer::start(None));
    let workplace = identity.trusted_by(server.address, "starttls");
    let job = workplace.forward(workplace.spool([&b"ciphertext"[..]]), "alice@staff.example");
    let reason = deferred(attempt(&workplace.site, &job).await);
    assert!(reason.contains("does not offer STARTTLS"), "{reason}");
    assert_eq!(server.begun(), 0);
}

#[tokio::test]
async fn a_server_that_refuses_starttls_gets_nothing() {
    let identity = Identity::good();
    let answers = vec![("STARTTLS", "454 4.7.0 not now\r\n")];
    let server = ScriptedServer::start(Script { answers, ..identity.script(false) }).await;
    let workplace = identity.trusted_by(server.address, "starttls");
    let job = workplace.forward(workplace.spool([&b"ciphertext"[..]]), "alice@staff.example");
    assert!(deferred(attempt(&workplace.site, &job).await).contains("454"));
    assert_eq!(server.lines(), ["EHLO mx.in.example.org", "STARTTLS"]);
}

/// CVE-2011-0411, the client's side: what comes before the handshake must not be taken as said under TLS.
#[tokio::test]
async fn bytes_injected_before_the_handshake_are_noticed() {
    let identity = Identity::good();
    let script = Script { injected: "250-mx.evil.example\r\n250 AUTH PLAIN\r\n", ..identity.script(false) };
    let server = ScriptedServer::start(script).await;
    let workplace = identity.trusted_by(server.address, "starttls");
    let job = workplace.forward(workplace.spool([&b"ciphertext"[..]]), "alice@staff.example");
    assert!(deferred(attempt(&workplace.site, &job).await).contains("CVE-2011-0411"));
    assert_eq!(server.lines(), ["EHLO mx.in.example.org", "STARTTLS"]);
}

#[tokio::test]
async fn every_command_but_two_is_under_tls() {
    let identity = Identity::good();
    let server = ScriptedServer::start(identity.script(false)).await;
    let workplace = identity.trusted_by(server.address, "starttls");
    let job = workplace.forward(workplace.spool([&b"ciphertext"[..]]), "alice@staff.example");
    assert_eq!(attempt(&workplace.site, &job).await.outcome, Outcome::Delivered);
    let lines = server.lines();
    assert_eq!(lines[..3], ["EHLO mx.in.example.org", "STARTTLS", "TLS EHLO mx.in.example.org"]);
    assert!(lines[3].starts_with("TLS MAIL FROM:<intake@in.example.org> SIZE="), "{}", lines[3]);
    assert_eq!(lines[4..], ["TLS RCPT TO:<alice@staff.example>", "TLS DATA"]);
}

#[tokio::test]
async fn a_probe_goes_as_far_as_a_mail_would_and_sends_none() {
    let identity = Identity::good();
    let server = ScriptedServer::start(identity.script(false)).await;
    let workplace = identity.trusted_by(server.address, "starttls");
    let probed = delivery::probe(&workplace.site.config).await.unwrap();
    assert_eq!(probed.to_string(), "verified TLS by STARTTLS, mails of up to 90000000 bytes");
    assert_eq!(server.lines().last().unwrap(), "TLS QUIT");
    let stranger = Identity::of("other.example.org", 2090);
    let server = ScriptedServer::start(stranger.script(false)).await;
    let workplace = stranger.trusted_by(server.address, "starttls");
    let why = delivery::probe(&workplace.site.config).await.unwrap_err().to_string();
    assert!(why.contains("not valid for name"), "{why}");
}

#[tokio::test]
async fn implicit_tls_delivers_and_a_plain_server_there_gets_nothing() {
    let identity = Identity::good();
    let server = ScriptedServer::start(identity.script(true)).await;
    let workplace = identity.trusted_by(server.address, "implicit");
    let job = workplace.forward(workplace.spool([&b"ciphertext"[..]]), "alice@staff.example");
    assert_eq!(attempt(&workplace.site, &job).await.outcome, Outcome::Delivered);
    assert!(server.lines().iter().all(|line| line.starts_with("TLS ")));

    let plain = ScriptedServer::start(Script::default()).await;
    let workplace = identity.trusted_by(plain.address, "implicit");
    let job = workplace.forward(workplace.spool([&b"ciphertext"[..]]), "alice@staff.example");
    assert!(deferred(attempt(&workplace.site, &job).await).contains("TLS"));
    assert!(plain.mails().is_empty());
}

#[tokio::test]
async fn a_ca_file_that_cannot_be_read_defers() {
    let (identity, server) = (Identity::good(), StaffServer::start(None));
    let workplace = identity.trusted_by(server.address, "starttls");
    fs::remove_file(&identity.certificate).unwrap();
    let job = workplace.forward(workplace.spool([&b"ciphertext"[..]]), "alice@staff.example");
    assert!(deferred(attempt(&workplace.site, &job).await).contains("TLS is not ready"));
}
