//! The opening of one mailbox's layout: its heading and the first lines for staff. Everything here is known before the
//! message comes; what comes after is the same for every mailbox.

use super::{heading::Heading, names::shown, quoted::QuotedPrintable, writer::Boundary};
use crate::{
    envelope::{Envelope, Mailbox, ReversePath},
    ids::MessageId,
};
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// What the opening says. No Debug: it names the client.
pub struct Opening<'a> {
    pub id: MessageId,
    pub mailbox: &'a Mailbox,
    /// What staff call the case.
    pub label: Option<&'a str>,
    /// The case expects other senders.
    pub unexpected: bool,
    pub heading: &'a Heading,
    /// Staff who cannot read it for want of a usable certificate.
    pub left_out: &'a [String],
    pub envelope: &'a Envelope,
}

impl Opening<'_> {
    /// The bytes that a layout with this boundary starts with. Its first text part is left open.
    pub fn bytes(&self, boundary: &Boundary) -> Zeroizing<Vec<u8>> {
        let text = self.text();
        let head = self.heading.text(boundary, 1);
        let mut bytes = Zeroizing::new(Vec::with_capacity(head.len() + QuotedPrintable::most_added(text.len())));
        bytes.extend_from_slice(head.as_bytes());
        QuotedPrintable::default().push(text.as_bytes(), &mut bytes);
        bytes
    }

    /// The first lines, each ended by `\n`.
    fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(4096 + 80 * self.left_out.len()));
        let mut line = |name: &str, value: &str| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name}: {value}");
        };
        match self.mailbox {
            Mailbox::Case(case) => line("Case", case.as_str()),
            Mailbox::Postmaster => line("For", "postmaster"),
            Mailbox::Abuse => line("For", "abuse"),
        }
        if let Some(label) = self.label {
            line("Label", &shown(label, 200));
        }
        line("Sent by", &self.sender());
        if self.unexpected {
            line("Needs a look", "The sender is none of those that this case expects.");
        }
        // Spelt out: not everybody knows what the Z after a time means.
        line("Received", &self.envelope.at.human().replace('Z', " UTC"));
        let tls = &self.envelope.protection;
        line("Came over", &format!("an encrypted connection ({}, {})", tls.version, tls.key_exchange));
        line("For the admin", &format!("message {}", self.id));
        for email in self.left_out {
            line("Cannot read this, for want of a usable certificate", &shown(email, 254));
        }
        // Mail programs show photos in their place: the end is some screens away.
        text.push_str(
            "\nThe sender's own words follow, then the documents. What came, what needs\na look, and whether it was really \
             sent from there, stands at the very end.\n",
        );
        text
    }

    /// Who claims to have sent it: what is true of that is known at the end of data only, and stands in the summary.
    fn sender(&self) -> Zeroizing<String> {
        match &self.envelope.reverse_path {
            ReversePath::Null => Zeroizing::new("nobody: an automatic mail (null sender)".to_owned()),
            ReversePath::Mailbox(address) => Zeroizing::new(format!("{} (so it says)", *shown(address.as_str(), 254))),
        }
    }
}
