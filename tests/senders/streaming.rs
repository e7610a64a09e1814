//! In pieces as over the wire, a mail gets the verdict that mail-auth gives it as a whole.

use crate::examined::{World, found, key_record, signed_as};
use mail_auth::{
    AuthenticatedMessage, DkimResult, MessageAuthenticator,
    dkim::Canonicalization,
    hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts},
};
use proptest::{prelude::*, test_runner::TestRunner};
use sealdrop::senders::Verdict;
use std::net::SocketAddr;

/// mail-auth itself, asking the same server.
fn whole(at: SocketAddr) -> MessageAuthenticator {
    let mut server = NameServerConfig::udp_and_tcp(at.ip());
    server.connections = vec![ConnectionConfig::udp()];
    server.connections[0].port = at.port();
    let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
    MessageAuthenticator::new(config, ResolverOpts::default()).unwrap()
}

async fn passes(whole: &MessageAuthenticator, mail: &[u8]) -> bool {
    let Some(message) = AuthenticatedMessage::parse(mail) else { return false };
    let outputs = whole.verify_dkim(&message).await;
    outputs.iter().any(|output| *output.result() == DkimResult::Pass)
}

/// A mail as it may come: odd spaces, empty lines, lines without an end, a body cut where a chunk ends.
fn mails() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(&["a", "bc", " ", "\t", "\n", "\n\n", "  \n", "=", "\u{f1}", "--x"][..]);
    let body = prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat());
    let subject = prop::sample::select(&["", " x", "  two  spaces ", " folded\n\tline", " \u{f1}"][..]);
    (subject, body).prop_map(|(subject, body)| {
        format!("From: Ana <ana@client.example>\nTo: case@in.example.org\nSubject:{subject}\n\n{body}")
    })
}

/// What may happen to a mail on its way: a byte more, less or other.
fn tampered(mut mail: Vec<u8>, how: u8, at: prop::sample::Index) -> Vec<u8> {
    // The signature's own tags are another test's.
    let start = mail.windows(5).position(|five| five == b"From:").unwrap();
    let at = start + at.index(mail.len() - start);
    match how {
        0 => {}
        1 => mail.insert(at, b'x'),
        2 => mail.insert(at, b' '),
        3 => drop(mail.remove(at)),
        _ => mail.extend(b"\r\n"),
    }
    mail
}

/// Whether every line of the header is a field or goes on with one.
fn is_of_fields(mail: &[u8]) -> bool {
    let lines = mail.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut header = lines.take_while(|line| !line.is_empty());
    header.all(|line| line.starts_with(b" ") || line.starts_with(b"\t") || line.contains(&b':'))
}

#[test]
fn any_cutting_gets_the_verdict_of_the_whole() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::with(&[("s._domainkey.client.example", key_record())]));
    let whole = runtime.block_on(async { whole(world.dns.address) });
    let how = (mails(), any::<bool>(), 0..5u8, any::<prop::sample::Index>(), 1..200usize);
    let (mut verified, mut unverified) = (0, 0);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(300));
    let result = runner.run(&how, |(mail, simple, how, at, piece)| {
        let canonical = if simple { Canonicalization::Simple } else { Canonicalization::Relaxed };
        let mail = tampered(signed_as("client.example", canonical, &mail), how, at);
        let (expected, verdict) = runtime.block_on(async {
            let expected = passes(&whole, &mail).await;
            (expected, found(&world.verifier, "x@unknown.example", mail.chunks(piece)).await.verdict())
        });
        // Tampering may have taken the author away, which no signature proves.
        let author = String::from_utf8_lossy(&mail).contains("@client.example>");
        // Or have put a line into the header that is no field: mail-auth passes over it, to us (and to whoever reads the mail)
        // the body begins there, which nobody signed.
        let expected = expected && author && is_of_fields(&mail);
        prop_assert_eq!(verdict == Verdict::Verified, expected, "{}", String::from_utf8_lossy(&mail));
        Ok(())
    });
    result.unwrap();
    for mail in ["From: ana@client.example\n\nHi.\n", "From: ana@client.example\n\nHi"] {
        let mail = signed_as("client.example", Canonicalization::Simple, mail);
        match runtime.block_on(passes(&whole, &mail)) {
            true => verified += 1,
            false => unverified += 1,
        }
    }
    assert_eq!((verified, unverified), (2, 0), "mail-auth verifies nothing here: the property says nothing");
}
