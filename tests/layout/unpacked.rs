//! What leaves hold, as staff see it: winmail.dat and files in words come out as if they had been attached.

use crate::support::*;
use sealdrop::{intake::Flag, mime::Limits};

#[path = "../mime_support/tnef.rs"]
mod make;

use make::{BODY, OBJECT, attribute, file as attached, message, object, property, stream};

fn winmail(attributes: &[Vec<u8>]) -> String {
    part("Content-Type: application/ms-tnef; name=winmail.dat", &stream(attributes))
}

fn uuencoded(name: &str, bytes: &[u8]) -> String {
    let character = |value: u8| char::from(if value == 0 { b'`' } else { b' ' + value });
    let mut text = format!("begin 644 {name}\r\n");
    for line in bytes.chunks(45) {
        text.push(character(line.len() as u8));
        for group in line.chunks(3) {
            let bits = (0..3).fold(0u32, |bits, at| bits << 8 | u32::from(*group.get(at).unwrap_or(&0)));
            (0..4).for_each(|at| text.push(character((bits >> (18 - 6 * at) & 0x3f) as u8)));
        }
        text.push_str("\r\n");
    }
    text + "`\r\nend\r\n"
}

#[test]
fn photos_in_winmail_dat_are_photos_with_their_long_names() {
    let (large, small) = (file(JPEG, 60_000), file(JPEG, 5000));
    let laid = lay_out(mixed(&[
        "\r\nHello".to_owned(),
        winmail(&[
            attached("PHOTOO~1.JPG", &large, "photo of the letter.jpg"),
            attached("B~1.JPG", &small, "b b b.jpg"),
        ]),
    ]));
    assert_eq!(laid.documents(), [document("01-photo.jpg", &large), document("02-photo.jpg", &small)]);
    assert_eq!(laid.findings.documents, 2);
    let summary = laid.summary();
    assert!(summary.contains("photo of the letter.jpg") && summary.contains("b b b.jpg"), "{summary}");
    assert!(!laid.has(Flag::Malformed) && !summary.contains("winmail"), "{summary}");
}

#[test]
fn words_in_winmail_dat_are_shown_unless_they_were() {
    let words = [attribute(BODY, b"The words\0")];
    let alone = lay_out(winmail(&words));
    assert_eq!((alone.words(), alone.findings.words), (vec!["The words".to_owned()], true));
    let twice = lay_out(mixed(&["\r\nThe words".to_owned(), winmail(&words)]));
    assert_eq!(twice.words(), ["The words"]);
    let blank = lay_out(mixed(&["\r\n \r\n".to_owned(), winmail(&words)]));
    assert_eq!(blank.words(), ["The words"]);
    for laid in [alone, twice, blank] {
        assert_eq!(laid.documents(), []);
    }
}

#[test]
fn a_message_attached_in_winmail_dat_has_words_and_documents_of_its_own() {
    let photo = file(JPEG, 5000);
    let inner = stream(&[attribute(BODY, b"Inner words"), attached("A.JPG", &photo, "a.jpg")]);
    let laid =
        lay_out(mixed(&["\r\nHello".to_owned(), winmail(&[object(&[property(0x3701, OBJECT, &message(&inner))])])]));
    assert_eq!(laid.documents(), [document("01-photo.jpg", &photo)]);
    let words = laid.words().join("\n");
    assert!(words.contains("Inner words") && words.matches("A message was enclosed").count() == 1, "{words}");
}

#[test]
fn winmail_dat_that_cannot_be_opened_is_a_document() {
    let broken = [&b"\x78\x9f\x3e\x22\0\0"[..], &file(b"junk", 3000)].concat();
    let laid = lay_out(mixed(&[part("Content-Type: application/ms-tnef; name=winmail.dat", &broken)]));
    assert!(laid.has(Flag::Malformed) && laid.findings.documents == 1);
    assert_eq!(laid.documents()[0].size, broken.len());
    // Beyond a limit it counts as nothing: a person must look.
    let limits = Limits { parts: 2, ..Limits::default() };
    let mail = mixed(&[winmail(&[attached("A.JPG", &file(JPEG, 5000), "a.jpg")])]);
    let laid = lay_out_pieces(&[mail.as_bytes()], "ana@example.com", limits);
    assert!(laid.has(Flag::LimitReached) && laid.findings.documents == 0 && laid.documents().len() == 1);
}

#[test]
fn files_in_words_are_documents() {
    let photo = file(JPEG, 5000);
    let text = format!("Subject: S\r\n\r\nBefore\r\n{}After\r\n", uuencoded("photo.jpg", &photo));
    let laid = lay_out(&text);
    assert_eq!(laid.documents(), [document("01-photo.jpg", &photo)]);
    assert_eq!(laid.words(), ["Before", "After"]);
    let all = laid.texts().join("\n");
    assert_eq!(all.matches("Subject, as written").count(), 1, "the mail has one header: {all}");
    assert!(laid.summary().contains("photo.jpg"));
    let enclosed = lay_out(format!("Content-Type: message/rfc822\r\n\r\n{text}"));
    assert_eq!(enclosed.documents(), [document("01-photo.jpg", &photo)]);
    assert_eq!(enclosed.texts().join("\n").matches("A message was enclosed").count(), 1);
}
