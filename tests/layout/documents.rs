//! Documents come back out of the layout byte for byte, however the mail was cut into pieces.

use crate::support::*;
use proptest::prelude::*;
use sealdrop::mime::Limits;

#[test]
fn bytes_come_back_as_they_went_in() {
    let files =
        [file(JPEG, 3_000_000), file(HEIC, 32 * 1024), file(b"%PDF-1.7\n", 32 * 1024 + 1), file(b"PK\x03\x04", 57)];
    let parts: Vec<String> = files.iter().map(|file| part("Content-Type: image/jpeg; name=a.jpg", file)).collect();
    let laid = lay_out(mixed(&parts));
    let names = ["01-photo.jpg", "02-photo.heic", "03-document.pdf", "04-archive.zip"];
    let expected: Vec<Document> = names.iter().zip(&files).map(|(name, file)| document(*name, file)).collect();
    assert_eq!(laid.documents(), expected);
    assert_eq!(laid.findings.documents, 4);
}

#[test]
fn the_same_bytes_twice_count_once() {
    let photo = part("Content-Type: image/jpeg", &file(JPEG, 5000));
    let laid = lay_out(mixed(&[photo.clone(), photo]));
    assert_eq!((laid.documents().len(), laid.findings.documents), (2, 1));
    assert!(laid.summary().contains("the same bytes as number 01"), "{}", laid.summary());
}

/// Thunderbird shows `text/calendar` as an invitation with buttons that answer its sender, by its name even where the
/// type is application/octet-stream.
#[test]
fn an_invitation_is_a_document_and_invites_nobody() {
    let laid =
        lay_out(mixed(&[part("Content-Type: text/calendar; name=a.ics", b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n")]));
    let text = String::from_utf8(laid.bytes).unwrap();
    assert!(text.contains("Content-Type: application/ics; name=\"01-appointment.ics\""), "{text}");
    assert!(!text.contains("text/calendar"), "{text}");
}

#[test]
fn staff_are_told_of_pictures_that_their_mail_program_does_not_show() {
    let hint = "Mail programs seldom show HEIC";
    let photo = |magic| lay_out(mixed(&[part("Content-Type: image/jpeg; name=a.jpg", &file(magic, 5000))])).summary();
    assert!(photo(HEIC).contains(hint) && !photo(JPEG).contains(hint));
}

#[test]
fn documents_are_found_in_every_branch_and_in_enclosed_messages() {
    let photo = |n: usize| part("Content-Type: image/jpeg; name=p.jpg", &file(JPEG, 5000 + n));
    let branch = multipart("Content-Type: multipart/mixed; boundary=y", "y", &["\r\nhtml".to_owned(), photo(1)]);
    let alternative =
        multipart("Content-Type: multipart/alternative; boundary=x", "x", &["\r\nplain".to_owned(), branch]);
    let enclosed = format!(
        "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n{}",
        mixed(&[photo(2)]).replace("--b", "--c").replace("boundary=b", "boundary=c")
    );
    let laid = lay_out(mixed(&[alternative, enclosed]));
    assert_eq!(laid.findings.documents, 2);
    assert!(laid.words().iter().any(|text| text.contains("A message was enclosed") && text.contains("Subject: inner")));
}

#[test]
fn what_cannot_be_read_as_mime_is_laid_out_whole() {
    let head = "Content-Type: multipart/mixed; boundary=missing\r\n\r\n";
    let source = part("--other\r\nContent-Type: image/jpeg", &file(JPEG, 200_000));
    let laid = lay_out(format!("{head}{source}"));
    assert_eq!(laid.documents().len(), 1);
    assert!(laid.has(sealdrop::intake::Flag::Malformed));
    let short = lay_out(format!("{head}no boundary here\r\n"));
    assert_eq!(short.words(), ["no boundary here"]);
    assert!(short.has(sealdrop::intake::Flag::Malformed));
}

#[test]
fn what_a_limit_leaves_undivided_is_laid_out_and_not_counted() {
    let parts: Vec<String> = (0..5).map(|n| part("Content-Type: image/jpeg", &file(JPEG, 5000 + n))).collect();
    let inner = multipart("Content-Type: multipart/mixed; boundary=c", "c", &parts);
    let outer = mixed(&[parts[0].clone(), inner]);
    let laid = lay_out_pieces(&[outer.as_bytes()], "ana@example.com", Limits { depth: 1, ..Limits::default() });
    assert!(laid.has(sealdrop::intake::Flag::LimitReached), "{:?}", laid.findings);
    assert_eq!((laid.documents().len(), laid.findings.documents), (2, 1));
}

/// One part of a made-up mail.
fn any_part() -> impl Strategy<Value = String> {
    let magic = prop::sample::select(vec![JPEG, HEIC, b"%PDF-1.7\n", b"GIF89a\x05\0\x05\0", b"", b"hello ", b"<p>"]);
    let head = prop::sample::select(vec![
        "Content-Type: image/jpeg; name=\"IMG_1.JPG\"",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html",
        "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"../a\"",
        "Content-Type: application/smil",
    ]);
    (head, magic, prop_oneof![4 => 0usize..3000, 1 => 32_000usize..34_000])
        .prop_map(|(head, magic, length)| part(head, &file(magic, length)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_cutting_gives_the_same_layout(parts in prop::collection::vec(any_part(), 0..5), cuts in prop::collection::vec(1usize..4000, 1..20)) {
        let mail = mixed(&parts);
        let (mut pieces, mut rest, mut cut) = (Vec::new(), mail.as_bytes(), cuts.iter().cycle());
        while !rest.is_empty() {
            let (piece, tail) = rest.split_at(rest.len().min(*cut.next().unwrap()));
            pieces.push(piece);
            rest = tail;
        }
        let (whole, cut) = (lay_out(&mail), lay_out_pieces(&pieces, "ana@example.com", Limits::default()));
        prop_assert_eq!(&whole.bytes, &cut.bytes);
        prop_assert_eq!((&whole.findings, whole.content), (&cut.findings, cut.content));
        let listed = whole.documents();
        let distinct: std::collections::HashSet<_> = listed.iter().map(|document| document.sha256).collect();
        prop_assert_eq!(distinct.len(), whole.findings.documents as usize);
    }

    #[test]
    fn nothing_makes_it_panic(mail in "(Content-Type: (text/html|multipart/mixed; boundary=b|message/rfc822)|Subject: [^\\x00]{0,20}|\r\n|--b|--|[a-z<&=]{0,9}|\\x00|\u{fffd}){0,40}") {
        let laid = lay_out(mail);
        prop_assert!(laid.bytes.ends_with(b"--\r\n"));
    }
}
