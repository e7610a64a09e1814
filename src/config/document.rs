//! A TOML file that knows the line of each value, and reads values out of it in the words of the person who wrote it.
//!
//! Each key is named once, where it is read, with its default and its range beside it: what was never asked for is an
//! unknown key. Problems are gathered, so that one run names them all; a value that is wrong stands as its default until
//! [`Document::finish`] refuses the whole file. Never echoes the value of a key that may hold a secret.

use super::{
    ConfigError,
    units::{parse_duration, parse_size, show_duration, show_size},
};
use crate::nearest::suggestion;
use std::{
    cell::RefCell,
    fmt::Display,
    ops::{Range, RangeInclusive},
    path::{Path, PathBuf},
    time::Duration,
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// One configuration file while it is being read.
pub(super) struct Document<'t> {
    text: &'t str,
    /// As messages name it.
    file: &'t Path,
    /// The directory that relative paths start from.
    directory: &'t Path,
    table: DeTable<'t>,
    /// Byte offset (`usize::MAX`: something is missing) and what is wrong there.
    problems: RefCell<Vec<(usize, String)>>,
    /// Problems of other files that this one names, each a whole line.
    elsewhere: RefCell<Vec<String>>,
    /// Sections and keys that exist, as far as they were asked for.
    known: RefCell<Vec<(&'static str, Vec<&'static str>)>>,
}

/// One `[section]` of it; an absent one gives every default.
pub(super) struct Section<'d> {
    document: &'d Document<'d>,
    name: &'static str,
    table: Option<&'d Spanned<DeValue<'d>>>,
}

impl<'t> Document<'t> {
    /// Parses the syntax. Fails on what is not TOML.
    pub(super) fn parse(text: &'t str, file: &'t Path, directory: &'t Path) -> Result<Self, ConfigError> {
        match DeTable::parse(text) {
            Ok(table) => {
                let (problems, elsewhere, known) = Default::default();
                Ok(Self { text, file, directory, table: table.into_inner(), problems, elsewhere, known })
            }
            Err(error) => {
                let line = line_of(text, error.span().map_or(0, |span| span.start));
                let message = error.message().trim().replace('\n', "; ");
                Err(ConfigError(format!("{}:{line}: {message}", file.display())))
            }
        }
    }

    /// The section of this name.
    pub(super) fn section<'d>(&'d self, name: &'static str) -> Section<'d>
    where
        't: 'd,
    {
        self.known.borrow_mut().push((name, Vec::new()));
        let table = self.table.get(name);
        let section = Section { document: self, name, table };
        if let Some(value) = table.filter(|value| value.get_ref().as_table().is_none()) {
            self.complain(value.span(), format!("{name} is not a section; write [{name}] on a line of its own"));
        }
        section
    }

    /// Every section that was asked for, with its keys.
    #[cfg(test)]
    pub(super) fn known(&self) -> Vec<(&'static str, Vec<&'static str>)> {
        self.known.borrow().clone()
    }

    /// Fails if anything was wrong: one line for each problem, in the order of the file.
    pub(super) fn finish(&self) -> Result<(), ConfigError> {
        self.complain_about_unknown_keys();
        let mut problems = self.problems.borrow_mut();
        // A missing key is most often a misspelt one, which has its own line already.
        if problems.iter().any(|(at, _)| *at != usize::MAX) {
            problems.retain(|(at, _)| *at != usize::MAX);
        }
        problems.sort();
        let lines = problems.iter().map(|(at, text)| self.line(*at, text));
        let lines: Vec<String> = lines.chain(self.elsewhere.borrow().iter().cloned()).collect();
        if lines.is_empty() { Ok(()) } else { Err(ConfigError(lines.join("\n"))) }
    }

    fn line(&self, at: usize, text: &str) -> String {
        match at {
            usize::MAX => format!("{}: {text}", self.file.display()),
            at => format!("{}:{}: {text}", self.file.display(), line_of(self.text, at)),
        }
    }

