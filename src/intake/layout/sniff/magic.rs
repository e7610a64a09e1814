//! Signatures at the start of files. Each is long enough, or checked further, that a client's words do not have it by
//! chance: "BMW" is no bitmap and "MZ" no program.

use super::Format;

/// The format whose signature `bytes` start with. Text formats have none.
pub(super) fn magic(bytes: &[u8]) -> Option<Format> {
    const SIGNATURES: &[(&[u8], Format)] = &[
        (b"\xff\xd8\xff", Format::Jpeg),
        (b"\x89PNG\r\n\x1a\n", Format::Png),
        (b"GIF87a", Format::Gif),
        (b"GIF89a", Format::Gif),
        (b"II*\0", Format::Tiff),
        (b"MM\0*", Format::Tiff),
        (b"PK\x03\x04", Format::Zip),
        (b"PK\x05\x06", Format::Zip),
        (b"{\\rtf", Format::Rtf),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format::OldOffice),
        (b"#!AMR", Format::Amr),
        (b"OggS\0", Format::Ogg),
        (b"\x78\x9f\x3e\x22", Format::Tnef),
        (b"\x1f\x8b\x08", Format::Archive),
        (b"7z\xbc\xaf\x27\x1c", Format::Archive),
        (b"Rar!\x1a\x07", Format::Archive),
        (b"\xfd7zXZ\0", Format::Archive),
        (b"\x7fELF", Format::Program),
        (b"\xfe\xed\xfa\xce", Format::Program),
        (b"\xfe\xed\xfa\xcf", Format::Program),
        (b"\xce\xfa\xed\xfe", Format::Program),
        (b"\xcf\xfa\xed\xfe", Format::Program),
        (b"\xca\xfe\xba\xbe", Format::Program),
        (b"L\0\0\0\x01\x14\x02\0", Format::Program),
    ];
    let known = SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature));
    known.map(|(_, format)| *format).or_else(|| riff(bytes)).or_else(|| brand(bytes)).or_else(|| checked(bytes))
}

/// Signatures that need a second look.
fn checked(bytes: &[u8]) -> Option<Format> {
    if bytes.get(..1024).unwrap_or(bytes).windows(5).any(|w| w == b"%PDF-") && pdf_starts_here(bytes) {
        return Some(Format::Pdf);
    }
    let second = |at: usize| bytes.get(at).copied().unwrap_or_default();
    // The length of the header that follows is one of seven; the reserved bytes before it are not always zero.
    let header = bytes.get(14..18).and_then(|length| length.try_into().ok()).map(u32::from_le_bytes);
    if bytes.starts_with(b"BM") && matches!(header, Some(12 | 40 | 52 | 56 | 64 | 108 | 124)) {
        return Some(Format::Bmp);
    }
    if bytes.starts_with(b"MZ") && bytes.contains(&0) {
        return Some(Format::Program);
    }
    let tagged = bytes.starts_with(b"ID3") && (2..=4).contains(&second(3)) && bytes.len() > 9;
    // An MPEG audio frame: eleven bits of sync, version 1 or 2, layer III, a valid bit rate and sampling rate.
    let framed = bytes.starts_with(b"\xff") && matches!(second(1), 0xfa | 0xfb | 0xf2 | 0xf3);
    let valid = second(2) >> 4 != 15 && second(2) >> 4 != 0 && second(2) & 0x0c != 0x0c;
    (tagged || framed && valid).then_some(Format::Mp3)
}

/// Readers take a PDF's header anywhere in the first KiB; junk of mail programs before it is blank or short.
fn pdf_starts_here(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"%PDF-") || bytes.get(..4096).unwrap_or(bytes).contains(&0)
}

/// RIFF containers.
fn riff(bytes: &[u8]) -> Option<Format> {
    match (bytes.get(..4)?, bytes.get(8..12)?) {
        (b"RIFF", b"WEBP") => Some(Format::WebP),
        (b"RIFF", b"WAVE") => Some(Format::Wav),
        _ => None,
    }
}

/// ISO base media files (ISO/IEC 14496-12): the brand says which.
fn brand(bytes: &[u8]) -> Option<Format> {
    match bytes.get(4..8)? {
        b"ftyp" => {}
        b"moov" | b"wide" if bytes[0] == 0 => return Some(Format::Mov),
        _ => return None,
    }
    let size = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    let brands = bytes.get(8..size.clamp(12, 128).min(bytes.len()))?;
    Some(match bytes.get(8..12)? {
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => Format::Heic,
        b"avif" | b"avis" => Format::Avif,
        // HEIF with pictures in JPEG, JPEG 2000, AVC or VVC (ISO/IEC 23008-12).
        b"jpeg" | b"j2ki" | b"avci" | b"vvic" => Format::Heic,
        b"mif1" | b"msf1" if brands.chunks(4).any(|b| b == b"avif") => Format::Avif,
        b"mif1" | b"msf1" => Format::Heic,
        b"qt  " => Format::Mov,
        b"M4A " | b"M4B " => Format::M4a,
        [b'3', b'g', b'p' | b'2' | b'g', _] => Format::ThreeGp,
        _ => Format::Mp4,
    })
}
