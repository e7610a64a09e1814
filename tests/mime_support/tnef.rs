//! Makes TNEF streams ([MS-OXTNEF]) for tests: those beside the code, and those of whole mails. Must not depend on anything.

#![allow(dead_code)]

pub const BODY: u32 = 0x0002_800c;
pub const CODEPAGE: u32 = 0x0006_9007;
pub const MESSAGE: u32 = 0x0006_9003;
pub const BEGINS: u32 = 0x0006_9002;
pub const TITLE: u32 = 0x0001_8010;
pub const DATA: u32 = 0x0006_800f;
pub const ATTACHMENT: u32 = 0x0006_9005;
pub const ICON: u32 = 0x0006_8011;

pub const STRING: u16 = 0x1e;
pub const WIDE: u16 = 0x1f;
pub const BINARY: u16 = 0x102;
pub const OBJECT: u16 = 0xd;

/// A stream of these attributes.
pub fn stream(attributes: &[Vec<u8>]) -> Vec<u8> {
    [&b"\x78\x9f\x3e\x22\x01\x00"[..], &attributes.concat()].concat()
}

/// One attribute with its checksum. What is about an attachment has level 2.
pub fn attribute(id: u32, data: &[u8]) -> Vec<u8> {
    let level = if [BEGINS, TITLE, DATA, ATTACHMENT, ICON].contains(&id) { 2 } else { 1 };
    let sum = data.iter().fold(0u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
    let length = data.len() as u32;
    [&[level][..], &id.to_le_bytes(), &length.to_le_bytes(), data, &sum.to_le_bytes()].concat()
}

/// The attributes of one attachment, as Outlook orders them: its long name is behind its data.
pub fn file(title: &str, data: &[u8], long_name: &str) -> Vec<u8> {
    let name = property(0x3707, STRING, format!("{long_name}\0").as_bytes());
    [
        attribute(BEGINS, &[0; 14]),
        attribute(TITLE, format!("{title}\0").as_bytes()),
        attribute(DATA, data),
        attribute(ICON, b"an icon"),
        attribute(ATTACHMENT, &properties(&[name])),
    ]
    .concat()
}

/// An attachment of which all is in its properties.
pub fn object(properties_of_it: &[Vec<u8>]) -> Vec<u8> {
    [attribute(BEGINS, &[0; 14]), attribute(ATTACHMENT, &properties(properties_of_it))].concat()
}

/// A list of properties.
pub fn properties(list: &[Vec<u8>]) -> Vec<u8> {
    [&(list.len() as u32).to_le_bytes()[..], &list.concat()].concat()
}

/// A property of one value of variable length.
pub fn property(id: u16, kind: u16, value: &[u8]) -> Vec<u8> {
    let padding = vec![0; value.len().next_multiple_of(4) - value.len()];
    let length = value.len() as u32;
    [&kind.to_le_bytes()[..], &id.to_le_bytes(), &1u32.to_le_bytes(), &length.to_le_bytes(), value, &padding].concat()
}

/// A number.
pub fn number(id: u16, value: u32) -> Vec<u8> {
    [&3u16.to_le_bytes()[..], &id.to_le_bytes(), &value.to_le_bytes()].concat()
}

/// A property with a name beside its id.
pub fn named(name: &str, value: u32) -> Vec<u8> {
    let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    let padding = vec![0; name.len().next_multiple_of(4) - name.len()];
    let (kind, length) = (1u32.to_le_bytes(), (name.len() as u32).to_le_bytes());
    [&[3, 0, 1, 0x80][..], &[7; 16], &kind, &length, &name, &padding, &value.to_le_bytes()].concat()
}

/// Text in UTF-16, ended by a NUL.
pub fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

/// RTF as [MS-OXRTFCP] holds it: compressed, but without a reference before the one that ends it.
pub fn rtf(text: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    for piece in text.chunks(8) {
        packed.push(if piece.len() < 8 { 1 << piece.len() } else { 0 });
        packed.extend_from_slice(piece);
    }
    if text.len().is_multiple_of(8) {
        packed.push(1);
    }
    let end = (207 + text.len() as u16) % 4096;
    packed.extend_from_slice(&(end << 4).to_be_bytes());
    let sizes = [packed.len() as u32 + 12, text.len() as u32, 0x7546_5a4c, 0];
    [sizes.map(u32::to_le_bytes).concat(), packed].concat()
}

/// The interface of a message attached, before its stream.
pub fn message(stream: &[u8]) -> Vec<u8> {
    [&b"\x07\x03\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"[..], stream].concat()
}
