//! TLS records: what rustls costs over the bare cipher.

use super::{
    SIZES, raw,
    rounds::{Contender, Cost, measure},
    support::{mail::photo_mail, people::NOW},
    table::row,
};
use rustls::{ClientConnection, ServerConnection};
use sealdrop::tls::{SelfSigned, ServerTls, client_config, make_self_signed};
use std::{
    fs,
    hint::black_box,
    io::{Read, Write},
    sync::Arc,
};

const HOST: &str = "mx.in.example.org";

/// Two ends of one connection, hands shaken.
pub struct Pair {
    client: ClientConnection,
    server: ServerConnection,
}

impl Pair {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (certificate, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
        let SelfSigned { certificate_pem, key_pem } = make_self_signed(HOST, NOW).expect("a certificate");
        fs::write(&certificate, &certificate_pem).expect("room on the disk");
        fs::write(&key, key_pem.as_bytes()).expect("room on the disk");
        let server = ServerTls::load(&certificate, &key).expect("a fresh certificate");
        let trust = client_config(Some(&certificate)).expect("a fresh certificate");
        let mut pair = Self {
            client: ClientConnection::new(Arc::new((*trust).clone()), HOST.try_into().expect("a name")).expect("TLS"),
            server: ServerConnection::new(server.config()).expect("TLS"),
        };
        while pair.client.is_handshaking() || pair.server.is_handshaking() {
            pair.exchange();
        }
        pair
    }

    fn exchange(&mut self) {
        let mut wire = Vec::new();
        while self.client.wants_write() {
            self.client.write_tls(&mut wire).expect("memory takes all");
        }
        read_all(&mut self.server, &wire);
        wire.clear();
        while self.server.wants_write() {
            self.server.write_tls(&mut wire).expect("memory takes all");
        }
        let mut rest = &wire[..];
        while !rest.is_empty() {
            self.client.read_tls(&mut rest).expect("memory gives all");
            self.client.process_new_packets().expect("a sound handshake");
        }
    }

    /// The records that carry `plain`.
    pub fn records(&mut self, plain: &[u8]) -> Vec<u8> {
        let mut wire = Vec::with_capacity(plain.len() + plain.len() / 100 + 100);
        for piece in plain.chunks(16 * 1024) {
            self.client.writer().write_all(piece).expect("a piece fits");
            while self.client.wants_write() {
                self.client.write_tls(&mut wire).expect("memory takes all");
            }
        }
        wire
    }

    /// Opens records; `take` gets their plaintext in pieces of up to 16 KiB.
    pub fn open(&mut self, mut wire: &[u8], mut take: impl FnMut(&[u8])) {
        let mut plain = [0; 16 * 1024];
        while !wire.is_empty() {
            self.server.read_tls(&mut wire).expect("memory gives all");
            self.server.process_new_packets().expect("sound records");
            while let Ok(length @ 1..) = self.server.reader().read(&mut plain) {
                take(&plain[..length]);
            }
        }
    }
}

fn read_all(server: &mut ServerConnection, mut wire: &[u8]) {
    while !wire.is_empty() {
        server.read_tls(&mut wire).expect("memory gives all");
        server.process_new_packets().expect("a sound handshake");
    }
}

/// Records opened by rustls; raw: AES-256-GCM.
pub fn records() {
    for size in SIZES {
        let mail = photo_mail(size, 1, "a@in.example.org");
        let mut pair = Pair::new();
        let stage = Contender::timed("tls", move || -> Cost {
            let wire = pair.records(&mail);
            measure(|| {
                pair.open(&wire, |plain| {
                    black_box(plain.len());
                })
            })
        });
        row(stage, vec![raw::aes_gcm(size)], size, 1);
    }
}
