//! Every signature, claims that lie, and words that look like signatures.

use super::*;
use proptest::prelude::*;

fn format_of(bytes: &[u8]) -> Format {
    sniff(bytes, None, "application/octet-stream")
}

#[test]
fn bytes_decide_not_names() {
    let heic = b"\0\0\0\x24ftypheic\0\0\0\0mif1heic";
    assert_eq!(sniff(heic, Some("IMG_1.jpg"), "image/jpeg"), Format::Heic);
    assert_eq!(sniff(b"\xff\xd8\xff\xe0\0\x10JFIF", Some("a.exe"), "application/x-msdownload"), Format::Jpeg);
    assert_eq!(sniff(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", None, "image/heic"), Format::Avif);
}

#[test]
fn knows_the_usual_signatures() {
    let cases: &[(&[u8], Format)] = &[
        (b"\x89PNG\r\n\x1a\n", Format::Png),
        (b"GIF89a\x01\0\x01\0", Format::Gif),
        (b"RIFF\x10\0\0\0WEBPVP8 ", Format::WebP),
        (b"RIFF\x10\0\0\0WAVEfmt ", Format::Wav),
        (b"II*\0\x08\0\0\0", Format::Tiff),
        (b"%PDF-1.7\n", Format::Pdf),
        (b"\r\n%PDF-1.7\n", Format::Pdf),
        (b"{\\rtf1\\ansi", Format::Rtf),
        (b"\0\0\0\x14ftypisom", Format::Mp4),
        (b"\0\0\0\x14ftypqt  ", Format::Mov),
        (b"\0\0\0\x14ftyp3gp5", Format::ThreeGp),
        (b"#!AMR\n\x3c", Format::Amr),
        (b"ID3\x03\0\0\0\0\0\x0f", Format::Mp3),
        (b"MZ\x90\0\x03\0", Format::Program),
        (b"\x7fELF\x02", Format::Program),
        (b"#!/bin/sh\necho\n", Format::Program),
        (b"BEGIN:VCARD\r\n", Format::Vcard),
        (b"<!DOCTYPE HTML>", Format::Html),
        (b"-----BEGIN PGP MESSAGE-----\n", Format::Pgp),
        (b"just words", Format::Text),
        (b"\x01\x02\x03\0\x04", Format::Unknown),
        (b"", Format::Text),
    ];
    for (bytes, format) in cases {
        assert_eq!(format_of(bytes), *format, "{bytes:?}");
    }
}

#[test]
fn words_are_not_taken_for_signatures() {
    for words in ["BMW papers attached", "MZ is my initials", "ID3 tags", "The file %PDF-1.4 did not open", "wide moov"]
    {
        assert_eq!(format_of(words.as_bytes()), Format::Text, "{words}");
    }
}

#[test]
fn looks_into_the_first_entries_of_a_zip() {
    let docx = b"PK\x03\x04\x14\0[Content_Types].xml....PK\x03\x04word/document.xml";
    assert_eq!(format_of(docx), Format::Docx);
    assert_eq!(format_of(b"PK\x03\x04[Content_Types].xml word/vbaProject.bin"), Format::MacroOffice);
    assert_eq!(sniff(b"PK\x03\x04..", Some("a.XLSX"), "x"), Format::Xlsx);
    assert_eq!(sniff(b"PK\x03\x04..", Some("photos.zip"), "x"), Format::Zip);
    assert_eq!(sniff(b"PK\x03\x04..", Some("tool.jar"), "x"), Format::Program);
}

#[test]
fn programs_are_known_by_name_when_bytes_do_not_tell() {
    for name in ["run.js", "a.pdf.vbs", "x.BAT", "y.scr", "z.apk", "a.xll", "b.wsh", "c.com"] {
        assert_eq!(sniff(b"whatever", Some(name), "text/plain"), Format::Program, "{name}");
    }
    assert_eq!(Format::Program.called().extension, "bin");
    assert!(PROGRAMS.is_sorted(), "it is searched by halves");
}

proptest! {
    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), name in any::<Option<String>>()) {
        let _ = sniff(&bytes, name.as_deref(), "image/png");
    }
}
