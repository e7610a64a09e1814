//! Mails with signatures, and what the room `senders` finds out about them.

use crate::dns::{DnsServer, Says, text};
use mail_auth::{
    AuthenticatedMessage,
    common::{
        crypto::{Ed25519Key, SigningKey},
        headers::HeaderWriter,
    },
    dkim::{Canonicalization, DkimSigner, Done},
};
use sealdrop::{
    clock::Timestamp,
    config::Senders,
    envelope::{Address, Envelope, Mailbox, ReversePath},
    senders::{Examination, Verdict, Verification, Verifier},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};

/// The key pair of RFC 8463, appendix A.2: public half, and seed.
pub const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
/// An SPF record that lets only this machine send.
pub const ONLY_US: &str = "v=spf1 ip4:127.0.0.1 -all";
/// An SPF record that lets nobody send.
pub const NOBODY: &str = "v=spf1 -all";

pub fn key() -> Ed25519Key {
    let decode = |text: &str| mail_parser::decoders::base64::base64_decode(text.as_bytes()).unwrap();
    Ed25519Key::from_seed_and_public_key(&decode(SEED), &decode(PUBLIC)).unwrap()
}

/// The key record of [`key`].
pub fn key_record() -> Says {
    text(&format!("v=DKIM1; k=ed25519; p={PUBLIC}"))
}

pub fn signer(domain: &str) -> DkimSigner<impl SigningKey, Done> {
    DkimSigner::from_key(key()).domain(domain).selector("s").headers(["From", "To", "Subject"])
}

/// The mail with a signature of `domain` before it.
pub fn signed(domain: &str, mail: &str) -> Vec<u8> {
    signed_by(signer(domain), mail)
}

pub fn signed_by(signer: DkimSigner<impl SigningKey, Done>, mail: &str) -> Vec<u8> {
    let mail = mail.replace('\n', "\r\n");
    let field = signer.sign(mail.as_bytes()).unwrap().to_header();
    (field + &mail).into_bytes()
}

/// The mail with a signature of client.example that is over since 1970.
pub fn signed_long_ago(mail: &str) -> Vec<u8> {
    let mail = mail.replace('\n', "\r\n");
    let mut signature = signer("client.example").sign(mail.as_bytes()).unwrap();
    (signature.t, signature.x, signature.b) = (1, 2, Vec::new());
    let (field, mut canonical) = (signature.to_header(), Vec::new());
    let parsed = AuthenticatedMessage::parse(mail.as_bytes()).unwrap();
    let (name, value) = field.trim_end().split_once(':').unwrap();
    let headers = parsed.signed_headers(&signature.h, name.as_bytes(), value.as_bytes());
    signature.ch.canonicalize_headers(headers, &mut canonical);
    signature.b = key().sign(canonical.as_slice()).unwrap();
    (signature.to_header() + &mail).into_bytes()
}

/// Signs both halves in this way.
pub fn signed_as(domain: &str, canonical: Canonicalization, mail: &str) -> Vec<u8> {
    signed_by(signer(domain).header_canonicalization(canonical).body_canonicalization(canonical), mail)
}

/// A short mail from this address.
pub fn mail_from(from: &str) -> String {
    format!("From: Ana <{from}>\nTo: case@in.example.org\nSubject: my  papers\n\nHere they are. \n\n")
}

pub fn verifier(at: SocketAddr, dns_timeout: Duration) -> Arc<Verifier> {
    let settings = Senders { verify: true, dns_timeout, resolvers: vec![at] };
    Arc::new(Verifier::new(&settings, "mx.in.example.org").unwrap())
}

/// An envelope from 127.0.0.1.
pub fn envelope(reverse_path: &str) -> Envelope {
    let protection = r#"{"version":"TLSv1.3","cipher":"TLS13_AES_256_GCM_SHA384","key_exchange":"X25519MLKEM768"}"#;
    Envelope {
        reverse_path: match reverse_path {
            "" => ReversePath::Null,
            address => ReversePath::Mailbox(Address::parse(address).unwrap()),
        },
        mailboxes: vec![Mailbox::Postmaster],
        protection: serde_json::from_str(protection).unwrap(),
        peer: "::ffff:127.0.0.1".parse().unwrap(),
        hello: "mail.client.example".to_owned(),
        at: Timestamp::parse("2026-11-25T03:08:54Z").unwrap(),
        smtputf8: false,
    }
}

/// What is found out about a mail that comes in such pieces.
pub async fn found(
    verifier: &Arc<Verifier>,
    reverse_path: &str,
    pieces: impl IntoIterator<Item = &[u8]>,
) -> Verification {
    let mut inquiry = verifier.begin(&envelope(reverse_path));
    let mut examination = Examination::default();
    for piece in pieces {
        examination.push(piece);
        if let Some(header) = examination.header() {
            inquiry.header(header);
        }
    }
    inquiry.conclude(examination.end()).await
}

/// A DNS server and a verifier that asks it.
pub struct World {
    pub dns: DnsServer,
    pub verifier: Arc<Verifier>,
}

impl World {
    pub async fn with(names: &[(&str, Says)]) -> Self {
        let dns = DnsServer::start(names).await;
        let verifier = verifier(dns.address, Duration::from_secs(30));
        Self { dns, verifier }
    }

    pub async fn verdict(&self, reverse_path: &str, mail: &[u8]) -> Verdict {
        found(&self.verifier, reverse_path, [mail]).await.verdict()
    }
}
