//! Hostile mail at the door of the real relay, over TLS: each is answered, takes no more memory than a small mail, keeps
//! nobody else waiting, and is sealed to the last byte; and staff are told when a person must look.

mod support;

use sealdrop::digest::{Digest, Sha256};
use std::fs;
use support::{
    gpg::Gpg,
    hostile::{Shape, Told, named},
    office::{ALICE, CLIENT, Office, id_of},
    peak,
    smtp_client::Client,
};

/// How much more than for a small mail the relay's memory may peak at, whatever comes, in KiB.
const FLAT_KIB: u64 = 1024;

/// Where a mail is sent to, and where replies are read.
struct Sender {
    client: Client,
    digest: Sha256,
    last: [u8; 2],
}

impl Sender {
    /// Up to the answer to DATA.
    async fn at_data(office: &Office, recipients: &[&str]) -> Self {
        let mut client = Client::secured(&office.agency).await;
        client.say(&format!("MAIL FROM:<{CLIENT}>\r\n")).await;
        client.expect("250").await;
        for recipient in recipients {
            client.say(&format!("RCPT TO:<{recipient}>\r\n")).await;
            client.expect("250").await;
        }
        client.say("DATA\r\n").await;
        client.expect("354").await;
        Self { client, digest: Sha256::default(), last: *b"\r\n" }
    }

    async fn send(&mut self, piece: &[u8]) {
        self.digest.update(piece);
        for byte in &piece[piece.len().saturating_sub(2)..] {
            self.last = [self.last[1], *byte];
        }
        self.client.send(piece).await;
    }

    /// The final dot: gives the answer and the digest of what was sent.
    async fn end(mut self, code: &str) -> (String, Digest) {
        if self.last != *b"\r\n" {
            self.send(b"\r\n").await;
        }
        self.client.say(".\r\n").await;
        (self.client.expect(code).await, self.digest.finish())
    }
}

/// Sends a small mail and gives its id.
async fn small(office: &Office) -> String {
    let mut sender = Sender::at_data(office, &[&office.case]).await;
    sender.send(b"Subject: small\r\n\r\nwords\r\n").await;
    id_of(&sender.end("250").await.0)
}

/// Sends a shape; another client gets its mail through while it is half in.
async fn send(office: &Office, shape: &Shape, size: usize) -> (String, Digest) {
    let mut sender = Sender::at_data(office, &[&office.case]).await;
    let (mut sent, mut others) = (0, 0);
    for piece in shape.of_size(size) {
        sender.send(&piece).await;
        sent += piece.len();
        if sent >= size / 2 && others == 0 {
            small(office).await;
            others += 1;
        }
    }
    assert_eq!(others, 1, "another client was served meanwhile");
    let (answer, digest) = sender.end("250").await;
    (id_of(&answer), digest)
}

/// An office that was used: what is made once is there.
async fn warm() -> Office {
    let office = Office::open("").await;
    for _ in 0..3 {
        send(&office, &named("one line of words"), 1 << 20).await;
    }
    office
}

/// The peak that a small mail makes now, in KiB; what comes next is measured from here.
async fn ordinary(office: &Office) -> u64 {
    office.idle().await;
    peak::forget(office.agency.pid());
    small(office).await;
    office.idle().await;
    let peak = peak::kib(office.agency.pid());
    peak::forget(office.agency.pid());
    peak
}

fn original(office: &Office, alice: &Gpg, id: &str) -> Digest {
    let file = office.agency.path(&format!("{id}.asc"));
    office.agency.must(&["message", "export", id, "--out", file.to_str().unwrap()]);
    sealdrop::digest::sha256(&alice.decrypt(&fs::read(&file).unwrap()).plain)
}

fn flags(office: &Office, id: &str) -> String {
    office.agency.json(&["message", "show", id])["findings"]["flags"].to_string()
}

