//! Tests of TLS: handshakes in memory, reload, expiry.

use super::*;
use crate::clock::{Clock, Timestamp};
use rustls::{ClientConfig, ClientConnection, RootCertStore, pki_types::ServerName};
use std::{fs, time::Duration};

const HOST: &str = "mx.in.example.org";

/// A certificate and key in files of a temporary directory.
struct Pair {
    directory: tempfile::TempDir,
}

impl Pair {
    fn new() -> Self {
        let pair = Self { directory: tempfile::tempdir().unwrap() };
        pair.renew();
        pair
    }

    fn certificate(&self) -> PathBuf {
        self.directory.path().join("cert.pem")
    }

    fn key(&self) -> PathBuf {
        self.directory.path().join("key.pem")
    }

    fn renew(&self) {
        let made = make_self_signed(HOST, Clock::system().now()).unwrap();
        put(&self.certificate(), &made.certificate_pem);
        put(&self.key(), &made.key_pem);
    }

    fn load(&self) -> ServerTls {
        ServerTls::load(&self.certificate(), &self.key()).unwrap()
    }
}

/// Replaces a file by a new one, as certificate tools do: the inode differs even where time and length do not.
fn put(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(new, path).unwrap();
}

/// A client that trusts exactly `server`'s certificate of this moment.
fn client(server: &ServerTls, version: &'static rustls::SupportedProtocolVersion) -> ClientConnection {
    let mut roots = RootCertStore::empty();
    roots.add(server.certificate()).unwrap();
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    ClientConnection::new(Arc::new(config), ServerName::try_from(HOST).unwrap()).unwrap()
}

fn shake_hands(client: &mut ClientConnection, server: &mut ServerConnection) -> Result<(), rustls::Error> {
    while client.is_handshaking() || server.is_handshaking() {
        let mut wire = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut wire).unwrap();
        }
        let mut input = wire.as_slice();
        while !input.is_empty() {
            server.read_tls(&mut input).unwrap();
            server.process_new_packets()?;
        }
        wire = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut wire).unwrap();
        }
        let mut input = wire.as_slice();
        while !input.is_empty() {
            client.read_tls(&mut input).unwrap();
            client.process_new_packets()?;
        }
    }
    Ok(())
}

fn protection(version: &'static rustls::SupportedProtocolVersion) -> Protection {
    let tls = Pair::new().load();
    let mut server = ServerConnection::new(tls.config()).unwrap();
    assert_eq!(Protection::of(&server), None, "before the handshake there is no protection");
    shake_hands(&mut client(&tls, version), &mut server).unwrap();
    Protection::of(&server).unwrap()
}

/// The protection of a real handshake, for the tests of other rooms.
pub(crate) fn protection_of_a_handshake() -> Protection {
    protection(&rustls::version::TLS13)
}

#[test]
fn tls_1_3_agrees_on_the_hybrid_key_exchange() {
    let protection = protection(&rustls::version::TLS13);
    assert_eq!((&*protection.version, &*protection.key_exchange), ("TLSv1.3", "X25519MLKEM768"));
    assert!(protection.cipher.starts_with("TLS13_"), "{protection:?}");
}

#[test]
fn tls_1_2_is_still_served() {
    let protection = protection(&rustls::version::TLS12);
    assert_eq!((&*protection.version, &*protection.key_exchange), ("TLSv1.2", "X25519"));
    assert!(protection.cipher.starts_with("TLS_ECDHE_"), "{protection:?}");
}

