//! TNEF streams, whole and broken, of all the kinds that real ones are made of.

#[path = "../../../../tests/mime_support/tnef.rs"]
mod make;

use super::super::tests::read;
use crate::mime::{Limits, Summary};
use make::*;
use proptest::prelude::*;

fn mail(stream: &[u8]) -> Vec<u8> {
    [b"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: binary\n\n", stream].concat()
}

#[track_caller]
fn check(stream: &[u8], malformed: bool, parts: &[&str]) {
    let (lines, summary) = read(&mail(stream), Limits::default());
    assert_eq!(lines, parts);
    assert_eq!(summary, Summary { parts: parts.len(), limit_reached: false, malformed });
}

const CONTAINER: &str = "application/ms-tnef/multipart <winmail.dat>";

fn whole(stream: &[u8]) -> String {
    format!("application/ms-tnef <winmail.dat>: {}", stream.escape_ascii())
}

#[test]
fn files_with_their_names() {
    let two = stream(&[file("PHOTO~1.JPG", b"photo", "photo of the letter.jpg"), file("B.TXT", b"text", "b.txt")]);
    let parts = [
        CONTAINER,
        " application/octet-stream <PHOTO~1.JPG>: photo<photo of the letter.jpg>",
        " application/octet-stream <B.TXT>: text<b.txt>",
    ];
    check(&two, false, &parts);
    check(&[&two[..], &[0; 40]].concat(), false, &parts);
    let data_first = stream(&[attribute(BEGINS, b"x"), attribute(DATA, b"1"), attribute(TITLE, b"A.B\0")]);
    check(&data_first, false, &[CONTAINER, " application/octet-stream: 1<A.B>"]);
    let empty = stream(&[file("A", b"", "a"), object(&[property(0x3707, WIDE, &wide("\u{e9}.jpg"))])]);
    check(
        &empty,
        false,
        &[CONTAINER, " application/octet-stream <A>: <a>", " application/octet-stream <\u{e9}.jpg>: "],
    );
}

#[test]
fn a_file_in_the_properties() {
    let names = [property(0x3001, STRING, b"The letter\0"), property(0x3704, STRING, b"LETTER~1.PDF\0")];
    let data = property(0x3701, BINARY, b"%PDF");
    let ole = property(0x3701, OBJECT, &message(b"\xd0\xcf\x11\xe0 storage"));
    let tiny = property(0x3701, OBJECT, &message(b"ab"));
    check(
        &stream(&[
            object(&[data, names[0].clone(), names[1].clone()]),
            object(&[names[1].clone(), ole]),
            object(&[tiny]),
        ]),
        false,
        &[
            CONTAINER,
            " application/octet-stream: %PDF<The letter><LETTER~1.PDF>",
            " application/octet-stream <LETTER~1.PDF>: \\xd0\\xcf\\x11\\xe0 storage",
            " application/octet-stream: ab",
        ],
    );
}

#[test]
fn words_in_every_form() {
    let rtf = rtf(
        b"{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}{\\*\\htmltag64 <p>}Caf\\'e9 \\u8364?\\par\r\n\\{1\\}}",
    );
    let all = properties(&[
        number(0x1234, 7),
        named("a name", 8),
        property(0x1000, WIDE, &wide("wide")),
        property(0x1009, BINARY, &rtf),
        property(0x1013, BINARY, b"<p>html"),
        property(0x3001, STRING, b"not a name of a file\0"),
    ]);
    check(
        &stream(&[attribute(CODEPAGE, &1251u64.to_le_bytes()), attribute(BODY, b"\xc1\0"), attribute(MESSAGE, &all)]),
        false,
        &[
            CONTAINER,
            " text/plain: \\xc1",
            " text/plain: wide",
            " text/plain: Caf\\xc3\\xa9 \\xe2\\x82\\xac\\n{1}",
            " text/html: <p>html",
        ],
    );
}

