//! Confirmations to clients (mail-rules, section 3): to the envelope's sender alone, from the null reverse-path, and
//! never a word of the client's or about the case. A client's address leaves this file in the mail itself and nowhere
//! else: what is kept of a failure are the server's codes.

use super::{
    Attempt, Courier, blocking,
    header::{Header, unstructured},
    limits::{Keys, Ledgers, Turn},
    smarthost::Outgoing,
};
use crate::{
    cases::Language,
    envelope::{Address, Mailbox},
    ids::MessageId,
    intake::{Trouble, Withhold},
    queue::{AlertKind, Outcome, Work},
    secret::{AtRestKey, CannotOpen, SealedField},
    site::Site,
    store::{Change, ReplyLedger, StoreError},
    texts::{Told, confirmation},
};
use lettre::message::{Body, header::ContentTransferEncoding};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use zeroize::Zeroizing;

/// The longest Message-ID that is referred to.
const MAX_MESSAGE_ID: usize = 250;

/// How long a confirmation waits for another one to the same sender before it is deferred.
const PATIENCE: Duration = Duration::from_secs(5);

/// All that a confirmation needs to know; sealed under [`confirm_context`] in the job, because the client's address is
/// in it. No Debug.
#[derive(Serialize, Deserialize)]
pub struct ConfirmFacts {
    /// The reverse-path.
    pub to: String,
    /// The local part of the case address.
    pub case: String,
    pub message_id: Option<String>,
    pub language: Option<Language>,
    pub documents: u32,
    pub empty: u32,
    pub link_only: bool,
    /// What is wrong with some documents, by their numbers.
    #[serde(default)]
    pub troubles: Vec<Trouble>,
}

/// The context under which the facts of a message's confirmation are sealed.
pub fn confirm_context(message: MessageId) -> String {
    format!("confirmation of {message}")
}

impl ConfirmFacts {
    /// Seals the facts for a job.
    pub fn seal(&self, at_rest: &AtRestKey, message: MessageId) -> SealedField {
        let plain = serde_json::to_vec(self).expect("a struct of text and numbers is always JSON");
        at_rest.seal(&confirm_context(message), &Zeroizing::new(plain))
    }

    /// Whether the client is to send something again.
    fn needs_another(&self) -> bool {
        self.documents == 0 || self.empty > 0 || !self.troubles.is_empty()
    }

    /// Opens what [`seal`](Self::seal) sealed for the same message.
    pub fn open(at_rest: &AtRestKey, message: MessageId, sealed: &SealedField) -> Result<Self, CannotOpen> {
        let plain = at_rest.open(&confirm_context(message), sealed)?;
        serde_json::from_slice(&plain).map_err(|_| CannotOpen)
    }
}

/// Attempts one confirmation.
pub(super) async fn attempt(courier: &Courier, message: MessageId, facts: &SealedField) -> Attempt {
    let site = &courier.site;
    let limits = &site.config.client_reply;
    if !limits.enabled {
        return Outcome::Withheld(Withhold::SwitchedOff).into();
    }
    let reply = match Reply::open(site, message, facts) {
        Ok(reply) => reply,
        Err(reason) => return Outcome::Failed(reason).into(),
    };
    let Some(mut turn) = courier.replies.await_turn(reply.keys.sender, PATIENCE).await else {
        return Outcome::Deferred("another confirmation to the same sender is on its way".to_owned()).into();
    };
    let ledgers = match read_ledgers(site, reply.keys).await {
        Ok(ledgers) => ledgers,
        Err(outcome) => return outcome.into(),
    };
    let now = site.clock.now();
    let withhold = ledgers.withhold(limits, now);
    let withhold = withhold.or_else(|| (!turn.reserve(&ledgers.everybody, limits, now)).then_some(Withhold::Limit));
    let (outcome, changes) = match withhold {
        Some(reason) => {
            (Outcome::Withheld(reason), ledgers.carry(reply.keys, reply.facts.documents, reply.facts.needs_another()))
        }
        None => reply.send(courier, ledgers, &mut turn).await,
    };
    Attempt { outcome, changes, turn: Some(turn) }
}

/// A confirmation whose facts were opened.
struct Reply {
    message: MessageId,
    facts: ConfirmFacts,
    to: Address,
    mailbox: Mailbox,
    keys: Keys,
}

impl Reply {
    fn open(site: &Site, message: MessageId, sealed: &SealedField) -> Result<Self, String> {
        let facts = ConfirmFacts::open(&site.at_rest, message, sealed).map_err(|error| error.to_string())?;
        let to = Address::parse(&facts.to).map_err(|_| "the reverse-path is not an address".to_owned())?;
        let mailbox = Mailbox::try_from(facts.case.clone()).map_err(|error| error.to_string())?;
        let keys = Keys::new(&site.at_rest, &to, &facts.case);
        Ok(Self { message, facts, to, mailbox, keys })
    }

    /// Sends it; the outcome, and what is to be written beside it.
    async fn send(self, courier: &Courier, ledgers: Ledgers, turn: &mut Turn) -> (Outcome, Vec<Change>) {
        let (site, now) = (&courier.site, courier.site.clock.now());
        let mail = written(site, self.message, &self.to, &self.facts, &ledgers.pair);
        match courier.client_mail.send(Outgoing::small(None, self.to, mail)).await {
            Ok(()) => {
                let changes = ledgers.sent(self.keys, &site.config.client_reply, now, turn.used());
                (Outcome::Delivered, changes)
            }
            Err(error) if error.is_bounce() => {
                let (message, mailbox) = (self.message, self.mailbox);
                let alerts = [
                    AlertKind::ReplyBounced { message, mailbox: mailbox.clone() },
                    AlertKind::ClientNotTold { message, mailbox },
                ];
                let alerts = alerts.map(|alert| Change::AddJob { work: Work::Alert { alert }, next: now });
                let changes = ledgers.bounced(self.keys, turn.used()).into_iter().chain(alerts).collect();
                (Outcome::Failed(error.codes()), changes)
            }
            Err(error) if error.is_permanent() => (Outcome::Failed(error.codes()), Vec::new()),
            Err(error) => (Outcome::Deferred(error.codes()), Vec::new()),
        }
    }
}

