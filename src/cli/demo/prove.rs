//! The proofs, each on what really happened.

use super::{
    Failure, ask,
    client::{ANA, NOTE, Sent},
    failed,
    house::House,
    mailbox::Mail,
    open::{Document, Opened},
    photos::PHOTOS,
    story::Story,
    traces::Traces,
};
use crate::{
    cli::{audit, message::size},
    clock::Clock,
    config::Config,
    control::{Data, MessageRequest, MessageView, Request, TrailRequest, TrailState},
    digest::sha256,
    openpgp::Signature,
};
use std::io::Read;

/// Shows the trail and gives the record of Ana's message.
pub async fn admin_view(config: &Config, story: &Story) -> Result<MessageView, Failure> {
    let list = TrailRequest::List { since: None, case: None, last: None };
    let Data::Trail(entries) = ask(config, Request::Trail(list)).await?.data else { return Err(Failure::unexpected()) };
    story.quote(&audit::table(&entries))?;
    let list = MessageRequest::List { case: None };
    match ask(config, Request::Message(list)).await?.data {
        Data::Messages(mut messages) if messages.len() == 1 => Ok(messages.remove(0)),
        Data::Messages(messages) => Err(failed(&format!("{} messages are known instead of 1", messages.len()))),
        _ => Err(Failure::unexpected()),
    }
}

/// Everything that is promised of this one message.
pub async fn all(
    house: &House,
    sent: &Sent,
    answer: &Mail,
    opened: &[Opened],
    record: &MessageView,
    plaintext_answer: &str,
    story: &mut Story,
) -> Result<(), Failure> {
    for opened in opened {
        documents(opened, story)?;
    }
    original(house, sent, record, story).await?;
    transport(record, plaintext_answer, story)?;
    reply(answer, story)?;
    no_trace(house, sent, opened, story)?;
    trail(&house.config, story).await
}

/// Each photo's bytes came out as they went in, once; the note is there; the relay's signature is good.
fn documents(opened: &Opened, story: &mut Story) -> Result<(), Failure> {
    let mut wanted: Vec<_> = PHOTOS.iter().map(|photo| photo.digest()).collect();
    let mut found: Vec<_> = opened.documents.iter().map(|document: &Document| sha256(&document.bytes)).collect();
    wanted.sort_unstable();
    found.sort_unstable();
    let what = format!("the bytes of the 3 photos that {} decrypted are those that Ana sent (SHA-256)", opened.email);
    story.proof(found == wanted, &what)?;
    let words = NOTE.lines().all(|line| opened.text.contains(line));
    let signed = opened.signature == Signature::Good;
    story.proof(words && signed, &format!("{} reads Ana's note, and the relay's signature is good", opened.email))
}

/// The sealed original, exported as an admin would, opens to exactly what Ana's program sent.
async fn original(house: &House, sent: &Sent, record: &MessageView, story: &mut Story) -> Result<(), Failure> {
    let export = MessageRequest::Export { id: record.id, mail: None };
    let mut sealed = Vec::new();
    if let Some(mut body) = ask(&house.config, Request::Message(export)).await?.body {
        body.read_to_end(&mut sealed).map_err(|error| failed(&error.to_string()))?;
    }
    let relay = house.relay_certificate()?;
    let (email, key) = &house.keys[0];
    let opened = key.open(&sealed, &relay, Clock::system().now());
    let same = opened.is_ok_and(|opened| sha256(&opened.plain) == sha256(&sent.bytes));
    let what = format!(
        "the sealed original that is kept opens with {email}'s key to the {} bytes that were sent (SHA-256)",
        sent.bytes.len()
    );
    story.proof(same, &what)
}

fn transport(record: &MessageView, plaintext_answer: &str, story: &mut Story) -> Result<(), Failure> {
    let tls = &record.protection;
    let what = format!("the mail came over {}, key exchange {}, {}", tls.version, tls.key_exchange, tls.cipher);
    story.proof(tls.version == "TLSv1.3" && tls.key_exchange == "X25519MLKEM768", &what)?;
    story.proof(plaintext_answer.starts_with("530 5.7.0"), "mail without TLS was refused with 530 5.7.0")
}

/// The answer says what came, cannot loop, and repeats nothing of what was sent.
fn reply(answer: &Mail, story: &mut Story) -> Result<(), Failure> {
    let text = String::from_utf8_lossy(&answer.bytes);
    let counted = text.contains("We got 3 files.") && text.contains("Recibimos 3 archivos.");
    story.proof(counted, "the answer tells Ana that 3 files came, in English and Spanish")?;
    let silent = answer.from.is_empty() && text.contains("Auto-Submitted: auto-replied");
    let discreet = !text.contains("Juniper") && PHOTOS.iter().all(|photo| !text.contains(photo.name));
    story.proof(silent && discreet, "the answer has a null sender and repeats none of Ana's words or file names")
}

/// Nothing of the mail can be read in the data directory; what the same search finds in the mail itself shows that it works.
fn no_trace(house: &House, sent: &Sent, opened: &[Opened], story: &mut Story) -> Result<(), Failure> {
    let traces = planted();
    let in_mail = traces.search(&sent.bytes);
    let in_photos: Vec<usize> = PHOTOS.iter().map(|photo| traces.search(photo.bytes)).collect();
    let works = in_mail > 1000 && in_photos.iter().all(|found| *found > 100);
    let what = format!(
        "the search for {} pieces of her words and photos works: it finds {in_mail} in the mail as sent, {} in the photos",
        traces.count(),
        in_photos.iter().sum::<usize>(),
    );
    story.proof(works, &what)?;
    let searched = traces.search_directory(&house.config.relay.data_dir);
    let searched = searched.map_err(|error| failed(&format!("the data directory cannot be searched: {error}")))?;
    let what = format!(
        "the same search finds {} in the relay's data directory ({} files, {})",
        searched.found,
        searched.files,
        size(searched.bytes),
    );
    story.proof(searched.found == 0 && searched.files >= 2 && searched.bytes > sent.bytes.len() as u64, &what)?;
    let in_sealed: usize = opened.iter().map(|opened| traces.search(&opened.mail.bytes)).sum();
    story.proof(in_sealed == 0, &format!("and {in_sealed} in what went through the staff's mail server"))
}

/// Ana's words, names and photos, to be looked for.
fn planted() -> Traces {
    let mut traces = Traces::default();
    let words = [ANA, "Ana Moreno", "Juniper Street", "Papers for the"];
    words.into_iter().chain(NOTE.lines()).chain(PHOTOS.map(|photo| photo.name)).for_each(|text| traces.add_text(text));
    PHOTOS.iter().for_each(|photo| traces.add_bytes(photo.bytes));
    traces
}

async fn trail(config: &Config, story: &mut Story) -> Result<(), Failure> {
    match ask(config, Request::Trail(TrailRequest::Verify)).await?.data {
        Data::Verified(TrailState::Whole { entries }) => {
            story.proof(true, &format!("the trail is whole: {entries} entries, each chained to the one before"))
        }
        Data::Verified(TrailState::Broken { problem }) => story.proof(false, &format!("the trail is whole: {problem}")),
        _ => Err(Failure::unexpected()),
    }
}
