//! The short mail that tells a client what came: a first line that is one text message, then notes.
//!
//! Several languages share the first line where they fit into one text message together, in full or else in brief ("see
//! below"). Where even that is too long, each has a line of its own, the first language first.

use super::{
    keys::{COUNTED, Counted, Sentence},
    letters,
    words::Words,
};
use crate::intake::{Trouble, Wrong};
use std::collections::{BTreeMap, BTreeSet};

/// What a client is to be told: numbers only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Documents of this message.
    pub documents: u32,
    /// Documents of earlier messages that were not confirmed yet.
    pub carried: u32,
    /// Parts of this message without content.
    pub empty: u32,
    /// A link came and no document.
    pub link_only: bool,
    /// What is wrong with documents of this message.
    pub troubles: Vec<Trouble>,
    /// Something in an earlier message that was not confirmed should be sent again.
    pub earlier: bool,
}

/// Subject and text of a confirmation.
#[derive(Debug, PartialEq, Eq)]
pub struct Confirmation {
    pub subject: String,
    /// Lines end in `\n`.
    pub text: String,
}

/// Writes a confirmation in all of these languages.
pub fn confirmation(told: &Told, languages: &[&Words]) -> Confirmation {
    let said: Vec<Said> = languages.iter().map(|words| Said::new(words, told)).collect();
    let (mut text, in_full) = first_lines(&said);
    for (said, in_full) in said.iter().zip(in_full) {
        text.push('\n');
        for note in said.notes(told, in_full) {
            text.push_str(&note);
            text.push('\n');
        }
    }
    let subjects: Vec<&str> = languages.iter().map(|words| words.sentence(Sentence::Subject)).collect();
    Confirmation { subject: subjects.join(" / "), text }
}

/// The first line or lines, and for each language whether all that is wrong is said there.
fn first_lines(said: &[Said]) -> (String, Vec<bool>) {
    for in_full in [true, false] {
        let together = said.iter().map(|said| said.line(in_full)).collect::<Vec<_>>().join(" / ");
        // What must be read apart (`about`) is never said in the first line.
        if letters::fits(&together) && (!in_full || said.iter().all(Said::may_be_full)) {
            return (together + "\n", vec![in_full; said.len()]);
        }
    }
    let in_full: Vec<bool> = said.iter().map(|said| said.may_be_full() && letters::fits(&said.line(true))).collect();
    let lines = said.iter().zip(&in_full).map(|(said, in_full)| said.line(*in_full) + "\n");
    (lines.collect(), in_full)
}

/// What is said in one language.
struct Said<'w> {
    words: &'w Words,
    /// How many came.
    came: String,
    /// What is wrong, a sentence each.
    wrong: Vec<String>,
    /// Something came, so that "see below" or "thank you" follows.
    something: bool,
    /// The sentences speak of the last message alone, while `came` counts earlier ones in.
    about_last: bool,
    /// A sentence names documents by number.
    numbers: bool,
}

impl<'w> Said<'w> {
    fn new(words: &'w Words, told: &Told) -> Self {
        let total = told.documents.saturating_add(told.carried);
        let came = match total {
            0 if told.link_only => words.sentence(Sentence::Link).to_owned(),
            0 => words.sentence(Sentence::Nothing).to_owned(),
            n => words.counted(Counted::Received, n).replace("{n}", &n.to_string()),
        };
        let alone = told.documents <= 1;
        let mut wrong = Vec::new();
        if told.documents == 0 && told.carried > 0 {
            wrong.push(words.sentence(Sentence::LastHadNone).to_owned());
        }
        wrong.extend(troubles(words, &told.troubles, alone));
        if told.empty > 0 {
            wrong.push(words.sentence(Sentence::Empty).to_owned());
        }
        if told.earlier {
            wrong.push(words.sentence(Sentence::Earlier).to_owned());
        }
        let troubled = !told.troubles.is_empty();
        Self {
            words,
            came,
            wrong,
            something: total > 0,
            about_last: troubled && told.carried > 0,
            numbers: troubled && !alone,
        }
    }

    fn may_be_full(&self) -> bool {
        !self.about_last
    }

    /// The first line: with all that is wrong, or in brief.
    fn line(&self, in_full: bool) -> String {
        let mut line = self.came.clone();
        let more: Vec<&str> = match (self.wrong.is_empty(), in_full) {
            (true, _) if self.something => vec![self.words.sentence(Sentence::Thanks)],
            (false, true) => self.wrong.iter().map(String::as_str).collect(),
            (false, false) if self.something => vec![self.words.sentence(Sentence::SeeBelow)],
            _ => Vec::new(),
        };
        for sentence in more {
            line.push(' ');
            line.push_str(sentence);
        }
        line
    }

    fn notes(&self, told: &Told, in_full: bool) -> Vec<String> {
        let mut notes = Vec::new();
        let mut note = |applies: bool, key| {
            if applies {
                notes.push(self.words.sentence(key).to_owned());
            }
        };
        note(self.about_last, Sentence::AboutLast);
        if !in_full {
            notes.extend(self.wrong.iter().cloned());
        }
        let mut note = |applies: bool, key| {
            if applies {
                notes.push(self.words.sentence(key).to_owned());
            }
        };
        note(self.numbers, Sentence::Numbers);
        note(told.link_only, Sentence::NoLinks);
        note(told.documents == 0 && !told.link_only && told.empty == 0, Sentence::PleaseAttach);
        note(true, Sentence::Automatic);
        notes
    }
}

/// A sentence for each kind of trouble, the worst first. A document with several is named once.
fn troubles(words: &Words, troubles: &[Trouble], alone: bool) -> Vec<String> {
    let rank = |what: Wrong| COUNTED.iter().position(|(counted, _)| *counted == Counted::Wrong(what));
    let mut worst: BTreeMap<u32, Wrong> = BTreeMap::new();
    for trouble in troubles {
        let known = worst.entry(trouble.document).or_insert(trouble.what);
        if rank(trouble.what) < rank(*known) {
            *known = trouble.what;
        }
    }
    let mut sentences = Vec::new();
    for (counted, _) in COUNTED {
        let numbers: BTreeSet<u32> =
            worst.iter().filter(|(_, what)| Counted::Wrong(**what) == counted).map(|(number, _)| *number).collect();
        if numbers.is_empty() {
            continue;
        }
        if alone {
            // One document, whatever its number: the same bytes may have come twice.
            return vec![words.only(counted).to_owned()];
        }
        let which = numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let count = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        sentences.push(words.counted(counted, count).replace("{which}", &which));
    }
    sentences
}
