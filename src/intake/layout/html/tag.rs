//! One tag: where it ends, and what of it matters.

use zeroize::Zeroizing;

/// Bytes of a tag that are kept; a picture within a `data:` link is longer, and only its end is looked for.
const KEPT: usize = 4096;

/// A tag while it is read: what stands between `<` and `>`.
pub(super) struct TagText {
    text: Zeroizing<String>,
    quote: Option<char>,
    /// The last character that was not blank, to tell an attribute's quote from an apostrophe.
    last: char,
}

impl TagText {
    pub(super) fn new() -> Self {
        Self { text: Zeroizing::new(String::with_capacity(KEPT)), quote: None, last: ' ' }
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.quote = None;
        self.last = ' ';
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Takes in the next character; true when it ends the tag.
    pub(super) fn push(&mut self, c: char) -> bool {
        match self.quote {
            Some(quote) if c == quote => self.quote = None,
            Some(_) => {}
            None if c == '>' => return true,
            None if matches!(c, '"' | '\'') && self.last == '=' => self.quote = Some(c),
            None => {}
        }
        if !c.is_whitespace() {
            self.last = c;
        }
        if self.text.len() + c.len_utf8() <= KEPT {
            self.text.push(c);
        }
        false
    }

    pub(super) fn is_comment(&self) -> bool {
        *self.text == "!--"
    }

    pub(super) fn parse(&self) -> Tag<'_> {
        let (closing, rest) = match self.text.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, self.text.as_str()),
        };
        let end = rest.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(rest.len());
        Tag { closing, name: &rest[..end], attributes: &rest[end..] }
    }
}

/// A whole tag.
pub(super) struct Tag<'a> {
    pub(super) closing: bool,
    name: &'a str,
    attributes: &'a str,
}

impl Tag<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    pub(super) fn is_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.is(name))
    }

    pub(super) fn opens(&self, name: &str) -> bool {
        !self.closing && self.is(name)
    }

    /// The value of an attribute, without quotes; entities stay as they are.
    pub(super) fn attribute(&self, wanted: &str) -> Option<&str> {
        let mut rest = self.attributes.trim_start();
        while !rest.is_empty() {
            let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let Some(value) = after.trim_start().strip_prefix('=') else {
                rest = after.trim_start();
                continue;
            };
            let (value, after) = divide(value.trim_start());
            if name.trim_start_matches('/').eq_ignore_ascii_case(wanted) {
                return Some(value);
            }
            rest = after.trim_start();
        }
        None
    }

    /// Calls `found` with each Content-ID (RFC 2392) that an attribute refers to.
    pub(super) fn content_ids(&self, mut found: impl FnMut(&str)) {
        for name in ["src", "background"] {
            let value = self.attribute(name).unwrap_or_default();
            if let Some((scheme, cid)) = value.split_once(':')
                && scheme.trim().eq_ignore_ascii_case("cid")
            {
                found(cid);
            }
        }
    }
}

/// An attribute's value, and what follows it.
fn divide(text: &str) -> (&str, &str) {
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => text[1..].split_once(quote).unwrap_or((&text[1..], "")),
        _ => text.split_at(text.find(char::is_whitespace).unwrap_or(text.len())),
    }
}
