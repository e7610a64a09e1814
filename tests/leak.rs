//! Planted secrets are nowhere but in the sealed mail: not in a file of the relay, not in anything that it ever wrote, not in
//! its log at the most talkative level, in the trail, in what the commands print, or outside the encryption of staff's mail.

mod support;

use sealdrop::chance;
use std::{fs, net::SocketAddr};
use support::{
    agency::{eventually, mail_with},
    hunt::Hunt,
    office::{ALICE, Office, id_of, installed},
    smtp_client::{Client, Place, TLS_1_3_AND_1_2},
    trace::{self, Trace},
};

/// Where the client connects from: no other address of this test looks like it.
const PEER: &str = "127.83.91.207";
/// The largest message that the relay of this test takes.
const LIMIT: usize = 1 << 20;

/// Everything of a client's that may be nowhere.
struct Secrets {
    note: String,
    file_name: String,
    sender: String,
    hello: String,
    message_id: String,
    photo: Vec<u8>,
    hunt: Hunt,
}

impl Secrets {
    fn new() -> Self {
        let word = || chance::bytes::<24>().map(|byte| char::from(b'a' + byte % 26)).iter().collect::<String>();
        let [note, file_name, sender, hello, message_id] = [word(), word(), word(), word(), word()];
        let photo: Vec<u8> = (0..400).flat_map(|_| chance::bytes::<256>()).collect();
        let mut hunt = Hunt::default();
        for (name, secret) in [
            ("the note", note.as_bytes()),
            ("the file name", file_name.as_bytes()),
            ("the sender", sender.as_bytes()),
            ("the client's host", hello.as_bytes()),
            ("the Message-ID", message_id.as_bytes()),
            ("the photo", &photo),
        ] {
            hunt.add(name, secret);
        }
        Self { note, file_name, sender, hello, message_id, photo, hunt }
    }

    fn from(&self) -> String {
        format!("{}@client.example", self.sender)
    }

    /// A mail that holds every secret, and `more` after the photo.
    fn mail(&self, more: &[u8]) -> Vec<u8> {
        let photo = [b"\xff\xd8\xff\xe0".as_slice(), &self.photo, more].concat();
        let name = format!("{}.jpg", self.file_name);
        let mail = mail_with(&self.note, &[(&name, "image/jpeg", &photo)]);
        let header = format!("Message-ID: <{}@client.example>\r\nX-Sender: {}\r\n", self.message_id, self.sender);
        [header.as_bytes(), &mail].concat()
    }
}

/// A connection from the client's own address, up to the answer to DATA.
async fn at_data(office: &Office, secrets: &Secrets) -> Client {
    let mut client = connected(office, secrets).await;
    client.say(&format!("MAIL FROM:<{}>\r\nRCPT TO:<{}>\r\nDATA\r\n", secrets.from(), office.case)).await;
    for code in ["250", "250", "354"] {
        client.expect(code).await;
    }
    client
}

async fn connected(office: &Office, secrets: &Secrets) -> Client {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(PEER.parse().unwrap(), 0)).unwrap();
    let mut client = Client::on(socket.connect(office.agency.implicit()).await.unwrap());
    client.shake_hands(&office.agency, TLS_1_3_AND_1_2).await.unwrap();
    client.expect("220").await;
    client.say(&format!("EHLO {}.example\r\n", secrets.hello)).await;
    client.expect("250").await;
    client
}

/// Sends this mail to its end, and gives the reply.
async fn sent(office: &Office, secrets: &Secrets, mail: &[u8], code: &str) -> String {
    let mut client = at_data(office, secrets).await;
    client.send(mail).await;
    client.say("\r\n.\r\n").await;
    client.expect(code).await
}

/// Mail of every fate; gives the id of the one that arrives in good order.
async fn all_fates(office: &Office, secrets: &Secrets) -> String {
    let mail = secrets.mail(b"");
    let id = id_of(&sent(office, secrets, &mail, "250").await);
    // No parser understands this.
    let malformed =
        [b"Content-Type: multipart/mixed; boundary=\"\r\n\r\n--\r\n\0\xff".as_slice(), &mail, &secrets.photo];
    sent(office, secrets, &malformed.concat(), "250").await;
    // Longer than the relay takes, after much of it was sealed already.
    sent(office, secrets, &secrets.mail(&vec![7; LIMIT]), "552").await;
    // The client goes away in the middle, after the first write to the disk.
    let mut gone = at_data(office, secrets).await;
    gone.send(&secrets.mail(&vec![7; LIMIT / 2])[..LIMIT / 2]).await;
    gone.hang_up();
    // Refused before it came, with secrets in the commands.
    let mut refused = connected(office, secrets).await;
    refused.say(&format!("MAIL FROM:<{}>\r\nRCPT TO:<{}@in.example.org>\r\n", secrets.from(), secrets.note)).await;
    refused.expect("250").await;
    refused.expect("550").await;
    refused.say(&format!("VRFY {}\r\nNONSENSE {}\r\n", secrets.note, secrets.file_name)).await;
    refused.expect("252").await;
    refused.expect("500").await;
    refused.hang_up();
    id
}

