//! Forwards: one sealed mail of a layout on its way to one staff member. Ciphertext streams from the spool through
//! armor to the smarthost; nothing here could read it.

use super::{
    Attempt, Courier, blocking,
    header::Header,
    pgp_mime,
    smarthost::{Outgoing, SendError},
};
use crate::{
    armor::ArmoredMessage,
    clock::Timestamp,
    config,
    envelope::{Address, Mailbox},
    ids::MessageId,
    intake::layout::numbered,
    queue::{AlertKind, Outcome, Work},
    site::Site,
    spool::{SpoolError, Stream},
    store::Change,
};

/// No layout is spread over more mails: each has a part of its own at least, and a message has far fewer.
const MOST_MAILS: u32 = 999_999;

/// The subject of a forward, inside the encryption and outside of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subjects {
    pub inner: String,
    pub outer: String,
}

/// The subjects of forwards for `mailbox`. `intake` writes the inner one into the layout.
pub fn subject_for(mailbox: &Mailbox, subject: config::Subject) -> Subjects {
    let what = match mailbox {
        Mailbox::Case(_) => "Documents received",
        Mailbox::Postmaster | Mailbox::Abuse => "Message received",
    };
    let inner = format!("[{mailbox}] {what}");
    let outer = match subject {
        config::Subject::Case => inner.clone(),
        config::Subject::Hidden => what.to_owned(),
    };
    Subjects { inner, outer }
}

/// One forward: which mail of which message, and to whom.
#[derive(Clone)]
pub(super) struct Forward {
    pub(super) message: MessageId,
    pub(super) mailbox: Mailbox,
    pub(super) staff: String,
    pub(super) mail: u32,
}

/// Attempts one forward.
pub(super) async fn attempt(courier: &Courier, forward: Forward) -> Attempt {
    let (site, what) = (courier.site.clone(), forward.clone());
    let mail = match blocking(move || prepare(&site, &what)).await {
        Ok(mail) => mail,
        Err(outcome) => return outcome.into(),
    };
    match courier.staff_mail.send(mail).await {
        Ok(()) => Outcome::Delivered.into(),
        Err(error) if error.is_permanent() => {
            let outcome = Outcome::Failed(reason(&error, &forward));
            let told = error.is_too_large().then(|| tell(&courier.site, forward));
            Attempt { changes: told.into_iter().collect(), ..outcome.into() }
        }
        Err(error) => Outcome::Deferred(error.to_string()).into(),
    }
}

fn reason(error: &SendError, Forward { message, mail, .. }: &Forward) -> String {
    if error.is_too_large() {
        return format!("{error}: fetch it with `sealdrop message export {message} --mail {mail}`");
    }
    error.to_string()
}

/// The job that tells the staff member what they are missing.
fn tell(site: &Site, forward: Forward) -> Change {
    let Forward { message, mailbox, staff, mail } = forward;
    let alert = AlertKind::TooLarge { message, mailbox, staff, mail };
    Change::AddJob { work: Work::Alert { alert }, next: site.clock.now() }
}

/// Everything before the first byte goes out: is this person still to get it, and is the ciphertext there?
fn prepare(site: &Site, forward: &Forward) -> Result<Outgoing, Outcome> {
    let Forward { message, staff, mail, .. } = forward;
    let deferred = |error: &dyn std::fmt::Display| Outcome::Deferred(error.to_string());
    match site.store.staff_member(staff).map_err(|error| deferred(&error))? {
        None => return Err(Outcome::Failed(format!("{staff} is not among the staff any more"))),
        Some(member) if member.suspended => {
            return Err(Outcome::Deferred(format!("{staff} is suspended: run `sealdrop staff resume {staff}`")));
        }
        Some(_) => {}
    }
    let from = Address::parse(&site.config.staff_mail.from).map_err(|error| deferred(&error))?;
    let to = Address::parse(staff).map_err(|error| Outcome::Failed(error.to_string()))?;
    // The Date that the sealed header names, too (RFC 9788).
    let record = site.store.message(*message).map_err(|error| deferred(&error))?;
    let date = record.map_or_else(|| site.clock.now(), |record| record.received);
    let length = site.spool.length(*message, Stream::Layout(*mail)).map_err(from_spool)?;
    let ciphertext = site.spool.open(*message, Stream::Layout(*mail)).map_err(from_spool)?;
    let (content, size) = pgp_mime::wrap(header(site, forward, &to, date), &message.to_string(), ciphertext, length);
    Ok(Outgoing { from: Some(from), to, size, content })
}

/// The header outside. A later mail says which is the first of its message, so that mail programs show them together.
fn header(site: &Site, forward: &Forward, to: &Address, date: Timestamp) -> Header {
    let Forward { mailbox, mail, .. } = forward;
    let subject = numbered(&subject_for(mailbox, site.config.staff_mail.subject).outer, *mail);
    let header = Header::of_mail(site, to, &subject, date, &mail_id(site, forward, *mail))
        .field("Auto-Submitted", "auto-generated");
    if *mail == 1 {
        return header;
    }
    let first = format!("<{}@{}>", mail_id(site, forward, 1), site.config.relay.hostname);
    header.field("In-Reply-To", &first).field("References", &first)
}

/// The local part of a Message-ID: the same for every try, and for nobody else's copy.
fn mail_id(site: &Site, Forward { message, staff, .. }: &Forward, mail: u32) -> String {
    let tag = site.at_rest.tag("forward", format!("{message} {staff}").as_bytes()).to_string();
    let tag = &tag[..12];
    if mail == 1 { format!("{message}.{tag}") } else { format!("{message}.{mail}.{tag}") }
}

/// Bytes of ciphertext that one mail for `mailbox` may have, whoever of `staff` it goes to, when their mail server takes mails of
/// `limit` bytes.
pub fn room_in_mail(site: &Site, mailbox: &Mailbox, staff: &[String], limit: u64) -> u64 {
    let now = site.clock.now();
    let around = |staff: &String| {
        let to = Address::parse(staff).ok()?;
        let message = MessageId::new(now);
        let forward = Forward { message, mailbox: mailbox.clone(), staff: staff.clone(), mail: MOST_MAILS };
        Some(pgp_mime::wrap(header(site, &forward, &to, now), &message.to_string(), std::io::empty(), 0).1)
    };
    let around = staff.iter().filter_map(around).max().unwrap_or(0);
    ArmoredMessage::<()>::most_in(limit.saturating_sub(around))
}

/// A message that is gone or damaged stays so; a disk that fails may be mended.
fn from_spool(error: SpoolError) -> Outcome {
    match error {
        SpoolError::Missing(_) | SpoolError::Damaged(..) => Outcome::Failed(error.to_string()),
        SpoolError::Full | SpoolError::Poisoned | SpoolError::Io(..) => Outcome::Deferred(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_subject_names_no_mailbox() {
        let shown = subject_for(&Mailbox::Postmaster, config::Subject::Case);
        assert_eq!(shown.inner, "[postmaster] Message received");
        assert_eq!(shown.outer, shown.inner);
        let hidden = subject_for(&Mailbox::Abuse, config::Subject::Hidden);
        assert_eq!((hidden.inner.as_str(), hidden.outer.as_str()), ("[abuse] Message received", "Message received"));
    }
}
