//! Finds the case that a client meant, forgiving one slip, never reaching another case.
//!
//! A slip is a letter or digit wrong, missing or too many, or two neighbours swapped: distance 1 in the optimal string
//! alignment, counted on letters and digits alone. What is itself an address with a right check digit is never bent.

use super::{
    CaseAddress,
    address::{LONGEST, bare},
};
use std::collections::{HashMap, hash_map::Entry};

/// What a typed local part stands for among the cases that were ever opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// The address of a case, as it is or with one slip mended.
    Case(CaseAddress),
    /// No case, or more than one that is as near.
    Unknown,
}

/// Finds the case that `typed` (a local part as it came) means. `known` are the addresses of all cases ever opened, open
/// or not: a slip that is as near to a closed case as to an open one is refused. Takes time with the number of cases;
/// [`Index`] gives the same answers without.
pub fn find<'a>(typed: &str, known: impl Iterator<Item = &'a CaseAddress>) -> Match {
    let Some(text) = bare(typed) else { return Match::Unknown };
    let exact = typed.parse::<CaseAddress>().ok();
    let meant = |address: &&CaseAddress| match &exact {
        Some(exact) => exact == *address,
        None => strsim::osa_distance(&text, &address.bare()) == 1,
    };
    let mut near = known.filter(meant);
    match near.next() {
        Some(first) if near.all(|other| other == first) => Match::Case(first.clone()),
        _ => Match::Unknown,
    }
}

/// Whether a new case may get `candidate`: so far from every known address that no slip of one can be taken for the other.
///
/// That is a Damerau-Levenshtein distance of 3 or more. The optimal string alignment, by which [`find`] goes, would not do:
/// in it `ca` and `abc` are 3 apart, and yet `ac` is one slip from both.
pub fn is_far_from_all<'a>(candidate: &CaseAddress, mut known: impl Iterator<Item = &'a CaseAddress>) -> bool {
    let candidate = candidate.bare();
    known.all(|address| strsim::damerau_levenshtein(&candidate, &address.bare()) >= 3)
}

/// All known addresses, for finding what a client meant in a time that depends on what was typed, not on what is known: the
/// same keys are looked up whether there is such a case or not. About 400 bytes a case.
#[derive(Clone, Debug, Default)]
pub struct Index {
    known: Vec<CaseAddress>,
    /// Each address as it is, and with a gap in place of each of its characters; the number of the address in `known`.
    numbers: HashMap<Key, u32>,
}

/// More than one address has this key.
const SEVERAL: u32 = u32::MAX;

impl Index {
    /// An index without addresses.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the address of a case; one that is there already changes nothing. An address is never removed: that of a closed
    /// case stays known.
    pub fn insert(&mut self, address: &CaseAddress) {
        let Some(text) = Typed::read(address.as_str()) else { return };
        let number = u32::try_from(self.known.len()).expect("there are fewer addresses than four thousand million");
        let Entry::Vacant(exact) = self.numbers.entry(text.whole()) else { return };
        exact.insert(number);
        self.known.push(address.clone());
        // Two addresses are never one slip apart, so that none should share a key; if two did, neither is found by it.
        for at in 0..text.length {
            self.numbers.entry(text.without(at).gap(at)).and_modify(|number| *number = SEVERAL).or_insert(number);
        }
    }

    /// How many addresses there are.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// What [`find`] finds.
    pub fn find(&self, typed: &str) -> Match {
        let Some(text) = Typed::read(typed) else { return Match::Unknown };
        let number = match typed.parse::<CaseAddress>() {
            Ok(_) => self.numbers.get(&text.whole()).copied(),
            Err(_) => self.near(&text),
        };
        let address = number.and_then(|number| self.known.get(usize::try_from(number).ok()?));
        address.map_or(Match::Unknown, |address| Match::Case(address.clone()))
    }

    /// The number of the only address that is one slip away, else `SEVERAL` or none. All keys are always looked up.
    fn near(&self, text: &Typed) -> Option<u32> {
        let wrong = (0..text.length).map(|at| text.without(at).gap(at));
        let missing = (0..=text.length).map(|at| text.gap(at));
        let too_many = (0..text.length).map(|at| text.without(at).whole());
        let swapped = (1..text.length).map(|at| text.swapped(at).whole());
        let keys = wrong.chain(missing).chain(too_many).chain(swapped);
        keys.filter_map(|key| self.numbers.get(&key).copied())
            .reduce(|found, other| if found == other { found } else { SEVERAL })
    }
}

impl<'a> FromIterator<&'a CaseAddress> for Index {
    fn from_iter<I: IntoIterator<Item = &'a CaseAddress>>(addresses: I) -> Self {
        let mut index = Self::new();
        addresses.into_iter().for_each(|address| index.insert(address));
        index
    }
}

/// Up to 15 characters of 6 bits; above them, in 5 bits, the place of a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key([u32; 3]);

/// The letters and digits of what was typed, as codes from 1 up.
#[derive(Clone, Copy)]
struct Typed {
    codes: [u8; LONGEST + 1],
    length: usize,
}

impl Typed {
    /// `None` for what is too long to be near an address.
    fn read(typed: &str) -> Option<Self> {
        let mut text = Self { codes: [0; LONGEST + 1], length: 0 };
        for c in bare(typed)?.bytes().filter(|byte| !is_continuation(*byte)) {
            text.codes[text.length] = match c {
                b'a'..=b'z' => c - b'a' + 1,
                b'0'..=b'9' => c - b'0' + 27,
                // Whatever else: in no address.
                _ => 37,
            };
            text.length += 1;
        }
        Some(text)
    }

    /// The same without the character at `at`.
    fn without(mut self, at: usize) -> Self {
        self.codes.copy_within(at + 1..self.length, at);
        self.length -= 1;
        self
    }

    /// The same with the characters before and at `at` swapped.
    fn swapped(mut self, at: usize) -> Self {
        self.codes.swap(at - 1, at);
        self
    }

    /// The key of this text.
    fn whole(&self) -> Key {
        self.key(0)
    }

    /// The key of any text that has one more character, standing at `at`.
    fn gap(&self, at: usize) -> Key {
        self.key(at + 1)
    }

    fn key(&self, gap: usize) -> Key {
        let codes = &self.codes[..self.length];
        // No code is 0, so that texts of different lengths differ, too.
        let packed = codes.iter().fold(0_u128, |packed, code| packed << 6 | u128::from(*code)) | (gap as u128) << 90;
        Key([packed as u32, (packed >> 32) as u32, (packed >> 64) as u32])
    }
}

/// Whether a byte of UTF-8 continues a character that began before it.
fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}
