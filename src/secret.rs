//! The at-rest key: seals small fields about clients (reverse-path, label) before they reach the store.
//! The key lives outside the data directory; losing it loses no document. Never used for documents, which are sealed
//! to people and not to this machine.

use crate::{
    chance,
    digest::{self, Digest},
};
use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// Length of the key in bytes.
pub const KEY_LENGTH: usize = 32;
const NONCE_LENGTH: usize = 24;

/// A field sealed under the at-rest key: nonce, then ciphertext and tag. Safe to write anywhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SealedField(Vec<u8>);

impl SealedField {
    /// The bytes as they are stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// A field from stored bytes; nothing is checked before it is opened.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for SealedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedField({} bytes)", self.0.len())
    }
}

impl From<SealedField> for String {
    fn from(field: SealedField) -> Self {
        crate::armor::base64(&field.0)
    }
}

impl TryFrom<String> for SealedField {
    type Error = CannotOpen;

    fn try_from(text: String) -> Result<Self, CannotOpen> {
        crate::armor::unbase64(text.as_bytes()).map(Self).ok_or(CannotOpen)
    }
}

/// A sealed field did not open: another key, another field, or changed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a sealed field does not open under the at-rest key: the key file is not the one it was sealed with, or the field was changed"
)]
pub struct CannotOpen;

/// The at-rest key: XChaCha20-Poly1305, so that random nonces are safe.
pub struct AtRestKey {
    cipher: XChaCha20Poly1305,
    tag_key: Zeroizing<[u8; 32]>,
}

impl AtRestKey {
    /// The key made of these bytes.
    pub fn new(key: &[u8; KEY_LENGTH]) -> Self {
        let tag_key = Zeroizing::new(digest::keyed(key, b"sealdrop tag key v1").0);
        Self { cipher: XChaCha20Poly1305::new(&Key::from(*key)), tag_key }
    }

    /// Seals `plain`. `context` names the field and its owner; opening demands the same.
    pub fn seal(&self, context: &str, plain: &[u8]) -> SealedField {
        let nonce: [u8; NONCE_LENGTH] = chance::bytes();
        let payload = Payload { msg: plain, aad: context.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload);
        let mut field = nonce.to_vec();
        field.extend_from_slice(&sealed.expect("a short field in memory always encrypts"));
        SealedField(field)
    }

    /// Opens what [`seal`](Self::seal) sealed under the same context.
    pub fn open(&self, context: &str, field: &SealedField) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
        let (nonce, sealed) = field.0.split_first_chunk::<NONCE_LENGTH>().ok_or(CannotOpen)?;
        let payload = Payload { msg: sealed, aad: context.as_bytes() };
        let plain = self.cipher.decrypt(&XNonce::from(*nonce), payload);
        plain.map(Zeroizing::new).map_err(|_| CannotOpen)
    }

    /// Opens a field that holds text.
    pub fn open_text(&self, context: &str, field: &SealedField) -> Result<Zeroizing<String>, CannotOpen> {
        let plain = self.open(context, field)?;
        str::from_utf8(&plain).map(|text| Zeroizing::new(text.to_owned())).map_err(|_| CannotOpen)
    }

    /// A tag by which equal values can be recognised without keeping them: limits and duplicates go by it.
    pub fn tag(&self, context: &str, value: &[u8]) -> Digest {
        let mut input = Zeroizing::new(Vec::with_capacity(context.len() + 1 + value.len()));
        input.extend_from_slice(context.as_bytes());
        input.push(0);
        input.extend_from_slice(value);
        digest::keyed(&self.tag_key, &input)
    }
}

impl fmt::Debug for AtRestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AtRestKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_what_it_sealed_for_the_same_field() {
        let key = AtRestKey::new(&[7; 32]);
        let field = key.seal("label of river-tiger-42", b"Ana");
        assert_eq!(&*key.open_text("label of river-tiger-42", &field).unwrap(), "Ana");
        assert_eq!(key.open("label of other-case-11", &field), Err(CannotOpen));
        assert_eq!(AtRestKey::new(&[8; 32]).open("label of river-tiger-42", &field), Err(CannotOpen));
        let mut changed = field.clone();
        changed.0[30] ^= 1;
        assert_eq!(key.open("label of river-tiger-42", &changed), Err(CannotOpen));
    }

    #[test]
    fn equal_values_have_equal_tags_and_equal_fields_do_not_look_equal() {
        let key = AtRestKey::new(&[7; 32]);
        assert_eq!(key.tag("sender", b"a@b"), key.tag("sender", b"a@b"));
        assert_ne!(key.tag("sender", b"a@b"), key.tag("case", b"a@b"));
        assert_ne!(key.seal("x", b"a@b"), key.seal("x", b"a@b"));
    }
}
