//! The address of a case, `word-word-NN`: made to be said aloud over a telephone. Never guesses: what is not an address with
//! a right check digit is none; forgiving is [`matching`](super::matching)'s work.
//!
//! # What the list and the check digit guarantee
//!
//! - One slip (a letter or digit wrong, missing, too many, or two neighbours swapped) never turns an address into another:
//!   the words' distances catch every slip of a letter, the check digit every wrong digit and the swap of both digits.
//! - The two words in the wrong order are always caught.
//! - One word taken for another of the list is caught nine times in ten. One decimal digit cannot do more.

use super::words::{LENGTHS, word, words};
use crate::chance;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Letters and digits of the longest address.
pub(super) const LONGEST: usize = 14;

/// The local part of a case's address in canonical form: two different words of the list and two digits, the last a check
/// digit. Read back case-insensitively, with `.`, `_`, `+`, a space or nothing in place of `-`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CaseAddress(String);

/// The text is not a case address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a case address: two words and two digits are expected, such as river-tiger-42")]
pub struct NotACaseAddress;

impl CaseAddress {
    /// A random address, one of about ten million. The caller makes sure that it is far enough from every other
    /// ([`is_far_from_all`](super::matching::is_far_from_all)).
    pub fn random() -> Self {
        let words = words();
        let first = chance::below(words.len());
        // Any word but the first.
        let second = (first + 1 + chance::below(words.len() - 1)) % words.len();
        let digit = u8::try_from(chance::below(10)).expect("less than ten");
        Self::of(words[first], words[second], digit)
    }

    fn of(first: &str, second: &str, digit: u8) -> Self {
        Self(format!("{first}-{second}-{digit}{}", check_digit(first, second, digit)))
    }

    /// The canonical text, `river-tiger-42`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How it is said aloud: `river, tiger, four, two`.
    pub fn spelled(&self) -> String {
        const DIGITS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
        let (words, digits) = self.0.split_at(self.0.len() - 2);
        let digits = digits.bytes().map(|digit| DIGITS[usize::from(digit - b'0')]);
        words.trim_end_matches('-').split('-').chain(digits).collect::<Vec<_>>().join(", ")
    }

    /// Its letters and digits alone, `rivertiger42`: at most [`LONGEST`].
    pub(super) fn bare(&self) -> String {
        self.0.replace('-', "")
    }
}

/// The letters and digits of `typed`, in lower case and without what may stand between them; any other character stays.
/// `None` for what is longer than an address with one letter too many.
pub(super) fn bare(typed: &str) -> Option<String> {
    let bare: String = typed
        .chars()
        .filter(|c| !matches!(c, '-' | '.' | '_' | '+' | ' '))
        .map(|c| c.to_ascii_lowercase())
        .take(LONGEST + 2)
        .collect();
    (bare.chars().count() <= LONGEST + 1).then_some(bare)
}

impl FromStr for CaseAddress {
    type Err = NotACaseAddress;

    fn from_str(text: &str) -> Result<Self, NotACaseAddress> {
        let bare = bare(text).filter(|bare| bare.is_ascii()).ok_or(NotACaseAddress)?;
        let (letters, digits) = bare.split_at_checked(bare.len().saturating_sub(2)).ok_or(NotACaseAddress)?;
        let &[digit @ b'0'..=b'9', check @ b'0'..=b'9'] = digits.as_bytes() else { return Err(NotACaseAddress) };
        let (first, second) = LENGTHS.filter_map(|at| two_words(letters, at)).next().ok_or(NotACaseAddress)?;
        let address = Self::of(first, second, digit - b'0');
        if address.0.as_bytes().last() == Some(&check) { Ok(address) } else { Err(NotACaseAddress) }
    }
}

/// The two words that `letters` is, cut at `at`. No other cut of the same letters gives two: the list sees to it.
fn two_words(letters: &str, at: usize) -> Option<(&'static str, &'static str)> {
    let (first, second) = letters.split_at_checked(at)?;
    let pair = (word(first)?, word(second)?);
    (pair.0 != pair.1).then_some(pair)
}

/// Damm's quasigroup (H. M. Damm, "Total anti-symmetrische Quasigruppen", 2004): each row and each column holds each digit
/// once, and `DAMM[s][a] = b` with `DAMM[s][b] = a` only when `a = b`.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// Chosen so that the example of the documents, `river-tiger-42`, is an address.
const START: u8 = 2;

/// The words choose a row of Damm's table, the first digit a column. The words in the other order choose another row, so
/// another check digit.
fn check_digit(first: &str, second: &str, digit: u8) -> u8 {
    let order = if first < second { 0 } else { 5 };
    let row = (START + residue(first) + residue(second) + order) % 10;
    DAMM[usize::from(row)][usize::from(digit)]
}