#[test]
fn a_record_keeps_its_protection() {
    let protection = protection_of_a_handshake();
    let text = serde_json::to_string(&protection).unwrap();
    assert!(text.starts_with(r#"{"version":"TLSv1.3","cipher":"TLS13_"#) && !text.contains("proof"), "{text}");
    assert_eq!(serde_json::from_str::<Protection>(&text).unwrap(), protection);
}

#[test]
fn new_handshakes_use_the_new_certificate() {
    let pair = Pair::new();
    let tls = pair.load();
    let old = tls.certificate();
    assert!(!tls.reload_if_changed().unwrap());
    pair.renew();
    assert!(tls.reload_if_changed().unwrap());
    assert!(!tls.reload_if_changed().unwrap());
    assert_ne!(tls.certificate(), old);
    let mut server = ServerConnection::new(tls.config()).unwrap();
    let mut client = client(&tls, &rustls::version::TLS13);
    shake_hands(&mut client, &mut server).unwrap();
    assert_eq!(client.peer_certificates().unwrap()[0], tls.certificate());
}

#[test]
fn a_broken_pair_does_not_replace_a_working_one() {
    let pair = Pair::new();
    let tls = pair.load();
    let working = tls.certificate();
    let certificate_alone = make_self_signed(HOST, Clock::system().now()).unwrap().certificate_pem;
    put(&pair.certificate(), &certificate_alone);
    assert!(matches!(tls.reload_if_changed(), Err(TlsError::Mismatch(..))));
    assert!(!tls.reload_if_changed().unwrap(), "reported once");
    put(&pair.certificate(), &certificate_alone[..certificate_alone.len() / 2]);
    assert!(matches!(tls.reload_if_changed(), Err(TlsError::NotPem(_))));
    put(&pair.certificate(), "nothing");
    assert!(matches!(tls.reload(), Err(TlsError::NoCertificate(_))));
    fs::remove_file(pair.certificate()).unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::Read(_, io::ErrorKind::NotFound))));
    assert_eq!(tls.certificate(), working);
    pair.renew();
    assert!(tls.reload_if_changed().unwrap());
    put(&pair.key(), &certificate_alone);
    assert!(matches!(tls.reload(), Err(TlsError::NoKey(_))));
}

#[test]
fn a_client_does_not_take_a_certificate_of_its_own_making() {
    let pair = Pair::new();
    let tls = pair.load();
    let other = Pair::new();
    let trusting = client_config(Some(&pair.certificate())).unwrap();
    let wary = client_config(Some(&other.certificate())).unwrap();
    let shake = |config, name| {
        let mut client = ClientConnection::new(config, ServerName::try_from(name).unwrap()).unwrap();
        shake_hands(&mut client, &mut ServerConnection::new(tls.config()).unwrap())
    };
    shake(trusting.clone(), HOST).unwrap();
    assert!(matches!(shake(trusting, "other.example.org"), Err(rustls::Error::InvalidCertificate(_))));
    assert!(matches!(shake(wary, HOST), Err(rustls::Error::InvalidCertificate(_))));
    assert!(matches!(client_config(Some(Path::new("/nonexistent"))), Err(TlsError::Read(..))));
}

#[test]
fn a_fresh_certificate_ends_after_397_days() {
    let now = Timestamp::parse("2026-11-25T03:08:54Z").unwrap();
    let pair = Pair::new();
    put(&pair.certificate(), &make_self_signed(HOST, now).unwrap().certificate_pem);
    let end = not_after_of_file(&pair.certificate()).unwrap();
    assert_eq!(end, Timestamp::parse("2027-12-27T00:00:00Z"));
    assert!(matches!(make_self_signed("ä ö", now), Err(TlsError::HostName(_))));
    make_self_signed("127.0.0.1", now).unwrap();
}

#[test]
fn the_end_is_read_from_both_forms_of_time_and_from_nothing_else() {
    let far = Clock::system().now().plus(Duration::from_secs(40 * 365 * 24 * 60 * 60));
    let pair = Pair::new();
    put(&pair.certificate(), &make_self_signed(HOST, far).unwrap().certificate_pem);
    let chain = server::read_chain(&pair.certificate()).unwrap();
    assert!(not_after(&chain[0]).unwrap() > far, "GeneralizedTime, after 2050");
    for cut in 0..100 {
        assert_eq!(not_after(&chain[0][..cut]), None);
    }
    assert_eq!(not_after(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
}
