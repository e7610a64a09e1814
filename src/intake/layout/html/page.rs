//! The text side of a page: white space as a browser would collapse it, lines where blocks end, links with their target.

use super::{Tag, entity};
use zeroize::Zeroizing;

/// Bytes of a link's target and of its text that are kept to compare them.
const LINK: usize = 1024;

/// Elements that stand in lines of their own, and those that have a blank line around them.
const LINES: &[&str] = &[
    "address", "article", "aside", "body", "br", "center", "dd", "div", "dt", "fieldset", "figure", "footer", "form",
    "header", "li", "main", "nav", "option", "section", "tr",
];
const PARAGRAPHS: &[&str] =
    &["blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "table", "ul"];

/// Where the text stands.
pub(super) struct Page {
    /// Line ends to write before the next character: two make a blank line.
    breaks: usize,
    /// A space to write before the next character of the same line.
    space: bool,
    started: bool,
    /// Depth of `<pre>`, in which white space counts.
    preformatted: usize,
    link: Option<Link>,
}

/// An open `<a href>`.
struct Link {
    target: Zeroizing<String>,
    text: Zeroizing<String>,
}

impl Page {
    pub(super) fn new() -> Self {
        Self { breaks: 0, space: false, started: false, preformatted: 0, link: None }
    }

    /// A page whose line ends count.
    pub(super) fn preformatted() -> Self {
        Self { preformatted: 1, ..Self::new() }
    }

    /// Writes one character of text.
    pub(super) fn character(&mut self, c: char, out: &mut String) {
        if self.preformatted > 0 && c == '\n' {
            out.push('\n');
        } else if c.is_whitespace() && !(self.preformatted > 0 && self.breaks == 0) {
            self.space = true;
        } else {
            self.catch_up(out);
            out.push(c);
            if let Some(link) = &mut self.link
                && link.text.len() + c.len_utf8() <= LINK
            {
                link.text.push(c);
            }
        }
    }

    /// Does what a tag asks for.
    pub(super) fn tag(&mut self, tag: &Tag, out: &mut String) {
        if tag.is_any(&["br", "nl"]) {
            self.breaks = (self.breaks + 1).min(2);
        } else if tag.is_any(LINES) {
            self.breaks = self.breaks.max(1);
        } else if tag.is_any(PARAGRAPHS) {
            self.breaks = 2;
        } else if tag.is_any(&["td", "th"]) {
            self.space = true;
        }
        if tag.is("pre") {
            let deeper = self.preformatted.saturating_add(1);
            self.preformatted = if tag.closing { self.preformatted.saturating_sub(1) } else { deeper };
        } else if tag.opens("li") {
            self.words("- ", out);
        } else if tag.opens("hr") {
            self.words("--------", out);
            self.breaks = 2;
        } else if tag.is("a") {
            self.end_link(out);
            self.link = tag.attribute("href").filter(|_| !tag.closing).map(Link::new);
        }
    }

    /// Writes the target of the open link behind its text when that says something else.
    pub(super) fn end_link(&mut self, out: &mut String) {
        if let Some(link) = self.link.take()
            && link.is_worth_showing()
        {
            self.space = false;
            self.words(" <", out);
            out.push_str(&link.target);
            out.push('>');
        }
    }

    /// Ends the last line.
    pub(super) fn finish(&mut self, out: &mut String) {
        if self.started {
            out.push('\n');
        }
    }

    fn words(&mut self, words: &str, out: &mut String) {
        self.catch_up(out);
        out.push_str(words);
    }

    /// Writes the line ends and spaces that are due; none at the start of the page.
    fn catch_up(&mut self, out: &mut String) {
        if self.started && self.breaks > 0 {
            (0..self.breaks).for_each(|_| out.push('\n'));
        } else if self.started && self.space {
            out.push(' ');
        }
        self.breaks = 0;
        self.space = false;
        self.started = true;
    }
}

impl Link {
    fn new(href: &str) -> Self {
        let mut target = Zeroizing::new(String::with_capacity(LINK));
        let usable = href.trim().replace("&amp;", "&");
        target.extend(usable.chars().filter(|c| !c.is_whitespace() && !c.is_control()).take(LINK / 4));
        entity::wipe(usable);
        Self { target, text: Zeroizing::new(String::with_capacity(LINK)) }
    }

    fn is_worth_showing(&self) -> bool {
        let scheme = self.target.split_once(':').map_or("", |(scheme, _)| scheme);
        let kinds = ["http", "https", "mailto", "tel"];
        kinds.iter().any(|kind| scheme.eq_ignore_ascii_case(kind)) && bare(&self.target) != bare(&self.text)
    }
}

/// An address without what people leave out.
fn bare(address: &str) -> Zeroizing<String> {
    let address = Zeroizing::new(address.trim().to_lowercase());
    let schemes = ["https://", "http://", "mailto:", "tel:"];
    let rest = schemes.iter().find_map(|scheme| address.strip_prefix(scheme)).unwrap_or(&address);
    Zeroizing::new(rest.trim_start_matches("www.").trim_end_matches('/').replace([' ', '-'], ""))
}
