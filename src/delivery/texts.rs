//! What a client is told, in every language: fixed words, and a count. Never anything of the client's own, of the case
//! or of the staff (mail-rules, section 3).
//!
//! The first line may be all that arrives on a telephone: it has at most 160 characters of the GSM 7-bit alphabet (3GPP
//! TS 23.038), in which Spanish has ñ, é and ü and no other accent.

use super::ConfirmFacts;

/// The words of one language.
struct Words {
    /// ISO 639-1.
    code: &'static str,
    subject: &'static str,
    /// First lines; `{n}` is the count.
    many: &'static str,
    one: &'static str,
    none: &'static str,
    link: &'static str,
    /// Notes after the first line.
    last_had_none: &'static str,
    please_attach: &'static str,
    no_links: &'static str,
    some_empty: &'static str,
    automatic: &'static str,
}

const LANGUAGES: &[Words] = &[
    Words {
        code: "en",
        subject: "We got your message",
        many: "We got {n} files. Thank you.",
        one: "We got 1 file. Thank you.",
        none: "We got your message, but no photo or file came through.",
        link: "We got a link, but no photo or file came through.",
        last_had_none: "Your last message had no photo or file in it.",
        please_attach: "Please send the photo as an attachment: write to the same address again and add the photo.",
        no_links: "We cannot open links. Please attach the photos themselves, a few at a time.",
        some_empty: "Something you sent was empty when it came. Please send it again.",
        automatic: "This is an automatic answer. Nobody reads replies to it.",
    },
    Words {
        code: "es",
        subject: "Recibimos su mensaje",
        many: "Recibimos {n} archivos. Gracias.",
        one: "Recibimos 1 archivo. Gracias.",
        none: "Recibimos su mensaje, pero sin fotos ni archivos.",
        link: "Recibimos un enlace, pero sin fotos ni archivos.",
        last_had_none: "Su último mensaje no traía fotos ni archivos.",
        please_attach: "Por favor, envíe la foto como archivo adjunto: escriba otra vez a la misma dirección y añada la foto.",
        no_links: "No podemos abrir enlaces. Por favor, adjunte las fotos mismas, unas pocas cada vez.",
        some_empty: "Algo de lo que envió llegó vacío. Por favor, envíelo otra vez.",
        automatic: "Esta es una respuesta automática. Nadie lee las respuestas a ella.",
    },
];

/// Subject and text of a confirmation.
#[derive(Debug, PartialEq, Eq)]
pub struct Confirmation {
    pub subject: String,
    /// Lines end in `\n`.
    pub text: String,
}

/// Writes a confirmation: in the case's language alone if we know it, else in all of `languages`. `carried` documents
/// came earlier and were not confirmed yet.
pub fn confirmation(facts: &ConfirmFacts, carried: u32, languages: &[String]) -> Confirmation {
    let words = chosen(facts, languages);
    let total = facts.documents.saturating_add(carried);
    let first_lines: Vec<String> = words.iter().map(|words| words.first_line(facts, total)).collect();
    let mut text = first_lines.join(" / ") + "\n";
    for words in &words {
        text.push('\n');
        for note in words.notes(facts, total) {
            text.push_str(note);
            text.push('\n');
        }
    }
    let subjects: Vec<&str> = words.iter().map(|words| words.subject).collect();
    Confirmation { subject: subjects.join(" / "), text }
}

fn chosen(facts: &ConfirmFacts, languages: &[String]) -> Vec<&'static Words> {
    let known = |code: &str| LANGUAGES.iter().find(|words| words.code == code);
    if let Some(words) = facts.language.as_ref().and_then(|language| known(&language.0)) {
        return vec![words];
    }
    let configured: Vec<&Words> = languages.iter().filter_map(|code| known(code)).collect();
    if configured.is_empty() { vec![&LANGUAGES[0]] } else { configured }
}

impl Words {
    fn first_line(&self, facts: &ConfirmFacts, total: u32) -> String {
        match total {
            0 if facts.link_only => self.link.to_owned(),
            0 => self.none.to_owned(),
            1 => self.one.to_owned(),
            n => self.many.replace("{n}", &n.to_string()),
        }
    }

