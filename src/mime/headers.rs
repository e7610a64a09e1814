//! One header block. mail-parser (the only place where it is named outside tests) gets one field at a time, bounded, never
//! a message: given a whole message it can be made to overflow the stack, and given a block of many small fields it makes
//! megabytes of it. The block itself is kept as it came and wiped on drop.

use super::{
    fields::{Field, fields},
    wiped::{Wiped, append},
};
use mail_parser::{ContentType, Message, MessageParser, MimeHeaders};
use memchr::memmem;
use std::borrow::Cow;

/// Longest value of a field with parameters that is looked at. mail-parser's work on continuations (RFC 2231) grows with
/// the square of their number: at this length it takes no longer than a block of ordinary fields.
const LONGEST_PARAMETERS: usize = 8 * 1024;

/// The fields of one header block, at most 64 KiB. No Debug: it holds the client's words.
///
/// ```compile_fail
/// println!("{:?}", sealdrop::mime::Headers::parse(b"Subject: x"));
/// ```
#[derive(Default)]
pub struct Headers {
    block: Wiped,
}

impl Headers {
    /// Parses a block of header lines, up to and with the empty line or without it.
    pub fn parse(block: &[u8]) -> Self {
        let mut copy = Wiped::default();
        append(&mut copy, block);
        Self::from_block(copy)
    }

    /// Takes a block of header lines over.
    pub(super) fn from_block(block: Wiped) -> Self {
        Self { block }
    }

    /// Whether a field of this name is there, in any case.
    pub fn has(&self, name: &str) -> bool {
        self.named(name).next().is_some()
    }

    /// Whether a field's name starts with `prefix` (for `List-`), in any case.
    pub fn has_prefix(&self, prefix: &str) -> bool {
        let starts = |field: Field| {
            field.name.get(..prefix.len()).is_some_and(|name| name.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        fields(&self.block).any(starts)
    }

    /// How many fields of this name there are, in any case (for `Received`, RFC 5321, section 6.3).
    pub fn count(&self, name: &str) -> usize {
        self.named(name).count()
    }

    /// The first field of this name: unfolded, RFC 2047 words decoded, trimmed.
    pub fn text(&self, name: &str) -> Option<String> {
        self.texts(name).next()
    }

    /// All fields of this name, as [`text`](Self::text) gives the first.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = String> {
        self.named(name).map(|field| unstructured(field.value))
    }

    /// A parameter of the last field of this name (Content-Type, Content-Disposition), decoded (RFC 2231, RFC 2047, raw).
    pub fn parameter(&self, name: &str, parameter: &str) -> Option<String> {
        self.named(name).last().and_then(|field| Structured::read(field.value))?.parameter(parameter)
    }

    /// The values of the last fields of these names, in one pass over the block. Where a message has several fields of one
    /// name, mail-parser takes the last.
    pub(super) fn last_values<const N: usize>(&self, names: [&str; N]) -> [Option<&[u8]>; N] {
        let mut values = [None; N];
        for field in fields(&self.block) {
            if let Some(index) = names.iter().position(|name| field.is(name)) {
                values[index] = Some(field.value);
            }
        }
        values
    }

    fn named(&self, name: &str) -> impl Iterator<Item = Field<'_>> {
        fields(&self.block).filter(move |field| field.is(name))
    }
}

/// The boundary that a block of header lines declares, if it declares a multipart.
pub(super) fn boundary_of(block: &[u8]) -> Option<Vec<u8>> {
    let field = fields(block).filter(|field| field.is("content-type")).last()?;
    let value = Structured::read(field.value)?;
    if value.main == "multipart" { value.boundary() } else { None }
}

/// A value with parameters: `main/sub; name=value` (RFC 2045, RFC 2183, RFC 2231).
pub(super) struct Structured {
    /// Lower case.
    pub main: String,
    /// Lower case; None when there is no slash.
    pub sub: Option<String>,
    /// The value was longer than what is looked at.
    pub shortened: bool,
    parameters: Vec<(String, String)>,
    /// Raw bytes that are not UTF-8 were read as Latin-1.
    latin1: bool,
}

impl Structured {
    /// Reads a field's value.
    pub fn read(value: &[u8]) -> Option<Self> {
        let shortened = value.len() > LONGEST_PARAMETERS;
        let value = &value[..value.len().min(LONGEST_PARAMETERS)];
        let (text, latin1) = readable(value);
        let block = one_field(b"Content-Type:", &join_words(&text));
        let message = MessageParser::new().parse_headers(&block[..])?;
        let content = message.content_type()?;
        Some(Self {
            main: content.ctype().to_ascii_lowercase(),
            sub: content.subtype().map(str::to_ascii_lowercase),
            shortened,
            parameters: parameters(content),
            latin1,
        })
    }

    /// The first parameter of this name; an empty one counts as absent.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let found = self.parameters.iter().find(|(key, _)| key == name)?;
        let value = found.1.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// The boundary, in the bytes that stand in the header; None when there is none to speak of.
    pub fn boundary(&self) -> Option<Vec<u8>> {
        let value = self.parameter("boundary")?;
        if !self.latin1 {
            return Some(value.into_bytes());
        }
        value.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
    }
}

