//! HTML that means harm: staff get words, files and nothing that acts, fetches or hides.

use crate::support::*;

/// Pages, and what staff read of each.
const PAGES: &[(&str, &str)] = &[
    ("<p>Hello<script>alert('x')</script> there", "Hello there"),
    ("<p>Hello<SCRIPT src=//evil.example/x.js>if (a</b) x()</SCRIPT > there", "Hello there"),
    ("<p>Hello<script><!--\n</scrip</script>there", "Hellothere"),
    ("<style>@import url(https://evil.example/t.css); p { color: red }</style><p>Hello", "Hello"),
    ("<p style=\"background:url(https://evil.example/p.gif)\">Hello", "Hello"),
    ("<img src=https://evil.example/pixel.gif width=1 height=1><p>Hello", "Hello"),
    ("<body background='https://evil.example/b.png' onload=\"steal('>')\">Hello", "Hello"),
    ("<iframe src=\"https://evil.example/\"></iframe><object data=\"https://evil.example/o\"></object>Hello", "Hello"),
    ("<link rel=stylesheet href=https://evil.example/s.css><base href=https://evil.example/>Hello", "Hello"),
    ("<meta http-equiv=refresh content=\"0;url=https://evil.example/\">Hello", "Hello"),
    ("<svg><script>alert(1)</script><image href=https://evil.example/i /></svg>Hello", "Hello"),
    ("<form action=https://evil.example/><input value=secret><button>Hello</button></form>", "Hello"),
    ("<a href=\"javascript:alert(1)\">Hello</a>", "Hello"),
    ("<a href=\"data:text/html;base64,PHNjcmlwdD4=\">Hello</a>", "Hello"),
    ("<!--[if mso]><p>only Outlook</p><![endif]-->Hello", "Hello"),
    ("<!-- <script> --><p>Hello<!-- --!></script> -->", "Hello"),
    ("<template><p>hidden</p></template><title>t</title>Hello", "Hello"),
    ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),
    ("Hello\u{202e}olleH\u{202d}\u{1b}[2J", "HelloolleH[2J"),
];

#[test]
fn nothing_remote_and_no_script_reaches_staff() {
    for (page, words) in PAGES {
        let laid = lay_out(format!("Content-Type: text/html; charset=utf-8\r\n\r\n{page}\r\n"));
        assert_eq!(laid.words(), [*words], "{page}");
        assert!(laid.documents().is_empty(), "{page}");
        let layout = String::from_utf8_lossy(&laid.bytes);
        assert!(!layout.contains("evil.example") && !layout.contains("text/html"), "{layout}");
    }
}

#[test]
fn a_link_is_told_as_words_and_where_it_leads() {
    let laid = lay_out("Content-Type: text/html\r\n\r\n<a href='https://evil.example/x'>your bank</a>\r\n");
    assert_eq!(laid.words(), ["your bank <https://evil.example/x>"]);
}

#[test]
fn a_photo_within_a_page_is_a_document_and_its_icons_are_not() {
    let photo = file(JPEG, 60_000);
    let icon = file(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10", 300);
    let image =
        |bytes: &[u8], kind| format!("<img src=\"data:image/{kind};base64,{}\">", sealdrop::armor::base64(bytes));
    let page = format!(
        "<p>before {} after {}<img src='data:image/gif;base64,'> end",
        image(&photo, "png"),
        image(&icon, "png")
    );
    for head in
        ["Content-Type: text/html\r\n\r\n", "Content-Type: text/html\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"]
    {
        let laid = lay_out(format!("{head}{page}\r\n"));
        assert_eq!(laid.documents(), [document("01-photo.jpg", &photo)]);
        assert_eq!(laid.words(), ["before", "after", "end"]);
        assert_eq!((laid.findings.documents, laid.findings.decoration, laid.findings.empty), (1, 1, 0));
        assert!(laid.findings.words);
    }
    // In a form of the mail that is not shown, and cut off.
    let plain = "\r\nbefore".to_owned();
    let hidden = format!("Content-Type: text/html\r\n\r\n{page}");
    let both = multipart("Content-Type: multipart/alternative; boundary=b", "b", &[plain, hidden]);
    let laid = lay_out(both);
    assert_eq!((laid.words(), laid.documents()), (vec!["before".to_owned()], vec![document("01-photo.jpg", &photo)]));
    let cut = lay_out(format!("Content-Type: text/html\r\n\r\n{}", &page[..40_000]));
    assert!(cut.documents().len() == 1 && cut.has(sealdrop::intake::Flag::Malformed));
}

#[test]
fn a_photo_that_is_pasted_and_attached_counts_once() {
    let photo = file(JPEG, 60_000);
    let page = format!(
        "Content-Type: text/html\r\n\r\n<img src='data:image/jpeg;base64,{}'>",
        sealdrop::armor::base64(&photo)
    );
    let laid = lay_out(mixed(&[page, part("Content-Type: image/jpeg; name=a.jpg", &photo)]));
    assert_eq!((laid.documents().len(), laid.findings.documents), (2, 1));
}
