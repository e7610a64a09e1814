//! From whom a case expects mail: email addresses and phone numbers, compared with the reverse-path of what comes.
//!
//! The reverse-path can be forged: this tells a stranger's slip from a client's mail, it keeps out nobody who knows the
//! client's address. Nothing of this file prints one.

use crate::envelope::Address;
use zeroize::Zeroizing;

/// Digits of a phone number (ITU-T E.164), and of one with a prefix for calls abroad.
const FEWEST_DIGITS: usize = 7;
const MOST_DIGITS: usize = 18;
/// The last digits that are compared: a North American number without its country code.
const COMPARED: usize = 10;

/// Someone whose mail is expected, in the form in which two writings of the same are equal.
#[derive(Clone, PartialEq, Eq)]
pub struct Client(Zeroizing<String>);

/// The text names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither an email address nor a phone number of {FEWEST_DIGITS} to {MOST_DIGITS} digits")]
pub struct NotAClient;

impl Client {
    /// Reads an address, or a phone number in any usual writing.
    pub fn parse(text: &str) -> Result<Self, NotAClient> {
        let text = text.trim();
        match Address::parse(text) {
            Ok(address) => Ok(Self::of_address(&address)),
            Err(_) if text.contains('@') => Err(NotAClient),
            Err(_) => typed_number(text).map(|digits| Self::of_number(&digits)).ok_or(NotAClient),
        }
    }

    /// Whether mail from `sender` is this client's: their address, or a carrier's gateway that writes their number before the
    /// `@`, such as `15551234567@mms.example`.
    pub fn is(&self, sender: &Address) -> bool {
        let number = gateway_number(sender.local()).map(Self::of_number);
        // Both are compared whatever the first comparison gives.
        (*self == Self::of_address(sender)) | (number.as_ref() == Some(self))
    }

    /// An address without what does not change whose it is: capitals, what follows a `+` (RFC 5233), the tag of BATV
    /// (`prvs=0123456789=ana`), and at Gmail the dots.
    fn of_address(address: &Address) -> Self {
        let local = Zeroizing::new(address.local().to_lowercase());
        let batv = local.strip_prefix("prvs=").and_then(|rest| rest.split_once('='));
        let local = batv.map_or(local.as_str(), |(_, local)| local);
        let local = match local.split_once('+') {
            Some((name, _)) if !name.is_empty() => name,
            _ => local,
        };
        let gmail = matches!(address.domain(), "gmail.com" | "googlemail.com");
        let domain = if gmail { "gmail.com" } else { address.domain() };
        let kept = local.chars().filter(|c| !gmail || *c != '.');
        Self(Zeroizing::new(kept.chain(['@']).chain(domain.chars()).collect()))
    }

    /// The last ten digits; of a shorter number all. With or without its country code it is the same number.
    fn of_number(digits: &str) -> Self {
        Self(Zeroizing::new(digits[digits.len().saturating_sub(COMPARED)..].to_owned()))
    }
}

/// The digits of a phone number as people write it.
fn typed_number(text: &str) -> Option<Zeroizing<String>> {
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let text = text.strip_prefix('+').unwrap_or(text);
    let divider = |c: char| " \u{a0}-./()".contains(c) || ('\u{2010}'..='\u{2015}').contains(&c);
    let digits: Zeroizing<String> = Zeroizing::new(text.chars().filter(|c| !divider(*c)).collect());
    is_number(&digits).then_some(digits)
}

/// The number that is the local part of a carrier's address; a gateway may write its type behind it (`/TYPE=PLMN`).
fn gateway_number(local: &str) -> Option<&str> {
    let local = local.split_once('/').map_or(local, |(number, _)| number);
    let digits = local.strip_prefix('+').unwrap_or(local);
    is_number(digits).then_some(digits)
}

fn is_number(digits: &str) -> bool {
    (FEWEST_DIGITS..=MOST_DIGITS).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(typed: &str, sender: &str) -> bool {
        Client::parse(typed).unwrap().is(&Address::parse(sender).unwrap())
    }

    #[test]
    fn a_number_is_the_same_in_every_usual_writing() {
        let written = [
            "+1 (555) 123-4567",
            "555.123.4567",
            "5551234567",
            "1-555-123-4567",
            "001 555 123 4567",
            "tel:+1-555-123-4567",
            "(555)\u{a0}123\u{2011}4567",
        ];
        let senders = ["15551234567@vzwpix.com", "+15551234567@tmomail.net", "5551234567@mms.att.net"];
        for typed in written {
            assert!(senders.iter().all(|sender| is(typed, sender)), "{typed}");
            assert!(is(typed, "+15551234567/TYPE=PLMN@mms.example"), "{typed}");
            assert!(!is(typed, "15551234568@vzwpix.com") && !is(typed, "a15551234567@vzwpix.com"), "{typed}");
        }
        assert!(is("0049 30 1234567", "+49301234567@mms.example"));
        // Less than ten digits: all of them count.
        assert!(is("123-4567", "1234567@mms.example") && !is("123-4567", "5551234567@mms.example"));
    }

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        assert!(is("Ana@Example.COM", "ana@example.com") && is("ana@example.com", "ANA+papers@example.com"));
        assert!(is("ana.moreno@gmail.com", "anamoreno@googlemail.com"));
        assert!(is("ana@example.com", "prvs=0123456789=ana@example.com"));
        for other in
            ["anna@example.com", "ana@example.org", "ana@mail.example.com", "a.na@example.com", "+ana@example.com"]
        {
            assert!(!is("ana@example.com", other), "{other}");
        }
    }

    #[test]
    fn what_names_nobody_is_refused() {
        for text in
            ["", "ana", "ana@", "@example.com", "12345", "555-1234567 x12", "1".repeat(19).as_str(), "555+1234567"]
        {
            assert!(Client::parse(text).is_err(), "{text}");
        }
    }
}
