//! Files in words: found where they are, and nowhere else.

use super::super::tests::read;
use crate::mime::{Limits, Summary};
use proptest::prelude::*;

/// Reads a text with these parts as its outcome.
#[track_caller]
fn check(text: impl AsRef<[u8]>, parts: &[&str]) -> Summary {
    let (lines, summary) = read(&[b"Subject: x\n\n", text.as_ref()].concat(), Limits::default());
    assert_eq!(lines, parts);
    summary
}

const FILE: &str = "application/octet-stream <x>: ";

#[test]
fn words_files_words() {
    let summary = check(
        "Look:\nbegin 644 a.gif\n#0V%T\n`\nend\n\nbegin 600 b c.gif\n#0V%T\n#0V%T\n \nend\n\nBye\nbye\n",
        &[
            "text/plain: Look:\\n",
            "application/octet-stream <a.gif>: Cat",
            "application/octet-stream <b c.gif>: CatCat",
            "text/plain: Bye\\nbye\\n",
        ],
    );
    assert_eq!(summary, Summary { parts: 4, limit_reached: false, malformed: false });
}

#[test]
fn variants() {
    let file = format!("{FILE}Cat");
    for text in [
        "begin 644 x\n#0V%T\n`\nend\n",
        "begin 0644 x\r\n#0V%T\r\n`\r\nend\r\n",
        "begin 644 x\n#0V%T\n \nend",
        "begin 644 x\n#0V%T\nend\n",
        "begin 644 x\n#0V%T\n\n\nend\n",
        "begin 644 x\n#0V%TX\n`\nend\n",
        "begin-base64 644 x\nQ2F0\n====\n",
    ] {
        check(text, &["text/plain: ", &file]);
    }
    check("begin 644 x\n`\nend\n", &["text/plain: ", FILE]);
    check("begin 644 x\n#    \n`\nend\n", &["text/plain: ", &format!("{FILE}\\x00\\x00\\x00")]);
    check("begin 644 x\n#  \n`\nend\n", &["text/plain: ", &format!("{FILE}\\x00\\x00\\x00")]);
    check(&b"begin 644 \xe9\n#0V%T\nend"[..], &["text/plain: ", "application/octet-stream <\u{e9}>: Cat"]);
}

#[test]
fn words_that_say_begin() {
    for text in [
        "begin 644 words\nand so on, said she.\n",
        "begin 644 WORDS\nLOUD WORDS\n",
        "begin 644 x",
        "begin 644 x\n",
        "begin 644 x\n\n#0V%T\nend\n",
        "begin again\n#0V%T\nend\n",
        " begin 644 x\n#0V%T\nend\n",
        "> begin 644 x\n> #0V%T\n> end\n",
        "begin-base64 644 x\nDear Sir\n====\n",
        "=ybegin\n=yend\n",
        "begin 644 y\nbegin again\n",
    ] {
        check(text, &[&format!("text/plain: {}", text.escape_default())]);
    }
    check("begin 644 one\nbegin 644 x\n#0V%T\nend\n", &["text/plain: begin 644 one\\n", &format!("{FILE}Cat")]);
}

#[test]
fn files_that_break_off() {
    check("begin 644 x\n#0V%T\n", &["text/plain: ", &format!("{FILE}Cat!~")]);
    check("begin 644 x\n#0V%T", &["text/plain: ", &format!("{FILE}Cat!~")]);
    check(
        "begin 644 x\n#0V%T\n-- \nSent from my phone\n",
        &["text/plain: ", &format!("{FILE}Cat!~"), "text/plain: -- \\nSent from my phone\\n"],
    );
    check(
        "begin 644 x\n#0V%T\nbegin 644 x\n#0V%T\nend\n",
        &["text/plain: ", &format!("{FILE}Cat!~"), &format!("{FILE}Cat")],
    );
    let prose = "words without end ".repeat(100);
    check(
        format!("begin 644 x\n#0V%T\n{prose}"),
        &["text/plain: ", &format!("{FILE}Cat!~"), &format!("text/plain: {prose}")],
    );
}