/// What the commands print, and what they export for admins.
fn printed(office: &Office, id: &str) -> String {
    let trail = office.agency.path("trail.jsonl").display().to_string();
    let commands: [&[&str]; 8] = [
        &["message", "list"],
        &["message", "show", id],
        &["queue", "list"],
        &["audit", "list"],
        &["audit", "export", "--out", &trail],
        &["case", "show", &office.case],
        &["case", "list"],
        &["staff", "list"],
    ];
    let text: String = commands.iter().map(|command| office.agency.must(command)).collect();
    let json: String =
        commands[..4].iter().map(|command| office.agency.must(&[command, &["--json"][..]].concat())).collect();
    text + &json
}

#[tokio::test]
async fn no_secret_is_in_anything_that_the_relay_writes() {
    if !installed("strace") {
        return;
    }
    let secrets = Secrets::new();
    let hunt = &secrets.hunt;
    let mut office = Office::closed("[log]\nlevel = \"trace\"\n[limits]\nmin_free_space = \"0 B\"\n").await;
    office.agency.configure("\"50 MiB\"", "\"1 MiB\"");
    let outside = tempfile::tempdir().unwrap();
    let (temp, file) = (outside.path().join("tmp"), outside.path().join("trace"));
    fs::create_dir(&temp).unwrap();
    let temp_dir = format!("TMPDIR={}", temp.display());
    let strace = [&["env", &temp_dir][..], &trace::wrapper(file.to_str().unwrap())].concat();
    if !office.agency.try_start_under(&strace) {
        assert!(office.agency.log().contains("strace: "), "the relay did not start: {}", office.agency.log());
        eprintln!("NOTICE: strace may not trace here: the test of leaks is skipped");
        return;
    }

    let id = all_fates(&office, &secrets).await;
    let forward = office.mails_to(ALICE, 1).await.remove(0);
    office.idle().await;
    // The search finds what it looks for, where it is meant to be.
    let opened = office.read(&forward).plain;
    let wanted = ["the note", "the file name", "the sender", "the photo"];
    assert!(wanted.iter().all(|secret| hunt.find(&opened).contains(secret)), "{:?}", hunt.find(&opened));
    hunt.nothing_in("a staff mail, outside of its encryption", forward.text.as_bytes());
    hunt.nothing_in("what commands print", printed(&office, &id).as_bytes());

    // Killed with a message half in: what is left lies there for a thief.
    let mut half = at_data(&office, &secrets).await;
    half.send(&secrets.mail(&vec![7; LIMIT / 2])[..LIMIT / 2]).await;
    let drafts = || fs::read_dir(office.agency.path("data/spool/tmp")).unwrap().count();
    eventually("a draft on the disk", || (drafts() > 0).then_some(())).await;
    office.agency.kill();
    let looked_at = hunt.nothing_below(&office.agency.path("")) + hunt.nothing_below(&temp);
    assert!(looked_at > 3 * secrets.photo.len(), "only {looked_at} bytes were there to be looked at");
    let log = office.agency.log();
    assert!(log.contains("TRACE") || log.contains("DEBUG"), "the log says too little to prove anything:\n{log}");
    hunt.nothing_in("the log", log.as_bytes());
    assert!(!log.contains(PEER), "the log holds the client's address:\n{log}");

    let trace = eventually("the end of the trace", || Some(Trace::read(&file)).filter(Trace::is_whole)).await;
    every_write_is_below(&trace, office.agency.path("data").to_str().unwrap());
    let written = trace.written_bytes();
    assert!(written.len() > looked_at, "{} bytes were written, {looked_at} are left", written.len());
    hunt.nothing_in("what the relay ever wrote", &written);
    let text = String::from_utf8_lossy(&written);
    assert!(!text.contains(PEER), "the client's address was written");
}

fn every_write_is_below(trace: &Trace, data: &str) {
    let paths = trace.written_paths();
    let strangers: Vec<_> = paths.iter().filter(|path| !path.starts_with(data)).collect();
    assert!(strangers.is_empty(), "opened for writing outside of the data directory: {strangers:?}");
    assert!(paths.iter().any(|path| path.contains("/spool/tmp/")), "{paths:?}");
}

/// The search itself: it fires on the mail as sent, and on a file made on purpose.
#[test]
fn the_hunt_finds_what_is_there() {
    let secrets = Secrets::new();
    let all = ["the note", "the file name", "the sender", "the Message-ID", "the photo"];
    let found = secrets.hunt.find(&secrets.mail(b""));
    assert!(all.iter().all(|secret| found.contains(secret)), "{found:?}");
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("below")).unwrap();
    let found_in_a_file = || {
        let files = secrets.hunt.look_below(directory.path());
        files.into_iter().flat_map(|(_, _, found)| found).collect::<Vec<_>>()
    };
    for alignment in 0..3 {
        let text = [&b"xyz"[..alignment], &secrets.photo[100..140]].concat();
        let encoded = base64_simd::STANDARD.encode_to_string(&text);
        fs::write(directory.path().join("below/leak"), [&[0; 5000], encoded.as_bytes()].concat()).unwrap();
        assert_eq!(found_in_a_file(), ["the photo"], "alignment {alignment}");
    }
    fs::write(directory.path().join("below/leak"), &secrets.photo[5..13]).unwrap();
    assert_eq!(found_in_a_file(), ["the photo"]);
    secrets.hunt.nothing_in("something else", &Secrets::new().mail(b""));
}