#[test]
fn a_message_attached() {
    let inner = stream(&[attribute(BODY, b"inner words"), file("A", b"1", "a")]);
    let outer = stream(&[
        object(&[property(0x3001, STRING, b"Re: photo\0"), property(0x3701, OBJECT, &message(&inner))]),
        file("B", b"2", "b"),
    ]);
    check(
        &outer,
        false,
        &[
            CONTAINER,
            " application/ms-tnef/message <Re: photo>",
            "  application/ms-tnef/multipart",
            "   text/plain: inner words",
            "   application/octet-stream <A>: 1<a>",
            " application/octet-stream <B>: 2<b>",
        ],
    );
    // Nothing found in it: a document, as it would be outside.
    let card = stream(&[attribute(MESSAGE, &properties(&[number(1, 2)]))]);
    let outer = stream(&[object(&[property(0x3701, OBJECT, &message(&card))])]);
    check(&outer, false, &[CONTAINER, &format!(" application/ms-tnef: {}", card.escape_ascii())]);
}

#[test]
fn nested_to_the_limit() {
    let mut inner = stream(&[file("A", b"1", "a")]);
    for _ in 0..40 {
        inner = stream(&[object(&[property(0x3701, OBJECT, &message(&inner))])]);
    }
    let (lines, summary) = read(&mail(&inner), Limits::default());
    assert!(summary.limit_reached && !summary.malformed);
    assert!(lines.last().unwrap().contains("application/octet-stream: x\\x9f>\\\""), "{:?}", lines.last());
}

#[test]
fn nothing_found_is_a_document_as_it_came() {
    let icon = vec![7; 20_000];
    for attributes in
        [vec![], vec![attribute(MESSAGE, &properties(&[number(1, 2)]))], vec![attribute(BODY, b" \r\n\0")]]
    {
        let stream = stream(&attributes);
        check(&stream, false, &[&whole(&stream)]);
    }
    let large = stream(&[attribute(ICON, &icon), attribute(ICON, &icon)]);
    check(&large, false, &[&whole(&large)]);
    // Found later than bytes can be held: beside it.
    let late = stream(&[attribute(0x0006_9004, &icon), file("A", b"1", "a")]);
    let head = 6 + 9 + icon.len() + 2;
    let parts = [whole(&late[..head + 34]), "application/octet-stream <A>: 1<a>".to_owned()];
    let (lines, summary) = read(&mail(&late), Limits::default());
    assert!(lines[0].starts_with(&whole(&late[..head])) && lines[1..] == parts[1..], "{:?}", lines[1]);
    assert!(!summary.malformed);
}

#[test]
fn broken_structure() {
    let good = file("A", b"1", "a");
    let leaf = " application/octet-stream <A>: 1<a>";
    let rest = |bytes: &[u8]| format!(" application/octet-stream: {}!", bytes.escape_ascii());
    // Junk behind an attribute.
    let junk = b"Kjunk that was appended";
    check(&stream(&[good.clone(), junk.to_vec()]), true, &[CONTAINER, leaf, &rest(junk)]);
    // Junk before anything was found: all of it, as it came.
    let broken = stream(&[junk.to_vec(), good.clone()]);
    check(&broken, true, &[&format!("{}!", whole(&broken))]);
    // A wrong checksum.
    let mut wrong = stream(std::slice::from_ref(&good));
    let data = wrong.windows(3).position(|window| window == b"1\x31\0").unwrap();
    wrong[data] = b'2';
    check(&wrong, true, &[CONTAINER, " application/octet-stream <A>: 2<a>!"]);
    // Cut off in a file.
    let cut = stream(&[good.clone(), file("B", b"12345678", "b")]);
    let at = cut.windows(4).position(|window| window == b"5678").unwrap();
    check(&cut[..at], true, &[CONTAINER, leaf, " application/octet-stream <B>: 1234~"]);
    // An attribute that says to be longer than it is swallows nothing.
    let mut lying = attribute(ICON, b"icon");
    lying[5] = 0xff;
    let swallowed = [&lying[..], &good].concat();
    let parts = [CONTAINER, leaf, &rest(&swallowed).replace('!', "")];
    check(&stream(&[good.clone(), swallowed.clone()]), true, &parts);
    // A machinery attribute too large to be held is given as well.
    let large = vec![7; 20_000];
    let (lines, _) = read(&mail(&stream(&[good.clone(), attribute(ICON, &large), good.clone()])), Limits::default());
    assert_eq!((lines.len(), lines[1].as_str(), lines[3].as_str()), (4, leaf, leaf));
    assert!(lines[2].contains(&large.escape_ascii().to_string()));
}

