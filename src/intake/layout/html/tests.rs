//! What mail programs write as HTML, and what nobody should.

use super::*;
use proptest::prelude::*;

fn text_of(pieces: &[&str]) -> String {
    let (mut html, mut cids, mut out) = (HtmlText::new(), ContentIds::default(), String::new());
    pieces.iter().for_each(|piece| html.push(piece, &mut cids, &mut out));
    html.finish(&mut out);
    out
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
    let (mut html, mut cids) = (HtmlText::new(), ContentIds::default());
    html.push("<IMG width=3 SRC='cid:logo@x'><td background=cid:back>", &mut cids, &mut String::new());
    assert!(cids.holds("logo@x") && cids.holds("back") && !cids.holds("x"));
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
