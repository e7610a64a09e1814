//! Photos of every format, wrapped as phones, carriers, scanners and mail programs wrap them (mail-rules, section 1): each
//! comes out whole, once, and as what its bytes are, whatever name and type its sender gave it.

use crate::{
    laying::{lay_out, multipart, part},
    manifest::rows,
};

/// Makes a mail around a photo.
type Shape = fn(&[u8]) -> String;

/// Ways in which a photo comes: who sends so, and the mail. The names and types lie.
const SHAPES: &[(&str, Shape)] = &[
    ("iOS, inline between words", |photo| {
        let head = "Content-Type: image/jpeg; name=image0.jpeg\r\nContent-Disposition: inline; filename=image0.jpeg";
        let signature = "Content-Type: text/plain\r\n\r\nSent from my iPhone".to_owned();
        mail("multipart/mixed", &["\r\nhere".to_owned(), part(head, photo), signature])
    }),
    ("Gmail, attached under a name that says PDF", |photo| {
        let head = "Content-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf";
        mail("multipart/mixed", &["\r\nhere".to_owned(), part(head, photo)])
    }),
    ("Verizon, without disposition", |photo| {
        let smil = "Content-Type: application/smil; name=0.smil\r\n\r\n<smil/>".to_owned();
        let head = "Content-Type: image/jpeg; name=0705.jpg\r\nContent-Location: 0705.jpg";
        mail("multipart/mixed; type=\"application/smil\"", &[smil, part(head, photo)])
    }),
    ("AT&T, named in Content-Location alone", |photo| {
        let head = "Content-Type: image/jpeg\r\nContent-Location: IMG_1.jpg\r\nContent-Disposition: inline";
        mail("multipart/mixed", &[part(head, photo)])
    }),
    ("T-Mobile, related and referenced", |photo| {
        let page = "Content-Type: text/html\r\n\r\n<img src=\"cid:761\">".to_owned();
        let head = "Content-Type: image/jpeg; name=a.jpg\r\nContent-Location: a.jpg\r\nContent-ID: <761>";
        mail("multipart/related; type=\"text/html\"", &[page, part(head, photo)])
    }),
    ("a scanner, as a mail that is nothing else", |photo| {
        format!("Subject: scan\r\n{}", part("Content-Type: application/octet-stream", photo))
    }),
    ("a gateway that calls it text", |photo| mail("multipart/mixed", &[part("Content-Type: text/plain", photo)])),
    ("files in the HTML branch only", |photo| {
        let page = "Content-Type: text/html\r\n\r\n<p>here".to_owned();
        let head = "Content-Type: image/heic; name=a.heic\r\nContent-Disposition: inline; filename=a.heic";
        let branch = multipart("Content-Type: multipart/mixed; boundary=h", "h", &[page, part(head, photo)]);
        mail("multipart/alternative", &["\r\nhere".to_owned(), branch])
    }),
    ("forwarded within a message in base64", |photo| {
        let inner = format!("Subject: inner\r\n{}", part("Content-Type: image/jpeg; name=a.jpg", photo));
        mail("multipart/mixed", &[part("Content-Type: message/rfc822", inner.as_bytes())])
    }),
    ("pasted into a page", |photo| {
        let base64 = sealdrop::armor::base64(photo);
        format!("Content-Type: text/html\r\n\r\n<p>here <img src=\"data:image/jpeg;base64,{base64}\"> it is</p>\r\n")
    }),
];

fn mail(media_type: &str, parts: &[String]) -> String {
    multipart(&format!("Message-ID: <1@example.com>\r\nContent-Type: {media_type}; boundary=b"), "b", parts)
}

/// The type and extension that the bytes tell, by what the manifest says of the file.
fn expected(file: &str, tests: &str) -> (&'static str, &'static str) {
    match tests.split(' ').next().unwrap_or_default() {
        "image/jpeg" => ("image/jpeg", "jpg"),
        "image/png" => ("image/png", "png"),
        "image/gif" => ("image/gif", "gif"),
        "image/bmp" => ("image/bmp", "bmp"),
        "image/tiff" => ("image/tiff", "tiff"),
        "image/webp" => ("image/webp", "webp"),
        "image/heif" if file.contains("avif") => ("image/avif", "avif"),
        // The manifest's `video/mp4` is HEIF with a picture in JPEG: its brand is `jpeg`, compatible with `mif1`.
        "image/heif" | "video/mp4" => ("image/heic", "heic"),
        // github_15.heic begins with no signature at all.
        _ => ("application/octet-stream", "bin"),
    }
}

/// Whether rule 5c takes the picture for decoration: by the size that the manifest tells, not by ours.
fn is_small(tests: &str, length: usize) -> bool {
    let Some((kind, size)) = tests.split_once(' ') else { return false };
    let sides = size.split('x').map(|side| side.parse::<u32>().unwrap());
    let short = sides.min().unwrap_or_default();
    ["image/gif", "image/png", "image/bmp"].contains(&kind) && (short <= 100 || length <= 4096)
}

#[test]
fn every_photo_comes_out_of_every_shape_as_what_its_bytes_are() {
    let Some(rows) = rows("photo") else { return };
    let mut wrong = Vec::new();
    for row in &rows {
        for (shape, wrap) in SHAPES {
            let laid = lay_out(wrap(&row.bytes));
            let documents = laid.documents();
            if is_small(&row.tests, row.bytes.len()) {
                if !documents.is_empty() || laid.findings.decoration != 1 {
                    wrong.push(format!("{}, {shape}: no decoration but {documents:?}", row.file));
                }
                continue;
            }
            let (media_type, extension) = expected(&row.file, &row.tests);
            let whole = |d: &crate::laying::Document| d.sha256 == sealdrop::digest::sha256(&row.bytes);
            let named = |d: &crate::laying::Document| d.name.ends_with(&format!(".{extension}"));
            let typed = String::from_utf8_lossy(&laid.bytes).contains(&format!("Content-Type: {media_type}; name="));
            if !matches!(&documents[..], [one] if whole(one) && named(one)) || !typed || laid.findings.documents != 1 {
                wrong.push(format!("{}, {shape}: {documents:?}, not {media_type}", row.file));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len() * SHAPES.len(), wrong.join("\n"));
}
