//! Whether a case expects mail from a sender. Opens the sealed names of the case's clients for the moment of the comparison
//! and keeps none. It goes by the reverse-path, which can be forged: the verdict on the sender is another matter.

use crate::{
    cases::{Case, Client},
    envelope::ReversePath,
    secret::AtRestKey,
};

/// What a case says to a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) enum Expected {
    /// The case expects this sender, or everybody.
    Yes,
    No,
    /// Not all that the case expects can be opened: the at-rest key is another one.
    Unclear,
}

/// What `case` says to `from`. The null reverse-path is nobody that a case can expect.
pub(in crate::serve) fn verdict(at_rest: &AtRestKey, case: &Case, from: &ReversePath) -> Expected {
    if case.clients.is_empty() {
        return Expected::Yes;
    }
    let context = Case::client_context(&case.address);
    let (mut expected, mut unclear) = (false, false);
    // All are compared, whichever matches: the time tells nothing of the place in the list.
    for field in &case.clients {
        let client = at_rest.open_text(&context, field).ok().and_then(|text| Client::parse(&text).ok());
        match (client, from) {
            (None, _) => unclear = true,
            (Some(client), ReversePath::Mailbox(sender)) => expected |= client.is(sender),
            (Some(_), ReversePath::Null) => {}
        }
    }
    match (expected, unclear) {
        (true, _) => Expected::Yes,
        (false, true) => Expected::Unclear,
        (false, false) => Expected::No,
    }
}

/// Whether `case` is strict and certain that it does not expect `from`. No document is lost to a lost key: what cannot be told is
/// taken, and flagged.
pub(in crate::serve) fn refuses(at_rest: &AtRestKey, case: &Case, from: &ReversePath) -> bool {
    case.strict && verdict(at_rest, case, from) == Expected::No
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cases::CaseAddress, clock::Timestamp, envelope::Address};

    fn case(at_rest: &AtRestKey, clients: &[&str], strict: bool) -> Case {
        let address = CaseAddress::random();
        let seal = |client: &&str| at_rest.seal(&Case::client_context(&address), client.as_bytes());
        Case {
            label: None,
            staff: Vec::new(),
            clients: clients.iter().map(seal).collect(),
            strict,
            language: None,
            opened: Timestamp::from_millis(0),
            expires: None,
            closed: None,
            address,
        }
    }

    fn from(text: &str) -> ReversePath {
        ReversePath::Mailbox(Address::parse(text).unwrap())
    }

    #[test]
    fn a_case_expects_everybody_or_those_it_names() {
        let key = AtRestKey::new(&[7; 32]);
        let anybody = case(&key, &[], false);
        let both = case(&key, &["ana@example.com", "+1 555 123 4567"], true);
        for (case, from, expected) in [
            (&anybody, from("eve@example.com"), Expected::Yes),
            (&anybody, ReversePath::Null, Expected::Yes),
            (&both, from("Ana@example.com"), Expected::Yes),
            (&both, from("5551234567@mms.att.net"), Expected::Yes),
            (&both, from("eve@example.com"), Expected::No),
            (&both, ReversePath::Null, Expected::No),
        ] {
            assert_eq!(verdict(&key, case, &from), expected, "{}", case.clients.len());
            assert_eq!(refuses(&key, case, &from), expected == Expected::No);
        }
        let lenient = Case { strict: false, ..both };
        assert!(!refuses(&key, &lenient, &from("eve@example.com")));
    }

    #[test]
    fn a_lost_key_refuses_nobody() {
        let (old, new) = (AtRestKey::new(&[7; 32]), AtRestKey::new(&[8; 32]));
        let case = case(&old, &["ana@example.com"], true);
        assert_eq!(verdict(&new, &case, &from("eve@example.com")), Expected::Unclear);
        assert!(!refuses(&new, &case, &from("eve@example.com")));
    }
}
