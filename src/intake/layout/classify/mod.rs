//! Document, body, machinery, decoration or nothing (mail-rules section 2): decided for each leaf from its head, its place
//! in the tree and its first bytes. In doubt it is a document. Pure; drops nothing: the original keeps it all.

use super::{
    names::extension,
    sniff::{Family, Format, pixels, sniff},
    tree::Place,
    writer::Flow,
};
use crate::{
    digest::{Digest, sha256},
    mime::{Disposition, Part},
};
use std::collections::HashSet;
use zeroize::Zeroizing;

/// Bytes of a part that are held back until its class is known.
pub(super) const WINDOW: usize = 32 * 1024;

/// What becomes of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// The client's words. Not `shown` when the same words were shown in a better form.
    Words {
        dialect: Dialect,
        shown: bool,
    },
    /// For programs, not for people.
    Machinery,
    /// Logos, lines, smileys.
    Decoration,
    /// Should have been a document, and has no bytes.
    Empty,
    Document(Format),
}

/// How words are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Plain,
    Html,
}

/// What is needed of a leaf's head. No Debug: names are the client's.
pub(super) struct Head {
    pub(super) media_type: String,
    pub(super) charset: Option<String>,
    disposition: Option<Disposition>,
    pub(super) name: Option<Zeroizing<String>>,
    content_id: Option<Zeroizing<String>>,
    content_location: Option<Zeroizing<String>>,
    pub(super) flow: Flow,
    /// S/MIME that is only signed, not encrypted.
    signed_only: bool,
    /// A multipart or a message that the reader gave whole, because it found no way into it or reached a limit.
    pub(super) undivided: bool,
}

impl Head {
    pub(super) fn of(part: Part) -> Self {
        let parameter = |name| part.headers.parameter("Content-Type", name).map(Zeroizing::new).unwrap_or_default();
        let says = |name, value: &str| parameter(name).trim().eq_ignore_ascii_case(value);
        let flow = match (says("format", "flowed"), says("delsp", "yes")) {
            (false, _) => Flow::Fixed,
            (true, false) => Flow::Flowed,
            (true, true) => Flow::FlowedDelSp,
        };
        let undivided = match part.media_type.as_str() {
            "message/rfc822" | "message/global" | "message/partial" => true,
            "application/ms-tnef" | "application/vnd.ms-tnef" => true,
            // Bytes that no header describes: what the reader gives when it finds no parts, or stops looking for them.
            "application/octet-stream" => !part.headers.has("Content-Type"),
            other => other.starts_with("multipart/"),
        };
        Self {
            flow,
            signed_only: says("smime-type", "signed-data") || says("smime-type", "certs-only"),
            undivided,
            media_type: part.media_type,
            charset: part.charset,
            disposition: part.disposition,
            name: part.name.map(Zeroizing::new).filter(|name| !name.trim().is_empty()),
            content_id: part.content_id.map(Zeroizing::new),
            content_location: part.content_location.map(Zeroizing::new),
        }
    }

    /// The sender's name for it came later than its head.
    pub(super) fn rename(&mut self, name: String) {
        self.name = Some(Zeroizing::new(name));
    }

    fn is(&self, media_types: &[&str]) -> bool {
        media_types.contains(&self.media_type.as_str())
    }

    fn extension(&self) -> Option<String> {
        self.name.as_deref().and_then(|name| extension(name))
    }

    /// Whether this leaf was encrypted by its sender, by what it claims.
    pub(super) fn claims_encryption(&self) -> bool {
        self.is(&["application/pgp-encrypted"])
            || self.is(&["application/pkcs7-mime", "application/x-pkcs7-mime"]) && !self.signed_only
    }

    /// What the sender calls it; some carriers (AT&T) name files in Content-Location alone.
    pub(super) fn called(&self) -> Option<&str> {
        self.name.as_ref().or(self.content_location.as_ref()).map(|name| name.as_str())
    }

    /// Whether other parts can refer to it.
    fn is_referable(&self) -> bool {
        self.content_id.is_some() || self.content_location.is_some()
    }

