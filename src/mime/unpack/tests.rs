//! What the unpacker's tests share, and what holds for all that it opens.

use super::Unpacker;
use crate::mime::{Limits, Summary, tests::Outline};

/// Reads a message in pieces of many lengths; the same must come out of all.
#[track_caller]
pub(super) fn read(message: &[u8], limits: Limits) -> (Vec<String>, Summary) {
    let mut all = [message.len().max(1), 1, 2, 3, 5, 17, 100, 4099].map(|length| {
        let (mut unpacker, mut outline) = (Unpacker::new(limits), Outline::default());
        message.chunks(length).for_each(|piece| unpacker.push(piece, &mut outline));
        let summary = unpacker.finish(&mut outline);
        assert_eq!(summary.parts, outline.lines.len());
        (outline.lines, summary)
    });
    for read in &all[1..] {
        assert_eq!(*read, all[0], "pieces change what is read");
    }
    std::mem::take(&mut all[0])
}

#[test]
fn what_holds_nothing_passes_as_it_is() {
    let message =
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nwords\n--b\nContent-Type: a/b\n\nx\x9f\n--b\n\n--b--";
    let (lines, summary) = read(message, Limits::default());
    assert_eq!(lines, ["multipart/mixed/multipart", " text/plain: words", " a/b: x\\x9f", " text/plain: "]);
    assert!(!summary.malformed && !summary.limit_reached);
}
