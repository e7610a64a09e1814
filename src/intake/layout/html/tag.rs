//! One tag: where it ends, and what of it matters.

use zeroize::Zeroizing;

/// Bytes of a tag that are kept; the content of a `data:` link is never among them.
const KEPT: usize = 4096;
/// Bytes of a `data:` link before its content.
const LONGEST_DATA_HEAD: usize = 160;

/// A tag while it is read: what stands between `<` and `>`.
pub(super) struct TagText {
    text: Zeroizing<String>,
    quote: Option<char>,
    /// The last character that was not blank, to tell an attribute's quote from an apostrophe.
    last: char,
    /// Where in the text the value of an attribute began last.
    value: usize,
}

/// What the next character of a tag comes to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    More,
    /// It ends the tag.
    Ended,
    /// It ends the head of a `data:` link (RFC 2397) whose base64 follows.
    DataBegins,
}

impl TagText {
    pub(super) fn new() -> Self {
        Self { text: Zeroizing::new(String::with_capacity(KEPT)), quote: None, last: ' ', value: 0 }
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.quote = None;
        self.last = ' ';
        self.value = 0;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Takes in the next character.
    pub(super) fn push(&mut self, c: char) -> Step {
        match self.quote {
            Some(quote) if c == quote => self.quote = None,
            Some(_) => {}
            None if c == '>' => return Step::Ended,
            None if matches!(c, '"' | '\'') && self.last == '=' => {
                self.quote = Some(c);
                self.value = self.text.len() + 1;
            }
            None if self.last == '=' && !c.is_whitespace() => self.value = self.text.len(),
            None => {}
        }
        if !c.is_whitespace() {
            self.last = c;
        }
        if self.text.len() + c.len_utf8() <= KEPT {
            self.text.push(c);
        }
        if c == ',' && self.data_type().is_some() { Step::DataBegins } else { Step::More }
    }

    /// The media type of the `data:` link whose head the value that was begun last is: `data:image/png;base64,`.
    pub(super) fn data_type(&self) -> Option<&str> {
        let value = self.text.get(self.value..).filter(|value| self.value > 0 && value.len() <= LONGEST_DATA_HEAD)?;
        let (scheme, rest) =
            value.trim_start().split_once(':').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("data"))?;
        let (head, encoding) = rest.strip_suffix(',')?.rsplit_once(';')?;
        let media_type = head.split(';').next().unwrap_or_default();
        (!scheme.is_empty() && encoding.trim().eq_ignore_ascii_case("base64")).then_some(media_type)
    }

    /// Whether this character ends the value that was begun last.
    pub(super) fn ends_value(&self, c: char) -> bool {
        match self.quote {
            Some(quote) => c == quote,
            None => c.is_whitespace() || c == '>',
        }
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
