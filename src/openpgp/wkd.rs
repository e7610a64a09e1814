//! Where the owner of an email address publishes their certificate: the Web Key Directory
//! (draft-koch-openpgp-webkey-service). Computes and parses only; fetching is the caller's.

use super::Certificate;
use sequoia_openpgp::{cert::CertParser, parse::Parse, types::HashAlgorithm};

/// Where the certificate of `email` would be: first the advanced place, then the direct one. None when it has no local part
/// and domain.
pub fn wkd_urls(email: &str) -> Option<[String; 2]> {
    let (local, domain) = email.rsplit_once('@').filter(|(local, domain)| !local.is_empty() && !domain.is_empty())?;
    let domain = domain.to_lowercase();
    let hashed = zbase32(&sha1(local.to_lowercase().as_bytes())?);
    let local: String = local.bytes().map(percent).collect();
    Some([
        format!("https://openpgpkey.{domain}/.well-known/openpgpkey/{domain}/hu/{hashed}?l={local}"),
        format!("https://{domain}/.well-known/openpgpkey/hu/{hashed}?l={local}"),
    ])
}

/// The certificates in an answer, public parts only; what is no certificate is left out.
pub fn certificates_in(answer: &[u8]) -> Vec<Certificate> {
    let Ok(parser) = CertParser::from_bytes(answer) else { return Vec::new() };
    parser.flatten().map(|cert| Certificate { inner: cert.strip_secret_key_material() }).collect()
}

/// SHA-1 only spreads names over files here; nothing rests on it.
fn sha1(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut context = HashAlgorithm::SHA1.context().ok()?.for_digest();
    context.update(bytes);
    context.into_digest().ok()
}

/// z-base-32 (Zooko's human-oriented base32): five bits a letter, the highest first.
fn zbase32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ybndrfg8ejkmcpqxot1uwisza345h769";
    let (mut text, mut bits, mut held) = (String::new(), 0_u32, 0);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(char::from(ALPHABET[(bits >> held & 31) as usize]));
        }
        bits &= (1 << held) - 1;
    }
    if held > 0 {
        text.push(char::from(ALPHABET[(bits << (5 - held) & 31) as usize]));
    }
    text
}

fn percent(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the draft, section 3.1.
    #[test]
    fn the_drafts_example_comes_out() {
        let [advanced, direct] = wkd_urls("Joe.Doe@Example.ORG").unwrap();
        assert_eq!(
            advanced,
            "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe"
        );
        assert_eq!(direct, "https://example.org/.well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe");
    }

    #[test]
    fn a_name_cannot_break_out_of_the_url() {
        assert!(wkd_urls("a&b/../c@example.org").unwrap()[1].ends_with("?l=a%26b%2F..%2Fc"));
        assert_eq!(wkd_urls("nobody"), None);
    }

    #[test]
    fn an_answer_that_is_no_certificate_gives_none() {
        assert!(certificates_in(b"<html>not found</html>").is_empty());
    }
}
