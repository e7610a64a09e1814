//! A local part from anybody: reading it never panics, reads back as itself, and the index answers as the plain search.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sealdrop::cases::{
    CaseAddress,
    matching::{Index, Match, find},
};
use std::sync::LazyLock;

/// Cases of one day, among them one that is there for the fuzzer to come near to.
static KNOWN: LazyLock<Vec<CaseAddress>> = LazyLock::new(|| {
    let near = "river-tiger-42".parse().expect("the example of the documents is an address");
    (0..50).map(|_| CaseAddress::random()).chain([near]).collect()
});
static INDEX: LazyLock<Index> = LazyLock::new(|| KNOWN.iter().collect());

fuzz_target!(|typed: &str| {
    let parsed = typed.parse::<CaseAddress>();
    if let Ok(address) = &parsed {
        assert_eq!(address.as_str().parse().as_ref(), Ok(address));
    }
    let found = find(typed, KNOWN.iter());
    assert_eq!(INDEX.find(typed), found);
    if let (Ok(address), Match::Case(case)) = (parsed, found) {
        assert_eq!(address, case, "an address is never bent to another");
    }
});
