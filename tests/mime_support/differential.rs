//! The streaming reader beside mail-parser reading the whole message. Shared by the differential test and its fuzz target.

use crate::{
    mime_support::{Node, leaves, read_in},
    trees::Mail,
};
use mail_parser::{Encoding, Message, MessageParser, MessagePart, PartType, decoders};
use sealdrop::mime::Kind;
use std::{
    panic,
    sync::{Mutex, PoisonError},
};

/// What holds for any generated mail, read in pieces of the given lengths: its leaves come out, each byte of them and in
/// order, and mail-parser finds none that we lack.
pub fn generated_holds(mail: &Mail, lengths: &[usize]) {
    let message = mail.render();
    assert_eq!(missing(&message), Vec::<Vec<u8>>::new());
    let (nodes, summary) = read_in(&message, lengths, Default::default());
    let ours: Vec<_> = nodes.into_iter().filter(|node| node.kind == Kind::Leaf).collect();
    assert!(!summary.malformed && !summary.limit_reached);
    assert!(ours.iter().all(|node| node.end == Some(Default::default())));
    let (bodies, mut found) = (mail.bodies(), ours.into_iter().map(|node| node.body).collect::<Vec<_>>());
    if bodies.iter().all(|body| body.trim_ascii().is_empty()) {
        // Then a preamble is all there is, and comes too.
        found.truncate(bodies.len());
    }
    assert_eq!(found, bodies);
}

/// The leaves that mail-parser finds, transfer encoding undone and no charset converted.
fn theirs(message: &Message<'_>, found: &mut Vec<Vec<u8>>) {
    for part in &message.parts {
        match &part.body {
            PartType::Multipart(_) => {}
            PartType::Message(inner) => theirs(inner, found),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => found.push(bytes.to_vec()),
            PartType::Text(_) | PartType::Html(_) => found.push(undecoded(message, part)),
        }
    }
}

/// A text's bytes before charset conversion: its raw body, its transfer encoding undone by mail-parser's own functions.
fn undecoded(message: &Message<'_>, part: &MessagePart<'_>) -> Vec<u8> {
    let range = part.offset_body as usize..part.offset_end as usize;
    let raw = message.raw_message.get(range).unwrap_or_default();
    match part.encoding {
        Encoding::None => raw.to_vec(),
        Encoding::Base64 => decoders::base64::base64_decode(raw).unwrap_or_default(),
        Encoding::QuotedPrintable => decoders::quoted_printable::quoted_printable_decode(raw).unwrap_or_default(),
    }
}

/// The leaves of mail-parser's that ours lack.
pub fn missing(message: &[u8]) -> Vec<Vec<u8>> {
    let all_of_theirs = unless_it_panics(|| {
        let mut found = Vec::new();
        if let Some(message) = MessageParser::default().parse(message) {
            theirs(&message, &mut found);
        }
        found
    });
    let mut found = all_of_theirs.unwrap_or_default();
    let mut ours: Vec<Node> = leaves(message);
    found.retain(|leaf| match ours.iter().position(|node| node.body == *leaf) {
        Some(index) => {
            ours.swap_remove(index);
            false
        }
        None => true,
    });
    found
}

/// mail-parser's own debug assertion fails on a message within a message within a multipart: nothing to compare there. The
/// fuzzer's hook would end the process at any panic, so it is put aside meanwhile.
fn unless_it_panics<T>(parse: impl FnOnce() -> T + panic::UnwindSafe) -> Option<T> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let parsed = panic::catch_unwind(parse);
    panic::set_hook(hook);
    parsed.ok()
}