    fn complain(&self, span: Range<usize>, text: String) {
        self.problems.borrow_mut().push((span.start, text));
    }

    fn complain_about_unknown_keys(&self) {
        let known = self.known.borrow();
        let sections: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        for (name, value) in &self.table {
            let Some((section, keys)) = known.iter().find(|(section, _)| *section == name.get_ref()) else {
                let mend = suggestion(name.get_ref(), &sections, "the sections are");
                self.complain(name.span(), format!("unknown section [{}]; {mend}", name.get_ref()));
                continue;
            };
            for (key, _) in value.get_ref().as_table().into_iter().flatten() {
                if !keys.contains(&key.get_ref().as_ref()) {
                    self.complain(key.span(), unknown_key(key.get_ref(), section, keys));
                }
            }
        }
    }
}

impl<'d> Section<'d> {
    fn value(&self, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        let mut known = self.document.known.borrow_mut();
        if let Some((_, keys)) = known.iter_mut().find(|(name, _)| *name == self.name)
            && !keys.contains(&key)
        {
            keys.push(key);
        }
        self.table?.get_ref().as_table()?.get(key)
    }

    /// Reports what is wrong with a key that was read: at its value, else at the section's head.
    pub(super) fn complain(&self, key: &'static str, text: impl Display) {
        match self.value(key).map(Spanned::span) {
            Some(span) => self.document.complain(span, format!("{key}: {text}")),
            None => self.missing(key, text),
        }
    }

    /// Reports problems of another file that a key names: whole lines, with file and line.
    pub(super) fn complain_elsewhere(&self, lines: Vec<String>) {
        self.document.elsewhere.borrow_mut().extend(lines);
    }

    /// Reports a key that must be there and is not.
    pub(super) fn missing(&self, key: &'static str, text: impl Display) {
        self.document.problems.borrow_mut().push((usize::MAX, format!("[{}] {key}: {text}", self.name)));
    }

