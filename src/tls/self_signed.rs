//! The certificate that a new relay starts with. Senders of mail do not verify it (opportunistic TLS, RFC 7435), so it is
//! enough until one from a public CA takes its place; `check` says so.

use super::TlsError;
use crate::clock::Timestamp;
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a certificate of ours is valid: what browsers and CAs took as the most for a year.
const VALID: Duration = Duration::from_secs(397 * 24 * 60 * 60);

/// A fresh certificate and its key.
pub struct SelfSigned {
    /// For a file that everybody may read.
    pub certificate_pem: String,
    /// For a file that only the relay's user may read.
    pub key_pem: Zeroizing<String>,
}

/// Makes an ECDSA P-256 certificate for `hostname` (a name or an IP address), valid from the day before `now` for 397 days.
pub fn make_self_signed(hostname: &str, now: Timestamp) -> Result<SelfSigned, TlsError> {
    let bad_name = |_| TlsError::HostName(hostname.to_owned());
    let mut params = CertificateParams::new([hostname.to_owned()]).map_err(bad_name)?;
    // Clocks differ: a certificate that starts in the future of its reader is worth nothing.
    let (year, month, first) = day(now.minus(Duration::from_secs(24 * 60 * 60)));
    params.not_before = date_time_ymd(year, month, first);
    let (year, month, last) = day(now.plus(VALID));
    params.not_after = date_time_ymd(year, month, last);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, hostname);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate().map_err(|_| TlsError::Generator)?;
    let certificate = params.self_signed(&key).map_err(|_| TlsError::Generator)?;
    Ok(SelfSigned { certificate_pem: certificate.pem(), key_pem: Zeroizing::new(key.serialize_pem()) })
}

/// Year, month and day of `at`, in UTC.
fn day(at: Timestamp) -> (i32, u8, u8) {
    let text = at.rfc3339();
    let mut numbers = text.split(['-', 'T']);
    let year = numbers.next().and_then(|year| year.parse().ok());
    let mut number = || numbers.next().and_then(|number| number.parse().ok());
    let (month, day) = (number(), number());
    year.zip(month)
        .zip(day)
        .map(|((year, month), day)| (year, month, day))
        .expect("RFC 3339 starts with year, month and day")
}
