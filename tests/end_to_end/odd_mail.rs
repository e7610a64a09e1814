//! Mail that is not what it seems: encrypted by its sender, or nothing that a parser understands. All of it is sealed,
//! nothing is lost, and staff are told to look.

use crate::support::{
    agency::mail_with,
    gpg::Gpg,
    office::{ALICE, CLIENT, Office, id_of, photo},
    smtp_client::Client,
};
use std::fs;

/// Exports a message's original and opens it.
fn original(office: &Office, id: &str) -> Vec<u8> {
    let file = office.agency.path(&format!("{id}.asc"));
    office.agency.must(&["message", "export", id, "--out", file.to_str().unwrap()]);
    office.alice.decrypt(&fs::read(&file).unwrap()).plain
}

fn flags(office: &Office, id: &str) -> String {
    office.agency.json(&["message", "show", id])["findings"]["flags"].to_string()
}

#[tokio::test]
async fn mail_that_its_sender_encrypted_is_sealed_all_the_same() {
    let office = Office::open("").await;
    let other = Gpg::with_key("someone@else.example", "cv25519");
    let inner = other.must(&["--armor", "-r", "someone@else.example", "--encrypt"], b"nobody here can read this");
    let inner = String::from_utf8(inner).unwrap().replace('\n', "\r\n");
    let mail = format!(
        "From: ana@client.example\r\nSubject: secret\r\nMIME-Version: 1.0\r\nMessage-ID: <1@client.example>\r\n\
         Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\r\n\r\n\
         --b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n\
         --b\r\nContent-Type: application/octet-stream; name=encrypted.asc\r\n\r\n{inner}\r\n--b--\r\n"
    );
    let id = office.mail_as(CLIENT, mail.as_bytes()).await;
    let forward = office.mails_to(ALICE, 1).await.remove(0);
    let first_line = inner.lines().nth(3).unwrap();
    assert!(!forward.text.contains(first_line), "the sender's own encryption is no reason to pass it on as it is");
    let layout = String::from_utf8_lossy(&office.read(&forward).plain).into_owned();
    assert!(layout.contains("The sender encrypted something."), "{layout}");
    assert!(flags(&office, &id).contains("encrypted_by_sender"));
    assert!(String::from_utf8_lossy(&original(&office, &id)).contains(first_line));
}

/// A header is a claim: one that says "encrypted" over plain text changes nothing.
#[tokio::test]
async fn a_false_claim_of_encryption_is_sealed_all_the_same() {
    let office = Office::open("").await;
    let mail = b"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\nplain words under a false name\r\n--b--\r\n";
    let id = office.mail_as(CLIENT, mail).await;
    let forward = office.mails_to(ALICE, 1).await.remove(0);
    assert!(!forward.text.contains("plain words"));
    office.read(&forward);
    assert!(String::from_utf8_lossy(&original(&office, &id)).contains("plain words under a false name"));
}

#[tokio::test]
async fn bytes_that_no_parser_understands_are_sealed_whole_and_flagged() {
    let office = Office::open("").await;
    let mut garbage = photo(3, 100_000);
    garbage.extend(b"\0\0: \r\r\n\n.\n.\r.\r\n\x80\xffContent-Type: multipart/mixed; boundary=\xff\r\n--");
    let mut client = Client::secured(&office.agency).await;
    client.say(&format!("MAIL FROM:<{CLIENT}> BODY=8BITMIME\r\nRCPT TO:<{}>\r\nDATA\r\n", office.case)).await;
    client.expect("250").await;
    client.expect("250").await;
    client.expect("354").await;
    client.send(&stuffed(&garbage)).await;
    client.say("\r\n.\r\n").await;
    let id = id_of(&client.expect("250").await);
    let forward = office.mails_to(ALICE, 1).await.remove(0);
    let layout = office.read(&forward).plain;
    assert!(mail_parser::MessageParser::default().parse(&layout).is_some());
    assert!(flags(&office, &id).contains("malformed"), "{}", flags(&office, &id));
    assert!(original(&office, &id) == [garbage, b"\r\n".to_vec()].concat(), "the original is what came, byte for byte");
}

/// What a client sends for these bytes: one more dot where a line begins with one (RFC 5321, section 4.5.2).
fn stuffed(bytes: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == b'.' && (at == 0 || bytes[..at].ends_with(b"\r\n")) {
            wire.push(b'.');
        }
        wire.push(*byte);
    }
    wire
}

#[tokio::test]
async fn an_empty_message_is_a_message() {
    let office = Office::open("").await;
    let id = office.mail_as(CLIENT, b"").await;
    assert!(flags(&office, &id).contains("no_document"));
    let told = office.mails_to(CLIENT, 1).await.remove(0);
    assert!(told.text.contains("We got your message, but no photo or file came through."), "{}", told.text);
    assert_eq!(original(&office, &id), b"\r\n");
    let id = office.mail_as("bo@client.example", &mail_with("with words", &[])).await;
    assert!(flags(&office, &id).contains("no_document"));
}