#[test]
fn yenc() {
    let begin = "=ybegin line=128 size=3 name=x\r\n";
    let file = |text: &[u8]| [begin.as_bytes(), text].concat();
    check(file(b"m\x8b\x9e\r\n=yend size=3\r\nmore"), &["text/plain: ", &format!("{FILE}Cat"), "text/plain: more"]);
    check(file(b"=}\x8b\r\n\x9e\r\n=yend size=3"), &["text/plain: ", &format!("{FILE}\\x13at")]);
    check(file(b"=ypart begin=1 end=3\r\nm\x8b\x9e\r\n=yend size=3\r\n"), &["text/plain: ", &format!("{FILE}Cat")]);
    check(file(b"m\x8b\r\n=yend size=3\r\n"), &["text/plain: ", &format!("{FILE}Ca!~")]);
    check(file(b"m\x8b\x9e"), &["text/plain: ", &format!("{FILE}Cat!~")]);
}

#[test]
fn only_in_the_words_of_a_mail() {
    let text = "begin 644 x\n#0V%T\nend\n";
    for head in ["Content-Type: text/html", "Content-Type: text/plain; name=x.txt", "Content-Disposition: attachment"] {
        let (lines, _) = read(format!("{head}\n\n{text}").as_bytes(), Limits::default());
        assert_eq!(lines.len(), 1, "{head}");
    }
    // What follows a file is read as what stands before it.
    let head = "Content-Type: text/plain; charset=koi8-r; format=flowed; delsp=yes";
    let (lines, _) = read(format!("{head}\n\n1\n{text}2").as_bytes(), Limits::default());
    assert_eq!(lines, ["text/plain: 1\\n", "application/octet-stream <x>: Cat", "text/plain: 2"]);
}

#[test]
fn beyond_the_limit_it_stays_words() {
    let text = "1\nbegin 644 x\n#0V%T\nend\n".repeat(3);
    let (lines, summary) = read(format!("\n{text}").as_bytes(), Limits { parts: 4, ..Limits::default() });
    assert!(summary.limit_reached && lines.len() == 3, "{lines:?}");
    assert!(lines[2].contains("begin 644 x"));
}

fn encode(bytes: &[u8], zero: char) -> String {
    let character = |value: u8| if value == 0 { zero } else { char::from(b' ' + value) };
    let mut text = String::new();
    for line in bytes.chunks(45) {
        text.push(character(line.len() as u8));
        for group in line.chunks(3) {
            let bits = (0..3).fold(0u32, |bits, at| bits << 8 | u32::from(*group.get(at).unwrap_or(&0)));
            (0..4).for_each(|at| text.push(character((bits >> (18 - 6 * at) & 0x3f) as u8)));
        }
        text.push('\n');
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_encoded_comes_out(bytes in prop::collection::vec(any::<u8>(), 1..300), zero in prop::sample::select(&['`', ' '][..])) {
        let text = format!("\nbefore\nbegin 644 x\n{}`\nend\nafter", encode(&bytes, zero));
        let (lines, _) = read(text.as_bytes(), Limits::default());
        let file = format!("{FILE}{}", bytes.escape_ascii());
        prop_assert_eq!(lines, ["text/plain: before\\n".to_owned(), file, "text/plain: after".to_owned()]);
    }

    #[test]
    fn nothing_is_lost_of_any_lines(lines in prop::collection::vec(prop::sample::select(&[
        "begin 644 x\n", "begin 644 x\r\n", "#0V%T\n", "end\n", "`\n", "words\n", "\n", "begin-base64 644 y\n", "VGVz\n", "====\n",
        "=ybegin line=128 size=3 name=z\n", "=yend size=3\n", "=y", "begin", "M", "LOUD",
    ][..]), 0..12)) {
        let text = lines.concat();
        let (parts, _) = read(format!("\n{text}").as_bytes(), Limits { parts: 5, ..Limits::default() });
        // Words come out, be it as words or within a file that broke off or never ended.
        let words = parts.concat();
        prop_assert!(words.matches("words").count() + words.matches("MEHNI").count() <= text.matches("words").count());
        prop_assert!(text.contains("=ybegin") || words.matches("words").count() == text.matches("words").count());
    }
}