/// Sends a shape of this size, and tells what is wrong with how it was borne.
async fn borne(office: &Office, shape: &Shape, size: usize) -> Option<String> {
    let ordinary = ordinary(office).await;
    let (id, sent) = send(office, shape, size).await;
    office.idle().await;
    let grown = peak::kib(office.agency.pid()).saturating_sub(ordinary);
    let flags = flags(office, &id);
    let told = match shape.told {
        Told::Limit => flags.contains("limit_reached"),
        Told::Malformed => flags.contains("malformed"),
        Told::Nothing => !flags.contains("malformed"),
    };
    let whole = original(office, &office.alice, &id) == sent;
    eprintln!("{grown} KiB more: {size} bytes of {}", shape.name);
    (!told || !whole || grown > FLAT_KIB)
        .then(|| format!("{}: {grown} KiB more, flags {flags}, whole: {whole}", shape.name))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_comes_is_borne() {
    let office = warm().await;
    let mut wrong = Vec::new();
    for (name, size) in [
        ("parts", 100_000 * 7),
        ("empty documents", 100_000 * 61),
        ("multiparts in multiparts", 10_000 * 58),
        ("messages in messages", 10_000 * 32),
        ("header fields", 20_000_000),
        ("one header line", 5_000_000),
        ("one line of words", 50_000_000),
        ("dashes", 4_000_000),
        ("many open multiparts, near delimiters", 5_000_000),
        ("pictures of 65,535 by 65,535 (PNG)", 1_000_000),
        ("zip bombs", 1_000_000),
        ("messages in base64 in messages", 1_000_000),
        ("parameter continuations", 500_000),
        ("comments in comments", 500_000),
        ("encoded words", 500_000),
        ("base64 with junk between", 2_000_000),
        ("tags that nothing closes", 2_000_000),
        ("escapes of iso-2022-jp that lead nowhere", 6_000_000),
    ] {
        wrong.extend(borne(&office, &named(name), size).await);
        office.server.forget();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What staff read of a mail that is too much to be taken apart.
#[tokio::test]
async fn staff_are_told_that_a_person_must_look() {
    let office = Office::open("").await;
    send(&office, &named("parts"), 300_000).await;
    // The first is the other client's.
    let forward = office.mails_to(ALICE, 2).await.remove(1);
    let layout = String::from_utf8(office.read(&forward).plain).unwrap();
    assert!(layout.contains("Needs a look: The mail has more parts, deeper ones or more words than"), "{layout}");
    assert!(layout.contains("What came: no document"), "{layout}");
    office.idle().await;
    let told = office.server.mails().into_iter().filter(|mail| mail.to == [CLIENT]);
    for mail in told {
        assert!(!mail.text.contains("We got 1 file"), "nothing beyond a limit is confirmed: {}", mail.text);
    }
}

/// A loop shows in the header, and what is refused takes no more than what is taken.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_is_borne_as_well() {
    let office = warm().await;
    let ordinary = ordinary(&office).await;
    let mut looping = Sender::at_data(&office, &[&office.case]).await;
    let field = "Received: from a.example by b.example; Wed, 25 Nov 2026 03:08:54 +0000\r\n";
    for _ in 0..50 {
        looping.send(field.repeat(100).as_bytes()).await;
    }
    looping.send(b"\r\nwords\r\n").await;
    looping.end("554").await;
    let mut large = Sender::at_data(&office, &[&office.case]).await;
    for piece in named("one folded header").of_size(53_000_000) {
        large.send(&piece).await;
    }
    large.end("552").await;
    small(&office).await;
    let grown = peak::kib(office.agency.pid()).saturating_sub(ordinary);
    assert!(grown <= FLAT_KIB, "{grown} KiB more");
    assert_eq!(fs::read_dir(office.agency.path("data/spool/tmp")).unwrap().count(), 0, "nothing of them is kept");
}

/// A mail for a hundred recipients is sealed for as many as one mail may have, and many hostile mails may come at once: each
/// costs its own bounded share.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_are_borne() {
    let office = warm().await;
    let cases: Vec<String> = (0..10).map(|_| office.agency.open_case(&[ALICE])).collect();
    let everybody: Vec<&str> = cases.iter().map(String::as_str).collect();
    let ordinary = ordinary(&office).await;
    let mut senders = Vec::new();
    for name in ["parts", "messages in messages", "header fields", "tags that nothing closes"] {
        senders.push((Sender::at_data(&office, &everybody).await, named(name).of_size(1 << 20).collect::<Vec<_>>()));
    }
    // In turn, so that all of them are half in at once.
    for turn in 0..senders[0].1.len() {
        for (sender, pieces) in &mut senders {
            if let Some(piece) = pieces.get(turn) {
                sender.send(piece).await;
            }
        }
    }
    small(&office).await;
    for (sender, _) in senders {
        sender.end("250").await;
    }
    let grown = peak::kib(office.agency.pid()).saturating_sub(ordinary);
    eprintln!("four for ten cases each: {grown} KiB more");
    assert!(grown <= 4 * 10 * 512, "{grown} KiB more");
}
