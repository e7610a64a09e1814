//! Alerts: mail to the admins that says what is wrong and which command mends it; and to a staff member, when the mail server finds
//! a mail to them too large.
//!
//! An admin who is staff with a usable certificate gets the whole story, sealed. Everybody else gets a plain mail that
//! names no case, no staff member and no message. Whoever makes alerts sees to it that the same one (kind and mailbox)
//! comes at most once an hour; here each is simply sent.
//!
//! One kind goes to the staff of a case instead, sealed or not at all: that a client could not be told.

use super::{
    Courier, blocking,
    header::Header,
    pgp_mime,
    smarthost::{Outgoing, SendError},
};
use crate::{
    clock::Timestamp,
    envelope::Address,
    intake::encrypt_and_sign_small,
    openpgp::{Certificate, EncryptionSet, Reader},
    queue::{AlertKind, Job, Outcome},
    site::Site,
    store::StoreError,
};
use std::io::Cursor;

/// The subject that every mail server on the way can read.
const OUTER_SUBJECT: &str = "Sealdrop needs help";

/// Attempts one alert: a mail to each admin, or to each of a case's staff. It is delivered once any of them was told.
pub(super) async fn attempt(courier: &Courier, job: &Job, alert: &AlertKind) -> Outcome {
    let mut last = Outcome::Failed("nobody to tell: [relay] admins is empty, or the case has no staff".to_owned());
    let people = match concerned(&courier.site, alert) {
        Ok(people) => people,
        Err(error) => return Outcome::Deferred(error.to_string()),
    };
    let mut told = false;
    for person in &people {
        match tell(courier, job, alert, person).await {
            Ok(()) => told = true,
            // One that may still succeed outweighs one that cannot.
            Err(outcome) if !matches!(last, Outcome::Deferred(_)) => last = outcome,
            Err(_) => {}
        }
    }
    if told { Outcome::Delivered } else { last }
}

/// Whom an alert is for.
fn concerned(site: &Site, alert: &AlertKind) -> Result<Vec<String>, StoreError> {
    let mailbox = match alert {
        AlertKind::TooLarge { staff, .. } => return Ok(vec![staff.clone()]),
        AlertKind::ClientNotTold { mailbox, .. } => mailbox,
        _ => return Ok(site.config.relay.admins.clone()),
    };
    let case = mailbox.case().map(|address| site.store.case(address)).transpose()?.flatten();
    Ok(case.map(|case| case.staff).unwrap_or_default())
}

async fn tell(courier: &Courier, job: &Job, alert: &AlertKind, admin: &str) -> Result<(), Outcome> {
    let (site, alert, admin) = (courier.site.clone(), alert.clone(), admin.to_owned());
    let id = format!("alert.{}.{}", job.id, job.created.as_millis());
    let mail = blocking(move || prepare(&site, &alert, &admin, &id)).await?;
    courier.staff_mail.send(mail).await.map_err(|error: SendError| {
        if error.is_permanent() { Outcome::Failed(error.to_string()) } else { Outcome::Deferred(error.to_string()) }
    })
}

fn prepare(site: &Site, alert: &AlertKind, admin: &str, id: &str) -> Result<Outgoing, Outcome> {
    let failed = |error: &dyn std::fmt::Display| Outcome::Failed(error.to_string());
    let from = Some(Address::parse(&site.config.staff_mail.from).map_err(|error| failed(&error))?);
    let to = Address::parse(admin).map_err(|error| failed(&error))?;
    let now = site.clock.now();
    let outer = Header::of_mail(site, &to, OUTER_SUBJECT, now, id).field("Auto-Submitted", "auto-generated");
    let set = readers(site, admin, now).map_err(|error| Outcome::Deferred(error.to_string()))?;
    let inside = entity(site, &to, alert, now, id);
    let sealed = set.and_then(|set| encrypt_and_sign_small(&set, &site.relay_key, &inside, now).ok());
    let Some(sealed) = sealed else {
        if let AlertKind::ClientNotTold { .. } = alert {
            return Err(Outcome::Failed("no certificate of this staff member can be used".to_owned()));
        }
        let plain = outer.field("Content-Type", "text/plain; charset=utf-8").field("Content-Transfer-Encoding", "7bit");
        let mail = format!("{}\r\n{}", plain.into_text(), with_crlf(&plain_text(alert)));
        return Ok(Outgoing::small(from, to, mail.into_bytes()));
    };
    let length = sealed.len() as u64;
    let (content, size) = pgp_mime::wrap(outer, &id.replace('.', "-"), Cursor::new(sealed), length);
    Ok(Outgoing { from, to, size, content })
}

