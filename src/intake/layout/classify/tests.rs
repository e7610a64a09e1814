//! Every rule of mail-rules section 2, and what tries to get around one.

use super::*;

const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF";

fn head(media_type: &str) -> Head {
    Head { disposition: None, ..Head::embedded(media_type) }
}

fn named(media_type: &str, name: &str) -> Head {
    Head { name: Some(Zeroizing::new(name.to_owned())), ..head(media_type) }
}

fn with_id(head: Head, id: &str) -> Head {
    Head { content_id: Some(Zeroizing::new(id.to_owned())), ..head }
}

fn class(head: &Head, window: &[u8]) -> Class {
    classify(head, Place::default(), window, true, &ContentIds::default())
}

fn png(width: u32, height: u32, length: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.resize(length, 1);
    bytes
}

const SHOWN: Class = Class::Words { dialect: Dialect::Plain, shown: true };

#[test]
fn text_without_a_name_is_the_body() {
    assert_eq!(class(&head("text/plain"), b"hello"), SHOWN);
    assert_eq!(class(&head("text/plain"), b""), SHOWN);
    assert_eq!(class(&head("text/plain"), b"hi\0there\0"), SHOWN);
    assert_eq!(class(&head("text/html"), b"<p>hello"), Class::Words { dialect: Dialect::Html, shown: true });
    let attached = Head { disposition: Some(Disposition::Attachment), ..head("text/plain") };
    assert_eq!(class(&attached, b"hello"), Class::Document(Format::Text));
    assert_eq!(class(&named("text/plain", "note.txt"), b"hello"), Class::Document(Format::Text));
}

#[test]
fn a_carriers_text_file_is_the_body() {
    let located =
        Head { content_location: Some(Zeroizing::new("text_0.txt".to_owned())), ..named("text/plain", "text_0.txt") };
    assert_eq!(class(&located, b"hello"), SHOWN);
    assert_eq!(class(&with_id(named("application/octet-stream", "0.txt"), "text"), b"hello"), SHOWN);
    let attached = Head { disposition: Some(Disposition::Attachment), ..located };
    assert_eq!(class(&attached, b"hello"), Class::Document(Format::Text));
}

#[test]
fn html_is_not_shown_twice() {
    let place = Place { plain_shown: true, ..Place::default() };
    let class = classify(&head("text/html"), place, b"<p>hello", true, &ContentIds::default());
    assert_eq!(class, Class::Words { dialect: Dialect::Html, shown: false });
}

#[test]
fn a_document_that_calls_itself_something_else_is_one() {
    for media_type in
        ["text/plain", "text/html", "application/pgp-signature", "application/smil", "message/delivery-status"]
    {
        assert_eq!(class(&head(media_type), JPEG), Class::Document(Format::Jpeg), "{media_type}");
        assert_eq!(class(&head(media_type), b"%PDF-1.4 \n"), Class::Document(Format::Pdf), "{media_type}");
    }
    assert_eq!(class(&head("text/plain"), b"\x01\xf2\0\0\x85\x06\x97\x0eabcd"), Class::Document(Format::Unknown));
    assert_eq!(class(&head("multipart/mixed"), b"--x\r\nhello"), Class::Document(Format::Text));
}

#[test]
fn machinery_is_for_programs() {
    for media_type in
        ["application/smil", "application/pkcs7-signature", "application/pgp-signature", "message/delivery-status"]
    {
        assert_eq!(class(&head(media_type), b"anything"), Class::Machinery, "{media_type}");
    }
    assert_eq!(class(&named("text/plain", "0.smil"), b"<smil>"), Class::Machinery);
    let applefile = head("application/applefile");
    let place = Place { in_appledouble: true, ..Place::default() };
    assert_eq!(classify(&applefile, place, b"\0\x05\x16\x07", true, &ContentIds::default()), Class::Machinery);
    assert_eq!(class(&applefile, b"\0\x05\x16\x07"), Class::Document(Format::Unknown));
}

#[test]
fn a_file_without_bytes_is_empty() {
    assert_eq!(class(&named("image/jpeg", "photo.jpg"), b""), Class::Empty);
    assert_eq!(class(&head("application/octet-stream"), b""), Class::Empty);
}

#[test]
fn small_pictures_are_decoration() {
    let picture = head("image/png");
    assert_eq!(class(&picture, &png(100, 800, 9000)), Class::Decoration);
    assert_eq!(class(&picture, &png(101, 800, 9000)), Class::Document(Format::Png));
    assert_eq!(class(&picture, &png(800, 800, 4096)), Class::Decoration);
    assert_eq!(class(&picture, &png(800, 800, 4097)), Class::Document(Format::Png));
    assert_eq!(class(&picture, &png(0, 0, 30)), Class::Document(Format::Png));
    // More is to come: its size is not known.
    assert_eq!(
        classify(&picture, Place::default(), &png(800, 800, 4096), false, &ContentIds::default()),
        Class::Document(Format::Png)
    );
}

