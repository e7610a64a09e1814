//! The last text of the layout: what came, told in plain words. It can only come last: everything streams, and what is
//! sealed already cannot be changed.

use super::{
    came::{Came, Document},
    sniff::Format,
    writer::{Placed, Sink, Writer},
};
use crate::{
    intake::{Flag, Wrong},
    senders::Verification,
};
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// Writes the summary as a text part of its own.
pub(super) fn write<S: Sink>(came: &Came, sender: &Verification, writer: &mut Writer<S>) {
    writer.end_part();
    writer.text(&sender.in_words());
    writer.text("\n");
    writer.text(&format!("What came: {}\n", counted(came.counted(), "document", "documents")));
    came.notes().for_each(|line| writer.text(&format!("{line}\n")));
    for document in came.documents() {
        writer.text("\n");
        writer.text(&told(document, came.is_beyond_limit(document)));
        writer.text(&place(document, writer.sink().mail()));
    }
    writer.text(&rest(came));
    for flag in came.flags() {
        writer.text(&format!("\nNeeds a look: {}\n", in_words(flag)));
    }
    writer.make_room();
    let mail = writer.sink().mail();
    if mail > 1 {
        writer.text(&format!("\nThis was mail {mail} of {mail}, the last of this message.\n"));
    }
}

/// In which of several mails a document is, told in mail number `here`.
fn place(document: &Document, here: u32) -> String {
    match document.placed {
        Placed { mail, kept: true } => {
            format!("    too large for your mail server: kept sealed at the relay, as mail {mail}\n")
        }
        Placed { mail, kept: false } if here > 1 => format!("    in mail {mail}\n"),
        Placed { .. } => String::new(),
    }
}

/// One document: kind, size and dimensions, then what looks wrong.
fn told(document: &Document, beyond_limit: bool) -> Zeroizing<String> {
    let words = document.format.called().words;
    let mut text = Zeroizing::new(String::with_capacity(1024));
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}: {words}, {}{}", document.name, size(document.size), sides(document));
    if let Some(called) = &document.called {
        let _ = writeln!(text, "    called by the sender: {}", **called);
    }
    if let Some(number) = document.same_as {
        let _ = writeln!(text, "    the same bytes as number {number:02}, counted once");
    }
    if document.fragment {
        let _ = writeln!(
            text,
            "    not the document itself: a piece of a mail, or a note of where a file is; not\n    counted"
        );
    }
    for wrong in &document.wrong {
        let _ = writeln!(text, "    {}", wrong_in_words(*wrong));
    }
    if document.damaged {
        let _ = writeln!(text, "    may be damaged or incomplete");
    }
    if document.format.may_run() {
        let _ = writeln!(text, "    may carry a program: open it only if you know that it is wanted");
    }
    if document.format.is_renamed() {
        let _ = writeln!(text, "    named .bin here, so that a click runs nothing");
    }
    if beyond_limit {
        let _ = writeln!(text, "    beyond a limit: not looked into, and not counted");
    }
    text
}

/// The dimensions of a picture. They are the file's own claim: one that its size belies is told as such.
fn sides(document: &Document) -> String {
    let Some(pixels) = document.pixels else { return String::new() };
    // No encoder packs more pixels into a byte; those of faxes and modern phones have no such bound.
    let most = match document.format {
        Format::Jpeg => 1_000,
        Format::Png => 10_000,
        _ => u64::MAX,
    };
    let claims = if pixels.area() / most > document.size { "claims to have " } else { "" };
    format!(", {claims}{} x {}", pixels.width, pixels.height)
}

/// What is wrong with a document.
fn wrong_in_words(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::CutOff => "cut off: its end is missing",
        Wrong::Unreadable => "cannot be read: it came damaged, or with nothing in it",
        Wrong::Thumbnail => "so small that it is likely a preview, not the photo itself",
        Wrong::Blurred => "blurred, by measurement",
        Wrong::Locked => "protected by a password",
    }
}

