//! The raw work that a stage cannot do without, done bare: over one small buffer that stays in the cache, with the fastest
//! code for it that the project has.

use super::{rounds::Contender, support::random::Random};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64_simd::{AsOut, STANDARD_NO_PAD};
use sequoia_openpgp::crypto::{
    SessionKey, SymmetricAlgorithm,
    symmetric::{BlockCipherMode, Encryptor, PaddingMode},
};
use sha1::Digest;
use std::{
    fs::File,
    hint::black_box,
    io::{self, Write},
    path::PathBuf,
};

/// A TLS record, and the piece in which the rest is worked through.
const PIECE: usize = 16 * 1024;

/// Random bytes in one piece.
fn piece() -> Vec<u8> {
    let mut piece = vec![0; PIECE];
    Random::new(7).fill(&mut piece);
    piece
}

/// Runs `work` over pieces that make up `bytes`.
fn over(bytes: usize, mut work: impl FnMut(&[u8])) {
    let piece = piece();
    let mut left = bytes;
    while left > 0 {
        let now = left.min(PIECE);
        work(&piece[..now]);
        left -= now;
    }
}

/// AES-256-GCM over records of 16 KiB. Sealing costs what opening does, and can be repeated in place.
pub fn aes_gcm(bytes: usize) -> Contender<'static> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).expect("a key of 32 bytes"));
    let mut record = piece();
    Contender::new("aes-gcm", move || {
        for _ in 0..bytes.div_ceil(PIECE) {
            let nonce = Nonce::assume_unique_for_key([0; 12]);
            let tag = key.seal_in_place_separate_tag(nonce, Aad::empty(), &mut record);
            black_box(tag.expect("a short record").as_ref());
        }
    })
}

/// AES-256 in CFB mode.
pub fn aes_cfb(bytes: usize, streams: usize) -> Contender<'static> {
    let key = SessionKey::from(vec![7; 32]);
    Contender::new("aes-cfb", move || {
        let (cipher, mode) = (SymmetricAlgorithm::AES256, BlockCipherMode::CFB);
        let mut encryptor = Encryptor::new(cipher, mode, PaddingMode::None, &key, None, io::sink()).expect("AES");
        over(bytes * streams, |piece| encryptor.write_all(piece).expect("a sink takes all"));
    })
}

pub fn sha1(bytes: usize, streams: usize) -> Contender<'static> {
    Contender::new("sha1", move || {
        let mut hash = sha1::Sha1::new();
        over(bytes * streams, |piece| hash.update(piece));
        black_box(hash.finalize());
    })
}

pub fn sha256(bytes: usize, streams: usize) -> Contender<'static> {
    Contender::new("sha256", move || {
        let mut hash = sha2::Sha256::new();
        over(bytes * streams, |piece| hash.update(piece));
        black_box(hash.finalize());
    })
}

pub fn blake3(bytes: usize) -> Contender<'static> {
    Contender::new("blake3", move || {
        let mut hash = blake3::Hasher::new();
        over(bytes, |piece| {
            hash.update(piece);
        });
        black_box(hash.finalize());
    })
}

/// Decodes so many bytes of base64, which has no line ends.
pub fn base64_decode(bytes: usize) -> Contender<'static> {
    let text = STANDARD_NO_PAD.encode_to_string(&piece()[..PIECE / 4 * 3]).into_bytes();
    let mut decoded = vec![0; PIECE];
    Contender::new("b64 decode", move || {
        for _ in 0..bytes.div_ceil(PIECE) {
            black_box(STANDARD_NO_PAD.decode(&text, decoded.as_out()).expect("clean base64"));
        }
    })
}

/// Encodes to so many bytes of base64, without line ends.
pub fn base64_encode(bytes: usize) -> Contender<'static> {
    let (plain, mut text) = (piece(), vec![0; PIECE]);
    Contender::new("b64 encode", move || {
        for _ in 0..bytes.div_ceil(PIECE) {
            black_box(STANDARD_NO_PAD.encode(&plain[..PIECE / 4 * 3], text.as_out()));
        }
    })
}

/// Writes so many bytes to a fresh file in pieces of 256 KiB, and fsyncs it.
pub fn write_and_fsync(directory: PathBuf, bytes: usize) -> Contender<'static> {
    let path = directory.join("raw");
    let mut buffer = vec![0; 256 * 1024];
    Random::new(8).fill(&mut buffer);
    Contender::timed("write+fsync", move || {
        let cost = super::rounds::measure(|| {
            let mut file = File::create_new(&path).expect("a fresh file");
            let mut left = bytes;
            while left > 0 {
                let now = left.min(buffer.len());
                file.write_all(&buffer[..now]).expect("room on the disk");
                left -= now;
            }
            file.sync_data().expect("a sound disk");
        });
        std::fs::remove_file(&path).expect("the file is there");
        cost
    })
}

/// One X25519 key agreement with a fresh key for each recipient: what a session key packet costs.
pub fn x25519(recipients: usize) -> Contender<'static> {
    use aws_lc_rs::{
        agreement::{EphemeralPrivateKey, PrivateKey, UnparsedPublicKey, X25519, agree_ephemeral},
        rand::SystemRandom,
    };
    let reader = PrivateKey::generate(&X25519).and_then(|key| key.compute_public_key()).expect("a key");
    let reader = UnparsedPublicKey::new(&X25519, reader.as_ref().to_vec());
    Contender::new("x25519", move || {
        for _ in 0..recipients {
            let fresh = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).expect("a key");
            black_box(fresh.compute_public_key().expect("a key"));
            agree_ephemeral(fresh, &reader, (), |secret| {
                black_box(secret[0]);
                Ok(())
            })
            .expect("two sound keys");
        }
    })
}

/// Ed25519 signatures: one for each stream.
pub fn ed25519(signatures: usize) -> Contender<'static> {
    let key = aws_lc_rs::signature::Ed25519KeyPair::generate().expect("a key");
    Contender::new("ed25519", move || {
        for _ in 0..signatures {
            black_box(key.sign(&[7; 32]));
        }
    })
}