#[test]
fn broken_properties() {
    let good = file("A", b"1", "a");
    let leaf = " application/octet-stream <A>: 1<a>";
    let unknown = [3, 0, 0, 0, 0xee, 0xee, 1, 0, 1, 2, 3, 4];
    let broken = stream(&[good.clone(), attribute(MESSAGE, &unknown), good.clone()]);
    let rest = format!(" application/octet-stream: {}!", attribute(MESSAGE, &unknown).escape_ascii());
    check(&broken, true, &[CONTAINER, leaf, &rest, leaf]);
    let mut long = properties(&[property(0x1000, STRING, b"words")]);
    long[12] = 0xff;
    let (lines, summary) = read(&mail(&stream(&[good.clone(), attribute(MESSAGE, &long), good])), Limits::default());
    assert!(summary.malformed && lines.len() == 4 && lines[2].contains("words"), "{lines:?}");
}

#[test]
fn beyond_the_limit_of_parts_it_is_given_undivided() {
    let files: Vec<_> = (0..10).map(|_| file("A", b"1", "a")).collect();
    let (lines, summary) = read(&mail(&stream(&files)), Limits { parts: 4, ..Limits::default() });
    assert!(summary.limit_reached && !summary.malformed && lines.len() == 5);
    assert!(lines[4].contains(&files[5..].concat().escape_ascii().to_string()));
    let (lines, summary) = read(&mail(&stream(&files)), Limits { parts: 1, ..Limits::default() });
    assert!(summary.limit_reached && lines == [whole(&stream(&files))]);
}

#[test]
fn lengths_are_not_believed() {
    for length in [u32::MAX, 1 << 31, 1 << 20] {
        let mut lying = attribute(DATA, b"12");
        lying[5..9].copy_from_slice(&length.to_le_bytes());
        check(
            &stream(&[lying]),
            true,
            &[CONTAINER, " application/octet-stream: 12\\xc3\\x00~".replace("\\xc3", "c").as_str()],
        );
        let counted = [&length.to_le_bytes()[..], &property(0x1000, STRING, b"words\0")].concat();
        let (lines, _) = read(&mail(&stream(&[attribute(MESSAGE, &counted)])), Limits::default());
        assert_eq!(lines[1], " text/plain: words");
    }
}

/// A stream of all that there is, as its attributes.
fn all_kinds() -> Vec<Vec<u8>> {
    let inner = stream(&[attribute(BODY, b"inner"), file("I", b"inner file", "i")]);
    let rtf = property(0x1009, BINARY, &rtf(b"{\\rtf1 words}"));
    let mut attributes = vec![attribute(MESSAGE, &properties(&[number(1, 2), named("n", 3), rtf]))];
    for (name, data) in [("A", b"first file"), ("B", b"other file")] {
        let long = property(0x3707, STRING, b"name\0");
        attributes.push(attribute(BEGINS, &[0; 14]));
        attributes.push(attribute(TITLE, name.as_bytes()));
        attributes.push(attribute(DATA, data));
        attributes.push(attribute(ATTACHMENT, &properties(&[long])));
    }
    attributes.push(attribute(BEGINS, &[0; 14]));
    attributes.push(attribute(ATTACHMENT, &properties(&[property(0x3701, OBJECT, &message(&inner))])));
    attributes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A length that lies, in the stream or as cut off: every file comes out all the same, by itself or in what is given whole.
    #[test]
    fn a_length_that_lies_hides_no_file(which in 0usize..11, byte in 5usize..9, lie in any::<u8>(), parts in 1usize..12) {
        let mut attributes = all_kinds();
        attributes[which][byte] = lie;
        let (lines, _) = read(&mail(&stream(&attributes)), Limits { parts, ..Limits::default() });
        let all = lines.concat();
        for file in ["first file", "other file", "inner file"] {
            // A length within a file's own data divides it in two.
            let divided = attributes[which].windows(file.len()).any(|window| window == file.as_bytes());
            prop_assert!(divided || all.contains(file), "{file} is lost: {lines:?}");
        }
    }

    /// Any damage: no panic, and the same for all pieces.
    #[test]
    fn damage(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(), parts in 1usize..12) {
        let mut bytes = stream(&all_kinds());
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes.truncate(cut.index(bytes.len() * 2).max(4));
        read(&mail(&bytes), Limits { parts, ..Limits::default() });
    }
}
