//! What a slip reaches: the case meant, or nothing; and that the index answers as the plain search does.

use super::{
    CaseAddress,
    matching::{Index, Match, find, is_far_from_all},
};
use proptest::prelude::*;
use std::{collections::BTreeSet, sync::LazyLock};

const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyz0123456789";

/// So many addresses, each far from the others.
fn far_apart(count: usize) -> Vec<CaseAddress> {
    let mut known: Vec<CaseAddress> = Vec::new();
    while known.len() < count {
        let candidate = CaseAddress::random();
        if is_far_from_all(&candidate, known.iter()) {
            known.push(candidate);
        }
    }
    known
}

/// Every text one slip from `text` (letters and digits).
fn slips(text: &str) -> BTreeSet<String> {
    let mut slips = BTreeSet::new();
    for at in 0..=text.len() {
        let (head, tail) = text.split_at(at);
        slips.extend(ALPHABET.chars().map(|c| format!("{head}{c}{tail}")));
        let mut rest = tail.chars();
        if let Some(here) = rest.next() {
            slips.insert(format!("{head}{}", rest.as_str()));
            slips.extend(ALPHABET.chars().map(|c| format!("{head}{c}{}", rest.as_str())));
            if let Some(next) = rest.next() {
                slips.insert(format!("{head}{next}{here}{}", rest.as_str()));
            }
        }
    }
    slips.remove(text);
    slips
}

fn address(text: &str) -> CaseAddress {
    text.parse().unwrap()
}

/// The address with other digits (its words the same) whose first digit is `digit`.
fn sibling(of: &CaseAddress, digit: char) -> CaseAddress {
    let words = &of.as_str()[..of.as_str().len() - 2];
    let right = |check: &char| format!("{words}{digit}{check}").parse::<CaseAddress>().is_ok();
    let check = ('0'..='9').find(right).unwrap();
    address(&format!("{words}{digit}{check}"))
}

#[test]
fn every_slip_reaches_the_case_meant_and_no_slip_another() {
    let known = far_apart(80);
    let index: Index = known.iter().collect();
    for meant in &known[..10] {
        for slip in slips(&meant.bare()) {
            assert_eq!(slip.parse::<CaseAddress>().ok(), None, "a slip of {meant} is an address: {slip}");
            assert_eq!(index.find(&slip), Match::Case(meant.clone()), "{slip}");
        }
    }
    let meant = &known[0];
    for slip in slips(&meant.bare()) {
        assert_eq!(find(&slip, known.iter()), Match::Case(meant.clone()), "{slip}");
    }
}

#[test]
fn slips_in_the_way_people_write() {
    let known = [address("river-tiger-42")];
    let index: Index = known.iter().collect();
    let typed =
        ["river-tiger-42", "RIVER.TIGER_42", "river-tigre-42", "river-tigger-42", "rivr-tiger-42", "Rivertiger24"];
    let more =
        ["river-tiger-24", "river-tiger-4", "river-tiger-422", "ríver-tiger-42", "river+tiger+43", "river-tiger-42."];
    for typed in typed.into_iter().chain(more) {
        assert_eq!(find(typed, known.iter()), Match::Case(known[0].clone()), "{typed}");
        assert_eq!(index.find(typed), Match::Case(known[0].clone()), "{typed}");
    }
}

#[test]
fn what_is_nobodys_is_unknown() {
    let known = [address("river-tiger-42")];
    let index: Index = known.iter().collect();
    let others =
        ["", "postmaster", "abuse", "river", "42", "river-tigers-24", "tiger-river-42", "river-tiger-42+photos"];
    let sibling = sibling(&known[0], '5');
    let long = "river-tiger-42".repeat(20);
    for typed in others.into_iter().chain([sibling.as_str(), long.as_str(), "ríver-tíger-42"]) {
        assert_eq!(find(typed, known.iter()), Match::Unknown, "{typed}");
        assert_eq!(index.find(typed), Match::Unknown, "{typed}");
    }
    assert_eq!(Index::new().find("river-tiger-42"), Match::Unknown);
    assert!(Index::new().is_empty());
}

#[test]
fn two_cases_as_near_are_refused() {
    // Not far apart: as it would be if an older version had opened them.
    let first = address("river-tiger-42");
    let second = sibling(&first, '5');
    assert!(!is_far_from_all(&second, [&first].into_iter()));
    let between = format!("river-tiger-4{}", &second.as_str()[second.as_str().len() - 1..]);
    assert_eq!(find(&between, [&first].into_iter()), Match::Case(first.clone()));
    let both = [&first, &second];
    assert_eq!(find(&between, both.into_iter()), Match::Unknown);
    assert_eq!(both.into_iter().collect::<Index>().find(&between), Match::Unknown);
}

#[test]
fn an_address_twice_is_one_case() {
    let known = address("river-tiger-42");
    let twice = [&known, &known];
    let index: Index = twice.into_iter().collect();
    assert_eq!(index.len(), 1);
    for typed in ["river-tiger-42", "river-tiger-4"] {
        assert_eq!(index.find(typed), Match::Case(known.clone()));
        assert_eq!(find(typed, twice.into_iter()), Match::Case(known.clone()));
    }
}

#[test]
fn far_means_that_no_text_is_one_slip_from_both() {
    let known = far_apart(2);
    let [first, second] = &known[..] else { panic!("two were asked for") };
    assert_eq!(slips(&first.bare()).intersection(&slips(&second.bare())).count(), 0);
    let near = sibling(first, if first.as_str().contains('5') { '6' } else { '5' });
    assert_ne!(slips(&first.bare()).intersection(&slips(&near.bare())).count(), 0);
    assert!(!is_far_from_all(&near, [first].into_iter()));
    assert!(!is_far_from_all(first, [first].into_iter()));
}

/// Addresses that lie close together, so that ambiguity is frequent: few words, all digits.
static CROWD: LazyLock<Vec<CaseAddress>> = LazyLock::new(|| {
    let pairs = ["river-tiger-4", "tiger-river-4", "river-lemon-4", "cargo-carpet-4", "teacup-cargo-4"];
    let any = |pair: &&str| ('0'..='9').find_map(|check| format!("{pair}{check}").parse::<CaseAddress>().ok());
    let one_of_each = pairs.iter().filter_map(any);
    one_of_each.flat_map(|one| ('0'..='9').map(move |digit| sibling(&one, digit))).collect()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_index_answers_as_the_plain_search(
        picks in proptest::collection::vec(any::<prop::sample::Index>(), 1..12),
        meant in any::<prop::sample::Index>(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), "[a-z0-9é-]", 0..4_u8), 0..3),
    ) {
        let known: Vec<CaseAddress> = picks.iter().map(|pick| pick.get(&CROWD).clone()).collect();
        let mut typed: Vec<char> = meant.get(&CROWD).as_str().chars().collect();
        for (at, new, kind) in edits {
            let (at, new) = (at.index(typed.len() - 1), new.chars().next().unwrap());
            match kind {
                0 => typed[at] = new,
                1 => typed.insert(at, new),
                2 => { typed.remove(at); }
                _ => typed.swap(at, at + 1),
            }
        }
        let typed: String = typed.into_iter().collect();
        let index: Index = known.iter().collect();
        prop_assert_eq!(index.find(&typed), find(&typed, known.iter()), "{}", typed);
    }

    #[test]
    fn whatever_comes_is_answered(typed in ".{0,20}") {
        prop_assert_eq!(CROWD.iter().collect::<Index>().find(&typed), find(&typed, CROWD.iter()));
    }
}
