//! The way of a message of the corpus: through the SMTP door of a real relay, out again sealed, and opened by its reader.

use crate::{
    laying::exactly,
    support::{
        agency::{Agency, eventually},
        office::{armored, id_of},
        scripted_server::{Script, ScriptedServer},
        smtp_client::Client,
    },
};
use mail_parser::{MessageParser, MimeHeaders};
use sealdrop::{
    clock::Clock,
    digest::sha256,
    openpgp::{ReaderKey, Signature},
};
use std::collections::HashMap;

const ALICE: &str = "alice@example.org";

/// A relay with one case for each way of sending, as what came twice would be taken for a second try.
pub struct Post {
    server: ScriptedServer,
    agency: Agency,
    alice: ReaderKey,
    cases: [String; 2],
}

/// How a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// With DATA: a line ends with CRLF or not at all, so bare LFs become CRLF.
    Data,
    /// With BDAT: byte for byte.
    Bdat,
}

/// What staff read of one message.
#[derive(Clone)]
pub struct Letter {
    pub documents: Vec<Document>,
    /// The texts, in their order; the first and the last are the relay's.
    pub texts: Vec<String>,
    /// Whether the client was told.
    pub answered: bool,
}

#[derive(Clone)]
pub struct Document {
    pub name: String,
    pub media_type: String,
    pub bytes: Vec<u8>,
    pub sha256: String,
}

impl Letter {
    /// What the summary says of the number of documents.
    pub fn counted(&self) -> usize {
        let summary = self.summary();
        let line = summary.lines().find_map(|line| line.strip_prefix("What came: ")).expect("a summary");
        line.split(' ').next().unwrap().parse().unwrap_or(0)
    }

    pub fn summary(&self) -> &str {
        self.texts.last().expect("a summary")
    }

    fn read(layout: &[u8]) -> Self {
        let message = MessageParser::default().parse(layout).expect("a layout is a message");
        let (mut documents, mut texts) = (Vec::new(), Vec::new());
        for part in message.parts.iter().filter(|part| !part.is_multipart()) {
            let kind = part.content_type().expect("every part has a type");
            let media_type = format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default());
            if part.content_disposition().is_some_and(|disposition| disposition.is_attachment()) {
                let (name, bytes) = (part.attachment_name().unwrap().to_owned(), exactly(&message, part));
                documents.push(Document { name, media_type, sha256: sha256(&bytes).to_string(), bytes });
            } else {
                assert_eq!(media_type, "text/plain", "staff get nothing else to read");
                texts.push(part.text_contents().unwrap().replace("\r\n", "\n"));
            }
        }
        Self { documents, texts, answered: false }
    }
}

impl Post {
    pub async fn open() -> Self {
        let server = ScriptedServer::start(Script { keeps: 16 << 20, ..Script::default() }).await;
        let mut agency = Agency::new(server.address, "");
        agency.configure("[client_reply]", "[client_reply]\nmax_per_hour = 10000");
        let alice = ReaderKey::generate(ALICE, Clock::system().now());
        agency.hire(ALICE, alice.certificate_armored().as_bytes());
        let cases = [agency.open_case(&[ALICE]), agency.open_case(&[ALICE])];
        agency.start();
        Self { server, agency, alice, cases }
    }

    /// Sends each message from a client of its own; gives what staff got of each, in the same order.
    pub async fn send(&self, messages: &[(Way, &[u8])]) -> Vec<Letter> {
        let mut client = Client::secured(&self.agency).await;
        let mut ids = Vec::new();
        for (number, (way, mail)) in messages.iter().enumerate() {
            let case = &self.cases[usize::from(*way == Way::Bdat)];
            client.say(&format!("MAIL FROM:<{}> BODY=8BITMIME\r\nRCPT TO:<{case}>\r\n", sender(number))).await;
            client.expect("250").await;
            client.expect("250").await;
            match way {
                Way::Bdat => client.send(&[format!("BDAT {} LAST\r\n", mail.len()).as_bytes(), mail].concat()).await,
                Way::Data => {
                    client.say("DATA\r\n").await;
                    client.expect("354").await;
                    client.send(&as_data(mail)).await;
                }
            }
            ids.push(id_of(&client.expect("250").await));
        }
        eventually("an empty queue", || self.agency.json(&["queue", "list"]).as_array()?.is_empty().then_some(()))
            .await;
        self.letters(&ids)
    }

    /// What staff read, by the ids of the messages.
    fn letters(&self, ids: &[String]) -> Vec<Letter> {
        let relay = std::fs::read_to_string(self.agency.path("relay-cert.asc")).unwrap();
        let mails = self.server.mails();
        let now = Clock::system().now();
        let mut letters = HashMap::new();
        for mail in mails.iter().filter(|mail| mail.to == [ALICE]) {
            let opened = self.alice.open(armored(&mail.text).as_bytes(), &relay, now).expect("Alice's key opens it");
            assert_eq!(opened.signature, Signature::Good);
            let letter = Letter::read(&opened.plain);
            let id = letter.texts[0].lines().find_map(|line| line.strip_prefix("For the admin: message "));
            letters.insert(id.expect("the opening names the message").to_owned(), letter);
        }
        for (number, id) in ids.iter().enumerate() {
            let letter = letters.get_mut(id).unwrap_or_else(|| panic!("no mail for {id}"));
            letter.answered |= mails.iter().any(|mail| mail.to == [sender(number)]);
        }
        // Some messages are in the corpus twice: the second counts as the sender's second try.
        ids.iter().map(|id| letters[id].clone()).collect()
    }
}

fn sender(number: usize) -> String {
    format!("ana{number}@client.example")
}

/// What goes over the wire for these bytes: lines ended by CRLF, dots doubled, the final dot.
fn as_data(mail: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(mail.len() + mail.len() / 20);
    for line in crlf(mail).split_inclusive(|byte| *byte == b'\n') {
        if line[0] == b'.' {
            wire.push(b'.');
        }
        wire.extend_from_slice(line);
    }
    if !wire.ends_with(b"\r\n") && !wire.is_empty() {
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b".\r\n");
    wire
}

/// With every bare LF as CRLF.
pub fn crlf(mail: &[u8]) -> Vec<u8> {
    let mut last = 0;
    let mut out = Vec::with_capacity(mail.len() + mail.len() / 20);
    for byte in mail {
        if *byte == b'\n' && last != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        last = *byte;
    }
    out
}
