//! What clients read: fixed words in each language, one file a language, and the short mail that is made of them
//! (mail-rules, section 3). The two languages that the relay brings are files of the same form as those that an agency
//! adds: one mechanism, one check.
//!
//! Pure but for [`Texts::read`]. Nothing of the client's own, of the case or of the staff can get into a text: there is no
//! placeholder but for numbers.

mod confirmation;
mod file;
mod keys;
mod letters;
#[cfg(test)]
mod tests;
mod words;

use std::{fs, io, path::Path, sync::Arc};

pub use confirmation::{Confirmation, Told, confirmation};
pub use words::Words;

/// The languages that the relay brings: ISO 639-1 code and file.
const BUILT_IN: [(&str, &str); 2] = [("en", include_str!("en.txt")), ("es", include_str!("es.txt"))];
/// The longest file that is read, in bytes.
const LONGEST_FILE: u64 = 64 * 1024;

/// The reply texts in every language that there is. Clones share them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts(Arc<Vec<Words>>);

/// One line for a person: file, line, what is wrong and the mend.
pub type Problem = String;

impl Texts {
    /// The languages that the relay brings.
    pub fn built_in() -> Self {
        let words = BUILT_IN.iter().filter_map(|(code, text)| file::parse(code, Path::new(code), text).ok());
        Self(Arc::new(words.collect()))
    }

    /// Those, and one for each file `CODE.txt` in `directory`; a file of a language that the relay brings replaces it. Other
    /// files are left alone. The texts of a file with problems are left out.
    pub fn read(directory: &Path) -> (Self, Vec<Problem>) {
        let mut words = Self::built_in().0.to_vec();
        let mut problems = Vec::new();
        let mut files: Vec<_> = match fs::read_dir(directory) {
            Ok(entries) => entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect(),
            Err(error) => return (Self(Arc::new(words)), vec![no_directory(directory, &error)]),
        };
        files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
        files.sort();
        for path in files {
            match read_file(&path) {
                Ok(read) => {
                    words.retain(|known| known.code() != read.code());
                    words.push(read);
                }
                Err(found) => problems.extend(found),
            }
        }
        (Self(Arc::new(words)), problems)
    }

    /// The words of a language.
    pub fn language(&self, code: &str) -> Option<&Words> {
        self.0.iter().find(|words| words.code() == code)
    }

    /// Every language.
    pub fn all(&self) -> &[Words] {
        &self.0
    }

    /// The codes of all languages.
    pub fn codes(&self) -> Vec<&str> {
        self.0.iter().map(Words::code).collect()
    }

    /// The words in which one client is spoken to: their `language` alone if it is known, else those of `configured`.
    pub fn chosen(&self, language: Option<&str>, configured: &[String]) -> Vec<&Words> {
        if let Some(words) = language.and_then(|code| self.language(code)) {
            return vec![words];
        }
        let mut chosen: Vec<&Words> = configured.iter().filter_map(|code| self.language(code)).collect();
        if chosen.is_empty() {
            chosen.extend(self.0.first());
        }
        chosen
    }
}

/// The file of a language that the relay brings, to be translated.
pub fn built_in_file(code: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(built_in, _)| *built_in == code).map(|(_, text)| *text)
}

/// Whether `code` can name a language: ISO 639 and, where wanted, more after a dash (`pt`, `pt-br`, `zh-hant`).
pub fn is_code(code: &str) -> bool {
    let mut pieces = code.split('-');
    let first = pieces.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_lowercase())
        && code.len() <= 20
        && pieces.all(|piece| !piece.is_empty() && piece.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

fn read_file(path: &Path) -> Result<Words, Vec<Problem>> {
    let shown = path.display();
    let code = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if !is_code(code) {
        let mend = "name it after its language's code in small letters, such as fr.txt or pt-br.txt";
        return Err(vec![format!("{shown}: {code:?} is not a language's code; {mend}")]);
    }
    let text = read_text(path).map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::InvalidData => "it is not text in UTF-8, or longer than 64 KiB; save it as UTF-8".to_owned(),
            _ => format!("it cannot be read ({error}); see that the relay may read it"),
        };
        vec![format!("{shown}: {why}")]
    })?;
    file::parse(code, path, &text)
}

fn read_text(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > LONGEST_FILE {
        return Err(io::ErrorKind::InvalidData.into());
    }
    fs::read_to_string(path)
}

fn no_directory(directory: &Path, error: &io::Error) -> Problem {
    let shown = directory.display();
    format!(
        "{shown}: {error}; make the directory, or correct [client_reply] texts (empty: the built-in languages alone)"
    )
}
