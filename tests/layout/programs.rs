//! Files that could run, and names that deceive: delivered renamed and flagged, never dropped, and never under the name that
//! their sender gave them.

use crate::support::*;
use sealdrop::intake::Flag;

fn attached(name: &str, bytes: &[u8]) -> Laid {
    let name = format!("filename*=utf-8''{}", name.bytes().map(|b| format!("%{b:02X}")).collect::<String>());
    lay_out(mixed(&[part(&format!("Content-Type: image/jpeg\r\nContent-Disposition: attachment; {name}"), bytes)]))
}

const PROGRAM: &[u8] = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff";
const SHORTCUT: &[u8] = b"L\0\0\0\x01\x14\x02\0\0\0\0\0";

#[test]
fn programs_are_renamed_and_flagged() {
    for (name, bytes) in [
        ("photo.jpg", PROGRAM),
        ("photo.jpg.exe", PROGRAM),
        ("photo\u{202e}gpj.exe", b"no program by its bytes"),
        ("statement.pdf.lnk", SHORTCUT),
        ("statement.pdf", SHORTCUT),
        ("photo.jpg.js", b"WScript.Echo('x')"),
        ("setup.EXE. ", b"text"),
        ("setup.exe::$DATA", b"text"),
        ("se\u{200b}tup.e\u{200b}xe", b"text"),
        ("run", b"#!/bin/sh\nrm -rf ~\n"),
        ("app.jar", b"PK\x03\x04\x14\0\0\0\0\0META-INF/"),
    ] {
        let laid = attached(name, bytes);
        assert_eq!(laid.documents(), [document("01-program.bin", bytes)], "{name:?}");
        assert!(laid.has(Flag::Executable) && laid.summary().contains("PROGRAM"), "{name:?}: {}", laid.summary());
    }
}

#[test]
fn what_a_browser_or_an_office_would_run_is_renamed_and_flagged() {
    for (name, bytes, expected) in [
        ("form.html", &b"<!doctype html><script>x()</script>"[..], "01-page.html.txt"),
        ("logo.svg", b"<svg onload='x()'/>", "01-drawing.svg.txt"),
        ("letter.docm", b"PK\x03\x04\x14\0\0\0\0\0[Content_Types].xml word/vbaProject.bin", "01-office.bin"),
        ("letter.docx", b"PK\x03\x04\x14\0\0\0\0\0[Content_Types].xml word/vbaProject.bin", "01-office.bin"),
    ] {
        let laid = attached(name, bytes);
        assert_eq!(laid.documents(), [document(expected, bytes)], "{name}");
        assert!(laid.has(Flag::Executable), "{name}");
    }
}

/// A zip is not opened, so nothing in it is flagged: staff see that it is an archive.
#[test]
fn an_archive_stays_closed() {
    let zip = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0b\0\0\0letter.docm";
    let laid = attached("papers.zip", zip);
    assert_eq!(laid.documents(), [document("01-archive.zip", zip)]);
    assert!(!laid.has(Flag::Executable) && laid.summary().contains("zip archive"));
}

#[test]
fn the_senders_name_is_told_and_never_used() {
    let photo = file(JPEG, 5000);
    for (name, told) in [
        ("../../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\Windows\\a.jpg", "a.jpg"),
        ("a\r\nContent-Type: text/html\r\n\r\n.jpg", "a  Content-Type: texthtml"),
        ("\u{202e}gpj.tnemucod", "gpj.tnemucod"),
        ("caf\u{e9} \u{1f4f7}.jpg", "caf\u{e9} \u{1f4f7}.jpg"),
    ] {
        let laid = attached(name, &photo);
        assert_eq!(laid.documents(), [document("01-photo.jpg", &photo)], "{name:?}");
        let line = "called by the sender: ";
        let summary = laid.summary();
        let shown = summary.lines().find_map(|text| text.trim().strip_prefix(line)).expect("the name is told");
        assert!(shown.contains(told) || name.contains('\r'), "{name:?} is told as {shown:?}");
        assert!(!shown.chars().any(|c| c.is_control() || c == '\u{202e}'));
    }
    // Any length, and the same name twice.
    let long = attached(&"x".repeat(3000), &photo);
    assert!(long.summary().lines().all(|line| line.chars().count() < 130), "{}", long.summary());
    let head = "Content-Type: image/jpeg; name=a.jpg";
    let twice = lay_out(mixed(&[part(head, &photo), part(head, &file(JPEG, 5001))]));
    let names: Vec<String> = twice.documents().into_iter().map(|document| document.name).collect();
    assert_eq!(names, ["01-photo.jpg", "02-photo.jpg"]);
}

/// RFC 2047, RFC 2231, raw UTF-8 and raw Latin-1.
#[test]
fn names_are_read_in_every_way_they_are_written() {
    let photo = file(JPEG, 5000);
    for written in [
        &b"filename=\"=?utf-8?B?Y2Fmw6kuanBn?=\""[..],
        b"filename*=utf-8''caf%C3%A9.jpg",
        b"filename*0*=iso-8859-1''caf%E9; filename*1=.jpg",
        b"filename=\"caf\xc3\xa9.jpg\"",
        b"filename=\"caf\xe9.jpg\"",
    ] {
        let head = [b"Content-Type: image/jpeg\r\nContent-Disposition: attachment; ", written].concat();
        let body = part("", &photo);
        let mail = [b"Message-ID: <1@example.com>\r\n", &head[..], body.as_bytes()].concat();
        let laid = lay_out(mail);
        assert!(laid.summary().contains("caf\u{e9}.jpg"), "{}: {}", String::from_utf8_lossy(written), laid.summary());
        assert_eq!(laid.documents(), [document("01-photo.jpg", &photo)]);
    }
}
