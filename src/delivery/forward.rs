//! Forwards: the sealed layout of one message on its way to one staff member. Ciphertext streams from the spool through
//! armor to the smarthost; nothing here could read it.

use super::{
    Courier, blocking,
    header::Header,
    pgp_mime,
    smarthost::{Outgoing, SendError},
};
use crate::{
    config,
    envelope::{Address, Mailbox},
    ids::MessageId,
    queue::Outcome,
    site::Site,
    spool::{SpoolError, Stream},
};

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

/// Attempts one forward.
pub(super) async fn attempt(courier: &Courier, message: MessageId, mailbox: &Mailbox, staff: &str) -> Outcome {
    let (site, mailbox, staff) = (courier.site.clone(), mailbox.clone(), staff.to_owned());
    let mail = match blocking(move || prepare(&site, message, &mailbox, &staff)).await {
        Ok(mail) => mail,
        Err(outcome) => return outcome,
    };
    match courier.staff_mail.send(mail).await {
        Ok(()) => Outcome::Delivered,
        Err(error) if error.is_permanent() => Outcome::Failed(reason(&error)),
        Err(error) => Outcome::Deferred(reason(&error)),
    }
}

fn reason(error: &SendError) -> String {
    match error {
        SendError::TooLarge { .. } => format!("{error}: fetch it with `sealdrop message export`"),
        _ => error.to_string(),
    }
}

/// Everything before the first byte goes out: is this person still to get it, and is the ciphertext there?
fn prepare(site: &Site, message: MessageId, mailbox: &Mailbox, staff: &str) -> Result<Outgoing, Outcome> {
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
    let record = site.store.message(message).map_err(|error| deferred(&error))?;
    let date = record.map_or_else(|| site.clock.now(), |record| record.received);
    let length = site.spool.length(message, Stream::Layout).map_err(from_spool)?;
    let ciphertext = site.spool.open(message, Stream::Layout).map_err(from_spool)?;
    let subject = subject_for(mailbox, site.config.staff_mail.subject).outer;
    // The same for every try, and for nobody else's copy.
    let tag = site.at_rest.tag("forward", format!("{message} {staff}").as_bytes()).to_string();
    let id = format!("{message}.{}", &tag[..12]);
    let header = Header::of_mail(site, &to, &subject, date, &id).field("Auto-Submitted", "auto-generated");
    let (content, size) = pgp_mime::wrap(header, &message.to_string(), ciphertext, length);
    Ok(Outgoing { from: Some(from), to, size, content })
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
