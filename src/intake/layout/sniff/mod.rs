//! What a document is, told from its first bytes: a sender's name and type are claims (iPhones send HEIC named `.jpg`).
//! Only what bytes cannot tell, such as which kind of text, is asked of the name. Pure.

mod format;
mod magic;

pub(super) use format::{Family, Format};

use super::names::extension;

/// What `window`, the first bytes of a part, is. `whole`: there are no more. `name` and `media_type` are the sender's claims.
pub(super) fn sniff(window: &[u8], name: Option<&str>, media_type: &str) -> Format {
    let extension = name.and_then(extension).unwrap_or_default();
    match magic::magic(window) {
        Some(Format::Zip) => zip(window, &extension),
        Some(Format::OldOffice) => old_office(&extension),
        Some(Format::Mp4) if media_type.starts_with("audio/") => Format::M4a,
        Some(format) => format,
        None if is_program_name(&extension) => Format::Program,
        None if is_text(window) => text(window, &extension, media_type),
        None => Format::Unknown,
    }
}

/// What kind of zip: OOXML and OpenDocument files are zips whose first entries tell what they are.
fn zip(window: &[u8], extension: &str) -> Format {
    let holds = |needle: &[u8]| window.windows(needle.len()).any(|w| w == needle);
    if is_program_name(extension) {
        return Format::Program;
    }
    if holds(b"vbaProject.bin") || matches!(extension, "docm" | "xlsm" | "pptm" | "dotm" | "xltm") {
        return Format::MacroOffice;
    }
    let inside = [
        (&b"word/"[..], Format::Docx),
        (b"xl/", Format::Xlsx),
        (b"ppt/", Format::Pptx),
        (b"mimetypeapplication/vnd.oasis.opendocument.text", Format::Odt),
        (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", Format::Ods),
    ];
    let office = holds(b"[Content_Types].xml") || holds(b"_rels/.rels") || holds(b"mimetype");
    if let Some((_, format)) = inside.iter().find(|(needle, _)| office && holds(needle)) {
        return *format;
    }
    match extension {
        "docx" => Format::Docx,
        "xlsx" => Format::Xlsx,
        "pptx" => Format::Pptx,
        "odt" => Format::Odt,
        "ods" => Format::Ods,
        "pages" => Format::Pages,
        _ => Format::Zip,
    }
}

/// OLE compound files look alike from outside.
fn old_office(extension: &str) -> Format {
    match extension {
        "xls" | "xlt" => Format::Xls,
        "ppt" | "pps" => Format::Ppt,
        "msg" => Format::OutlookMessage,
        "msi" => Format::Program,
        "doc" | "dot" => Format::Doc,
        _ => Format::OldOffice,
    }
}

fn text(window: &[u8], extension: &str, media_type: &str) -> Format {
    let start = window.strip_prefix(b"\xef\xbb\xbf").unwrap_or(window).trim_ascii_start();
    let begins = |needle: &[u8]| start.get(..needle.len()).is_some_and(|s| s.eq_ignore_ascii_case(needle));
    if begins(b"-----BEGIN PGP MESSAGE-----") {
        return Format::Pgp;
    }
    if start.starts_with(b"#!") {
        return Format::Program;
    }
    if begins(b"BEGIN:VCARD") || matches!(media_type, "text/vcard" | "text/x-vcard") {
        return Format::Vcard;
    }
    if begins(b"BEGIN:VCALENDAR") || media_type == "text/calendar" {
        return Format::Calendar;
    }
    if begins(b"<svg") || media_type == "image/svg+xml" || extension == "svg" {
        return Format::Svg;
    }
    if begins(b"<!doctype html") || begins(b"<html") || media_type == "text/html" {
        return Format::Html;
    }
    match extension {
        "csv" => Format::Csv,
        "htm" | "html" | "xhtml" => Format::Html,
        "eml" => Format::Mail,
        _ if media_type == "text/csv" => Format::Csv,
        _ if media_type.starts_with("message/") => Format::Mail,
        _ => Format::Text,
    }
}

/// Whether it reads as text: no NUL, and few other controls.
fn is_text(window: &[u8]) -> bool {
    let controls = window.iter().filter(|&&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)).count();
    !window.contains(&0) && controls * 100 <= window.len()
}

/// Extensions of programs, sorted.
#[rustfmt::skip]
const PROGRAMS: &[&str] = &[
    "apk", "app", "appx", "bat", "chm", "cmd", "com", "cpl", "deb", "dll", "dmg", "exe", "gadget", "hta", "inf",
    "iso", "jar", "js", "jse", "lnk", "mjs", "msc", "msi", "msix", "msp", "pif", "pkg", "ps1", "psm1", "py", "reg",
    "rpm", "scf", "scr", "sh", "sys", "url", "vb", "vbe", "vbs", "vhd", "vhdx", "ws", "wsc", "wsf", "wsh", "xll",
];

/// Names by which a desk runs a file when somebody opens it.
fn is_program_name(extension: &str) -> bool {
    PROGRAMS.binary_search(&extension).is_ok()
}

#[cfg(test)]
mod tests;