fn parameters(content: &ContentType<'_>) -> Vec<(String, String)> {
    let all = content.attributes().unwrap_or_default();
    all.iter().map(|attribute| (attribute.name.to_ascii_lowercase(), attribute.value.to_string())).collect()
}

/// White space between two encoded words is no part of the text (RFC 2047, section 6.2); within a parameter, where encoded
/// words should not be but are, mail-parser would keep it.
fn join_words(value: &[u8]) -> Wiped {
    let mut joined = Wiped::new(Vec::with_capacity(value.len()));
    let mut rest = value;
    while let Some(end) = memmem::find(rest, b"?=").map(|at| at + 2) {
        let after = rest[end..].trim_ascii_start();
        joined.extend_from_slice(&rest[..end]);
        rest = if after.starts_with(b"=?") { after } else { &rest[end..] };
    }
    joined.extend_from_slice(rest);
    joined
}

/// The value of an unstructured field: unfolded, RFC 2047 words decoded, trimmed.
pub(super) fn unstructured(value: &[u8]) -> String {
    let block = one_field(b"Subject:", &readable(value).0);
    let message = MessageParser::new().parse_headers(&block[..]);
    message.as_ref().and_then(Message::subject).unwrap_or_default().trim().to_owned()
}

/// A header block of one field.
fn one_field(name: &[u8], value: &[u8]) -> Wiped {
    let mut block = Wiped::new(Vec::with_capacity(name.len() + value.len() + 4));
    for part in [name, value.trim_ascii_end(), b"\r\n\r\n"] {
        block.extend_from_slice(part);
    }
    block
}

/// Raw 8-bit text as UTF-8. What is not UTF-8 is read as Latin-1: a guess, but one that keeps every byte.
fn readable(value: &[u8]) -> (Cow<'_, [u8]>, bool) {
    if std::str::from_utf8(value).is_ok() {
        return (Cow::Borrowed(value), false);
    }
    let text: String = value.iter().map(|byte| char::from(*byte)).collect();
    (Cow::Owned(text.into_bytes()), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(value: &str) -> Option<String> {
        name_of(format!("Content-Disposition: attachment; {value}\r\n").as_bytes())
    }

    fn name_of(block: &[u8]) -> Option<String> {
        Headers::parse(block).parameter("content-disposition", "filename")
    }

    #[test]
    fn fields_by_name() {
        let headers = Headers::parse(b"Received: a\r\nreceived : b\r\nList-Id: <x>\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n =?utf-8?b?IDE=?= two\r\n\r\nTo: body");
        assert!(headers.has("SUBJECT") && headers.has_prefix("list-") && !headers.has_prefix("x-"));
        assert_eq!(headers.count("Received"), 2);
        assert_eq!(headers.text("Received").as_deref(), Some("a"));
        assert_eq!(headers.last_values(["Received", "x"]), [Some(&b" b\r\n"[..]), None]);
        assert_eq!(headers.text("Subject").as_deref(), Some("café 1 two"));
        assert_eq!(headers.text("absent"), None);
    }

    #[test]
    fn names_in_all_their_forms() {
        for (value, expected) in [
            ("filename=a.jpg", "a.jpg"),
            ("filename=\"a b; c.jpg\"", "a b; c.jpg"),
            ("filename*=utf-8''caf%C3%A9.jpg", "café.jpg"),
            ("filename*0=\"long \"; filename*1=\"name.jpg\"", "long name.jpg"),
            ("filename*1*=%C3%A9.jpg; filename*0*=utf-8'en'caf", "café.jpg"),
            ("filename*=iso-8859-1'en'caf%E9.jpg", "café.jpg"),
            ("filename=\"=?utf-8?q?caf=C3=A9=2Ejpg?=\"", "café.jpg"),
            ("filename==?utf-8?b?Y2Fmw6kuanBn?=", "café.jpg"),
            ("filename=\"=?utf-8?q?one?= =?utf-8?q?two.jpg?=\"", "onetwo.jpg"),
            ("filename=\"café.jpg\"", "café.jpg"),
            ("filename=\"../../x\\\"y\"", "../../x\"y"),
        ] {
            assert_eq!(name(value).as_deref(), Some(expected), "{value}");
        }
        assert_eq!(name_of(b"Content-Disposition: inline; filename=\"caf\xe9.jpg\"").as_deref(), Some("café.jpg"));
        assert_eq!(name("filename=\"\""), None);
    }

    #[test]
    fn boundaries_keep_their_bytes() {
        let boundary = |value: &[u8]| boundary_of(&[b"Content-Type: multipart/mixed; boundary=", value].concat());
        assert_eq!(boundary(b"-x=:y;").as_deref(), Some(&b"-x=:y"[..]));
        assert_eq!(boundary(b"\"a\xe9\xff b \"").as_deref(), Some(&b"a\xe9\xff b"[..]));
        assert_eq!(boundary(b""), None);
        assert_eq!(boundary_of(b"Content-Type: text/plain; boundary=x"), None);
    }

    #[test]
    fn the_last_of_several_counts() {
        let headers = Headers::parse(b"Content-Type: a/b; name=x\nContent-Type: c/d; name=y\n");
        assert_eq!(headers.parameter("content-type", "name").as_deref(), Some("y"));
    }
}