    /// Words, by its head: rule 2.
    fn dialect(&self) -> Option<Dialect> {
        if self.disposition == Some(Disposition::Attachment) {
            return None;
        }
        let by_type = match self.media_type.as_str() {
            "text/plain" => Some(Dialect::Plain),
            "text/html" => Some(Dialect::Html),
            _ => None,
        };
        if self.name.is_none() {
            return by_type;
        }
        match self.extension()?.as_str() {
            "txt" if self.is_referable() => Some(Dialect::Plain),
            "htm" | "html" if self.is_referable() => Some(Dialect::Html),
            _ => None,
        }
    }

    /// For programs: rule 3.
    fn is_machinery(&self, place: Place) -> bool {
        const MACHINERY: &[&str] = &[
            "application/pgp-encrypted",
            "application/pgp-signature",
            "application/pkcs7-signature",
            "application/smil",
            "application/smil+xml",
            "application/x-pkcs7-signature",
            "message/delivery-status",
            "message/disposition-notification",
            "message/global-delivery-status",
            "message/global-disposition-notification",
            "text/rfc822-headers",
            "text/watch-html",
            "text/x-amp-html",
        ];
        self.is(MACHINERY)
            || self.extension().as_deref() == Some("smil")
            || place.in_appledouble && self.is(&["application/applefile"])
    }

    /// A Content-ID of Outlook's, `image001.png@01D83D1A.CA67BD70`.
    fn has_outlook_id(&self) -> bool {
        let Some((name, rest)) = self.content_id.as_deref().and_then(|id| id.split_once('@')) else { return false };
        let hex = |text: &str| text.len() == 8 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let numbered = name.strip_prefix("image").and_then(|name| name.get(..3));
        numbered.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
            && rest.split_once('.').is_some_and(|(a, b)| hex(a) && hex(b))
    }
}

/// What becomes of a leaf that starts with `window`. `whole`: there are no more bytes.
pub(super) fn classify(head: &Head, place: Place, window: &[u8], whole: bool, cids: &ContentIds) -> Class {
    let format = sniff(window, head.called(), &head.media_type);
    let readable = format.family() != Family::Binary;
    if let Some(dialect) = head.dialect().filter(|_| readable && reads_as_words(window, head.charset.as_deref())) {
        return Class::Words { dialect, shown: (dialect == Dialect::Plain || !place.plain_shown) && !place.repeats };
    }
    if head.is_machinery(place) && readable {
        Class::Machinery
    } else if window.is_empty() {
        Class::Empty
    } else if is_decoration(head, format, window, whole, cids) {
        Class::Decoration
    } else {
        Class::Document(format)
    }
}

/// Rule 5, but for the carriers' own logos.
fn is_decoration(head: &Head, format: Format, window: &[u8], whole: bool, cids: &ContentIds) -> bool {
    let Some(size) = pixels(format, window).filter(|_| format.may_decorate()) else { return false };
    let tiny = whole && window.len() <= 4096;
    let referenced = head.content_id.as_deref().is_some_and(|id| cids.holds(id));
    size.short_side() <= 100
        || tiny
        || size.short_side() < 200 && head.has_outlook_id()
        || size.is_banner() && referenced
}

/// Whether a body holds words: in charsets full of NULs whatever it holds, else when few bytes are controls. Bytes sent with
/// no type at all are called text/plain by the standard, and those of a document are full of high bytes and controls.
fn reads_as_words(window: &[u8], charset: Option<&str>) -> bool {
    let wide = charset.is_some_and(|charset| charset.starts_with("utf-16") || charset.starts_with("ucs-2"));
    let controls = window.iter().filter(|&&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)).count();
    let share = if window.is_ascii() { 3 } else { 20 };
    wide || controls * share <= window.len()
}

/// The Content-IDs that the HTML of a message refers to, as digests: they may hold names.
#[derive(Default)]
pub(super) struct ContentIds(HashSet<Digest>);

impl ContentIds {
    /// How many are kept.
    const MOST: usize = 256;

    pub(super) fn add(&mut self, id: &str) {
        if self.0.len() < Self::MOST {
            self.0.insert(sha256(id.as_bytes()));
        }
    }

    pub(super) fn holds(&self, id: &str) -> bool {
        self.0.contains(&sha256(id.as_bytes()))
    }
}

#[cfg(test)]
mod tests;
