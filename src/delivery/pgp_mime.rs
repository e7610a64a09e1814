//! The outside of a sealed mail: multipart/encrypted (RFC 3156, section 4) around armor that is made while it is read.
//! Sees ciphertext only.

use super::{header::Header, smarthost::Content};
use crate::armor::ArmoredMessage;
use std::io::{Cursor, Read};

/// A mail around `ciphertext`, an OpenPGP message of `length` bytes; and the mail's size in bytes. `name`, a short
/// token of letters, digits and dashes, makes the boundary: only the first and the last line of armor start with a
/// dash, and neither goes on with it.
pub fn wrap(header: Header, name: &str, ciphertext: impl Read + Send + 'static, length: u64) -> (Content, u64) {
    let boundary = format!("sealed-{name}");
    let header = header
        .field(
            "Content-Type",
            &format!("multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=\"{boundary}\""),
        )
        .into_text();
    let head = format!(
        "{header}\r\n\
         This mail is encrypted with OpenPGP (RFC 3156). A mail program that knows OpenPGP opens it.\r\n\
         --{boundary}\r\n\
         Content-Type: application/pgp-encrypted\r\n\
         Content-Description: PGP/MIME version identification\r\n\
         \r\n\
         Version: 1\r\n\
         \r\n\
         --{boundary}\r\n\
         Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n\
         Content-Description: OpenPGP encrypted message\r\n\
         Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\
         \r\n"
    );
    let tail = format!("\r\n--{boundary}--\r\n");
    let size = head.len() as u64 + ArmoredMessage::<Cursor<Vec<u8>>>::length(length) + tail.len() as u64;
    let armor = ArmoredMessage::new(ciphertext);
    (Box::new(Cursor::new(head).chain(armor).chain(Cursor::new(tail))), size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_two_parts_of_short_seven_bit_lines_and_as_long_as_it_says() {
        let ciphertext: Vec<u8> = (0..100_000u32).map(|i| (i * 31 % 251) as u8).collect();
        let header = Header::new().field("Subject", "Documents received");
        let (mut content, size) = wrap(header, "01abc", Cursor::new(ciphertext.clone()), ciphertext.len() as u64);
        let mut mail = String::new();
        content.read_to_string(&mut mail).unwrap();
        assert_eq!(mail.len() as u64, size);
        assert!(mail.is_ascii() && mail.lines().all(|line| line.len() <= 200));
        assert!(!mail.replace("\r\n", "").contains(['\r', '\n']));
        let parts: Vec<&str> = mail.split("\r\n--sealed-01abc").collect();
        assert_eq!(parts.len(), 4);
        assert!(parts[1].ends_with("\r\n\r\nVersion: 1\r\n"));
        let armor = parts[2].split_once("\r\n\r\n").unwrap().1;
        let base64 = armor.strip_prefix("-----BEGIN PGP MESSAGE-----\r\n\r\n").unwrap();
        let base64 = base64.strip_suffix("-----END PGP MESSAGE-----\r\n").unwrap().rsplit_once("\r\n=").unwrap().0;
        assert_eq!(crate::armor::unbase64(base64.replace("\r\n", "").as_bytes()).unwrap(), ciphertext);
        assert_eq!(parts[3], "--\r\n");
    }
}
