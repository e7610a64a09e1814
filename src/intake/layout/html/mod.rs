//! HTML to readable plain text, in stream: the client's words out of a mail that has no plain text, and the Content-IDs
//! that it refers to. Fetches nothing, runs nothing, and needs no tree: what mail programs write as HTML is seldom valid.
//! Keeps one tag, one entity and one link at a time, each bounded.

mod entity;
mod page;
mod tag;

use super::classify::ContentIds;
use page::Page;
use tag::{Tag, TagText};
use zeroize::Zeroizing;

/// Turns HTML into text whose lines end with `\n`.
pub(super) struct HtmlText {
    state: State,
    page: Page,
    tag: TagText,
    entity: Zeroizing<String>,
}

/// What the next character belongs to.
enum State {
    Text,
    Tag,
    Entity,
    /// Within `<!--`; how many dashes were last.
    Comment(usize),
    /// Within an element whose content is not text; how much of its end tag has been seen.
    Raw(&'static str, usize),
}

/// Elements whose content is not for reading.
const RAW: &[(&str, &str)] =
    &[("script", "</script"), ("style", "</style"), ("title", "</title"), ("template", "</template")];

impl HtmlText {
    pub(super) fn new() -> Self {
        let entity = Zeroizing::new(String::with_capacity(entity::LONGEST));
        Self { state: State::Text, page: Page::new(), tag: TagText::new(), entity }
    }

    /// Takes in the next characters; appends text to `out` and the Content-IDs of pictures to `cids`.
    pub(super) fn push(&mut self, html: &str, cids: &mut ContentIds, out: &mut String) {
        for c in html.chars() {
            self.step(c, cids, out);
        }
    }

    /// The HTML is over: what was begun and not ended is text after all, unless it is a tag.
    pub(super) fn finish(&mut self, out: &mut String) {
        if matches!(self.state, State::Entity) {
            self.end_entity(false, out);
        }
        self.page.end_link(out);
        self.page.finish(out);
    }

    fn step(&mut self, c: char, cids: &mut ContentIds, out: &mut String) {
        match self.state {
            State::Text if c == '<' => {
                self.tag.clear();
                self.state = State::Tag;
            }
            State::Text if c == '&' => self.state = State::Entity,
            State::Text => self.page.character(c, out),
            State::Tag => self.in_tag(c, cids, out),
            State::Entity => self.in_entity(c, cids, out),
            State::Comment(dashes) => {
                let ends = c == '>' && dashes >= 2;
                let dashes = if c == '-' { dashes + 1 } else { 0 };
                self.state = if ends { State::Text } else { State::Comment(dashes) };
            }
            State::Raw(end, seen) => self.in_raw(c, end, seen),
        }
    }

    fn in_tag(&mut self, c: char, cids: &mut ContentIds, out: &mut String) {
        if self.tag.is_empty() && !(c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            // `a < b` is no tag.
            self.state = State::Text;
            self.page.character('<', out);
            self.step(c, cids, out);
        } else if self.tag.push(c) {
            self.state = State::Text;
            let tag = self.tag.parse();
            tag.content_ids(|cid| cids.add(cid));
            if let Some(&(_, end)) = RAW.iter().find(|(name, _)| tag.opens(name)) {
                self.state = State::Raw(end, 0);
            }
            self.page.tag(&tag, out);
        } else if self.tag.is_comment() {
            self.state = State::Comment(0);
        }
    }

    fn in_entity(&mut self, c: char, cids: &mut ContentIds, out: &mut String) {
        let continues = c.is_ascii_alphanumeric() || c == '#' && self.entity.is_empty();
        if continues && self.entity.len() < entity::LONGEST {
            self.entity.push(c);
            return;
        }
        let closed = c == ';' && !self.entity.is_empty();
        self.end_entity(closed, out);
        if !closed {
            self.step(c, cids, out);
        }
    }

    fn end_entity(&mut self, closed: bool, out: &mut String) {
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
