//! What the relay says where a layout goes from one mail into the next: the last words of a mail that is not the last, and the
//! opening of one that is not the first. Holds nothing of the client's but the relay's own name for a document.

use super::{
    heading::Heading,
    quoted::QuotedPrintable,
    writer::{Author, Boundary, Flow, text_head},
};
use crate::{envelope::Mailbox, ids::MessageId};
use std::fmt::Write as _;

/// A mail that is larger than the staff's mail server takes.
pub(in crate::intake) struct TooLarge {
    pub mail: u32,
    /// The relay's name for its document.
    pub document: String,
}

/// The end of the mail with this number, when another follows.
pub(in crate::intake) fn last_words(boundary: &Boundary, mail: u32) -> Vec<u8> {
    let next = mail + 1;
    let text = format!(
        "This was mail {mail} of this message: together it is more than your mail\nserver takes at once. It goes on in \
         mail {next}.\n"
    );
    let mut bytes = format!("\r\n--{boundary}\r\n{}", text_head(Author::Relay, Flow::Fixed)).into_bytes();
    QuotedPrintable::default().push(text.as_bytes(), &mut bytes);
    bytes.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    bytes
}

/// The opening of the mail with this number, after `too_large` if that is why it was begun.
pub(in crate::intake) fn opening(
    heading: &Heading,
    boundary: &Boundary,
    (mailbox, id, mail): (&Mailbox, MessageId, u32),
    too_large: Option<&TooLarge>,
) -> Vec<u8> {
    let mut text = String::with_capacity(1024);
    // Writing to a string cannot fail.
    let _ = match mailbox {
        Mailbox::Case(case) => writeln!(text, "Case: {case}"),
        Mailbox::Postmaster | Mailbox::Abuse => writeln!(text, "For: {mailbox}"),
    };
    let _ = writeln!(
        text,
        "For the admin: message {id}\n\nThis is mail {mail} of this message. Mail 1 says who sent it, the last one what\ncame."
    );
    if let Some(too_large) = too_large {
        text.push_str(&notice(id, too_large));
    }
    let mut bytes = heading.text(boundary, mail).into_bytes();
    QuotedPrintable::default().push(text.as_bytes(), &mut bytes);
    bytes
}

/// How staff get at a mail that was not sent.
fn notice(id: MessageId, too_large: &TooLarge) -> String {
    let TooLarge { mail, document } = too_large;
    let stem = document.rsplit_once('.').map_or(document.as_str(), |(stem, _)| stem);
    format!(
        "\n{document} is not here: alone it is more than your mail server takes. It is\nnot lost. It stays sealed at the relay, \
         as mail {mail} of this message. An admin\nwrites it to a file with\n\n    sealdrop message export {id} --mail {mail} \
         --out {stem}.asc\n\nand you open that file with your key, and what comes of it with a mail program:\n\n    gpg --decrypt \
         --output {stem}.eml {stem}.asc\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Timestamp, intake::seal::MOST_WORDS};

    #[test]
    fn what_stands_between_is_short_whatever_its_numbers() {
        let boundary = Boundary::new([7; 16]);
        assert!(last_words(&boundary, u32::MAX - 1).len() < MOST_WORDS);
        let now = Timestamp::from_millis(1);
        let (from, to) = ("intake@in.example.org".to_owned(), vec!["alice@example.org".to_owned()]);
        let subject = "Documents received".to_owned();
        let heading = Heading { from, to, outer_subject: subject.clone(), subject, date: now };
        let too_large = TooLarge { mail: 2, document: "05-video.mp4".to_owned() };
        let id = MessageId::new(now);
        let bytes = opening(&heading, &boundary, (&Mailbox::Abuse, id, 3), Some(&too_large));
        let text = String::from_utf8(bytes).unwrap().replace("=\r\n", "");
        let command = format!("    sealdrop message export {id} --mail 2 --out 05-video.asc\r\n");
        assert!(text.contains(&command), "{text}");
        assert!(text.contains("\r\nSubject: Documents received (3)\r\n"));
        assert!(text.contains("\r\nHP-Outer: Subject: Documents received (3)\r\n"));
    }
}
