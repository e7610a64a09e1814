//! The opening of one mailbox's layout: its header, protected after RFC 9788, and the first lines for staff. Everything here
//! is known before the message comes; what comes after is the same for every mailbox.

use super::{
    names::shown,
    quoted::QuotedPrintable,
    writer::{Author, Boundary, Flow, text_head},
};
use crate::{
    clock::Timestamp,
    envelope::{Envelope, Mailbox, ReversePath},
    ids::MessageId,
};
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// What the opening says. No Debug: it names the client.
pub struct Opening<'a> {
    pub id: MessageId,
    pub mailbox: &'a Mailbox,
    /// What staff call the case.
    pub label: Option<&'a str>,
    /// From of the mail to staff.
    pub from: &'a str,
    /// The staff who get it.
    pub to: &'a [String],
    /// Staff who cannot read it for want of a usable certificate.
    pub left_out: &'a [String],
    pub subject: &'a str,
    /// The subject that every mail server sees.
    pub outer_subject: &'a str,
    pub envelope: &'a Envelope,
    /// The Date of the mail to staff, inside and outside.
    pub now: Timestamp,
}

impl Opening<'_> {
    /// The bytes that a layout with this boundary starts with. Its first text part is left open.
    pub fn bytes(&self, boundary: &Boundary) -> Zeroizing<Vec<u8>> {
        let text = self.text();
        let mut bytes = Zeroizing::new(self.header(boundary).into_bytes());
        bytes.reserve_exact(QuotedPrintable::most_added(text.len()));
        QuotedPrintable::default().push(text.as_bytes(), &mut bytes);
        bytes
    }

    /// The header with its HP-Outer fields (RFC 9788, section 2.2), and the head of the first part. `protected-headers="v1"`
    /// is what came before RFC 9788: older Thunderbirds know that alone.
    fn header(&self, boundary: &Boundary) -> String {
        let (from, date) = (field(self.from), self.now.rfc5322());
        let to = self.to.iter().map(|email| field(email)).collect::<Vec<_>>().join(",\r\n ");
        let to = if to.is_empty() { "undisclosed-recipients:;".to_owned() } else { to };
        let (subject, outer_subject) = (unstructured(self.subject), unstructured(self.outer_subject));
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

    /// The first lines, each ended by `\n`.
    fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(4096 + 80 * self.left_out.len()));
        let mut line = |name: &str, value: &str| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name}: {value}");
        };
        match self.mailbox {
            Mailbox::Case(case) => line("Case", case.as_str()),
            Mailbox::Postmaster => line("For", "postmaster"),
            Mailbox::Abuse => line("For", "abuse"),
        }
        if let Some(label) = self.label {
            line("Label", &shown(label, 200));
        }
        line("Sent by", &self.sender());
        // Spelt out: not everybody knows what the Z after a time means.
        line("Received", &self.envelope.at.human().replace('Z', " UTC"));
        let tls = &self.envelope.protection;
        line("Came over", &format!("an encrypted connection ({}, {})", tls.version, tls.key_exchange));
        line("For the admin", &format!("message {}", self.id));
        for email in self.left_out {
            line("Cannot read this, for want of a usable certificate", &shown(email, 254));
        }
        // Mail programs show photos in their place: the end is some screens away.
        text.push_str(
            "\nThe sender's own words follow, then the documents. What came, what needs\na look, and whether it was really \
             sent from there, stands at the very end.\n",
        );
        text
    }

    /// Who claims to have sent it: what is true of that is known at the end of data only, and stands in the summary.
    fn sender(&self) -> Zeroizing<String> {
        match &self.envelope.reverse_path {
            ReversePath::Null => Zeroizing::new("nobody: an automatic mail (null sender)".to_owned()),
            ReversePath::Mailbox(address) => Zeroizing::new(format!("{} (so it says)", *shown(address.as_str(), 254))),
        }
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
    let mut words = vec![String::new()];
    for c in value.chars() {
        // 45 bytes make 60 characters of base64: a word of at most 75.
        if words.last().is_some_and(|word| word.len() + c.len_utf8() > 45) {
            words.push(String::new());
        }
        words.last_mut().expect("it is never empty").push(c);
    }
    let encoded = words.iter().map(|word| format!("=?utf-8?B?{}?=", crate::armor::base64(word.as_bytes())));
    encoded.collect::<Vec<_>>().join("\r\n ")
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
