//! `sealdrop message`: sealed messages that are kept. None can be read here: the relay has no key that opens them.

use super::{Failure, Globals, audit, files, print, queue, show::show};
use crate::{
    armor::ArmoredMessage,
    clock::Timestamp,
    control::{Data, MessageRequest, MessageState, MessageView, Request, Response},
    ids::MessageId,
    intake::Flag,
    senders::Verdict,
    store::MailRecord,
};
use clap::Subcommand;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum MessageCommand {
    /// List sealed messages, the latest first
    #[command(after_help = "Example:
  sealdrop message list
  sealdrop message list --case river-tiger-42")]
    List {
        /// Only this case
        #[arg(long)]
        case: Option<String>,
    },
    /// Show one message: what came, to whom it is sealed, where it went
    #[command(after_help = "Example:\n  sealdrop message show 01kaw2m0jx6y9v3q8r5t7w1z4b")]
    Show { id: MessageId },
    /// Forward a message again to those it is sealed to
    #[command(after_help = "Example:
  sealdrop message resend 01kaw2m0jx6y9v3q8r5t7w1z4b --to alice@example.org")]
    Resend {
        id: MessageId,
        /// Only to this person
        #[arg(long, value_name = "EMAIL")]
        to: Option<String>,
    },
    /// Write the sealed original to a file, or one of the mails to staff: still encrypted, in ASCII armor
    #[command(after_help = "Example:
  sealdrop message export 01kaw2m0jx6y9v3q8r5t7w1z4b --out original.asc
  sealdrop message export 01kaw2m0jx6y9v3q8r5t7w1z4b --mail 2 --out mail-2.asc

One of the people it is sealed to opens it with `gpg --decrypt original.asc`.")]
    Export {
        id: MessageId,
        /// Not the original but the mail to staff with this number: see `message show`
        #[arg(long, value_name = "NUMBER")]
        mail: Option<u32>,
        /// A new file
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Remove a message's ciphertext for good; the record and what staff received stay
    #[command(after_help = "Example:\n  sealdrop message purge 01kaw2m0jx6y9v3q8r5t7w1z4b")]
    Purge { id: MessageId },
}

/// Carries out a command.
pub fn run(command: MessageCommand, globals: &Globals) -> Result<(), Failure> {
    let request = match command {
        MessageCommand::List { case } => MessageRequest::List { case },
        MessageCommand::Show { id } => MessageRequest::Show { id },
        MessageCommand::Resend { id, to } => MessageRequest::Resend { id, to },
        MessageCommand::Export { id, mail, out } => return export(id, mail, &out, globals),
        MessageCommand::Purge { id } => MessageRequest::Purge { id },
    };
    show(globals, &globals.ask_data(Request::Message(request))?)
}

fn export(id: MessageId, mail: Option<u32>, out: &Path, globals: &Globals) -> Result<(), Failure> {
    // The file first: a name that cannot be used must not put an export into the trail.
    let file = files::create(out, 0o600)?;
    let asked = globals.ask(Request::Message(MessageRequest::Export { id, mail }));
    match asked.inspect_err(|_| drop(std::fs::remove_file(out)))? {
        Response { data: Data::Export { length, .. }, body: Some(body) } => {
            files::copy(ArmoredMessage::new(body), ArmoredMessage::<()>::length(length), out, file)?;
            let what = mail.map_or("the sealed original".to_owned(), |mail| format!("mail {mail}, sealed,"));
            print::out(&format!("{what} of message {id} is in {}\n", out.display()))
        }
        _ => Err(Failure::unexpected()),
    }
}

/// All messages, one a line.
pub fn table(messages: &[MessageView]) -> String {
    let row = |message: &MessageView| {
        vec![
            message.id.to_string(),
            message.received.human(),
            message.to.clone(),
            size(message.findings.size),
            message.findings.documents.to_string(),
            state(message.state).to_owned(),
            flags(message).unwrap_or_default().replace('\n', ", "),
        ]
    };
    let rows: Vec<_> = messages.iter().map(row).collect();
    let heading = ["id", "received", "to", "size", "documents", "state", "look at"];
    print::table(&heading, &rows, "There are no messages.")
}

/// One message.
pub fn facts(message: &MessageView) -> String {
    let lines = |lines: &[String]| (!lines.is_empty()).then(|| lines.join("\n"));
    let protection = &message.protection;
    let facts = print::facts(&[
        ("message", Some(message.id.to_string())),
        ("received", Some(message.received.human())),
        ("to", Some(message.to.clone())),
        ("size", Some(size(message.findings.size))),
        ("documents", Some(message.findings.documents.to_string())),
        ("sender", Some(sender_in_words(message.findings.sender).to_owned())),
        ("look at", flags(message)),
        ("state", Some(state(message.state).to_owned())),
        ("came over", Some(format!("{}, {}, {}", protection.version, protection.key_exchange, protection.cipher))),
        ("for", lines(&message.emails)),
        ("mails", mails(message)),
        ("sealed to", lines(&message.sealed_to)),
        ("purged", message.purged.map(Timestamp::human)),
    ]);
    let waiting = if message.jobs.is_empty() { String::new() } else { format!("\n{}", queue::table(&message.jobs)) };
    let history =
        if message.history.is_empty() { String::new() } else { format!("\n{}", audit::table(&message.history)) };
    format!("{facts}{waiting}{history}")
}

/// The mails that the layout is spread over, when there are several, one a line.
fn mails(message: &MessageView) -> Option<String> {
    let line = |(at, mail): (usize, &MailRecord)| {
        let kept = if mail.kept { ", kept here: too large for the staff's mail server" } else { "" };
        format!("{}: {} sealed{kept}", at + 1, size(mail.length))
    };
    let lines: Vec<String> = message.mails.iter().enumerate().map(line).collect();
    (lines.len() > 1).then(|| lines.join("\n"))
}

fn state(state: MessageState) -> &'static str {
    match state {
        MessageState::Delivered => "delivered",
        MessageState::Waiting => "waiting",
        MessageState::Failed => "failed: see `queue list`",
        MessageState::Purged => "purged",
    }
}

