//! Reads one language's file: `name = text`, one a line. Every problem is named with its line and its mend, all of them at
//! once, in words for somebody who translates and does not program.

use super::{
    Problem,
    keys::{Counted, Form, Key, Placeholder, Sentence},
    letters,
    words::{FEW_TO, Words},
};
use crate::nearest::suggestion;
use std::{collections::BTreeMap, path::Path};

/// Characters of one text at most.
const LONGEST_TEXT: usize = 300;
/// The largest number that "few" may be said for.
const MOST_FEW: u32 = 99;

/// A file while it is read.
struct Reading<'a> {
    file: &'a Path,
    known: Vec<(Key, String)>,
    /// Text and line by key.
    texts: BTreeMap<Key, (String, usize)>,
    problems: Vec<(usize, String)>,
}

/// Reads a file whose language is `code`.
pub(super) fn parse(code: &str, file: &Path, text: &str) -> Result<Words, Vec<Problem>> {
    let mut reading = Reading { file, known: Key::all(), texts: BTreeMap::new(), problems: Vec::new() };
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        reading.line(number + 1, line.trim());
    }
    reading.check_missing();
    let few_to = reading.few_to();
    let texts = reading.texts.iter().map(|(key, (text, _))| (*key, text.clone())).collect();
    let file = (file != Path::new(code)).then(|| file.to_owned());
    let words = Words { code: code.to_owned(), file, texts, few_to };
    reading.check_first_lines(&words);
    reading.finish().map(|()| words)
}

impl Reading<'_> {
    fn complain(&mut self, line: usize, text: impl Into<String>) {
        self.problems.push((line, text.into()));
    }

    fn finish(mut self) -> Result<(), Vec<Problem>> {
        if self.problems.is_empty() {
            return Ok(());
        }
        self.problems.sort();
        let shown = self.file.display();
        Err(self
            .problems
            .iter()
            .map(|(line, text)| match line {
                0 => format!("{shown}: {text}"),
                line => format!("{shown}:{line}: {text}"),
            })
            .collect())
    }

    fn name(&self, key: Key) -> String {
        self.known.iter().find(|(known, _)| *known == key).map(|(_, name)| name.clone()).unwrap_or_default()
    }

    fn line(&mut self, number: usize, line: &str) {
        if line.is_empty() || line.starts_with('#') {
            return;
        }
        let Some((name, text)) = line.split_once('=') else {
            let mend = "write: name = text, all on one line; or begin the line with # if it is not to be read";
            return self.complain(number, format!("there is no \"=\"; {mend}"));
        };
        let (name, text) = (name.trim(), text.trim());
        let Some(key) = self.known.iter().find(|(_, known)| known == name).map(|(key, _)| *key) else {
            let names: Vec<&str> = self.known.iter().map(|(_, name)| name.as_str()).collect();
            let mend = suggestion(name, &names, "the names there are:");
            return self.complain(number, format!("unknown name {name:?}; {mend}"));
        };
        if let Some((_, first)) = self.texts.get(&key) {
            let text = format!("{name} stands on line {first} already; leave one of the two");
            return self.complain(number, text);
        }
        if key != Key::FewTo
            && let Err(wrong) = sound(key, text)
        {
            self.complain(number, format!("{name}: {wrong}"));
        }
        self.texts.insert(key, (text.to_owned(), number));
    }

    fn check_missing(&mut self) {
        let missing: Vec<String> = self
            .known
            .iter()
            .filter(|(key, _)| !key.is_optional() && !self.texts.contains_key(key))
            .map(|(_, name)| name.clone())
            .collect();
        // A missing text is most often a misspelt one, which has its own line already.
        if !missing.is_empty() && !self.problems.iter().any(|(_, text)| text.starts_with("unknown name")) {
            let mend = "add a line for each, as in the file that `sealdrop reply texts en` prints";
            self.complain(0, format!("missing: {}; {mend}", missing.join(", ")));
        }
    }

    fn few_to(&mut self) -> u32 {
        let Some((text, line)) = self.texts.remove(&Key::FewTo) else { return FEW_TO };
        let few = self.texts.keys().any(|key| matches!(key, Key::Counted(_, Form::Few)));
        if !few {
            self.complain(line, "few.to: no name ends in .few; leave this line out");
        }
        match text.parse() {
            Ok(number) if (2..=MOST_FEW).contains(&number) => number,
            _ => {
                let expected = format!("the largest number for which the .few texts are said, 2 to {MOST_FEW}");
                self.complain(line, format!("few.to: {text:?} is not {expected}, as in: few.to = 4"));
                FEW_TO
            }
        }
    }

    /// Every line that the relay can be forced to make fits into one text message, at the largest count.
    fn check_first_lines(&mut self, words: &Words) {
        let received = [Form::One, Form::Two, Form::Few, Form::Many].map(|form| Key::Counted(Counted::Received, form));
        let [thanks, see_below] = [Sentence::Thanks, Sentence::SeeBelow].map(Key::Sentence);
        let mut lines: Vec<Vec<Key>> = Vec::new();
        for key in received {
            lines.extend([vec![key, thanks], vec![key, see_below]]);
        }
        lines.extend([Sentence::Nothing, Sentence::Link].map(|key| vec![Key::Sentence(key)]));
        for keys in lines {
            let texts: Option<Vec<&str>> = keys.iter().map(|key| words.text(*key)).collect();
            let Some(texts) = texts else { continue };
            let line = texts.join(" ").replace("{n}", &u32::MAX.to_string());
            let (length, limit) = letters::measured(&line);
            if length > limit {
                let names: Vec<String> = keys.iter().map(|key| self.name(*key)).collect();
                let at = self.texts.get(&keys[0]).map_or(0, |(_, line)| *line);
                self.complain(at, too_long(&names.join(" and "), &line, length, limit));
            }
        }
    }
}