async fn read_ledgers(site: &Site, keys: Keys) -> Result<Ledgers, Outcome> {
    let store = site.store.clone();
    blocking(move || {
        let read = || -> Result<Ledgers, StoreError> {
            Ok(Ledgers {
                pair: store.ledger(keys.pair)?,
                sender: store.ledger(keys.sender)?,
                everybody: store.ledger(keys.everybody)?,
            })
        };
        read().map_err(|error| Outcome::Deferred(error.to_string()))
    })
    .await
}

/// The whole mail. ASCII as it is, everything else encoded.
fn written(site: &Site, message: MessageId, to: &Address, facts: &ConfirmFacts, pair: &ReplyLedger) -> Vec<u8> {
    let told = Told {
        documents: facts.documents,
        carried: pair.carried,
        empty: facts.empty,
        link_only: facts.link_only,
        troubles: facts.troubles.clone(),
        earlier: pair.earlier,
    };
    let reply = &site.config.client_reply;
    let language = facts.language.as_ref().map(|language| language.0.as_str());
    let told = confirmation(&told, &reply.texts.chosen(language, &reply.languages));
    let subject = unstructured(&told.subject);
    let header = Header::of_mail(site, to, &subject, site.clock.now(), &format!("{message}.reply"));
    compose(header, facts.message_id.as_deref(), told.text)
}

fn compose(header: Header, in_reply_to: Option<&str>, text: String) -> Vec<u8> {
    let mut header = header.field("Auto-Submitted", "auto-replied").field("X-Auto-Response-Suppress", "All");
    if let Some(id) = in_reply_to.filter(|id| is_message_id(id)) {
        header = header.field("In-Reply-To", id).field("References", id);
    }
    let body = if text.is_ascii() {
        Body::new(text)
    } else {
        let encoded = Body::new_with_encoding(text, ContentTransferEncoding::QuotedPrintable);
        encoded.unwrap_or_else(|text| Body::dangerous_pre_encoded(text, ContentTransferEncoding::EightBit))
    };
    let header = header
        .field("Content-Type", "text/plain; charset=utf-8")
        .field("Content-Transfer-Encoding", &body.encoding().to_string());
    let mut mail = header.into_text().into_bytes();
    mail.extend_from_slice(b"\r\n");
    mail.extend_from_slice(&body.into_vec());
    mail
}

/// Only what cannot be anything but an id is repeated: it is the one thing in a confirmation that the client chose.
fn is_message_id(id: &str) -> bool {
    let inside = id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or_default();
    let plain = |c: char| c.is_ascii_graphic() && !"<>()\",;:\\[]".contains(c);
    id.len() <= MAX_MESSAGE_ID && inside.chars().all(plain) && inside.matches('@').count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn facts_open_for_their_own_message_only() {
        let at_rest = AtRestKey::new(&[7; 32]);
        let [one, other] = [1, 2].map(|millis| MessageId::new(Timestamp::from_millis(millis)));
        let facts = ConfirmFacts {
            to: "ana@example.org".to_owned(),
            case: "river-tiger-42".to_owned(),
            message_id: None,
            language: None,
            documents: 2,
            empty: 0,
            link_only: false,
            troubles: Vec::new(),
        };
        let sealed = facts.seal(&at_rest, one);
        assert_eq!(ConfirmFacts::open(&at_rest, one, &sealed).ok().unwrap().to, "ana@example.org");
        assert!(ConfirmFacts::open(&at_rest, other, &sealed).is_err());
    }

    #[test]
    fn only_a_plain_message_id_is_repeated() {
        for (id, plain) in [
            ("<CAF+abc_1.2=x@mail.example.org>", true),
            ("<no-at-sign>", false),
            ("abc@example.org", false),
            ("<a@b> <c@d>", false),
            ("<a@b\r\nBcc: eve@example.org>", false),
            ("<visit-http://evil.example/@x>", false),
            ("<añá@example.org>", false),
            ("", false),
        ] {
            assert_eq!(is_message_id(id), plain, "{id}");
        }
        assert!(!is_message_id(&format!("<{}@example.org>", "a".repeat(300))));
    }

    #[test]
    fn has_the_fields_that_stop_a_loop_and_is_seven_bit() {
        for text in ["We got 1 file.\n", "Su último mensaje\n.\n"] {
            let mail = compose(Header::new(), Some("<a@b.example>"), text.to_owned());
            let mail = String::from_utf8(mail).unwrap();
            assert!(mail.is_ascii() && mail.lines().all(|line| line.len() <= 76));
            assert!(!mail.replace("\r\n", "").contains(['\r', '\n']));
            for field in ["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All", "In-Reply-To: <a@b.example>"]
            {
                assert!(mail.contains(&format!("{field}\r\n")), "{field}");
            }
        }
        let forged = compose(Header::new(), Some("<a@b>\r\nBcc: <eve@example.org>"), String::new());
        assert!(!String::from_utf8(forged).unwrap().contains("eve"));
    }
}
