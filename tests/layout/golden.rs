//! Whole layouts kept as files, so that every change in what staff see is seen. `UPDATE_GOLDEN=1` writes them anew.

use crate::support::*;
use std::{fs, path::Path};

fn compare(name: &str, mail: &str) {
    let laid = lay_out(mail);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&file, &laid.bytes).unwrap();
    }
    let expected = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let (got, expected) = (String::from_utf8(laid.bytes).unwrap(), String::from_utf8(expected).unwrap());
    assert!(got == expected, "{name} is not what it was; got:\n{got}");
}

#[test]
fn a_typical_mail_from_an_iphone() {
    let photo = |name: &str, bytes: &[u8]| {
        let head =
            format!("Content-Type: image/jpeg;\r\n\tname={name}\r\nContent-Disposition: inline;\r\n\tfilename={name}");
        part(&head, bytes)
    };
    let text = |text: &str| {
        format!(
            "Content-Type: text/plain;\r\n\tcharset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{text}"
        )
    };
    let head = "Received: from mail.example.com by mx.in.example.org\r\nContent-Type: multipart/mixed; \
                boundary=Apple-Mail-1\r\nContent-Transfer-Encoding: 7bit\r\nFrom: =?utf-8?Q?Ana_Garc=C3=ADa?= \
                <ana@example.com>\r\nMime-Version: 1.0 (1.0)\r\nDate: Tue, 24 Nov 2026 22:08:40 -0500\r\nSubject: Fotos \
                =?utf-8?Q?acta_de_nacimiento?=\r\nMessage-Id: <6F1D-1@example.com>\r\nTo: river-tiger-42@in.example.org\r\n\
                X-Mailer: iPhone Mail (22B91)";
    let parts = [
        text("Buenas tardes, aqu=C3=AD est=C3=A1n las fotos.\r\n\r\n"),
        photo("image0.jpeg", &jpeg(640, 480, 400)),
        photo("IMG_4780.JPG", &heic(3024, 4032, 200)),
        photo("IMG_4780.JPG", &heic(3024, 4032, 200)),
        photo("cut.jpeg", &jpeg(640, 480, 400)[..350]),
        photo("tiny.jpeg", &jpeg(160, 120, 60)),
        photo("empty.jpeg", b""),
        text("\r\n\r\nEnviado desde mi iPhone"),
    ];
    compare("iphone.eml", &multipart(head, "Apple-Mail-1", &parts));
}

#[test]
fn a_link_and_no_file() {
    compare(
        "link.eml",
        "From: ana@example.com\r\nSubject: photos\r\n\r\nThey are here:\r\nhttps://drive.google.com/file/d/1/view\r\n",
    );
}
