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

#[test]
fn pieces_of_a_mail_and_pointers_to_files_are_laid_out_and_not_counted() {
    let partial =
        lay_out("Content-Type: message/partial; id=x; number=1; total=2\r\n\r\nSubject: inner\r\n\r\nhalf a photo\r\n");
    assert_eq!((partial.documents().len(), partial.findings.documents), (1, 0));
    assert!(partial.has(Flag::Malformed) && partial.has(Flag::NoDocument));
    assert!(partial.summary().contains("not the document itself"), "{}", partial.summary());
    let external =
        "Content-Type: message/external-body; access-type=anon-ftp\r\n\r\nContent-Type: image/jpeg\r\n".to_owned();
    let external = lay_out(mixed(&[external]));
    assert_eq!((external.documents().len(), external.findings.documents), (1, 0));
    assert!(external.has(Flag::LinkInPlaceOfFile));
}

#[test]
fn a_carriers_page_counts_as_a_link_only_where_no_picture_came() {
    let words = "\r\nSee http://pictures.sprintpcs.com/share.do?invite=1".to_owned();
    assert!(lay_out(mixed(std::slice::from_ref(&words))).has(Flag::LinkInPlaceOfFile));
    let photo = part("Content-Type: image/jpeg", &file(JPEG, 5000));
    assert!(!lay_out(mixed(&[words, photo.clone()])).has(Flag::LinkInPlaceOfFile));
    let drive = "\r\nThe rest: https://drive.google.com/file/d/1".to_owned();
    assert!(lay_out(mixed(&[drive, photo])).has(Flag::LinkInPlaceOfFile));
}

#[test]
fn a_carriers_logo_is_known_by_the_envelope_or_by_the_header() {
    let photo = part("Content-Type: image/jpeg; name=a.jpg", &file(JPEG, 5000));
    let logo = part("Content-Type: image/jpeg; name=alltel_logo.jpg", &file(JPEG, 5515));
    let mail = mixed(&[photo, logo]);
    let limits = sealdrop::mime::Limits::default();
    let counts = |laid: Laid| (laid.findings.documents, laid.findings.decoration);
    let from = |address| counts(lay_out_pieces(&[mail.as_bytes()], address, limits));
    assert_eq!(from("12065550100@message.alltel.com"), (1, 1));
    assert_eq!(from("ana@example.com"), (2, 0));
    assert_eq!(counts(lay_out(format!("From: <12065550100@mms.alltel.com>\r\n{mail}"))), (1, 1));
    // Forwarded within a message.
    let enclosed = format!("Content-Type: message/rfc822\r\n\r\nFrom: 12065550100@mms.alltel.com\r\n{mail}");
    let outer = multipart("Content-Type: multipart/mixed; boundary=o", "o", &[enclosed]);
    assert_eq!(counts(lay_out(outer)), (1, 1));
}
