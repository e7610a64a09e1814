//! Flags and numbers: what needs a person, and what a retried mail has in common with its first try.

use crate::support::*;
use sealdrop::intake::Flag;

#[test]
fn a_mail_without_documents_is_flagged() {
    let laid = lay_out("Subject: hello\r\n\r\nI will send the photos tomorrow");
    assert!(laid.has(Flag::NoDocument));
    assert!(laid.summary().contains("No photo and no other document came"));
}

#[test]
fn files_without_bytes_are_flagged_and_not_counted() {
    let empty = part("Content-Type: image/jpeg; name=\"IMG_9.jpg\"", b"");
    let laid = lay_out(mixed(&[empty, part("Content-Type: image/jpeg", &file(JPEG, 500))]));
    assert_eq!((laid.findings.documents, laid.findings.empty), (1, 1));
    assert!(laid.has(Flag::EmptyPart));
    assert!(laid.summary().contains("called by the sender: IMG_9.jpg"), "{}", laid.summary());
}

#[test]
fn decoration_is_counted_apart() {
    let logo = part("Content-Type: image/gif", &file(b"GIF89a\x30\0\x30\0", 6000));
    let laid = lay_out(mixed(&[logo]));
    assert_eq!((laid.findings.documents, laid.findings.decoration), (0, 1));
    assert!(laid.has(Flag::NoDocument));
}

#[test]
fn links_in_place_of_files_are_flagged_even_in_html_that_is_not_shown() {
    let html = "Content-Type: text/html\r\n\r\n<a href='https://drive.google.com/file/d/x'>photos</a>".to_owned();
    let head = "Content-Type: multipart/alternative; boundary=b";
    assert!(lay_out(multipart(head, "b", &["\r\nsee my photos".to_owned(), html])).has(Flag::LinkInPlaceOfFile));
    assert!(lay_out("\r\nhttps://www.icloud.com/attachment/?u=x").has(Flag::LinkInPlaceOfFile));
    assert!(!lay_out("\r\nhttps://example.org/").has(Flag::LinkInPlaceOfFile));
}

#[test]
fn programs_are_flagged_and_get_a_harmless_name() {
    let laid = lay_out(mixed(&[part("Content-Type: application/pdf; name=\"bill.pdf.exe\"", &file(b"MZ\x90\0", 900))]));
    assert!(laid.has(Flag::Executable));
    assert_eq!(laid.documents()[0].name, "01-program.bin");
    assert!(laid.summary().contains("called by the sender: bill.pdf.exe"));
}

#[test]
fn what_the_sender_encrypted_is_laid_out_all_the_same() {
    let control = "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n".to_owned();
    let data = "Content-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nabc\r\n".to_owned();
    let head = "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b";
    let laid = lay_out(multipart(head, "b", &[control, data]));
    assert!(laid.has(Flag::EncryptedBySender));
    assert_eq!((laid.documents()[0].name.as_str(), laid.findings.documents), ("01-encrypted.asc", 1));
    let inline = lay_out("Subject: x\r\n\r\nHello,\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nabc\r\n");
    assert!(inline.has(Flag::EncryptedBySender));
}

#[test]
fn a_second_try_has_the_same_content_and_another_mail_has_not() {
    let mail =
        |head: &str, length| format!("{head}{}", mixed(&[part("Content-Type: image/jpeg", &file(JPEG, length))]));
    let first = lay_out(mail("Received: from a\r\nSubject: x\r\n", 5000)).content;
    let again = mail("Received: from b\r\nSubject: x\r\n", 5000).replace("--b", "--c").replace("=b\r", "=c\r");
    assert_eq!(lay_out(again).content, first);
    assert_ne!(lay_out(mail("Subject: x\r\n", 5001)).content, first);
    assert_ne!(lay_out(mail("Subject: y\r\n", 5000)).content, first);
}

#[test]
fn a_name_in_content_location_alone_is_shown() {
    let laid = lay_out(mixed(&[part("Content-Type: image/jpeg\r\nContent-Location: IMG_7.jpg", &file(JPEG, 500))]));
    assert!(laid.summary().contains("called by the sender: IMG_7.jpg"), "{}", laid.summary());
}

#[test]
fn findings_hold_no_content() {
    let laid = lay_out(mixed(&[
        part("Content-Type: image/jpeg; name=\"SECRETNAME.jpg\"", &file(JPEG, 500)),
        "\r\nSECRETWORD".to_owned(),
    ]));
    let json = serde_json::to_string(&laid.findings).unwrap();
    assert!(!json.contains("SECRET") && json.contains("\"documents\":1"), "{json}");
}
