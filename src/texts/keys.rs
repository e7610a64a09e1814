//! The names of all texts: what a file may and must hold, and where each may stand.

use crate::intake::Wrong;

/// A text that is the same for every count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sentence {
    Subject,
    Thanks,
    Nothing,
    Link,
    SeeBelow,
    Empty,
    LastHadNone,
    Earlier,
    AboutLast,
    Numbers,
    PleaseAttach,
    NoLinks,
    Automatic,
}

/// A text that has a form for each count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// `{n}` documents came.
    Received,
    /// Something is wrong with the documents `{which}`.
    Wrong(Wrong),
}

/// For which count a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// No number is said: one document came.
    Only,
    One,
    Two,
    Few,
    Many,
}

/// The name of one line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Sentence(Sentence),
    Counted(Counted, Form),
    /// The largest count for which the form "few" is said.
    FewTo,
}

pub const SENTENCES: [(Sentence, &str); 13] = [
    (Sentence::Subject, "subject"),
    (Sentence::Thanks, "thanks"),
    (Sentence::Nothing, "nothing"),
    (Sentence::Link, "link"),
    (Sentence::SeeBelow, "see_below"),
    (Sentence::Empty, "empty"),
    (Sentence::LastHadNone, "last_had_none"),
    (Sentence::Earlier, "earlier"),
    (Sentence::AboutLast, "about_last"),
    (Sentence::Numbers, "numbers"),
    (Sentence::PleaseAttach, "please_attach"),
    (Sentence::NoLinks, "no_links"),
    (Sentence::Automatic, "automatic"),
];

/// In the order in which a client is told: the worst first.
pub const COUNTED: [(Counted, &str); 6] = [
    (Counted::Received, "received"),
    (Counted::Wrong(Wrong::Unreadable), "unreadable"),
    (Counted::Wrong(Wrong::CutOff), "cut_off"),
    (Counted::Wrong(Wrong::Locked), "locked"),
    (Counted::Wrong(Wrong::Thumbnail), "thumbnail"),
    (Counted::Wrong(Wrong::Blurred), "blurred"),
];

const FORMS: [(Form, &str); 5] =
    [(Form::Only, "only"), (Form::One, "one"), (Form::Two, "two"), (Form::Few, "few"), (Form::Many, "many")];

/// How often a placeholder stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    None,
    Once(&'static str),
    AtMostOnce(&'static str),
}

impl Key {
    /// Every key that there is, with its name.
    pub fn all() -> Vec<(Self, String)> {
        let mut all: Vec<_> = SENTENCES.iter().map(|(key, name)| (Self::Sentence(*key), (*name).to_owned())).collect();
        for (counted, name) in COUNTED {
            for (form, called) in FORMS {
                if form != Form::Only || counted != Counted::Received {
                    all.push((Self::Counted(counted, form), format!("{name}.{called}")));
                }
            }
        }
        all.push((Self::FewTo, "few.to".to_owned()));
        all
    }

    /// Whether a language can do without it.
    pub fn is_optional(self) -> bool {
        matches!(self, Self::FewTo | Self::Counted(_, Form::Two | Form::Few))
    }

    /// Whether it may stand in the first line.
    pub fn is_in_first_line(self) -> bool {
        use Sentence::*;
        match self {
            Self::Counted(..) => true,
            Self::Sentence(of) => matches!(of, Thanks | Nothing | Link | SeeBelow | Empty | LastHadNone | Earlier),
            Self::FewTo => false,
        }
    }

    /// The placeholder of its text.
    pub fn placeholder(self) -> Placeholder {
        match self {
            Self::Counted(Counted::Received, Form::Few | Form::Many) => Placeholder::Once("{n}"),
            Self::Counted(Counted::Received, _) => Placeholder::AtMostOnce("{n}"),
            Self::Counted(Counted::Wrong(_), Form::Only) | Self::Sentence(_) | Self::FewTo => Placeholder::None,
            Self::Counted(Counted::Wrong(_), _) => Placeholder::Once("{which}"),
        }
    }
}
