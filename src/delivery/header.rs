//! The header of a mail of ours (RFC 5322). Every value is made harmless: no value can end its field or begin another.

use super::smarthost::quoted_local;
use crate::{armor::encoded_words, clock::Timestamp, envelope::Address, intake::layout::LOOP_FIELD, site::Site};

/// A header that is being written.
pub struct Header(String);

impl Header {
    /// An empty header.
    pub fn new() -> Self {
        Self(String::with_capacity(1024))
    }

    /// What every mail of ours begins with. `id` is the local part of the Message-ID; the same for every try of the
    /// same mail, so that a mail whose outcome stayed unknown is recognised when it comes again.
    pub fn of_mail(site: &Site, to: &Address, subject: &str, now: Timestamp, id: &str) -> Self {
        let hostname = &site.config.relay.hostname;
        Self::new()
            .field("From", &site.config.staff_mail.from)
            .field("To", &written(to))
            .field("Subject", subject)
            .field("Date", &now.rfc5322())
            .field("Message-ID", &format!("<{id}@{hostname}>"))
            .field("MIME-Version", "1.0")
            .field(LOOP_FIELD, hostname)
    }

    /// Adds a field. Controls in the value become spaces.
    pub fn field(mut self, name: &str, value: &str) -> Self {
        let harmless = value.chars().map(|c| if c.is_control() { ' ' } else { c });
        self.0.extend(name.chars().chain(": ".chars()).chain(harmless).chain("\r\n".chars()));
        self
    }

    /// The header, without the empty line after it.
    pub fn into_text(self) -> String {
        self.0
    }
}

/// An address as headers write it.
pub fn written(address: &Address) -> String {
    format!("{}@{}", quoted_local(address.local()), address.domain())
}

/// Free text for a header: as it is when it is ASCII, else in encoded words of at most 75 characters (RFC 2047), parted by
/// spaces so that [`Header::field`] keeps them on one line of at most 998.
pub fn unstructured(value: &str) -> String {
    if value.is_ascii() && !value.contains("=?") {
        return value.to_owned();
    }
    encoded_words(value).join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_begins_a_field_of_its_own() {
        let header = Header::new().field("Subject", "one\r\nBcc: eve@example.org\0").into_text();
        assert_eq!(header, "Subject: one  Bcc: eve@example.org \r\n");
    }

    #[test]
    fn other_letters_are_encoded_in_short_words() {
        assert_eq!(unstructured("We got your message"), "We got your message");
        let encoded = unstructured(&"Nous avons re\u{e7}u votre message ".repeat(3));
        assert!(
            encoded.is_ascii() && encoded.split(' ').all(|word| word.len() <= 75 && word.starts_with("=?utf-8?B?"))
        );
    }
}
