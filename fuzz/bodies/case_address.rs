//! A local part from anybody: reading it never panics, it reads back as itself however it is written, one slip of it is never
//! another address, and the index answers as the plain search.

use sealdrop::cases::{
    CaseAddress,
    matching::{Index, Match, find},
};
use std::sync::LazyLock;

/// Cases of one day. Always the same, so that a finding can be repeated; some are near to each other, as a mistake or an
/// import from elsewhere may make them.
static KNOWN: LazyLock<Vec<CaseAddress>> = LazyLock::new(|| {
    let lines = include_str!("cases.txt").lines();
    lines.map(|line| line.parse().expect("the file holds addresses")).collect()
});
static INDEX: LazyLock<Index> = LazyLock::new(|| KNOWN.iter().collect());

/// What holds for any text.
pub fn holds(typed: &str) {
    let parsed = typed.parse::<CaseAddress>();
    let found = find(typed, KNOWN.iter());
    assert_eq!(INDEX.find(typed), found);
    if let Match::Case(case) = &found {
        assert!(KNOWN.contains(case), "only a case that is there is found");
        // Separators count for nothing, however many there are; an envelope's local part has at most 64 bytes.
        let letters = typed.chars().filter(|c| c.is_alphanumeric()).count();
        assert!(letters < 32, "nothing long is near an address");
    }
    let Ok(address) = parsed else { return };
    assert_eq!(found == Match::Case(address.clone()), KNOWN.contains(&address), "an address is never bent to another");
    reads_back(&address);
    slips_are_seen(&address);
}

fn reads_back(address: &CaseAddress) {
    let text = address.as_str();
    assert!(text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
    let parts: Vec<&str> = text.split('-').collect();
    assert!(parts.len() == 3 && parts[0] != parts[1] && parts[2].len() == 2, "{text}");
    for written in [text.to_owned(), text.to_ascii_uppercase(), text.replace('-', ""), text.replace('-', ".")] {
        assert_eq!(written.parse().as_ref(), Ok(address));
    }
    assert_eq!(serde_json::to_string(address).expect("it is text"), format!("\"{text}\""));
}

/// Every letter or digit left out, doubled, or swapped with its neighbour: the same address, or none.
fn slips_are_seen(address: &CaseAddress) {
    let text = address.as_str().replace('-', "");
    let same = |slip: String| {
        let other = slip.parse::<CaseAddress>();
        assert!(other.as_ref().is_ok_and(|other| other == address) || other.is_err(), "{address} read as {other:?}");
    };
    for at in 0..text.len() {
        same(format!("{}{}", &text[..at], &text[at + 1..]));
        same(format!("{}{}", &text[..=at], &text[at..]));
        if at + 1 < text.len() {
            let (a, b) = (&text[at..=at], &text[at + 1..at + 2]);
            same(format!("{}{b}{a}{}", &text[..at], &text[at + 2..]));
        }
    }
}
