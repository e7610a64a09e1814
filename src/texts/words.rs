//! The words of one language, complete and checked.

use super::{
    keys::{Counted, Form, Key, Sentence},
    letters,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The largest count for which "few" is said, where the file does not say.
pub const FEW_TO: u32 = 4;

/// The words of one language. Made only of a file without a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub(super) code: String,
    /// The file of an added language; None for one that the relay brings.
    pub(super) file: Option<PathBuf>,
    pub(super) texts: BTreeMap<Key, String>,
    pub(super) few_to: u32,
}

impl Words {
    /// Its language: an ISO 639 code in lower case.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The file that it was added by; None for one that the relay brings.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    pub(super) fn text(&self, key: Key) -> Option<&str> {
        self.texts.get(&key).map(String::as_str)
    }

    /// A text that is the same for every count.
    pub(super) fn sentence(&self, key: Sentence) -> &str {
        self.text(Key::Sentence(key)).unwrap_or_default()
    }

    /// The text for so many. 1 is "one"; 2 is "two" where there is one; what is larger, up to `few.to`, is "few" where there
    /// is one; all else is "many".
    pub(super) fn counted(&self, key: Counted, count: u32) -> &str {
        let wanted: &[Form] = match count {
            1 => &[Form::One],
            2 => &[Form::Two, Form::Few],
            count if count > 2 && count <= self.few_to => &[Form::Few],
            _ => &[],
        };
        let found = wanted.iter().find_map(|form| self.text(Key::Counted(key, *form)));
        found.or_else(|| self.text(Key::Counted(key, Form::Many))).unwrap_or_default()
    }

    /// The text for the only document.
    pub(super) fn only(&self, key: Counted) -> &str {
        self.text(Key::Counted(key, Form::Only)).unwrap_or_default()
    }

    /// The first letter that keeps first lines out of the GSM 7-bit alphabet, and the text that has it.
    pub fn outside_gsm(&self) -> Option<(char, String)> {
        Key::all().into_iter().filter(|(key, _)| key.is_in_first_line()).find_map(|(key, name)| {
            let text = self.text(key)?;
            letters::outside_gsm(text).map(|letter| (letter, name))
        })
    }

    /// What an admin should know of it: None when there is nothing.
    pub fn warning(&self) -> Option<String> {
        let (letter, name) = self.outside_gsm()?;
        Some(format!(
            "{}: {letter:?} in {name} is not in the alphabet of plain text messages (GSM 7-bit): a first line with it holds \
             {} characters instead of {}, and {0} stands on a line of its own where several languages are sent",
            self.code,
            letters::OTHER_LIMIT,
            letters::GSM_LIMIT,
        ))
    }
}