#[test]
fn a_jpeg_is_never_decoration() {
    let logo = with_id(named("image/jpeg", "image001.jpg"), "image001.jpg@01D83D1A.CA67BD70");
    assert_eq!(class(&logo, JPEG), Class::Document(Format::Jpeg));
}

#[test]
fn outlooks_logos_are_decoration() {
    let logo = |id| with_id(named("image/png", "image001.png"), id);
    assert_eq!(class(&logo("image001.png@01D83D1A.CA67BD70"), &png(199, 300, 9000)), Class::Decoration);
    assert_eq!(class(&logo("image001.png@01D83D1A.CA67BD70"), &png(200, 300, 9000)), Class::Document(Format::Png));
    for id in
        ["image001.png", "image001.png@example.com", "img001.png@01D83D1A.CA67BD70", "image001.png@01D83D1.CA67BD70"]
    {
        assert_eq!(class(&logo(id), &png(199, 300, 9000)), Class::Document(Format::Png), "{id}");
    }
}

#[test]
fn banners_that_the_html_shows_are_decoration() {
    let banner = with_id(head("image/png"), "banner");
    let mut cids = ContentIds::default();
    let with = |cids: &ContentIds, width| classify(&banner, Place::default(), &png(width, 120, 9000), true, cids);
    assert_eq!(with(&cids, 600), Class::Document(Format::Png));
    cids.add("banner");
    assert_eq!(with(&cids, 600), Class::Decoration);
    assert_eq!(with(&cids, 599), Class::Document(Format::Png));
}

#[test]
fn words_encrypted_with_pgp_are_a_document() {
    assert_eq!(class(&head("text/plain"), b"\r\n-----BEGIN PGP MESSAGE-----\r\n"), Class::Document(Format::Pgp));
    assert!(head("application/pkcs7-mime").claims_encryption() && !head("application/pdf").claims_encryption());
    assert!(!Head { signed_only: true, ..head("application/pkcs7-mime") }.claims_encryption());
}

#[test]
fn content_ids_are_bounded() {
    let mut cids = ContentIds::default();
    (0..1000).for_each(|n| cids.add(&n.to_string()));
    assert_eq!(cids.0.len(), ContentIds::MOST);
}

#[test]
fn a_carriers_logo_is_decoration_in_its_own_mail_only() {
    let from = |address| Place { carrier: Carrier::of(address), ..Place::default() };
    let class = |head: &Head, place, bytes: &[u8]| classify(head, place, bytes, false, &ContentIds::default());
    let logo = named("image/jpeg", "alltel_logo.jpg");
    assert_eq!(class(&logo, from("1@message.alltel.com"), JPEG), Class::Decoration);
    assert_eq!(class(&logo, from("1@tmomail.net"), JPEG), Class::Document(Format::Jpeg));
    assert_eq!(class(&logo, Place::default(), JPEG), Class::Document(Format::Jpeg));
    // By its Content-ID, as what it is and not as what it is called.
    let by_id = with_id(head("image/jpeg"), "images/reb.jpg");
    assert_eq!(class(&by_id, from("1@mms.3ireland.ie"), JPEG), Class::Decoration);
    assert_eq!(class(&by_id, from("1@mms.3ireland.ie"), b"%PDF-1.4"), Class::Document(Format::Pdf));
    let (gif, numbered) = (b"GIF89a\x90\x01\x90\x01", with_id(head("image/gif"), "A4.403624536960388"));
    assert_eq!(class(&numbered, from("1@rci.rogers.com"), gif), Class::Decoration);
    assert_eq!(class(&numbered, from("1@rci.rogers.com"), JPEG), Class::Document(Format::Jpeg));
    assert_eq!(class(&named("image/gif", "me.gif"), from("1@rci.rogers.com"), gif), Class::Document(Format::Gif));
}

#[test]
fn enriched_text_is_words_and_hidden_behind_plain_text() {
    for media_type in ["text/enriched", "text/richtext"] {
        assert_eq!(class(&head(media_type), b"<bold>hi"), Class::Words { dialect: Dialect::Enriched, shown: true });
        let place = Place { plain_shown: true, ..Place::default() };
        let hidden = classify(&head(media_type), place, b"<bold>hi", true, &ContentIds::default());
        assert_eq!(hidden, Class::Words { dialect: Dialect::Enriched, shown: false });
    }
}
