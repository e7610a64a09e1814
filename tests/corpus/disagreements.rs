//! Where the relay and the manifest of the corpus disagree, each with its reason; `docs/corpus.md` has the same list.

/// Why they disagree. Each variant is checked by `replay`, so far as something is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// What the manifest takes for a document is plain words, and staff read them as such.
    Words,
    /// It is decoration by rule 5, which the manifest does not apply where only one reader could read the message.
    Decoration,
    /// A limit was reached: the rest is laid out in one piece, flagged and not counted. What is missing is in it.
    Limit,
    /// message/partial or message/external-body: laid out whole, flagged and not counted. What is missing is in it.
    Fragment,
    /// A sentence under a header that says base64: the manifest has what decoding it gives, we have the sentence.
    Prose,
    /// TNEF or yEnc holds more than the manifest's reader looked for. Nothing may be missing.
    More,
}

use Why::*;

#[rustfmt::skip]
pub const DISAGREEMENTS: &[(&str, Why)] = &[
    ("cpython/msg_15.txt", Prose),
    ("cpython/msg_17.txt", Words),
    ("cpython/msg_31.txt", Words),
    ("cpython/msg_36.txt", Fragment),
    ("derived/parts-20000.eml", Limit),
    ("flanker/enclosed-endless.eml", Limit),
    ("mail-mime-parser/m0021.txt", Decoration),
    ("mail-parser/rfc/001.eml", Fragment),
    ("mail-parser/thirdparty/009.eml", Fragment),
    ("mimekit/partial/rfc2046.0.eml", Prose),
    ("mimekit/partial/rfc2046.1.eml", Fragment),
    ("mimekit/partial/rfc2046.eml", Prose),
    ("mimekit/tnef/rich-text.eml", More),
    ("mimekit/yenc/00000021.ntx", More),
    ("mimekit/yenc/simple.msg", More),
];

/// The reason for a file, if it is in the table.
pub fn reason(file: &str) -> Option<Why> {
    DISAGREEMENTS.iter().find(|(name, _)| *name == file).map(|(_, why)| *why)
}

/// How the manifest and the layout call the same type, where they call it differently.
pub const TYPES: &[(&str, &str)] = &[
    ("image/heif", "image/heic"),
    // What a browser would run is renamed; an invitation is not to be answered by a mail program.
    ("text/html", "application/octet-stream"),
    ("text/calendar", "application/ics"),
    ("text/x-vcard", "text/vcard"),
    // The brand says 3GP.
    ("video/mp4", "video/3gpp"),
    // Its first entries are a Word document's.
    ("application/zip", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
];

#[test]
fn the_document_has_the_same_list() {
    let document = include_str!("../../docs/corpus.md");
    let listed = |heading: &str| {
        let section = document.split("\n## ").find(|section| section.starts_with(heading)).expect("the section");
        let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
        let rows = rows.filter(|(file, _)| file.contains('/') && !file.contains(' '));
        rows.map(|(file, rest)| (file.to_owned(), rest.split(' ').next().unwrap().to_owned())).collect::<Vec<_>>()
    };
    let table = DISAGREEMENTS.iter().map(|(file, why)| ((*file).to_owned(), format!("{why:?}").to_lowercase()));
    assert_eq!(listed("Disagreements"), table.collect::<Vec<_>>());
    let withheld = crate::replies::WITHHELD.iter().map(|(file, why)| ((*file).to_owned(), format!("{why:?}")));
    assert_eq!(listed("Not answered"), withheld.collect::<Vec<_>>());
}
