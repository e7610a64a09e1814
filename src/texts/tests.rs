//! What clients read, in every situation, and what a language's file may not be.

use super::{built_in_file, confirmation::*, file, is_code, letters, *};
use crate::intake::{Trouble, Wrong};

const WRONGS: [Wrong; 5] = [Wrong::CutOff, Wrong::Unreadable, Wrong::Thumbnail, Wrong::Blurred, Wrong::Locked];

fn told(documents: u32) -> Told {
    Told { documents, ..Told::default() }
}

fn trouble(document: u32, what: Wrong) -> Trouble {
    Trouble { document, what }
}

fn said_in(codes: &[&str], told: &Told) -> String {
    let texts = Texts::built_in();
    let words: Vec<&Words> = codes.iter().map(|code| texts.language(code).unwrap()).collect();
    confirmation(told, &words).text
}

fn first_line(codes: &[&str], told: &Told) -> String {
    said_in(codes, told).lines().next().unwrap().to_owned()
}

/// Situations of all kinds.
fn situations() -> Vec<Told> {
    let mut all = Vec::new();
    for documents in [0, 1, 2, 3, 5, 999, u32::MAX] {
        for carried in [0, 1, 7, u32::MAX] {
            for (empty, link_only, earlier) in [(0, false, false), (1, false, false), (0, true, false), (2, true, true)]
            {
                all.push(Told { documents, carried, empty, link_only, earlier, troubles: Vec::new() });
                let troubles = (1..=documents.min(32)).map(|n| trouble(n, WRONGS[n as usize % 5])).collect();
                all.push(Told { documents, carried, empty, link_only, earlier, troubles });
                let troubles = vec![trouble(2, Wrong::Blurred)];
                all.push(Told { documents, carried, empty, link_only, earlier, troubles });
            }
        }
    }
    all
}

#[test]
fn every_first_line_is_one_text_message_in_each_language_and_all_together() {
    for told in situations() {
        for codes in [&["en"][..], &["es"], &["en", "es"], &["es", "en"]] {
            let line = first_line(codes, &told);
            assert!(letters::fits(&line), "{codes:?}: {line}");
            assert_eq!(letters::outside_gsm(&line), None, "{line}");
        }
    }
}

#[test]
fn is_plain_and_without_a_link() {
    for told in situations() {
        let text = said_in(&["en", "es"], &told);
        assert!(!text.contains("://") && !text.contains('@') && !text.contains(['{', '}']), "{text}");
        assert!(text.is_ascii() || text.contains("respuesta automática"));
    }
}

#[test]
fn says_which_photo_is_bad_and_why() {
    let bad = |troubles: &[(u32, Wrong)], documents| Told {
        troubles: troubles.iter().map(|(document, what)| trouble(*document, *what)).collect(),
        ..told(documents)
    };
    let line = |told: &Told| first_line(&["en"], told);
    assert_eq!(line(&bad(&[(2, Wrong::Blurred)], 3)), "We got 3 files. Photo 2 is blurred, please send it again.");
    assert_eq!(line(&bad(&[(1, Wrong::Blurred)], 1)), "We got 1 file. It is blurred, please send it again.");
    assert_eq!(
        line(&bad(&[(4, Wrong::CutOff), (1, Wrong::Locked), (3, Wrong::CutOff)], 4)),
        "We got 4 files. Files 3, 4 are cut off, please send them again. File 1 needs a password, please send it without one."
    );
    // Several things wrong with one: the worst is said.
    assert_eq!(
        line(&bad(&[(2, Wrong::Blurred), (2, Wrong::Unreadable)], 2)),
        "We got 2 files. File 2 cannot be opened, please send it again."
    );
    let both = first_line(&["en", "es"], &bad(&[(2, Wrong::Blurred)], 3));
    let expected = "We got 3 files. Photo 2 is blurred, please send it again. / Recibimos 3 archivos. La foto 2 se ve \
                    borrosa, por favor mande otra.";
    assert_eq!(both, expected);
}

#[test]
fn what_does_not_fit_the_first_line_is_said_below() {
    let troubles = vec![trouble(1, Wrong::Blurred), trouble(2, Wrong::CutOff)];
    let text = said_in(&["en", "es"], &Told { troubles, ..told(5) });
    let (first, rest) = text.split_once('\n').unwrap();
    assert_eq!(
        first,
        "We got 5 files. Please send some again: see below. / Recibimos 5 archivos. Por favor mande algo otra vez: lea abajo."
    );
    for sentence in
        ["File 2 is cut off", "Photo 1 is blurred", "La foto 1 se ve borrosa", "The numbers count the files"]
    {
        assert!(rest.contains(sentence), "{sentence}: {text}");
    }
}