fn too_long(names: &str, line: &str, length: usize, limit: usize) -> String {
    let why = match letters::outside_gsm(line) {
        None => String::new(),
        Some(letter) => {
            format!(" because {letter:?} is not in the alphabet of plain text messages (with only such letters: 160)")
        }
    };
    format!(
        "{names}: {length} characters with the largest number, and the first line has room for {limit}{why}; shorten it"
    )
}

/// Whether a text may stand under this key.
fn sound(key: Key, text: &str) -> Result<(), String> {
    let length = text.chars().count();
    if text.is_empty() {
        return Err("there is no text; write it after the \"=\"".to_owned());
    }
    if length > LONGEST_TEXT {
        return Err(format!("{length} characters; shorten it to {LONGEST_TEXT}"));
    }
    if text.len() > 1 && text.starts_with('"') && text.ends_with('"') {
        return Err("it stands in quotes, which the client would read; leave them out".to_owned());
    }
    if let Some(c) = text.chars().find(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(c)) {
        return Err(format!("it holds the invisible character U+{:04X}; type the text anew", u32::from(c)));
    }
    if let Some(link) = text.split_whitespace().find(|word| is_link(word)) {
        return Err(format!("{link:?} looks like a link or an address; an answer has none, so leave it out"));
    }
    placeholders(key.placeholder(), text)
}

/// What telephones turn into something to tap: an address, or a name with dots that ends in letters.
fn is_link(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let lower = word.to_lowercase();
    let dotted = word.rsplit_once('.').is_some_and(|(before, end)| {
        before.ends_with(char::is_alphanumeric) && end.len() >= 2 && end.bytes().all(|b| b.is_ascii_alphabetic())
    });
    word.contains('@') || word.contains("://") || lower.starts_with("www.") || dotted
}

fn placeholders(expected: Placeholder, text: &str) -> Result<(), String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let end = rest[at..].find('}').map_or(rest.len(), |end| at + end + 1);
        found.push(&rest[at..end]);
        rest = &rest[end..];
    }
    let (name, least, most) = match expected {
        Placeholder::None => ("", 0, 0),
        Placeholder::Once(name) => (name, 1, 1),
        Placeholder::AtMostOnce(name) => (name, 0, 1),
    };
    if let Some(other) = found.iter().find(|other| **other != name) {
        let mend = if name.is_empty() { "it has none".to_owned() } else { format!("the one there is: {name}") };
        return Err(format!("{other:?} is no placeholder of this text; {mend}"));
    }
    match found.len() {
        0 if least == 1 => Err(format!("{name} is missing; put it where the number is to stand")),
        count if count > most => Err(format!("{name} stands there {count} times; once is enough")),
        _ => Ok(()),
    }
}
