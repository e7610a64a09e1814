//! The stages that touch neither disk nor socket: the MIME reader, the layout, the seal.

use super::{
    SIZES, raw,
    rounds::Contender,
    support::{
        mail::photo_mail,
        people::{NOW, People, envelope, settings},
    },
    table::row,
};
use sealdrop::{
    intake::{
        Chunk, SealStream, SessionSecret,
        layout::{Boundary, Layout, ReplyRules, Sink},
    },
    mime::{End, Limits, Part, Reader, Visitor},
    senders::{Examination, Verification},
};
use std::hint::black_box;

/// Of what a base64 body decodes to, in bytes: the decoded part of a mail of `size`.
pub fn decoded(size: usize) -> usize {
    size / 78 * 57
}

/// Looks at nothing.
struct Blind;

impl Visitor for Blind {
    fn start(&mut self, _: Part) {}
    fn body(&mut self, decoded: &[u8]) {
        black_box(decoded);
    }
    fn end(&mut self, _: End) {}
}

impl Sink for Blind {
    fn take(&mut self, plain: &[u8]) {
        black_box(plain);
    }
}

/// The MIME reader alone; raw: decoding base64.
pub fn reader() {
    for size in SIZES {
        let mail = photo_mail(size, 1, "a@in.example.org");
        let stage = Contender::new("reader", || {
            let mut reader = Reader::new(Limits::default());
            mail.chunks(Chunk::CAPACITY).for_each(|piece| reader.push(piece, &mut Blind));
            black_box(reader.finish(&mut Blind));
        });
        row(stage, vec![raw::base64_decode(size)], size, 1);
    }
}

/// Reader and layout; raw: decoding and encoding base64, and the documents' digest.
pub fn layout() {
    for size in SIZES {
        let mail = photo_mail(size, 1, "a@in.example.org");
        let stage = Contender::new("layout", || {
            let rules = ReplyRules::new(&envelope().reverse_path, &settings());
            let mut layout = Layout::new(Blind, Boundary::new([7; 16]), rules);
            let mut reader = Reader::new(Limits::default());
            mail.chunks(Chunk::CAPACITY).for_each(|piece| reader.push(piece, &mut layout));
            let summary = reader.finish(&mut layout);
            black_box(layout.finish(summary, &Verification::unchecked()));
        });
        row(stage, vec![raw::base64_decode(size), raw::base64_encode(size), raw::sha256(decoded(size), 1)], size, 1);
    }
}

/// The examination of a mail that its sender signed, in both canonicalisations by turns; raw: SHA-256.
pub fn senders() {
    for size in SIZES {
        for canonical in ["relaxed/relaxed", "simple/simple"] {
            let signature = format!(
                "DKIM-Signature: v=1; a=rsa-sha256; c={canonical}; d=client.example; s=s; h=From; bh={}=; b=AAAA\r\n",
                "A".repeat(43)
            );
            let mail = [signature.as_bytes(), &photo_mail(size, 1, "a@in.example.org")].concat();
            let stage = Contender::new("senders", || {
                let mut examination = Examination::default();
                mail.chunks(Chunk::CAPACITY).for_each(|piece| examination.push(piece));
                black_box(examination.header().expect("the header is whole"));
                black_box(examination.end());
            });
            row(stage, vec![raw::sha256(size, 1)], size, 1);
        }
    }
}

/// One sealed stream; raw: AES-CFB, SHA-1, SHA-256, a key agreement for each reader and a signature.
pub fn seal() {
    for recipients in [1, 5, 20] {
        let people = People::new(recipients);
        for size in SIZES {
            let mail = photo_mail(size, 1, "a@in.example.org");
            let stage = Contender::new("seal", || {
                let secret = SessionSecret::new(&people.set).expect("sealing works");
                let mut stream = SealStream::begin(&secret, &people.relay, NOW).expect("sealing works");
                for piece in mail.chunks(Chunk::CAPACITY) {
                    stream.write(piece).expect("sealing works");
                    stream.ciphertext().clear();
                }
                black_box(stream.finish().expect("sealing works"));
            });
            let ciphers = [raw::aes_cfb(size, 1), raw::sha1(size, 1), raw::sha256(size, 1)];
            let mut parts = Vec::from(ciphers);
            parts.extend([raw::x25519(recipients), raw::ed25519(1)]);
            row(stage, parts, size, recipients);
        }
    }
}