/// Numbers are those of the last message; what came before it is only counted.
#[test]
fn numbers_are_never_mixed_with_carried_documents() {
    let troubles = vec![trouble(2, Wrong::Blurred)];
    let text = said_in(&["en"], &Told { carried: 3, troubles, ..told(2) });
    let expected = "We got 5 files. Please send some again: see below.\n\nAbout your last message:\nPhoto 2 is blurred, please \
                    send it again.\nThe numbers count";
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn earlier_messages_are_not_forgotten() {
    let line = first_line(&["en"], &Told { carried: 2, ..told(0) });
    assert_eq!(line, "We got 2 files. Your last message had no photo or file in it.");
    let line = first_line(&["en"], &Told { earlier: true, ..told(1) });
    assert!(line.contains("Something in an earlier message did not come through"), "{line}");
}

/// The words as people read them, one file for each situation.
#[test]
fn says_what_the_golden_texts_say() {
    let both = &["en", "es"][..];
    let blurred = Told { troubles: vec![trouble(2, Wrong::Blurred)], ..told(3) };
    let many = Told { troubles: (1..=5).map(|n| trouble(n, WRONGS[n as usize % 5])).collect(), ..told(6) };
    for (name, told, codes) in [
        ("two", told(2), both),
        ("one", told(1), both),
        ("none", told(0), both),
        ("link", Told { link_only: true, ..told(0) }, both),
        ("empty", Told { empty: 1, ..told(0) }, both),
        ("some-empty", Told { empty: 1, ..told(3) }, both),
        ("only-carried", Told { carried: 2, ..told(0) }, both),
        ("one-es", told(1), &["es"]),
        ("none-en", told(0), &["en"]),
        ("blurred", blurred, both),
        ("all-troubles", many, both),
    ] {
        let texts = Texts::built_in();
        let words: Vec<&Words> = codes.iter().map(|code| texts.language(code).unwrap()).collect();
        let said = confirmation(&told, &words);
        let path = format!("{}/tests/golden/confirm-{name}.txt", env!("CARGO_MANIFEST_DIR"));
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(format!("Subject: {}\n\n{}", said.subject, said.text), golden, "{path}");
    }
}

// --------------------------------------------------------------------------------------------------- added languages

/// The English file, changed, as another language's.
fn changed(from: &str, to: &str) -> Result<Words, Vec<Problem>> {
    let english = built_in_file("en").unwrap();
    assert!(english.contains(from), "{from}");
    file::parse("xx", Path::new("texts/xx.txt"), &english.replacen(from, to, 1))
}

#[track_caller]
fn refused(from: &str, to: &str, expected: &str) {
    let problems = changed(from, to).unwrap_err().join("\n");
    assert!(problems.contains(expected), "{problems}");
}

#[test]
fn the_built_in_files_are_sound() {
    for (code, text) in BUILT_IN {
        let words = file::parse(code, Path::new(code), text).unwrap();
        assert_eq!((words.warning(), words.file()), (None, None));
    }
    assert_eq!(Texts::built_in().codes(), ["en", "es"]);
}

#[test]
fn a_broken_file_is_refused_with_line_and_mend() {
    refused("thanks = Thank you.", "thansk = Thank you.", "unknown name \"thansk\"; did you mean \"thanks\"?");
    refused("thanks = Thank you.", "", "texts/xx.txt: missing: thanks; add a line for each");
    refused("We got {n} files.", "We got files.", "received.many: {n} is missing");
    refused("We got {n} files.", "We got {n} of {n} files.", "{n} stands there 2 times");
    refused("We got 1 file.", "We got {name}.", "\"{name}\" is no placeholder of this text; the one there is: {n}");
    refused("It is blurred", "{which} is blurred", "\"{which}\" is no placeholder of this text; it has none");
    refused("thanks = Thank you.", "thanks: Thank you.", "there is no \"=\"");
    refused("thanks = Thank you.", "thanks =", "there is no text");
    refused("thanks = Thank you.", "thanks = \"Thank you.\"", "leave them out");
    refused("thanks = Thank you.", "thanks = Thank you.\nthanks = Thanks.", "already; leave one of the two");
    refused("Thank you.", "See www.example.org", "looks like a link");
    refused("Thank you.", "Write to help@example.org.", "looks like a link or an address");
    refused("Thank you.", "More on example.org.", "looks like a link");
    refused("Thank you.", "Thank \u{202e}you", "U+202E");
    refused("Thank you.", &"Thank you ".repeat(40), "shorten it to 300");
    let line = built_in_file("en").unwrap().lines().position(|line| line.starts_with("thanks")).unwrap() + 1;
    refused("thanks = ", "thnks = ", &format!("texts/xx.txt:{line}: unknown name"));
}

#[test]
fn the_first_line_fits_with_the_largest_count() {
    let long = "x".repeat(160 - "We got 1 file. ".len());
    assert!(changed("Thank you.", &long[.."We got 4294967295 files. ".len()]).is_ok());
    refused(
        "Thank you.",
        &long,
        "received.many and thanks: 170 characters with the largest number, and the first line has room for 160; shorten it",
    );
    let other = "We got your message, but no photo or file came through. \u{e7}a, this is too long";
    refused(
        "We got your message, but no photo or file came through.",
        other,
        "room for 70 because 'ç' is not in the alphabet",
    );
}

#[test]
fn letters_beyond_the_plain_alphabet_are_taken_with_a_warning() {
    let words = changed("Thank you.", "\u{7684}").unwrap();
    let warning = words.warning().unwrap();
    assert!(warning.contains("'\u{7684}' in thanks") && warning.contains("70 characters instead of 160"), "{warning}");
    let english = Texts::built_in();
    let both = [&words, english.language("en").unwrap()];
    let text = confirmation(&told(2), &both).text;
    assert!(
        text.starts_with("We got 2 files. \u{7684} / We got 2 files. Thank you.\n"),
        "45 characters fit together: {text}"
    );
    let troubles = vec![trouble(1, Wrong::Blurred)];
    let text = confirmation(&Told { troubles, earlier: true, ..told(2) }, &both).text;
    assert!(text.lines().take(2).all(letters::fits), "{text}");
}

#[test]
fn counts_have_forms_where_a_language_needs_them() {
    let slavic = "received.two = {n} two\nreceived.few = {n} few\nfew.to = 4\nreceived.many =";
    let words = changed("received.many =", slavic).unwrap();
    let said = |count| confirmation(&told(count), &[&words]).text.lines().next().unwrap().to_owned();
    assert_eq!(said(1), "We got 1 file. Thank you.");
    assert_eq!(said(2), "2 two Thank you.");
    assert_eq!((said(3), said(4)), ("3 few Thank you.".to_owned(), "4 few Thank you.".to_owned()));
    assert_eq!(said(5), "We got 5 files. Thank you.");
    let few = changed("received.many =", "received.few = {n} few\nreceived.many =").unwrap();
    assert!(confirmation(&told(2), &[&few]).text.starts_with("2 few"));
    refused("received.many =", "few.to = 4\nreceived.many =", "no name ends in .few");
    refused("received.many =", "received.few = {n}\nfew.to = some\nreceived.many =", "few.to: \"some\" is not");
}

#[test]
fn files_are_read_from_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    let english = built_in_file("en").unwrap();
    put("fr.txt", &english.replace("Thank you.", "Merci."));
    put("es.txt", &format!("\u{feff}{}", english.replace('\n', "\r\n")));
    put("fr.txt~", "an editor's copy");
    put("README", "not read");
    let (texts, problems) = Texts::read(directory.path());
    assert_eq!(problems, Vec::<Problem>::new());
    assert_eq!(texts.codes(), ["en", "es", "fr"]);
    assert!(texts.language("es").unwrap().file().is_some(), "it replaces the built-in one");
    assert_eq!(texts.language("fr").unwrap().sentence(super::keys::Sentence::Thanks), "Merci.");
    put("French.txt", english);
    put("pt-br.txt", "subject = x");
    let (texts, problems) = Texts::read(directory.path());
    assert_eq!((texts.codes(), problems.len()), (vec!["en", "es", "fr"], 2));
    assert!(problems[0].contains("\"French\" is not a language's code; name it after"), "{problems:?}");
    let (_, problems) = Texts::read(&directory.path().join("none"));
    assert!(problems[0].contains("make the directory, or correct [client_reply] texts"), "{problems:?}");
}

#[test]
fn codes_are_those_of_languages() {
    assert!(["fr", "hat", "pt-br", "zh-hant"].iter().all(|code| is_code(code)));
    assert!(["", "f", "FR", "fr_FR", "fr-", "french", "../fr"].iter().all(|code| !is_code(code)));
}
