//! The header of a sealed mail to staff, protected after RFC 9788, with the head of its first part. One layout that is spread over
//! several mails has one for each, alike but for the number in the subject.

use super::writer::{Author, Boundary, Flow, text_head};
use crate::{armor::encoded_words, clock::Timestamp};

/// What stands in the header, inside and outside of the encryption.
pub struct Heading {
    /// From of the mail to staff.
    pub from: String,
    /// The staff who get it.
    pub to: Vec<String>,
    pub subject: String,
    /// The subject that every mail server sees.
    pub outer_subject: String,
    /// The Date of the mail to staff, inside and outside.
    pub date: Timestamp,
}

/// The subject of the mail with this number: the first has none to show, as most layouts are one mail.
pub fn numbered(subject: &str, mail: u32) -> String {
    if mail <= 1 { subject.to_owned() } else { format!("{subject} ({mail})") }
}

impl Heading {
    /// The header with its HP-Outer fields (RFC 9788, section 2.2), and the head of the first part. `protected-headers="v1"`
    /// is what came before RFC 9788: older Thunderbirds know that alone. No HP-Outer speaks of To: outside, each of the staff
    /// gets a copy that names them alone, around one and the same ciphertext.
    pub(super) fn text(&self, boundary: &Boundary, mail: u32) -> String {
        let (from, date) = (field(&self.from), self.date.rfc5322());
        let to = self.to.iter().map(|email| field(email)).collect::<Vec<_>>().join(",\r\n ");
        let to = if to.is_empty() { "undisclosed-recipients:;".to_owned() } else { to };
        let [subject, outer_subject] =
            [&self.subject, &self.outer_subject].map(|subject| unstructured(&numbered(subject, mail)));
        format!(
            "MIME-Version: 1.0\r\n\
             Subject: {subject}\r\n\
             From: {from}\r\n\
             To: {to}\r\n\
             Date: {date}\r\n\
             Content-Type: multipart/mixed; boundary=\"{boundary}\";\r\n \
             hp=\"cipher\"; protected-headers=\"v1\"\r\n\
             HP-Outer: Subject: {outer_subject}\r\n\
             HP-Outer: From: {from}\r\n\
             HP-Outer: Date: {date}\r\n\
             \r\n\
             --{boundary}\r\n\
             {}",
            text_head(Author::Relay, Flow::Fixed)
        )
    }
}

/// A value of the relay's own configuration or records as it may stand in a header: without controls.
fn field(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).collect()
}

/// Free text in a header: as it is when it is short ASCII, else in encoded words (RFC 2047).
fn unstructured(value: &str) -> String {
    let value = field(value);
    if value.is_ascii() && value.len() <= 900 && !value.contains("=?") {
        return value;
    }
    encoded_words(&value).join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_can_start_another() {
        assert_eq!(field("a@example.org\r\nBcc: b@example.org"), "a@example.orgBcc: b@example.org");
        assert_eq!(unstructured("[river-tiger-42] Documents received"), "[river-tiger-42] Documents received");
    }

    #[test]
    fn encoded_words_are_short_and_whole() {
        let encoded = unstructured(&"\u{f1}".repeat(60));
        let lines: Vec<&str> = encoded.split("\r\n ").collect();
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| line.len() <= 75 && line.starts_with("=?utf-8?B?")));
    }
}
