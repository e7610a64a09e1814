//! Any bytes as a document: no panic, and the same said of it whatever the pieces in which it comes.

use sealdrop::{
    envelope::ReversePath,
    intake::{
        Findings, Settings,
        layout::{Boundary, Finished, Layout, ReplyRules, Sink},
        sharpness::{self, Budget, Stop},
    },
    mime::{Limits, Unpacker},
    senders::Verification,
};

/// The layout goes nowhere.
struct Nowhere;

impl Sink for Nowhere {
    fn take(&mut self, _plain: &[u8]) {}
}

/// What is said of a document that comes in pieces of this size.
fn said(document: &[u8], piece: usize) -> Findings {
    let limits = Limits::default();
    let settings = Settings { domain: "in.example.org".into(), hostname: "mx.in.example.org".into(), limits };
    let rules = ReplyRules::new(&ReversePath::Null, &settings);
    let (mut layout, mut reader) = (Layout::new(Nowhere, Boundary::new([0; 16]), rules), Unpacker::new(limits));
    layout.hold_photos(Some(sharpness::Settings { max_photo: 1 << 20, budget: Budget::new(32 << 20) }));
    reader.push(b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment\r\n\r\n", &mut layout);
    document.chunks(piece).for_each(|piece| reader.push(piece, &mut layout));
    let summary = reader.finish(&mut layout);
    while let Some(photo) = layout.next_photo() {
        layout.measured(photo.measure(&Stop::default()));
    }
    let Finished { findings, .. } = layout.finish(summary, &Verification::unchecked());
    findings
}

/// What holds for any document.
pub fn holds(document: &[u8]) {
    let whole = said(document, document.len().max(1));
    assert_eq!(said(document, 1), whole);
    assert_eq!(said(document, 61), whole);
}