/// What is not laid out.
fn rest(came: &Came) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::new());
    if came.documents().iter().any(|document| document.format.is_seldom_shown()) {
        text.push_str(
            "\nMail programs seldom show HEIC and TIFF pictures. Save them and open them\nwith a program for pictures.\n",
        );
    }
    if came.empty > 0 {
        let _ = writeln!(text, "\n{} without any content.", counted(came.empty as usize, "file came", "files came"));
        for name in &came.empty_names {
            let _ = writeln!(text, "    called by the sender: {}", **name);
        }
    }
    if came.decoration > 0 {
        let pictures = counted(came.decoration as usize, "small picture (logo, line)", "small pictures (logos, lines)");
        let _ = writeln!(text, "\n{pictures} left out here; the sealed original has them.");
    }
    if !came.words {
        let _ = writeln!(text, "\nThe sender wrote no words.");
    }
    text
}

/// What a flag means for staff.
fn in_words(flag: Flag) -> &'static str {
    match flag {
        Flag::NoDocument => "No photo and no other document came with this mail.",
        Flag::EmptyPart => "A file came without any content. Ask the sender for it\nagain.",
        Flag::LinkInPlaceOfFile => {
            "The words hold a link to a file store, perhaps in place\nof the files. The relay opens no links."
        }
        Flag::LimitReached => {
            "The mail has more parts, deeper ones or more words than\nthe relay takes apart. What was left is laid out undivided, or is in the\nsealed original."
        }
        Flag::Malformed => {
            "The mail is damaged or oddly built. It is laid out as\nwell as possible; `sealdrop message export` gives the sealed original."
        }
        Flag::EncryptedBySender => "The sender encrypted something. The relay cannot look\ninside.",
        Flag::ReplySuppressed => "No automatic answer may go to this sender: nobody told\nthem that this arrived.",
        Flag::Executable => "A file may carry a program. Do not open it unless you\nknow that it is wanted.",
        Flag::NotForAll => "Part of the staff of this case has no usable certificate\nand cannot read this.",
        Flag::CutOff => "A document is cut off: its end is missing. Ask the sender\nfor it again.",
        Flag::Unreadable => "A document cannot be read: it came damaged. Ask the sender\nfor it again.",
        Flag::Thumbnail => "A picture is so small that it is likely a preview. Ask the\nsender for the photo itself.",
        Flag::Blurred => "A photo is blurred. The sender was asked for a better one,\nif an answer was sent.",
        Flag::Locked => "A document is protected by a password. Ask the sender for\nit by telephone.",
        Flag::UnexpectedSender => "The sender is none of those that this case expects.",
        Flag::ForgedSender => {
            "The sender is likely forged: the domain says that it did\nnot send this. Nobody was answered."
        }
        Flag::TooLargeForStaff => {
            "A document is too large for your mail server. It stays\nsealed at the relay: the mail after it says how an admin gets it."
        }
    }
}

fn counted(number: usize, one: &str, many: &str) -> String {
    match number {
        0 => format!("no {one}"),
        1 => format!("1 {one}"),
        _ => format!("{number} {many}"),
    }
}

/// A size for people: `812 bytes`, `120 KB`, `2.4 MB`.
fn size(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..1000 => format!("{bytes} bytes"),
        1000..1_000_000 => format!("{} KB", (bytes + 500) / 1000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_for_people() {
        let sizes = [0, 1, 999, 1000, 119_600, 2_449_999].map(size);
        assert_eq!(sizes, ["0 bytes", "1 byte", "999 bytes", "1 KB", "120 KB", "2.4 MB"]);
    }

    /// Longer lines are torn apart by quoted-printable where a person reads what `gpg --decrypt` gives.
    #[test]
    fn flags_are_told_in_short_lines() {
        use Flag::*;
        let flags = [NoDocument, EmptyPart, LinkInPlaceOfFile, LimitReached, Malformed, EncryptedBySender];
        let later = [CutOff, Unreadable, Thumbnail, Blurred, Locked, UnexpectedSender, ForgedSender, TooLargeForStaff];
        for flag in flags.into_iter().chain([ReplySuppressed, Executable, NotForAll]).chain(later) {
            let text = format!("Needs a look: {}", in_words(flag));
            assert!(text.lines().all(|line| line.len() <= 75), "{text}");
        }
    }
}
