//! What staff are told of pictures, and that real documents are not called broken.

use crate::{manifest, support::*};
use sealdrop::{
    intake::{
        Flag, Trouble, Wrong,
        sharpness::{Budget, Settings},
    },
    mime::Limits,
};

fn one(bytes: &[u8]) -> Laid {
    lay_out(mixed(&[part("Content-Type: application/octet-stream", bytes)]))
}

fn troubles(laid: &Laid) -> Vec<(u32, Wrong)> {
    laid.findings.troubles.iter().map(|Trouble { document, what }| (*document, *what)).collect()
}

#[test]
fn each_document_has_a_line_with_kind_size_and_dimensions() {
    let summary = one(&jpeg(4032, 3024, 2_400_000)).summary();
    assert!(
        summary.contains("01-photo.jpg: photo (JPEG), 2.4 MB, 4032 x 3024\n") || summary.ends_with("4032 x 3024"),
        "{summary}"
    );
    let summary = one(&heic(3024, 4032, 900_000)).summary();
    assert!(summary.contains("photo (HEIC, from an iPhone), 900 KB, 3024 x 4032"), "{summary}");
    assert!(summary.contains("Mail programs seldom show HEIC"), "{summary}");
}

#[test]
fn what_is_wrong_stands_below_the_document_and_is_counted_by_its_number() {
    let photos = [&jpeg(4032, 3024, 9_000)[..], &jpeg(4032, 3024, 90_000)[..70_000], &[0; 5_000], &jpeg(160, 120, 900)];
    let parts: Vec<String> = photos.iter().map(|photo| part("Content-Type: image/jpeg", photo)).collect();
    let laid = lay_out(mixed(&parts));
    assert_eq!(troubles(&laid), [(2, Wrong::CutOff), (3, Wrong::Unreadable), (4, Wrong::Thumbnail)]);
    assert!(laid.has(Flag::CutOff) && laid.has(Flag::Unreadable) && laid.has(Flag::Thumbnail));
    assert_eq!(laid.findings.documents, 4, "what is wrong is delivered all the same");
    let summary = laid.summary();
    assert!(
        summary.contains("02-photo.jpg: photo (JPEG), 70 KB, 4032 x 3024\n    cut off: its end is missing\n"),
        "{summary}"
    );
}

#[test]
fn the_same_bad_photo_twice_is_one_trouble() {
    let bad = part("Content-Type: image/jpeg", &jpeg(800, 600, 9_000)[..5_000]);
    assert_eq!(troubles(&lay_out(mixed(&[bad.clone(), bad]))), [(1, Wrong::CutOff)]);
}

#[test]
fn troubles_are_bounded() {
    let bad = |n: usize| part("Content-Type: image/jpeg", &jpeg(800, 600, 9_000)[..5_000 + n]);
    let laid = lay_out(mixed(&(0..50).map(bad).collect::<Vec<_>>()));
    assert_eq!((laid.findings.troubles.len(), laid.findings.documents), (32, 50));
}

#[test]
fn dimensions_that_cannot_be_true_are_told_as_a_claim() {
    let summary = one(&jpeg(65_535, 65_535, 300)).summary();
    assert!(summary.contains("claims to have 65535 x 65535"), "{summary}");
}

#[test]
fn a_program_is_renamed_and_the_list_says_so() {
    let laid = lay_out(mixed(&[part("Content-Type: image/jpeg; name=photo.jpg.exe", &file(b"MZ\x90\0", 900))]));
    assert!(laid.summary().contains("01-program.bin: PROGRAM or script") && laid.summary().contains("named .bin here"));
}

#[test]
fn a_photo_that_was_measured_as_blurred_is_told() {
    let settings = Settings { max_photo: 1 << 20, budget: Budget::new(8 << 20) };
    let laid = lay_out_measured(
        &mixed(&[part("Content-Type: image/png", &page(6)), part("Content-Type: image/png", &page(0))]),
        settings,
    );
    assert_eq!(troubles(&laid), [(1, Wrong::Blurred)]);
    assert!(laid.has(Flag::Blurred) && laid.summary().contains("    blurred, by measurement"), "{}", laid.summary());
}

/// No document of the real mail is called cut off, broken or locked, but for those that are.
#[test]
fn real_documents_raise_no_false_alarm() {
    let Some(rows) = manifest::rows("message") else { return };
    let mut told = Vec::new();
    for row in rows {
        let mail = &row.bytes;
        let laid = lay_out_pieces(&[mail], "ana@example.com", Limits::default());
        let worse = laid.findings.troubles.iter().filter(|trouble| trouble.what != Wrong::Thumbnail);
        told.extend(worse.map(|trouble| format!("{} {} {:?}", row.file, trouble.document, trouble.what)));
    }
    assert_eq!(told, ALARMS, "{}", told.join("\n"));
}

/// Each looked at by hand, and each is right.
const ALARMS: &[&str] = &[
    // JPEGs of which somebody kept the first and the last lines of base64: no scan in the one, half a table in the other.
    "cpython/msg_22.txt 1 Unreadable",
    "cpython/msg_22.txt 2 CutOff",
    "derived/encrypted-pdf.eml 1 Locked",
    // A fragment: the photo ends within its data.
    "mime4j/mimetools-testmsgs/frag.msg 1 CutOff",
    // The first 1026 bytes of a PDF, named `broken.pdf`.
    "ruby-mail/emails/attachment_emails/attachment_message_rfc822.eml 1 CutOff",
    "ruby-mail/emails/attachment_emails/attachment_pdf.eml 1 CutOff",
    "ruby-mail/emails/attachment_emails/attachment_pdf_non_ascii.eml 1 CutOff",
    "ruby-mail/emails/mime_emails/raw_email_with_multipart_mixed_quoted_boundary.eml 1 CutOff",
];
