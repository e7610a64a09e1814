//! A relay's key and as many readers as a bench wants.

use sealdrop::{
    clock::Timestamp,
    config::Profile,
    envelope::{Address, Envelope, Mailbox, ReversePath},
    ids::MessageId,
    intake::{Arrival, Intro, Settings},
    mime::Limits,
    openpgp::{Certificate, EncryptionSet, Reader, ReaderKey, RelayKey},
};
use std::sync::Arc;

pub const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

/// Who seals, and to whom.
pub struct People {
    pub relay: RelayKey,
    pub set: Arc<EncryptionSet>,
}

impl People {
    /// `count` readers with Cv25519 keys.
    pub fn new(count: usize) -> Self {
        let reader = |n| {
            let email = format!("staff{n}@example.org");
            let certificate = ReaderKey::generate(&email, NOW).certificate_armored();
            Reader { email, certificate: Certificate::parse(certificate.as_bytes()).expect("a fresh certificate") }
        };
        let set = EncryptionSet::at(NOW, Profile::Compatible, (0..count).map(reader).collect());
        let relay = RelayKey::generate("intake@in.example.org", NOW);
        Self { relay, set: Arc::new(set.expect("fresh certificates can be used")) }
    }

    /// An arrival for one mailbox.
    pub fn arrival(&self, id: MessageId) -> Arrival {
        let intro = Intro {
            id,
            mailbox: Mailbox::Postmaster,
            label: None,
            unexpected: false,
            set: self.set.clone(),
            from: "intake@in.example.org".to_owned(),
            subject: "Documents received".to_owned(),
            outer_subject: "Documents received".to_owned(),
            most: u64::MAX,
        };
        let begun = Arrival::begin(&envelope(), vec![intro], &self.relay, NOW, &settings());
        begun.expect("sealing works")
    }
}

pub fn settings() -> Settings {
    let limits = Limits::default();
    Settings { domain: "in.example.org".to_owned(), hostname: "mx.in.example.org".to_owned(), limits }
}

pub fn envelope() -> Envelope {
    let protection = r#"{"version":"TLSv1.3","cipher":"TLS13_AES_256_GCM_SHA384","key_exchange":"X25519MLKEM768"}"#;
    Envelope {
        reverse_path: ReversePath::Mailbox(Address::parse("ana@client.example").expect("an address")),
        mailboxes: vec![Mailbox::Postmaster],
        protection: serde_json::from_str(protection).expect("a protection as a record holds it"),
        peer: [192, 0, 2, 1].into(),
        hello: "mail.client.example".to_owned(),
        at: NOW,
        smtputf8: false,
    }
}
