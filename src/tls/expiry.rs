//! When a certificate ends, for `check`: the few DER elements (X.690) on the way to the Validity of RFC 5280, section 4.1.
//! It reads our own certificates to warn in time; it verifies nothing and decides nothing.

use super::{TlsError, server::read_chain};
use crate::clock::Timestamp;
use std::path::Path;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const EXPLICIT_VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The moment after which the certificate is not valid; None when the bytes are not a certificate.
pub fn not_after(certificate_der: &[u8]) -> Option<Timestamp> {
    let (certificate, _) = element(certificate_der, SEQUENCE)?;
    let (to_be_signed, _) = element(certificate, SEQUENCE)?;
    let rest = element(to_be_signed, EXPLICIT_VERSION).map_or(to_be_signed, |(_, rest)| rest);
    let (_serial, rest) = element(rest, INTEGER)?;
    let (_signature, rest) = element(rest, SEQUENCE)?;
    let (_issuer, rest) = element(rest, SEQUENCE)?;
    let (validity, _) = element(rest, SEQUENCE)?;
    let (_, not_after) = time(validity)?;
    time(not_after).map(|(at, _)| at)
}

/// The moment after which the first certificate of a PEM file is not valid; None when it cannot be told.
pub fn not_after_of_file(path: &Path) -> Result<Option<Timestamp>, TlsError> {
    let chain = read_chain(path)?;
    Ok(chain.first().and_then(|certificate| not_after(certificate)))
}

/// Splits `input` into the contents of its first element, which must have `tag`, and what follows it.
fn element(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = input.split_first()?;
    let (&short, rest) = rest.split_first()?;
    let (length, rest) = if short < 0x80 {
        (usize::from(short), rest)
    } else {
        // The long form: so many bytes of length follow. Four are more than any certificate needs.
        let count = usize::from(short & 0x7f);
        let (bytes, rest) = rest.split_at_checked(count).filter(|_| (1..=4).contains(&count))?;
        (bytes.iter().fold(0, |length, &byte| length << 8 | usize::from(byte)), rest)
    };
    (first == tag).then(|| rest.split_at_checked(length)).flatten()
}

/// Splits `input` into its first Time and what follows it (RFC 5280, section 4.1.2.5: always UTC, always with seconds).
fn time(input: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (text, rest, century) = match element(input, UTC_TIME) {
        Some((text, rest)) => (text, rest, if text.first()? < &b'5' { "20" } else { "19" }),
        None => element(input, GENERALIZED_TIME).map(|(text, rest)| (text, rest, ""))?,
    };
    let digits = format!("{century}{}", str::from_utf8(text).ok()?.strip_suffix('Z')?);
    if digits.len() != 14 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (date, clock) = digits.split_at(8);
    let moment =
        format!("{}-{}-{}T{}:{}:{}Z", &date[..4], &date[4..6], &date[6..], &clock[..2], &clock[2..4], &clock[4..]);
    Timestamp::parse(&moment).map(|at| (at, rest))
}
