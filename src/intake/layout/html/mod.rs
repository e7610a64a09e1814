//! HTML to readable plain text, in stream: the client's words out of a mail that has no plain text, the Content-IDs that it
//! refers to, and the files that it holds in `data:` links. Fetches nothing, runs nothing, and needs no tree: what mail programs write as HTML is seldom valid.
//! Keeps one tag, one entity and one link at a time, each bounded.

mod data;
mod entity;
mod page;
mod tag;

use super::words::Reading;
use data::Data;
use page::Page;
use tag::{Step, Tag, TagText};
use zeroize::Zeroizing;

/// Turns HTML into text whose lines end with `\n`.
pub(super) struct HtmlText {
    state: State,
    page: Page,
    tag: TagText,
    entity: Zeroizing<String>,
    /// Text that was not given away yet.
    text: Zeroizing<String>,
    /// text/enriched: line ends count, and parameters of commands are no text.
    enriched: bool,
}

/// Text is given away when this much of it is there. An entity, a break or a link adds no more than as much again.
const TEXT: usize = 2048;

/// What the next character belongs to.
enum State {
    Text,
    Tag,
    /// The content of a `data:` link within a tag; None when nobody wants it.
    Data(Option<Box<Data>>),
    Entity,
    /// Within `<!--`; how many dashes were last.
    Comment(usize),
    /// Within an element whose content is not text; how much of its end tag has been seen.
    Raw(&'static str, usize),
}

/// Elements whose content is not for reading.
const RAW: &[(&str, &str)] =
    &[("script", "</script"), ("style", "</style"), ("title", "</title"), ("template", "</template")];
/// The same of text/enriched (RFC 1896) and text/richtext (RFC 1341).
const ENRICHED_RAW: &[(&str, &str)] = &[("param", "</param"), ("comment", "</comment")];

impl HtmlText {
    pub(super) fn new() -> Self {
        Self {
            state: State::Text,
            page: Page::new(),
            tag: TagText::new(),
            entity: Zeroizing::new(String::with_capacity(entity::LONGEST)),
            text: Zeroizing::new(String::with_capacity(2 * TEXT)),
            enriched: false,
        }
    }

    /// For text/enriched and text/richtext, which are near enough to HTML.
    pub(super) fn enriched() -> Self {
        Self { page: Page::preformatted(), enriched: true, ..Self::new() }
    }

    /// Takes in the next characters; what they come to goes to `to`.
    pub(super) fn push(&mut self, html: &str, to: &mut impl Reading) {
        for c in html.chars() {
            self.step(c, to);
            if self.text.len() >= TEXT {
                self.give_text(to);
            }
        }
        self.give_text(to);
    }

    /// The HTML is over: what was begun and not ended is text after all, unless it is a tag.
    pub(super) fn finish(&mut self, to: &mut impl Reading) {
        match std::mem::replace(&mut self.state, State::Text) {
            State::Entity => self.end_entity(false),
            State::Data(Some(data)) => data.end(true, to),
            _ => {}
        }
        self.page.end_link(&mut self.text);
        self.page.finish(&mut self.text);
        self.give_text(to);
    }

    fn give_text(&mut self, to: &mut impl Reading) {
        to.text(&self.text);
        self.text.clear();
    }

    fn step(&mut self, c: char, to: &mut impl Reading) {
        match &mut self.state {
            State::Text if c == '<' => {
                self.tag.clear();
                self.state = State::Tag;
            }
            State::Text if c == '&' && !self.enriched => self.state = State::Entity,
            State::Text => self.page.character(c, &mut self.text),
            State::Tag => self.in_tag(c, to),
            State::Data(data) => match data {
                _ if self.tag.ends_value(c) => self.end_data(c, to),
                Some(data) => data.push(c, to),
                None => {}
            },
            State::Entity => self.in_entity(c, to),
            State::Comment(dashes) => {
                let ends = c == '>' && *dashes >= 2;
                let dashes = if c == '-' { *dashes + 1 } else { 0 };
                self.state = if ends { State::Text } else { State::Comment(dashes) };
            }
            State::Raw(end, seen) => {
                let (end, seen) = (*end, *seen);
                self.in_raw(c, end, seen);
            }
        }
    }

    fn in_tag(&mut self, c: char, to: &mut impl Reading) {
        if self.tag.is_empty() && !(c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            // `a < b` is no tag.
            self.state = State::Text;
            self.page.character('<', &mut self.text);
            // text/enriched writes `<` twice for one.
            if !(self.enriched && c == '<') {
                self.step(c, to);
            }
            return;
        }
        match self.tag.push(c) {
            Step::Ended => self.end_tag(to),
            Step::DataBegins => {
                self.give_text(to);
                let media_type = self.tag.data_type().unwrap_or_default();
                self.state = State::Data(Data::begin(media_type, to).map(Box::new));
            }
            Step::More if self.tag.is_comment() => self.state = State::Comment(0),
            Step::More => {}
        }
    }

    fn end_tag(&mut self, to: &mut impl Reading) {
        self.state = State::Text;
        let tag = self.tag.parse();
        tag.content_ids(|cid| to.content_id(cid));
        let raw = if self.enriched { ENRICHED_RAW } else { RAW };
        if let Some(&(_, end)) = raw.iter().find(|(name, _)| tag.opens(name)) {
            self.state = State::Raw(end, 0);
        }
        self.page.tag(&tag, &mut self.text);
    }

    /// The content of a `data:` link ends at `c`, which belongs to the tag.
    fn end_data(&mut self, c: char, to: &mut impl Reading) {
        if let State::Data(Some(data)) = std::mem::replace(&mut self.state, State::Tag) {
            data.end(false, to);
        }
        self.in_tag(c, to);
    }

    fn in_entity(&mut self, c: char, to: &mut impl Reading) {
        let continues = c.is_ascii_alphanumeric() || c == '#' && self.entity.is_empty();
        if continues && self.entity.len() < entity::LONGEST {
            self.entity.push(c);
            return;
        }
        let closed = c == ';' && !self.entity.is_empty();
        self.end_entity(closed);
        if !closed {
            self.step(c, to);
        }
    }

    fn end_entity(&mut self, closed: bool) {
        let out = &mut *self.text;
        self.state = State::Text;
        match entity::character(&self.entity) {
            Some(c) => self.page.character(c, out),
            None => {
                self.page.character('&', out);
                let semicolon = closed.then_some(';');
                self.entity.chars().chain(semicolon).for_each(|c| self.page.character(c, out));
            }
        }
        self.entity.clear();
    }

    fn in_raw(&mut self, c: char, end: &'static str, seen: usize) {
        let matches = end.as_bytes()[seen..].first().is_some_and(|&b| c.eq_ignore_ascii_case(&char::from(b)));
        let seen = if matches { seen + 1 } else { usize::from(c == '<') };
        self.state = State::Raw(end, seen);
        if seen == end.len() {
            // The rest up to `>` is an end tag like any other.
            self.tag.clear();
            end[1..].chars().for_each(|c| {
                self.tag.push(c);
            });
            self.state = State::Tag;
        }
    }
}

#[cfg(test)]
mod tests;
