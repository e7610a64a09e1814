//! `sealdrop case card`: the sheet for the client. Address in large letters, a QR code, how to send a photo, in the case's
//! language or, where it has none, in all. It tells nothing about the case but its address.

mod page;
mod words;

use super::{Failure, Globals, case::aloud, files, print};
use crate::control::{CaseRequest, CaseView, Data, Request};
use std::path::Path;
use words::{ALL, Words};

/// Makes the card: an HTML file, or text on stdout.
pub fn run(case: String, out: Option<&Path>, globals: &Globals) -> Result<(), Failure> {
    let Data::Case(case) = globals.ask_data(Request::Case(CaseRequest::Show { case }))? else {
        return Err(Failure::unexpected());
    };
    match out {
        None => print::out(&text(&case)),
        Some(path) => {
            files::write_new(path, 0o644, page::html(&case, &spoken(&case))?.as_bytes())?;
            print::out(&format!("the card is in {}: open it in a browser and print it\n", path.display()))
        }
    }
}

/// The languages of a case's card.
fn spoken(case: &CaseView) -> Vec<&'static Words> {
    let mut spoken: Vec<_> = ALL.iter().filter(|words| case.language.as_deref() == Some(words.code)).collect();
    if spoken.is_empty() {
        spoken.extend(&ALL);
    }
    spoken
}

/// The card as text.
fn text(case: &CaseView) -> String {
    let mut text = String::new();
    for words in spoken(case) {
        text.push_str(&format!("{}\n\n    {}\n\n", words.title, case.address));
        if words.code == "en" {
            text.push_str(&format!("    ({})\n\n", aloud(&case.address)));
        }
        for (number, step) in words.steps.iter().enumerate() {
            text.push_str(&format!("{}. {step}\n", number + 1));
        }
        text.push_str(&format!("\n{}\n{}\n\n", words.answer, words.private));
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{cases::CaseState, clock::Timestamp};

    pub fn a_case(language: Option<&str>) -> CaseView {
        CaseView {
            address: "river-tiger-42@in.example.org".to_owned(),
            state: CaseState::Open,
            label: Some("Moreno, housing".to_owned()),
            clients: vec!["ana@example.com".to_owned()],
            strict: false,
            staff: Vec::new(),
            language: language.map(str::to_owned),
            opened: Timestamp::from_millis(0),
            expires: None,
            closed: None,
            messages: 0,
            last_message: None,
        }
    }

    #[test]
    fn the_card_speaks_the_cases_language_or_all() {
        assert!(text(&a_case(Some("es"))).contains("Mande"));
        assert!(!text(&a_case(Some("es"))).contains("Send"));
        let both = text(&a_case(None));
        assert!(both.contains("Mande") && both.contains("Send"));
    }

    #[test]
    fn the_card_tells_the_address_and_nothing_else_of_the_case() {
        let html = page::html(&a_case(None), &spoken(&a_case(None))).unwrap();
        assert!(html.contains("<svg") && !html.contains("http://in.") && !html.contains("src="));
        for text in [text(&a_case(None)), html] {
            assert!(text.contains("river-tiger-42") && text.contains("@in.example.org"));
            assert!(!text.contains("Moreno") && !text.contains("ana@"));
        }
    }
}