/// A word as one digit: the letters run through Damm's table.
fn residue(word: &str) -> u8 {
    word.bytes().fold(0, |row, letter| DAMM[usize::from(row)][usize::from((letter - b'a') % 10)])
}

impl fmt::Display for CaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<CaseAddress> for String {
    fn from(address: CaseAddress) -> Self {
        address.0
    }
}

impl TryFrom<String> for CaseAddress {
    type Error = NotACaseAddress;

    fn try_from(text: String) -> Result<Self, NotACaseAddress> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address(text: &str) -> CaseAddress {
        text.parse().unwrap_or_else(|_| panic!("{text}"))
    }

    #[test]
    fn reads_every_way_of_writing_it() {
        for way in [
            "river-tiger-42",
            "River-Tiger-42",
            "RIVER.TIGER.42",
            "river_tiger_42",
            "river+tiger+42",
            "river tiger 42",
            "rivertiger42",
            "river-tiger42",
            "RiverTiger-42",
            "river.tiger-4.2",
        ] {
            assert_eq!(address(way).as_str(), "river-tiger-42", "{way}");
        }
    }

    #[test]
    fn takes_nothing_else() {
        for other in [
            "",
            "4",
            "42",
            "river-42",
            "river-tiger",
            "river-tiger-4",
            "river-tiger-421",
            "tiger-river-42",
            "river-river-42",
            "postmaster",
            "abuse",
            "river-tiger-42+photos",
            "ríver-tiger-42",
            "river-tiger-٤٢",
            "river/tiger/42",
            "42-river-tiger",
            "river-tiger-42-river-tiger-42",
            "river-tigers-42",
            "é2",
            "\u{130}iver-tiger-42",
        ] {
            assert_eq!(other.parse::<CaseAddress>(), Err(NotACaseAddress), "{other}");
        }
    }

    #[test]
    fn is_said_aloud() {
        assert_eq!(address("river-tiger-42").spelled(), "river, tiger, four, two");
    }

    #[test]
    fn the_check_digit_is_built_as_it_says() {
        for row in DAMM {
            assert_eq!(row.iter().map(|digit| 1 << digit).sum::<u16>(), 1_023);
            for a in 0..10 {
                let b = row[a];
                assert!(usize::from(b) == a || usize::from(row[usize::from(b)]) != a, "a swap of {a} and {b} is seen");
            }
        }
        for column in 0..10 {
            assert_eq!(DAMM.iter().map(|row| 1 << row[column]).sum::<u16>(), 1_023);
        }
    }

    #[test]
    fn a_word_taken_for_another_is_mostly_caught() {
        let caught = |word: &&&str| check_digit(word, "tiger", 4) != check_digit("river", "tiger", 4);
        let share = words().iter().filter(caught).count() as f64 / words().len() as f64;
        assert!(share > 0.85, "{share}");
    }

    #[test]
    fn a_random_address_reads_back() {
        for random in (0..300).map(|_| CaseAddress::random()) {
            assert_eq!(address(random.as_str()), random);
            assert_eq!(address(&random.bare()), random);
            let json = serde_json::to_string(&random).unwrap();
            assert_eq!(serde_json::from_str::<CaseAddress>(&json).unwrap(), random);
        }
    }

    #[test]
    fn a_wrong_digit_or_a_swap_is_no_address() {
        for random in (0..300).map(|_| CaseAddress::random()) {
            let (words, digits) = random.as_str().split_at(random.as_str().len() - 2);
            for wrong in (0..100).map(|number| format!("{number:02}")) {
                let same = wrong.chars().zip(digits.chars()).filter(|(a, b)| a == b).count();
                let swap = wrong.chars().eq(digits.chars().rev());
                if same == 1 || (swap && same == 0) {
                    assert!(format!("{words}{wrong}").parse::<CaseAddress>().is_err(), "{random} {wrong}");
                }
            }
        }
    }

    #[test]
    fn words_in_the_wrong_order_are_no_address() {
        for random in (0..300).map(|_| CaseAddress::random()) {
            let parts: Vec<&str> = random.as_str().split('-').collect();
            let [first, second, digits] = parts[..] else { panic!("{random}") };
            assert!(format!("{second}-{first}-{digits}").parse::<CaseAddress>().is_err(), "{random}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_without_a_panic(text in ".{0,40}") {
            if let Ok(address) = text.parse::<CaseAddress>() {
                prop_assert_eq!(address.as_str().parse(), Ok(address.clone()));
            }
        }
    }
}
