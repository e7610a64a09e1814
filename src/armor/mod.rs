//! Base64 and OpenPGP's ASCII armor (RFC 9580, section 6) at the speed of memory. Of ciphertext and of layouts alike;
//! keeps nothing: what is carried from call to call is less than a line, and wiped.

mod crc24;
mod lines;
mod message;

pub use lines::{Base64Lines, LINE, LINE_BYTES};
pub use message::ArmoredMessage;

/// Standard base64 with padding, on one line.
pub fn base64(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

/// Text as encoded words of at most 75 characters for a header (RFC 2047, section 2), each of whole characters.
pub fn encoded_words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in text.chars() {
        // 45 bytes make 60 characters of base64.
        if words.last().is_some_and(|word| word.len() + c.len_utf8() > 45) {
            words.push(String::new());
        }
        words.last_mut().expect("it is never empty").push(c);
    }
    words.iter().map(|word| format!("=?utf-8?B?{}?=", base64(word.as_bytes()))).collect()
}

/// Decodes standard base64 with padding; None when it is anything else.
pub fn unbase64(text: &[u8]) -> Option<Vec<u8>> {
    base64_simd::STANDARD.decode_to_vec(text).ok()
}

/// Decodes whole groups of four base64 characters in place; None when they hold anything else, and then their content is
/// no longer what it was.
pub(crate) fn unbase64_groups(groups: &mut [u8]) -> Option<&mut [u8]> {
    base64_simd::STANDARD_NO_PAD.decode_inplace(groups).ok()
}
