//! What a header block says about the body below it: its type, how it is encoded and divided, what it is called.

use super::{
    Disposition, Headers, Kind, Part,
    boundary::LONGEST_BOUNDARY,
    headers::{Structured, unstructured},
    transfer::{self, Encoding},
};

/// The type of a part that says nothing, or nothing that can be read (RFC 2045, section 5.2).
const DEFAULT_TYPE: &str = "text/plain";
/// The default within multipart/digest (RFC 2046, section 5.1.5).
const DIGEST_TYPE: &str = "message/rfc822";
/// Longest media type believed; RFC 6838 allows 127 and 127.
const LONGEST_TYPE: usize = 255;

/// What a header block says.
pub(super) struct Content {
    /// A message or a multipart by its type, whether or not it can be read as one.
    pub kind: Kind,
    pub media_type: String,
    /// A boundary of a length that can be worked with.
    pub boundary: Option<Vec<u8>>,
    pub encoding: Encoding,
    /// The transfer encoding is not one we know.
    pub unknown_encoding: bool,
    /// A field was too long to be looked at whole.
    pub shortened: bool,
    charset: Option<String>,
    disposition: Option<Disposition>,
    name: Option<String>,
    content_id: Option<String>,
    content_location: Option<String>,
}

impl Content {
    /// Reads `headers`, of a part within multipart/digest or not.
    pub fn read(headers: &Headers, in_digest: bool) -> Self {
        let [content_type, disposition, encoding, content_id, content_location] = headers.last_values([
            "Content-Type",
            "Content-Disposition",
            "Content-Transfer-Encoding",
            "Content-ID",
            "Content-Location",
        ]);
        let content_type = content_type.and_then(Structured::read);
        let disposition = disposition.and_then(Structured::read);
        let media_type = content_type.as_ref().and_then(media_type);
        let absent = if in_digest && content_type.is_none() { DIGEST_TYPE } else { DEFAULT_TYPE };
        let media_type = media_type.unwrap_or_else(|| absent.to_owned());
        let parameter = |value: &Option<Structured>, name| value.as_ref().and_then(|value| value.parameter(name));
        let encoding = transfer::named(encoding.map(unstructured).as_deref());
        Self {
            kind: kind(&media_type),
            media_type,
            boundary: content_type.as_ref().and_then(Structured::boundary).filter(|b| b.len() <= LONGEST_BOUNDARY),
            encoding: encoding.unwrap_or(Encoding::Identity),
            unknown_encoding: encoding.is_none(),
            shortened: [&content_type, &disposition].iter().any(|value| value.as_ref().is_some_and(|v| v.shortened)),
            charset: parameter(&content_type, "charset").map(|charset| charset.to_ascii_lowercase()),
            name: parameter(&disposition, "filename").or_else(|| parameter(&content_type, "name")),
            disposition: disposition.map(|value| match value.main.as_str() {
                "inline" => Disposition::Inline,
                // RFC 2183, section 2.8: an unknown one is an attachment.
                _ => Disposition::Attachment,
            }),
            content_id: content_id.map(unstructured).as_deref().and_then(identifier),
            content_location: content_location.map(unstructured).filter(|location| !location.is_empty()),
        }
    }

    /// The head of the part.
    pub fn into_part(self, headers: Headers, kind: Kind, depth: usize) -> Part {
        Part {
            kind,
            depth,
            media_type: self.media_type,
            charset: self.charset,
            disposition: self.disposition,
            name: self.name,
            content_id: self.content_id,
            content_location: self.content_location,
            headers,
        }
    }
}

/// The head of a leaf that no header describes.
pub(super) fn undescribed(media_type: &str, depth: usize) -> Part {
    let mut part = Content::read(&Headers::default(), false).into_part(Headers::default(), Kind::Leaf, depth);
    part.media_type = media_type.to_owned();
    part
}

/// The head of a leaf whose type stands in no header of its own: what was unpacked from another part.
pub(super) fn described(media_type: &str, depth: usize) -> Part {
    let headers = Headers::parse(format!("Content-Type: {media_type}\r\n").as_bytes());
    Content::read(&headers, false).into_part(headers, Kind::Leaf, depth)
}

fn media_type(value: &Structured) -> Option<String> {
    let sub = match (value.main.as_str(), value.sub.as_deref()) {
        (_, Some(sub)) => sub,
        ("multipart", None) => "mixed",
        _ => return None,
    };
    let media_type = format!("{}/{sub}", value.main);
    let clean = media_type.len() <= LONGEST_TYPE && media_type.bytes().all(|byte| byte.is_ascii_graphic());
    clean.then_some(media_type)
}

fn kind(media_type: &str) -> Kind {
    match media_type {
        "message/rfc822" | "message/global" => Kind::Message,
        _ if media_type.starts_with("multipart/") => Kind::Multipart,
        _ => Kind::Leaf,
    }
}

/// What stands between angle brackets, or all of it.
fn identifier(text: &str) -> Option<String> {
    let inner = text.split_once('<').map_or(text, |(_, rest)| rest.split_once('>').map_or(rest, |(id, _)| id));
    let inner = inner.trim();
    (!inner.is_empty()).then(|| inner.to_owned())
}
