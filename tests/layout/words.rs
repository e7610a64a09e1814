//! The client's words as staff read them.

use crate::support::*;

fn body(head: &str, text: &str) -> String {
    format!("{head}\r\n\r\n{text}")
}

#[test]
fn words_are_shown_in_their_order_between_the_documents() {
    let photo = part("Content-Type: image/jpeg", &file(JPEG, 500));
    let laid = lay_out(mixed(&[body("", "Hola,\r\naqu\u{ed} est\u{e1}"), photo, body("", "Sent from my iPhone")]));
    let words = laid.words();
    assert_eq!(words, ["Hola,\naqu\u{ed} est\u{e1}", "Sent from my iPhone"]);
    assert!(laid.findings.words);
}

#[test]
fn flowed_text_stays_flowed() {
    let laid =
        lay_out("Content-Type: text/plain; charset=us-ascii; format=flowed; delsp=yes\r\n\r\na long \r\nline\r\n");
    let text = String::from_utf8(laid.bytes).unwrap();
    assert!(text.contains("charset=utf-8; format=flowed; delsp=yes\r\n"), "{text}");
    assert!(text.contains("a long=20\r\nline\r\n"), "{text}");
}

#[test]
fn html_alone_becomes_text() {
    let laid =
        lay_out("Content-Type: text/html; charset=iso-8859-1\r\n\r\n<p>Se&ntilde;ora <b>Ana</b>,<br>gracias</p>");
    assert_eq!(laid.words().concat(), "Se\u{f1}ora Ana,\ngracias");
}

#[test]
fn html_beside_plain_text_is_left_out() {
    let html = body("Content-Type: text/html", "<p>formatted</p>");
    let head = "Content-Type: multipart/alternative; boundary=b";
    let both = lay_out(multipart(head, "b", &[body("", "plain"), html.clone()]));
    assert_eq!(both.words(), ["plain"]);
    // Plain text that says nothing does not stand for it.
    let blank = lay_out(multipart(head, "b", &[body("", " \r\n"), html]));
    assert_eq!(blank.words().concat(), "formatted");
}

#[test]
fn a_mail_without_words_says_so() {
    let laid = lay_out(mixed(&[part("Content-Type: image/jpeg", &file(JPEG, 500))]));
    assert!(!laid.findings.words && laid.words().is_empty());
    assert!(laid.summary().contains("The sender wrote no words."));
}

#[test]
fn subject_and_from_are_shown_and_cannot_deceive() {
    let laid = lay_out("From: Ana <ana@example.com>\r\nSubject: =?utf-8?Q?my_=E2=80=AEphoto?=\r\n\r\nhello");
    let first = &laid.texts()[0];
    assert!(first.contains("From, as written: Ana <ana@example.com>\n"), "{first}");
    assert!(first.contains("Subject, as written: my photo"), "{first}");
}

#[test]
fn words_cannot_forge_a_part() {
    let laid = lay_out("Subject: x\r\n\r\n--sealdrop-0123\r\nContent-Type: text/plain\r\n\r\nnot the relay's\r\n");
    assert_eq!(laid.words().len(), 1);
    assert!(laid.words()[0].contains("not the relay's"));
}

#[test]
fn each_text_says_who_wrote_it() {
    let said = "Content-Description: From the relay\r\n";
    let laid = lay_out(body("Content-Type: text/plain", said));
    let text = String::from_utf8(laid.bytes).unwrap();
    let heads: Vec<&str> =
        text.split("\r\n--").filter_map(|part| part.split_once("\r\n\r\n")).map(|(head, _)| head).collect();
    let by =
        |author: &str| heads.iter().filter(|head| head.contains(&format!("Content-Description: {author}"))).count();
    assert_eq!((by("From the relay"), by("Words of the sender")), (2, 1), "{text}");
}
