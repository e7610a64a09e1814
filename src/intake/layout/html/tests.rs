//! What mail programs write as HTML, and what nobody should.

use super::{super::words::Heard, *};
use proptest::prelude::*;

fn heard(pieces: &[&str]) -> Heard {
    let (mut html, mut heard) = (HtmlText::new(), Heard::default());
    pieces.iter().for_each(|piece| html.push(piece, &mut heard));
    html.finish(&mut heard);
    heard
}

fn text_of(pieces: &[&str]) -> String {
    heard(pieces).text
}

#[test]
fn blocks_become_lines() {
    let html = "<html><head><title>x</title><style>p { color: red }</style></head><body>\r\n<p>Hello,<br>\r\nhere are \
                the  <b>photos</b>.</p><div>One</div><div>Two</div><ul><li>a</li><li>b</li></ul></body></html>";
    assert_eq!(text_of(&[html]), "Hello,\nhere are the photos.\n\nOne\nTwo\n\n- a\n- b\n");
}

#[test]
fn what_is_not_for_reading_goes() {
    assert_eq!(text_of(&["a<script>if (x < 'y') { '</b>' }</SCRIPT >b<!-- <p> -- > -->c"]), "abc\n");
    assert_eq!(text_of(&["<!DOCTYPE html><?xml version='1.0'?><o:p>&nbsp;</o:p>x"]), "x\n");
    assert_eq!(text_of(&["<img src=\"data:image/png;base64,", &"A".repeat(9000), "\" alt=\"a > b\">x"]), "x\n");
}

#[test]
fn entities_are_decoded_and_unknown_ones_stay() {
    assert_eq!(
        text_of(&["Se&ntilde;or &amp; Ni&#241;o &#xF1; &bogus; AT&T & &#0;"]),
        "Señor & Niño ñ &bogus; AT&T & \u{fffd}\n"
    );
    assert_eq!(text_of(&["1 < 2 && 3 > 2"]), "1 < 2 && 3 > 2\n");
    assert_eq!(text_of(&["ends in &eacute"]), "ends in é\n");
}

#[test]
fn links_show_their_target_when_the_text_says_something_else() {
    assert_eq!(
        text_of(&["<a href='https://example.com/a?b=1&amp;c'>my photos</a>!"]),
        "my photos <https://example.com/a?b=1&c>!\n"
    );
    assert_eq!(text_of(&["<a href=\"https://www.example.com/\">example.com</a>"]), "example.com\n");
    assert_eq!(text_of(&["<a href=\"mailto:ana@example.com\">ana@example.com</a>"]), "ana@example.com\n");
    assert_eq!(text_of(&["<a href=\"javascript:alert(1)\">x</a> <a name=q>y</a>"]), "x y\n");
}

#[test]
fn preformatted_text_keeps_its_lines() {
    assert_eq!(text_of(&["<pre>a\n  b\n</pre>c"]), "a\n  b\n\n\nc\n");
}

#[test]
fn finds_the_content_ids_of_pictures() {
    let ids = heard(&["<IMG width=3 SRC='cid:logo@x'><td background=cid:back>"]).content_ids;
    assert_eq!(ids, ["logo@x", "back"]);
}

#[test]
fn finds_the_files_in_data_links() {
    for page in [
        "a<img alt=x src=\"data:image/PNG;base64,UGhvdG8=\" width=1>b",
        "a<img src='data:image/png; charset=x ;base64,UGhv\r\ndG8='>b",
        "a<IMG SRC=DATA:image/png;BASE64,UGhvdG8= >b",
        "a<embed src = \"data:image/png;base64,UGhvdG8=\"/>b",
    ] {
        for cut in 0..page.len() {
            let (start, end) = page.split_at(cut);
            let heard = heard(&[start, end]);
            assert_eq!(heard.files, [("image/png".to_owned(), b"Photo".to_vec(), true)], "{page} at {cut}");
            assert_eq!(heard.text, "ab\n");
        }
    }
    let photo = "QUJD".repeat(30_000);
    let long = heard(&["<img src=\"data:image/jpeg;base64,", &photo, "\">"]);
    assert!(long.files == [("image/jpeg".to_owned(), b"ABC".repeat(30_000), true)]);
    // Cut off, and none at all.
    assert_eq!(
        heard(&["<img src='data:image/png;base64,UGhv"]).files,
        [("image/png".to_owned(), b"Pho".to_vec(), false)]
    );
    for none in [
        "<img src='data:image/svg+xml,<svg>'>",
        "<p>data:image/png;base64,UGhvdG8=</p>",
        "<p title='x data:image/png;base64,UGhvdG8='>",
        "<link href='data:text/css;base64,UGhvdG8='>",
        "<!-- <img src='data:image/png;base64,UGhvdG8='> -->",
    ] {
        assert_eq!(heard(&[none]).files, [], "{none}");
    }
}

#[test]
fn enriched_text_keeps_its_lines_and_loses_its_commands() {
    let (mut html, mut heard) = (HtmlText::enriched(), Heard::default());
    let text = "<bold>One</bold>\n<color><param>red</param>two</color> &amp; a << b<nl>three";
    html.push(text, &mut heard);
    html.finish(&mut heard);
    assert_eq!(heard.text, "One\ntwo &amp; a < b\nthree\n");
}

proptest! {
    #[test]
    fn any_cutting_gives_the_same_text(html in "(<[a-z/!-]{0,3}[ =\"'a]{0,4}>?|&[a-z#0-9]{0,6};?|[a-z \n<>-]){0,30}", at in any::<prop::sample::Index>()) {
        let at = at.index(html.len() + 1);
        let (a, b) = html.split_at(at);
        prop_assert_eq!(text_of(&[a, b]), text_of(&[&html]));
    }

    #[test]
    fn never_panics(html in any::<String>()) {
        text_of(&[&html]);
    }
}