    /// Reads a key with `read`; what is absent or wrong is `default`. `expected` ends "… is not".
    fn read<T>(
        &self,
        key: &'static str,
        default: T,
        expected: &str,
        read: impl FnOnce(&DeValue<'d>) -> Option<T>,
    ) -> T {
        let Some(value) = self.value(key) else { return default };
        read(value.get_ref()).unwrap_or_else(|| {
            self.complain(key, format!("{} is not {expected}", self.as_written(value)));
            default
        })
    }

    fn as_written(&self, value: &Spanned<DeValue<'d>>) -> String {
        match value.get_ref() {
            DeValue::String(text) => format!("{text:?}"),
            _ => self.document.text.get(value.span()).unwrap_or("this").lines().collect::<Vec<_>>().join(" "),
        }
    }

    /// Whether the file names this key, with something in it.
    pub(super) fn names(&self, key: &'static str) -> bool {
        self.value(key).is_some_and(|value| value.get_ref().as_str() != Some(""))
    }

    /// A text.
    pub(super) fn text(&self, key: &'static str, default: &str) -> String {
        let text = |value: &DeValue| value.as_str().map(|text| text.trim().to_owned());
        self.read(key, default.to_owned(), "a text; write it in quotes", text)
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, key: &'static str, default: bool) -> bool {
        self.read(key, default, "true or false, without quotes", DeValue::as_bool)
    }

    /// One of a few words; the first is the default.
    pub(super) fn choice<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> T {
        let names: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
        let chosen =
            |value: &DeValue| words.iter().find(|(word, _)| value.as_str() == Some(word)).map(|(_, chosen)| *chosen);
        self.read(key, words[0].1, &format!("one of {}", names.join(", ")), chosen)
    }

    /// A whole number.
    pub(super) fn number(&self, key: &'static str, default: u32, range: RangeInclusive<u32>) -> u32 {
        let number = |value: &DeValue| {
            let integer = value.as_integer()?;
            i64::from_str_radix(integer.as_str(), integer.radix()).ok()
        };
        let read = self.read(key, i64::from(default), "a whole number without quotes", number);
        // What does not fit is out of range, whichever way.
        let read = u32::try_from(read).unwrap_or(if read < 0 { 0 } else { u32::MAX });
        self.within(key, read, default, range, |n| n.to_string())
    }

    /// A whole number of things.
    pub(super) fn count(&self, key: &'static str, default: u32, range: RangeInclusive<u32>) -> usize {
        usize::try_from(self.number(key, default, range)).expect("32 bits fit a usize on every machine that runs this")
    }

    /// A size in bytes, from `50 MiB`.
    pub(super) fn size(&self, key: &'static str, default: u64, range: RangeInclusive<u64>) -> u64 {
        let size = |value: &DeValue| parse_size(value.as_str()?);
        let read = self.read(key, default, r#"a size; write it like "50 MiB""#, size);
        self.within(key, read, default, range, |bytes| format!("{:?}", show_size(*bytes)))
    }

    /// A time, from `90d`.
    pub(super) fn duration(&self, key: &'static str, default: Duration, range: RangeInclusive<Duration>) -> Duration {
        let duration = |value: &DeValue| parse_duration(value.as_str()?);
        let read = self.read(key, default, r#"a time; write it like "30s", "10m", "12h", "90d" or "6y""#, duration);
        self.within(key, read, default, range, |span| format!("{:?}", show_duration(*span)))
    }

    fn within<T: PartialOrd>(
        &self,
        key: &'static str,
        read: T,
        default: T,
        range: RangeInclusive<T>,
        show: impl Fn(&T) -> String,
    ) -> T {
        if range.contains(&read) {
            return read;
        }
        if let Some(value) = self.value(key) {
            let (low, high) = (show(range.start()), show(range.end()));
            self.complain(key, format!("{} is out of range; {low} to {high} can be set", self.as_written(value)));
        }
        default
    }

    /// A path, made absolute from the file's directory; `None` when it is empty.
    pub(super) fn path(&self, key: &'static str, default: &str) -> Option<PathBuf> {
        let path = self.text(key, default);
        (!path.is_empty()).then(|| self.document.directory.join(path))
    }

    /// A list of texts, each read by `read`. `expected` ends "… is not".
    pub(super) fn list<T>(
        &self,
        key: &'static str,
        default: &[&str],
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let Some(value) = self.value(key) else { return default.iter().filter_map(|text| read(text)).collect() };
        let Some(items) = value.get_ref().as_array() else {
            self.complain(key, format!("{} is not a list; write it like [{:?}]", self.as_written(value), "…"));
            return Vec::new();
        };
        let mut list = Vec::with_capacity(items.len());
        for item in items.iter() {
            match item.get_ref().as_str().and_then(|text| read(text.trim())) {
                Some(read) => list.push(read),
                None => {
                    let text = format!("{key}: {} is not {expected}", self.as_written(item));
                    self.document.complain(item.span(), text);
                }
            }
        }
        list
    }
}

/// The line, from 1, that byte `at` of `text` stands on.
fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

fn unknown_key(key: &str, section: &str, keys: &[&str]) -> String {
    let secret = ["password", "passphrase", "secret", "token"].iter().any(|word| key.contains(word));
    if secret && !keys.contains(&"password_file") {
        return format!(
            "{key:?} in [{section}]: no secret is written into this file, and none is needed in this section"
        );
    }
    if secret && strsim::levenshtein(key, "password_file") > 2 {
        return format!(
            "{key:?} in [{section}]: no secret is written into this file; put it into a file of its own that only the relay can \
             read, and name that file in password_file"
        );
    }
    format!("unknown key {key:?} in [{section}]; {}", suggestion(key, keys, "the keys there are"))
}