/// The admin's own usable certificates, if the admin is staff and not suspended.
fn readers(site: &Site, admin: &str, now: Timestamp) -> Result<Option<EncryptionSet>, StoreError> {
    if site.store.staff_member(admin)?.is_none_or(|member| member.suspended) {
        return Ok(None);
    }
    let records = site.store.certificates_of(admin)?;
    let certificates = records.iter().filter_map(|record| Certificate::parse(record.armored.as_bytes()).ok());
    let readers: Vec<Reader> =
        certificates.map(|certificate| Reader { email: admin.to_owned(), certificate }).collect();
    Ok(EncryptionSet::at(now, site.config.openpgp.profile, readers).ok())
}

/// What is inside the encryption: the text under a header of its own (RFC 9788).
fn entity(site: &Site, to: &Address, alert: &AlertKind, now: Timestamp, id: &str) -> Vec<u8> {
    let outside = Header::of_mail(site, to, OUTER_SUBJECT, now, id).into_text();
    let mut header = Header::of_mail(site, to, &subject(alert), now, id)
        .field("Content-Type", "text/plain; charset=utf-8; hp=\"cipher\"")
        .field("Content-Transfer-Encoding", "8bit");
    for field in outside.lines().filter(|field| !field.starts_with("MIME-Version:")) {
        header = header.field("HP-Outer", field);
    }
    format!("{}\r\n{}", header.into_text(), with_crlf(&full_text(alert))).into_bytes()
}

fn with_crlf(text: &str) -> String {
    text.lines().map(|line| format!("{line}\r\n")).collect()
}

fn subject(alert: &AlertKind) -> String {
    match alert {
        AlertKind::NobodyCanRead { mailbox, .. } => format!("[{mailbox}] Mail is being refused"),
        AlertKind::ForwardFailed { mailbox, .. } => format!("[{mailbox}] A sealed mail did not reach staff"),
        AlertKind::TooLarge { mailbox, .. } => format!("[{mailbox}] A mail is too large for your mail server"),
        AlertKind::NotForAll { mailbox, .. } => format!("[{mailbox}] Not all staff can read"),
        AlertKind::ReplyBounced { mailbox, .. } => format!("[{mailbox}] A confirmation came back"),
        AlertKind::ClientNotTold { mailbox, .. } => format!("[{mailbox}] Please tell the client that mail came"),
    }
}

/// What happened and what to do, without a name of any kind.
fn plain_text(alert: &AlertKind) -> String {
    let (what, then) = match alert {
        AlertKind::NobodyCanRead { .. } => (
            "Mail for a mailbox is being refused for now, because nobody can read it: no certificate\n\
             of its staff can be used. The senders' servers will try again for some hours.",
            "Run `sealdrop check` on the relay to see whose certificates they are. Then run\n\
             `sealdrop key refresh`, or `sealdrop key add EMAIL FILE` with a newer certificate.",
        ),
        AlertKind::ForwardFailed { .. } => (
            "A sealed mail could not be delivered to a staff member. Nothing is lost: the relay keeps it.",
            "Run `sealdrop queue list` on the relay to see why. When it is mended, run\n\
             `sealdrop queue retry`.",
        ),
        AlertKind::NotForAll { .. } => (
            "Mail came in that part of the staff of its mailbox cannot read: their certificates cannot be\n\
             used. The others got it.",
            "Run `sealdrop check` on the relay to see whose certificates they are. Then run\n\
             `sealdrop key refresh`, or `sealdrop key add EMAIL FILE` with a newer certificate.",
        ),
        AlertKind::TooLarge { .. } => (
            "A sealed mail to you is larger than your mail server takes. Nothing is lost: the relay keeps it.",
            "Ask an admin of the relay for it. They find it with `sealdrop queue list`, and write it to a\n\
             file with `sealdrop message export`.",
        ),
        AlertKind::ReplyBounced { .. } | AlertKind::ClientNotTold { .. } => (
            "A confirmation to a client could not be delivered: their mail server refuses the address.\n\
             The client's documents are safe, and they get no more confirmations at that address.",
            "Somebody should tell the client by another way. Run `sealdrop audit list` on the relay to see\n\
             which message it was.",
        ),
    };
    format!("{what}\n\n{then}\n\nThis mail says no more because it is not encrypted to you.\n")
}

