//! What a staff member's mail program does: takes the PGP/MIME mail apart (RFC 3156), decrypts it with their key, verifies the
//! relay's signature, and shows text and documents.

use super::{Failure, failed, mailbox::Mail, story::Story};
use crate::{
    cli::message::size,
    clock::Clock,
    digest::sha256,
    mime::{Disposition, End, Kind, Limits, Part, Reader, Visitor},
    openpgp::{ReaderKey, Signature},
};
use zeroize::Zeroizing;

/// The most lines that are shown of a mail as it came, and of a text.
const SHOWN_SEALED: usize = 22;
const SHOWN_TEXT: usize = 40;

/// A staff member's mail, opened.
pub struct Opened {
    pub email: &'static str,
    /// As their server received it.
    pub mail: Mail,
    /// The signed content.
    pub plain: Zeroizing<Vec<u8>>,
    pub signature: Signature,
    /// The texts, joined.
    pub text: String,
    pub documents: Vec<Document>,
}

/// One document.
pub struct Document {
    pub name: String,
    pub media_type: String,
    pub bytes: Vec<u8>,
}

/// Opens a mail with a staff member's key and the relay's certificate.
pub fn open(email: &'static str, mail: Mail, key: &ReaderKey, relay: &str) -> Result<Opened, Failure> {
    let armored =
        armor_in(&mail.bytes).ok_or_else(|| failed(&format!("the mail to {email} holds no OpenPGP message")))?;
    let opened = key.open(armored, relay, Clock::system().now());
    let opened = opened.map_err(|error| failed(&format!("{email} cannot read their mail: {error}")))?;
    let Parts { text, documents, .. } = Parts::of(&opened.plain);
    Ok(Opened { email, mail, plain: opened.plain, signature: opened.signature, text, documents })
}

/// The armored message in a mail.
fn armor_in(mail: &[u8]) -> Option<&[u8]> {
    let find = |needle: &[u8]| mail.windows(needle.len()).position(|window| window == needle);
    let (begin, end) = (find(b"-----BEGIN PGP MESSAGE-----")?, find(b"-----END PGP MESSAGE-----")?);
    mail.get(begin..end + b"-----END PGP MESSAGE-----".len())
}

/// Collects texts and documents.
#[derive(Default)]
struct Parts {
    text: String,
    documents: Vec<Document>,
    /// The leaf that is being read: its head and its bytes.
    leaf: Option<(Part, Vec<u8>)>,
}

impl Parts {
    fn of(mail: &[u8]) -> Self {
        let mut parts = Self::default();
        let mut reader = Reader::new(Limits::default());
        reader.push(mail, &mut parts);
        reader.finish(&mut parts);
        parts
    }
}

impl Visitor for Parts {
    fn start(&mut self, part: Part) {
        self.leaf = (part.kind == Kind::Leaf).then(|| (part, Vec::new()));
    }

    fn body(&mut self, decoded: &[u8]) {
        if let Some((_, bytes)) = &mut self.leaf {
            bytes.extend_from_slice(decoded);
        }
    }

    fn end(&mut self, _: End) {
        let Some((part, bytes)) = self.leaf.take() else { return };
        if part.disposition == Some(Disposition::Attachment) {
            let name = part.name.unwrap_or_default();
            self.documents.push(Document { name, media_type: part.media_type, bytes });
        } else {
            self.text.push_str(&String::from_utf8_lossy(&bytes));
            self.text.push('\n');
        }
    }
}

/// Some fields of a mail's header, and its text as a mail program shows it.
pub fn read(mail: &Mail, fields: &[&str]) -> String {
    let shown = shown(mail, fields);
    let header = shown.split("\n\n").next().unwrap_or_default();
    format!("{header}\n\n{}", Parts::of(&mail.bytes).text.trim())
}

/// Some fields of a mail's header, and its body as it came.
fn shown(mail: &Mail, fields: &[&str]) -> String {
    let text = String::from_utf8_lossy(&mail.bytes).replace("\r\n", "\n");
    let (header, body) = text.split_once("\n\n").unwrap_or((text.as_str(), ""));
    let wanted = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        fields.iter().any(|field| field.eq_ignore_ascii_case(name))
    };
    let header: Vec<&str> = header.lines().filter(wanted).collect();
    format!("{}\n\n{}", header.join("\n"), body.trim_end())
}

/// Tells what the mail looks like before and after it is opened.
pub fn tell(opened: &[Opened], story: &Story) -> Result<(), Failure> {
    for (number, opened) in opened.iter().enumerate() {
        if number == 0 {
            story.say(&format!("what the mail server sees of {}'s mail:", opened.email))?;
            story
                .quote(&first_lines(&shown(&opened.mail, &["From", "To", "Subject", "Content-Type"]), SHOWN_SEALED))?;
            story.say(&format!("what {} sees once her key has opened it:", opened.email))?;
            story.quote(&first_lines(opened.text.trim(), SHOWN_TEXT))?;
            for document in &opened.documents {
                let digest = sha256(&document.bytes).to_string();
                let size = size(document.bytes.len() as u64);
                story.quote(&format!(
                    "[{:<24} {:<12} {size:>6}  SHA-256 {}…]",
                    document.name,
                    document.media_type,
                    &digest[..16]
                ))?;
            }
        } else {
            story.say(&format!("{} sees the same: {} documents", opened.email, opened.documents.len()))?;
        }
    }
    Ok(())
}

fn first_lines(text: &str, most: usize) -> String {
    let count = text.lines().count();
    let mut shown: Vec<String> = text.lines().take(most).map(str::to_owned).collect();
    if count > most {
        shown.push(format!("… ({} more lines)", count - most));
    }
    shown.join("\n")
}
