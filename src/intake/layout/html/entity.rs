//! Character references (HTML, section 13.5): the numeric ones, and those that mail in English and Spanish has.

use zeroize::Zeroize;

/// Characters of the longest reference that is looked at.
pub(super) const LONGEST: usize = 10;

#[rustfmt::skip]
const NAMED: &[(&str, char)] = &[
    ("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("nbsp", '\u{a0}'), ("aacute", 'á'),
    ("eacute", 'é'), ("iacute", 'í'), ("oacute", 'ó'), ("uacute", 'ú'), ("ntilde", 'ñ'), ("Aacute", 'Á'),
    ("Eacute", 'É'), ("Iacute", 'Í'), ("Oacute", 'Ó'), ("Uacute", 'Ú'), ("Ntilde", 'Ñ'), ("uuml", 'ü'), ("Uuml", 'Ü'),
    ("auml", 'ä'), ("ouml", 'ö'), ("szlig", 'ß'), ("iexcl", '¡'), ("iquest", '¿'), ("agrave", 'à'), ("egrave", 'è'),
    ("ecirc", 'ê'), ("ccedil", 'ç'), ("Ccedil", 'Ç'), ("atilde", 'ã'), ("otilde", 'õ'), ("ocirc", 'ô'), ("ordm", 'º'),
    ("ordf", 'ª'), ("deg", '°'), ("sect", '§'), ("copy", '©'), ("reg", '®'), ("trade", '™'), ("euro", '€'),
    ("pound", '£'), ("cent", '¢'), ("middot", '·'), ("bull", '•'), ("hellip", '…'), ("mdash", '—'), ("ndash", '–'),
    ("lsquo", '‘'), ("rsquo", '’'), ("ldquo", '“'), ("rdquo", '”'), ("laquo", '«'), ("raquo", '»'), ("times", '×'),
    ("frac12", '½'), ("ensp", ' '), ("emsp", ' '), ("thinsp", ' '), ("shy", '\u{ad}'), ("zwnj", '\u{200c}'),
    ("zwj", '\u{200d}'),
];

/// The character that `&name;` stands for.
pub(super) fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return code.ok().map(|code| char::from_u32(code).filter(|&c| c != '\0').unwrap_or('\u{fffd}'));
    }
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, c)| *c)
}

/// Wipes text of the client's that was needed for a moment.
pub(super) fn wipe(mut text: String) {
    text.zeroize();
}