/// What needs a person's look, in words, one a line.
fn flags(message: &MessageView) -> Option<String> {
    let words: Vec<_> = message.findings.flags.iter().map(|flag| flag_in_words(*flag)).collect();
    (!words.is_empty()).then(|| words.join("\n"))
}

fn sender_in_words(sender: Verdict) -> &'static str {
    match sender {
        Verdict::Verified => "really the domain that it says",
        Verdict::Unverified => "could not be verified",
        Verdict::Forged => "likely forged",
    }
}

fn flag_in_words(flag: Flag) -> &'static str {
    match flag {
        Flag::NoDocument => "no document came",
        Flag::EmptyPart => "a part was empty",
        Flag::LinkInPlaceOfFile => "a link came in place of a file",
        Flag::LimitReached => "too large a structure to be laid out whole",
        Flag::Malformed => "a broken structure",
        Flag::EncryptedBySender => "encrypted by its sender",
        Flag::ReplySuppressed => "the client was not told",
        Flag::Executable => "a file that can carry programs",
        Flag::NotForAll => "not all staff can read it",
        Flag::CutOff => "a document is cut off",
        Flag::Unreadable => "a document cannot be read",
        Flag::Thumbnail => "a picture is likely a thumbnail",
        Flag::Blurred => "a photo is blurred",
        Flag::Locked => "a document needs a password",
        Flag::UnexpectedSender => "the case expects other senders",
        Flag::ForgedSender => "the sender is likely forged",
        Flag::TooLargeForStaff => "a document is too large for the staff's mail server",
    }
}

/// A size for people.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", (bytes + 500) / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}
