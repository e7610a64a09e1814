//! Whether the sender of a message may be answered by a machine, as far as envelope and header tell (mail-rules section 3,
//! RFC 3834): answering robots makes loops, answering forged senders makes backscatter.

use super::classify::Carrier;
use crate::{
    envelope::{Address, ReversePath},
    intake::{Settings, Withhold},
    mime::Headers,
};

/// What the relay itself writes into every mail that it sends, with its host name, so that it knows its own.
pub const LOOP_FIELD: &str = "X-Sealdrop-Loop";
/// Bytes of a Message-ID that goes into In-Reply-To; longer ones are left out.
const LONGEST_ID: usize = 250;

/// What is known before the header comes.
#[derive(Clone, Debug)]
pub struct ReplyRules {
    hostname: String,
    withhold: Option<Withhold>,
    /// The mobile carrier that the reverse-path belongs to.
    carrier: Option<&'static Carrier>,
}

impl ReplyRules {
    /// What the envelope says.
    pub fn new(reverse_path: &ReversePath, settings: &Settings) -> Self {
        let withhold = match reverse_path {
            ReversePath::Null => Some(Withhold::NullSender),
            ReversePath::Mailbox(address) if is_robot(address.local()) => Some(Withhold::RobotSender),
            ReversePath::Mailbox(address) if is_ours(address, settings) => Some(Withhold::OurOwn),
            ReversePath::Mailbox(_) => None,
        };
        let carrier = match reverse_path {
            ReversePath::Null => None,
            ReversePath::Mailbox(address) => Carrier::of(address.as_str()),
        };
        Self { hostname: settings.hostname.clone(), withhold, carrier }
    }

    /// The mobile carrier that the message came from, by its envelope.
    pub(super) fn carrier(&self) -> Option<&'static Carrier> {
        self.carrier
    }

    /// The reason not to answer, from the envelope or else from the message's header and type.
    pub(super) fn withhold(&self, headers: &Headers, media_type: &str) -> Option<Withhold> {
        self.withhold.or_else(|| by_header(headers, media_type, &self.hostname))
    }
}

/// Local parts of robots and roles, whole, at the start and at the end.
#[rustfmt::skip]
const ROBOTS: &[&str] = &[
    "abuse", "autoreply", "auto-reply", "autoresponder", "bounce", "bounces", "daemon", "devnull", "do-not-reply",
    "do_not_reply", "donotreply", "hostmaster", "listserv", "mailer-daemon", "mailerdaemon", "majordomo", "no-reply",
    "no.reply", "no_reply", "nobody", "noreply", "postmaster", "root",
];
#[rustfmt::skip]
const STARTS: &[&str] = &[
    "bounce+", "bounce-", "bounce_", "bounce=", "bounces+", "bounces-", "bounces=", "do-not-reply", "donotreply",
    "mailer-daemon", "msprvs1=", "no-reply", "no_reply", "noreply", "owner-",
];
#[rustfmt::skip]
const ENDS: &[&str] = &[
    "-bounce", "-bounces", "-no-reply", "-noreply", "-owner", "-request", "+bounces",
];

/// Whether the local part is a robot's or a role's (RFC 3834, section 2).
fn is_robot(local: &str) -> bool {
    let local = local.to_lowercase();
    ROBOTS.contains(&local.as_str())
        || STARTS.iter().any(|start| local.starts_with(start))
        || ENDS.iter().any(|end| local.ends_with(end))
}

fn is_ours(address: &Address, settings: &Settings) -> bool {
    [&settings.domain, &settings.hostname].iter().any(|ours| ours.eq_ignore_ascii_case(address.domain()))
}

fn by_header(headers: &Headers, media_type: &str, hostname: &str) -> Option<Withhold> {
    // Of several fields of one name each counts: any of them may be a machine's.
    let any = |name, holds: &dyn Fn(&str) -> bool| headers.texts(name).any(|value| holds(&value.to_ascii_lowercase()));
    // The value's first word, without parameters and comments.
    let first = |value: &str| value.split([';', '(', ' ', '\t']).next().unwrap_or_default().to_owned();
    let suppresses = |value: &str| value.split(',').any(|word| ["all", "autoreply"].contains(&word.trim()));
    if any(LOOP_FIELD, &|value| value == hostname.to_ascii_lowercase()) {
        Some(Withhold::Loop)
    } else if any("Auto-Submitted", &|value| first(value) != "no") {
        Some(Withhold::AutoSubmitted)
    } else if headers.has_prefix("List-") {
        Some(Withhold::List)
    } else if any("Precedence", &|value| ["bulk", "junk", "list", "auto_reply"].contains(&first(value).as_str())) {
        Some(Withhold::Precedence)
    } else if is_report(media_type) {
        Some(Withhold::Report)
    } else if any("X-Auto-Response-Suppress", &suppresses) {
        Some(Withhold::Suppressed)
    } else {
        None
    }
}

/// Types by which mail systems report to each other (RFC 6522, RFC 8098).
pub(super) fn is_report(media_type: &str) -> bool {
    matches!(media_type, "multipart/report" | "message/disposition-notification" | "message/delivery-status")
}

/// The message's id with its angle brackets, when it is fit to be written into a header of ours.
pub(super) fn message_id(headers: &Headers) -> Option<String> {
    let id = headers.text("Message-ID")?;
    let inside = id.strip_prefix('<')?.strip_suffix('>')?;
    let (left, right) = inside.rsplit_once('@')?;
    let plain = inside.bytes().all(|b| b.is_ascii_graphic() && !b"<>".contains(&b));
    (plain && !left.is_empty() && !right.is_empty() && id.len() <= LONGEST_ID).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(reverse_path: &str) -> Option<Withhold> {
        let settings = Settings {
            domain: "in.example.org".to_owned(),
            hostname: "mx.in.example.org".to_owned(),
            limits: crate::mime::Limits::default(),
        };
        let path = match reverse_path {
            "" => ReversePath::Null,
            address => ReversePath::Mailbox(Address::parse(address).unwrap()),
        };
        ReplyRules::new(&path, &settings).withhold
    }

    #[test]
    fn envelopes_that_must_not_be_answered() {
        assert_eq!(rules(""), Some(Withhold::NullSender));
        for robot in [
            "MAILER-DAEMON@example.com",
            "postmaster@example.com",
            "noreply@example.com",
            "No-Reply@example.com",
            "noreply+123@example.com",
            "owner-list@example.com",
            "list-request@example.com",
            "bounces+1-2=x.org@example.com",
            "bounce@example.com",
            "list-bounces@example.com",
        ] {
            assert_eq!(rules(robot), Some(Withhold::RobotSender), "{robot}");
        }
        for person in
            ["ana@example.com", "bouncer@example.com", "ownerofadog@example.com", "SRS0=x=y=z.org=ana@example.com"]
        {
            assert_eq!(rules(person), None, "{person}");
        }
        assert_eq!(rules("ana@IN.example.org"), Some(Withhold::OurOwn));
        assert_eq!(rules("intake@mx.in.example.org"), Some(Withhold::OurOwn));
    }
}
