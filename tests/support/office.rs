//! The smallest agency that works: Alice, who is staff and admin, with her real gpg; one case of hers; and a mail server
//! for the staff that says what a test wants.

use super::{
    agency::{Agency, eventually, mail_with},
    gpg::{Decrypted, Gpg},
    scripted_server::{Script, ScriptedServer},
    smtp_client::Client,
    staff_server::Mail,
};
use serde_json::Value;
use std::net::SocketAddr;

pub const ALICE: &str = "alice@example.org";
pub const CLIENT: &str = "ana@client.example";

/// Alice's office.
pub struct Office {
    pub server: ScriptedServer,
    pub agency: Agency,
    pub alice: Gpg,
    /// The address of her case.
    pub case: String,
}

impl Office {
    /// The relay is not started yet. `more` is added to the configuration.
    pub async fn closed(more: &str) -> Self {
        let server = ScriptedServer::start(Script::default()).await;
        let (agency, alice, case) = equipped(server.address, more);
        Self { server, agency, alice, case }
    }

    /// The relay runs.
    pub async fn open(more: &str) -> Self {
        let mut office = Self::closed(more).await;
        office.agency.start();
        office
    }

    /// Mails a note and a photo to Alice's case; gives the message's id.
    pub async fn mail(&self, note: &str) -> String {
        self.mail_as(CLIENT, &mail_with(note, &[("IMG.jpg", "image/jpeg", &photo(7, 20_000))])).await
    }

    /// Mails this to Alice's case; gives the message's id.
    pub async fn mail_as(&self, from: &str, mail: &[u8]) -> String {
        id_of(self.agency.send(from, &[&self.case], mail).await.unwrap().first_line().unwrap())
    }

    /// Waits until so many mails went out to somebody, and gives them.
    pub async fn mails_to(&self, who: &str, count: usize) -> Vec<Mail> {
        let what = format!("{count} mails to {who}");
        eventually(&what, || {
            let mails: Vec<Mail> = self.server.mails().into_iter().filter(|mail| mail.to == [who]).collect();
            (mails.len() >= count).then_some(mails)
        })
        .await
    }

    /// What Alice reads in a mail.
    pub fn read(&self, mail: &Mail) -> Decrypted {
        let opened = self.alice.decrypt(armored(&mail.text).as_bytes());
        assert!(opened.said.contains("[GNUPG:] GOODSIG"), "not signed by the relay: {}", opened.said);
        opened
    }

    /// Waits until nothing waits to go out.
    pub async fn idle(&self) {
        eventually("an empty queue", || self.jobs().is_empty().then_some(())).await;
    }

    /// What `queue list` shows.
    pub fn jobs(&self) -> Vec<Value> {
        self.agency.json(&["queue", "list"]).as_array().unwrap().clone()
    }

    /// The entries of the trail of this kind.
    pub fn trail(&self, kind: &str) -> Vec<Value> {
        let entries = self.agency.json(&["audit", "list"]);
        entries.as_array().unwrap().iter().filter(|entry| entry["event"] == kind).cloned().collect()
    }

    /// The reply to RCPT.
    pub async fn recipient(&self, address: &str) -> String {
        let mut client = Client::secured(&self.agency).await;
        client.say(&format!("MAIL FROM:<{CLIENT}>\r\nRCPT TO:<{address}>\r\n")).await;
        client.expect("250").await;
        client.line().await.unwrap()
    }
}

/// An agency whose only person is Alice, her gpg, and the address of her case.
pub fn equipped(smarthost: SocketAddr, more: &str) -> (Agency, Gpg, String) {
    let agency = Agency::new(smarthost, more);
    let alice = Gpg::with_key(ALICE, "cv25519");
    agency.hire(ALICE, &alice.export(&[ALICE]));
    alice.import(&std::fs::read(agency.path("relay-cert.asc")).unwrap());
    let case = agency.open_case(&[ALICE]);
    (agency, alice, case)
}

/// The first id in a reply `2.0.0 ID … received and sealed`.
pub fn id_of(reply: &str) -> String {
    let words: Vec<&str> = reply.trim_start_matches("250 ").split(' ').collect();
    assert_eq!(words[0], "2.0.0", "{reply}");
    words[1].to_owned()
}

/// Something that no text search takes for anything else, and that looks like a whole JPEG of 1200 x 900.
pub fn photo(seed: u8, length: usize) -> Vec<u8> {
    let mut bytes =
        b"\xff\xd8\xff\xc0\0\x0b\x08\x03\x84\x04\xb0\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0".to_vec();
    let mut state = u32::from(seed) + 1;
    bytes.extend((0..length).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // An ff would be a marker.
        ((state >> 24) as u8).min(0xfe)
    }));
    bytes.extend([0xff, 0xd9]);
    bytes
}

/// The armored OpenPGP message in a PGP/MIME mail.
pub fn armored(mail: &str) -> &str {
    let start = mail.find("-----BEGIN PGP MESSAGE-----").expect("an OpenPGP message");
    let end = mail.find("-----END PGP MESSAGE-----").expect("its end") + "-----END PGP MESSAGE-----".len();
    &mail[start..end]
}

/// The SHA-256 of each attachment in a decrypted layout.
pub fn documents(layout: &[u8]) -> Vec<String> {
    let message = mail_parser::MessageParser::default().parse(layout).expect("the layout is MIME");
    message.attachments().map(|part| sealdrop::digest::sha256(part.contents()).to_string()).collect()
}

/// Whether a program is there; a notice says that its test is skipped when it is not.
pub fn installed(program: &str) -> bool {
    let found = ["/usr/bin", "/usr/local/bin", "/bin", "/usr/sbin", "/sbin"];
    let found = found.iter().any(|folder| std::path::Path::new(folder).join(program).exists());
    if !found {
        eprintln!("NOTICE: {program} is not installed: its test is skipped");
    }
    found
}