    fn notes(&self, facts: &ConfirmFacts, total: u32) -> Vec<&'static str> {
        let nothing_came = facts.documents == 0;
        let notes = [
            (nothing_came && total > 0, self.last_had_none),
            (facts.link_only, self.no_links),
            (facts.empty > 0, self.some_empty),
            (nothing_came && !facts.link_only && facts.empty == 0, self.please_attach),
            (true, self.automatic),
        ];
        notes.into_iter().filter_map(|(applies, note)| applies.then_some(note)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::Language;

    /// The default alphabet, without its extension table (whose characters count twice).
    const GSM_7: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

    fn facts(documents: u32, empty: u32, link_only: bool, language: Option<&str>) -> ConfirmFacts {
        let language = language.map(|code| Language(code.to_owned()));
        let (to, case) = ("ana@example.org".to_owned(), "river-tiger-42".to_owned());
        ConfirmFacts { to, case, message_id: None, language, documents, empty, link_only }
    }

    fn both() -> Vec<String> {
        vec!["en".to_owned(), "es".to_owned()]
    }

    #[test]
    fn every_first_line_survives_as_one_text_message() {
        let languages = [None, Some("en"), Some("es"), Some("xx")];
        for language in languages {
            for documents in 0..=999 {
                for link_only in [false, true] {
                    let text = confirmation(&facts(documents, 1, link_only, language), 0, &both()).text;
                    let first = text.lines().next().unwrap();
                    assert!(first.chars().count() <= 160, "{first}");
                    assert!(first.chars().all(|c| GSM_7.contains(c)), "{first}");
                }
            }
        }
    }

    #[test]
    fn is_plain_short_and_without_a_link() {
        for empty in 0..2 {
            for link_only in [false, true] {
                let told = confirmation(&facts(0, empty, link_only, None), 3, &both());
                assert!(told.subject.is_ascii());
                assert!(told.text.lines().all(|line| line.chars().count() <= 160));
                assert!(!told.text.contains("://") && !told.text.contains("river") && !told.text.contains('@'));
            }
        }
    }

    #[test]
    fn carried_documents_are_counted_in() {
        let told = confirmation(&facts(1, 0, false, Some("en")), 2, &both());
        assert!(told.text.starts_with("We got 3 files. Thank you.\n"));
        let told = confirmation(&facts(0, 0, false, Some("en")), 1, &both());
        assert!(told.text.starts_with("We got 1 file. Thank you.\n\nYour last message had no photo"));
        let told = confirmation(&facts(u32::MAX, 0, false, Some("en")), 2, &both());
        assert!(told.text.starts_with("We got 4294967295 files."));
    }

    #[test]
    fn the_cases_language_goes_first_and_alone() {
        let told = confirmation(&facts(2, 0, false, Some("es")), 0, &both());
        assert_eq!(told.subject, "Recibimos su mensaje");
        let told = confirmation(&facts(2, 0, false, Some("fr")), 0, &[]);
        assert_eq!(told.subject, "We got your message");
    }

    #[test]
    fn every_language_of_the_configuration_has_its_words() {
        let codes: Vec<&str> = LANGUAGES.iter().map(|words| words.code).collect();
        assert_eq!(codes, crate::config::LANGUAGES);
    }

    /// The words as people read them, one file for each situation.
    #[test]
    fn says_what_the_golden_texts_say() {
        for (name, facts, carried) in [
            ("two", facts(2, 0, false, None), 0),
            ("one", facts(1, 0, false, None), 0),
            ("none", facts(0, 0, false, None), 0),
            ("link", facts(0, 0, true, None), 0),
            ("empty", facts(0, 1, false, None), 0),
            ("some-empty", facts(3, 1, false, None), 0),
            ("only-carried", facts(0, 0, false, None), 2),
            ("one-es", facts(1, 0, false, Some("es")), 0),
            ("none-en", facts(0, 0, false, Some("en")), 0),
        ] {
            let told = confirmation(&facts, carried, &both());
            let path = format!("{}/tests/golden/confirm-{name}.txt", env!("CARGO_MANIFEST_DIR"));
            let golden = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(format!("Subject: {}\n\n{}", told.subject, told.text), golden, "{path}");
        }
    }
}
