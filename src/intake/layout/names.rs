//! Names: those that the relay makes for documents, and the sender's own, cleaned for people to read.
//! The sender's name for a file is data: it never becomes the name of anything (path traversal, right-to-left override,
//! double extensions).

use std::fmt;
use zeroize::Zeroizing;

/// Characters that are shown of a name or field of the sender's.
pub(super) const SHOWN: usize = 80;

/// The name of a document in the layout, `01-photo.jpg`: made of a number and words of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SafeName {
    number: u32,
    noun: &'static str,
    extension: &'static str,
}

impl SafeName {
    pub(super) fn new(number: u32, noun: &'static str, extension: &'static str) -> Self {
        Self { number, noun, extension }
    }

    pub(super) fn number(&self) -> u32 {
        self.number
    }
}

impl fmt::Display for SafeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{}.{}", self.number, self.noun, self.extension)
    }
}

/// The sender's name for a file as it may be shown: without directories, and cleaned like any [`shown`] text.
pub(super) fn shown_name(name: &str) -> Zeroizing<String> {
    let last = name.trim_end_matches(is_separator).rsplit(is_separator).next().unwrap_or_default();
    shown(last, SHOWN)
}

/// Text of the sender's on one line of at most `most` characters, without characters that could deceive: controls, format
/// characters that reverse or hide text, line breaks. What is too long loses its middle, so that an extension stays.
pub(super) fn shown(text: &str, most: usize) -> Zeroizing<String> {
    // Never more than four bytes a character: the string does not grow and leave a copy behind.
    let mut clean = Zeroizing::new(String::with_capacity(4 * most));
    let harmless = || {
        let spaced = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
        spaced.filter(|&c| !is_deceptive(c) && !is_separator(c))
    };
    let count = harmless().count();
    if count <= most {
        clean.extend(harmless());
    } else {
        let tail = most / 4;
        clean.extend(harmless().take(most - tail - 1));
        clean.push('\u{2026}');
        clean.extend(harmless().skip(count - tail));
    }
    clean
}

/// The extension of a name, in lower case: what follows its last dot, at most 8 letters or digits. Dots and blanks at the end
/// do not count, nor characters that cannot be seen: some systems drop them, and the extension is what is before them.
pub(super) fn extension(name: &str) -> Option<String> {
    // As long as the name: it does not grow and leave a copy behind.
    let mut visible = Zeroizing::new(String::with_capacity(name.len()));
    visible.extend(name.chars().filter(|&c| !is_deceptive(c)));
    let name = visible.trim_end_matches(|c: char| c.is_whitespace() || c == '.');
    // A stream of a file (NTFS): `a.exe::$DATA` is `a.exe`.
    let name = name.split_once("::").map_or(name, |(file, _)| file);
    let (_, extension) = name.rsplit_once('.')?;
    let plausible = (1..=8).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    plausible.then(|| extension.to_ascii_lowercase())
}

/// Characters by which some system or other divides paths.
fn is_separator(c: char) -> bool {
    matches!(c, '/' | '\\' | '\u{2044}' | '\u{2215}' | '\u{29f8}' | '\u{ff0f}' | '\u{ff3c}')
}

/// Controls, and what turns the direction of text or cannot be seen (Trojan Source, CVE-2021-42574).
pub(super) fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shows_the_name_without_what_deceives() {
        assert_eq!(*shown_name("../../etc/passwd"), "passwd");
        assert_eq!(*shown_name("C:\\Users\\ana\\photo.jpg"), "photo.jpg");
        assert_eq!(*shown_name("photo\u{202e}gpj.exe"), "photogpj.exe");
        assert_eq!(*shown_name("a\r\nBcc: x@example.com"), "a  Bcc: x@example.com");
        assert_eq!(*shown_name("directory/"), "directory");
        assert_eq!(*shown_name(""), "");
    }

    #[test]
    fn keeps_the_extension_of_a_long_name() {
        let name = shown_name(&format!("{}.pdf", "x".repeat(500)));
        assert_eq!(name.chars().count(), SHOWN);
        assert!(name.ends_with(".pdf") && name.contains('\u{2026}'));
    }

    #[test]
    fn finds_extensions() {
        assert_eq!(extension("A.b.JPEG").as_deref(), Some("jpeg"));
        for program in
            ["a.exe", "a.jpg.exe", "a.EXE. . ", "a.e\u{200b}xe", "gpj.\u{202e}exe", "a.exe::$DATA", "a.exe\0"]
        {
            assert_eq!(extension(program).as_deref(), Some("exe"), "{program:?}");
        }
        assert_eq!(extension("no extension"), None);
        assert_eq!(extension("v1.0 (final copy)"), None);
        assert_eq!(SafeName::new(7, "photo", "jpg").to_string(), "07-photo.jpg");
    }

    proptest! {
        #[test]
        fn a_shown_name_is_harmless(name in any::<String>()) {
            let name = shown_name(&name);
            prop_assert!(name.chars().count() <= SHOWN);
            prop_assert!(!name.chars().any(|c| is_separator(c) || is_deceptive(c) || c.is_control()));
        }
    }
}