/// The same with names: for sealed mail only.
fn full_text(alert: &AlertKind) -> String {
    let reasons = |reasons: &[String]| reasons.iter().map(|reason| format!("- {reason}\n")).collect::<String>();
    match alert {
        AlertKind::NobodyCanRead { mailbox, reasons: why } => format!(
            "Mail for {mailbox} is being refused for now, because nobody can read it:\n\n{}\n\
             The senders' servers will try again for some hours. Run `sealdrop key refresh`, or\n\
             `sealdrop key add EMAIL FILE` with a newer certificate, or\n\
             `sealdrop case assign {mailbox} --staff EMAIL` to add somebody who can.\n",
            reasons(why)
        ),
        AlertKind::ForwardFailed { message, mailbox, staff, reason } => format!(
            "Message {message} for {mailbox} could not be delivered to {staff}:\n\n- {reason}\n\n\
             Nothing is lost: the relay keeps it. Run `sealdrop queue list`, and when it is mended\n\
             `sealdrop queue retry`; or send it to somebody else who can read it with\n\
             `sealdrop message resend {message} --to EMAIL`.\n"
        ),
        AlertKind::TooLarge { message, mailbox, mail, .. } => format!(
            "Mail {mail} of message {message} for {mailbox} is larger than your mail server takes. It is\n\
             not lost: it stays sealed at the relay. An admin writes it to a file with\n\n    \
             sealdrop message export {message} --mail {mail} --out mail-{mail}.asc\n\n\
             and you open that file with your key, and what comes of it with a mail program:\n\n    \
             gpg --decrypt --output mail-{mail}.eml mail-{mail}.asc\n"
        ),
        AlertKind::NotForAll { mailbox, reasons: why } => format!(
            "Mail for {mailbox} came in that part of its staff cannot read. The others got it.\n\n{}\n\
             Run `sealdrop key refresh`, or `sealdrop key add EMAIL FILE` with a newer certificate.\n",
            reasons(why)
        ),
        AlertKind::ReplyBounced { message, mailbox } => format!(
            "The confirmation of message {message} for {mailbox} could not be delivered: the client's mail\n\
             server refuses the address. The documents are safe, and the client gets no more confirmations\n\
             at that address. Somebody should tell them by another way: the sender is named in the sealed\n\
             mail. Run `sealdrop message show {message}` to see what came. Should the address work again, run\n\
             `sealdrop reply unblock ADDRESS`.\n"
        ),
        AlertKind::ClientNotTold { message, mailbox } => format!(
            "Mail for {mailbox} came and is with you (message {message}). The short answer that tells the sender so\n\
             came back: their mail server refuses the address. They do not know that their mail arrived, and the\n\
             relay does not write to that address again.\n\n\
             Please tell the sender by another way. Should the address work again, an admin can run\n\
             `sealdrop reply unblock ADDRESS`.\n"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{envelope::Mailbox, ids::MessageId};

    fn alerts() -> Vec<AlertKind> {
        let (mailbox, message) = (Mailbox::Abuse, MessageId::new(Timestamp::from_millis(1)));
        let reasons = vec!["alice@example.org: expired".to_owned()];
        let (staff, reason) = ("alice@example.org".to_owned(), "550 5.1.1 unknown".to_owned());
        vec![
            AlertKind::NobodyCanRead { mailbox: mailbox.clone(), reasons: reasons.clone() },
            AlertKind::ForwardFailed { message, mailbox: mailbox.clone(), staff, reason },
            AlertKind::NotForAll { mailbox: mailbox.clone(), reasons },
            AlertKind::ReplyBounced { message, mailbox: mailbox.clone() },
            AlertKind::ClientNotTold { message, mailbox: mailbox.clone() },
            AlertKind::TooLarge { message, mailbox, staff: "alice@example.org".to_owned(), mail: 2 },
        ]
    }

    #[test]
    fn a_plain_alert_names_nobody_and_says_what_to_type() {
        for alert in alerts() {
            let text = plain_text(&alert);
            assert!(text.is_ascii() && text.contains("`sealdrop "));
            for name in ["abuse", "alice", "5.1.1", "expired", "00000000"] {
                assert!(!text.contains(name), "{name}: {text}");
            }
        }
    }

    #[test]
    fn a_sealed_alert_tells_the_whole_story() {
        for alert in alerts() {
            let text = full_text(&alert);
            assert!(text.contains("abuse") && text.contains("sealdrop "), "{text}");
            assert!(subject(&alert).starts_with("[abuse] "));
        }
        assert!(full_text(&alerts()[0]).contains("- alice@example.org: expired\n"));
        assert!(full_text(&alerts()[1]).contains("- 550 5.1.1 unknown\n"));
    }
}
