//! The session as a pure state machine (RFC 5321, section 4.1.4): commands in, steps out, no I/O, no clock, no limits on
//! behaviour. `Session<Plain>` cannot even say what a transaction is: mail without TLS is not refused by a check but
//! impossible. Upgrading consumes it and demands the [`Protection`] that only a finished handshake yields.

use super::{
    Settings,
    command::{Command, ForwardPath, Mail},
    reply::{Rejection, Reply},
};
use crate::{
    clock::Timestamp,
    envelope::{Address, Envelope, Mailbox, Recipient, ReversePath},
    tls::Protection,
};
use std::{net::IpAddr, sync::Arc};

/// One peer's session.
pub struct Session<S> {
    settings: Arc<Settings>,
    state: S,
}

/// Before TLS: nothing but greeting and upgrading.
pub struct Plain;

/// Under TLS. `M` is a message that is coming in, whatever that means to the caller.
pub struct Tls<M> {
    peer: IpAddr,
    protection: Protection,
    /// What the peer called itself, once it did.
    hello: Option<String>,
    transaction: Transaction<M>,
}

/// How far a transaction got.
enum Transaction<M> {
    None,
    /// MAIL was accepted; recipients are gathered.
    Open(Draft),
    /// At least one chunk is in, the last one is not.
    Chunks(M),
}

/// An envelope in the making.
struct Draft {
    reverse_path: ReversePath,
    declared: u64,
    smtputf8: bool,
    at: Timestamp,
    mailboxes: Vec<Mailbox>,
}

/// What to do after a command before TLS.
#[derive(Debug, PartialEq, Eq)]
pub enum PlainStep {
    Reply(Reply),
    /// Say so, then shake hands.
    StartTls,
    /// Throw away so many bytes, then ask for TLS: a chunk follows its BDAT unasked.
    Skip(u64),
    Quit,
}

/// What to do after a command under TLS.
pub enum Step<M> {
    Reply(Reply),
    /// A recipient is not taken.
    Refuse(Rejection),
    /// Open the message, ask for its data, receive it.
    Data(Opening),
    /// Receive `size` bytes and, unless refused, give the message back with [`Session::keep`] if they were not the `last`.
    Chunk {
        size: u64,
        last: bool,
        into: Destination<M>,
    },
    Quit,
}

/// A complete envelope and what SIZE said.
pub struct Opening {
    pub envelope: Envelope,
    /// Bytes; 0 when not declared.
    pub declared: u64,
}

/// Where a chunk goes.
pub enum Destination<M> {
    /// It is the first of a message.
    New(Opening),
    /// It continues this message.
    Going(M),
    /// It is read, thrown away and answered so.
    Nowhere(Reply),
}

impl Session<Plain> {
    pub fn new(settings: Arc<Settings>) -> Self {
        Self { settings, state: Plain }
    }

    /// What to say first.
    pub fn greeting(&self) -> Reply {
        Reply::greeting(&self.settings.hostname)
    }

    pub fn command(&self, command: &Command) -> PlainStep {
        let settings = &*self.settings;
        PlainStep::Reply(match command {
            Command::Ehlo(_) => Reply::ehlo(&settings.hostname, settings.limits.max_message_size, true),
            Command::Helo(_) => Reply::helo(&settings.hostname),
            Command::StartTls => return PlainStep::StartTls,
            Command::Mail(_) | Command::Rcpt(_) | Command::Data | Command::Auth => Reply::TLS_FIRST,
            Command::Bdat { size, .. } => return PlainStep::Skip(*size),
            Command::Rset | Command::Noop => Reply::OK,
            Command::Vrfy => Reply::VRFY,
            Command::Expn => Reply::EXPN,
            Command::Help => Reply::HELP,
            Command::Quit => return PlainStep::Quit,
        })
    }

    /// The session under TLS. It has forgotten all that was said before (RFC 3207, section 4.2).
    pub fn upgrade<M>(self, protection: Protection, peer: IpAddr) -> Session<Tls<M>> {
        let state = Tls { peer, protection, hello: None, transaction: Transaction::None };
        Session { settings: self.settings, state }
    }
}

impl<M> Session<Tls<M>> {
    /// Whether a message is between two of its chunks.
    pub fn between_chunks(&self) -> bool {
        matches!(self.state.transaction, Transaction::Chunks(_))
    }

    /// Takes the next command. `ask` says whether a recipient is ours and takes mail from this sender.
    pub fn command(
        &mut self,
        command: Command,
        now: Timestamp,
        ask: impl FnOnce(&Recipient, &ReversePath) -> Result<Mailbox, Rejection>,
    ) -> Step<M> {
        Step::Reply(match command {
            Command::Ehlo(name) => {
                self.hello(name);
                Reply::ehlo(&self.settings.hostname, self.settings.limits.max_message_size, false)
            }
            Command::Helo(name) => {
                self.hello(name);
                Reply::helo(&self.settings.hostname)
            }
            Command::Mail(mail) => return self.mail(mail, now),
            Command::Rcpt(path) => return self.rcpt(path, ask),
            Command::Data => return self.data(),
            Command::Bdat { size, last } => return Step::Chunk { size, last, into: self.chunk() },
            Command::Rset => {
                self.state.transaction = Transaction::None;
                Reply::OK
            }
            Command::Noop => Reply::OK,
            Command::StartTls => Reply::TLS_ALREADY,
            Command::Auth => Reply::NO_AUTH,
            Command::Vrfy => Reply::VRFY,
            Command::Expn => Reply::EXPN,
            Command::Help => Reply::HELP,
            Command::Quit => return Step::Quit,
        })
    }

    /// Takes a message back between two of its chunks.
    pub fn keep(&mut self, message: M) {
        self.state.transaction = Transaction::Chunks(message);
    }

    /// A greeting ends whatever was under way (RFC 5321, section 4.1.4).
    fn hello(&mut self, name: String) {
        self.state.hello = Some(name);
        self.state.transaction = Transaction::None;
    }

    fn mail(&mut self, mail: Mail, now: Timestamp) -> Step<M> {
        if self.state.hello.is_none() {
            return Step::Reply(Reply::HELLO_FIRST);
        }
        match self.state.transaction {
            Transaction::None => {}
            Transaction::Open(_) => return Step::Reply(Reply::NESTED_MAIL),
            Transaction::Chunks(_) => return Step::Reply(Reply::IN_CHUNKS),
        }
        let Mail { reverse_path, size: declared, smtputf8 } = mail;
        if let ReversePath::Mailbox(address) = &reverse_path
            && !smtputf8
            && !address.as_str().is_ascii()
        {
            return Step::Reply(Reply::SMTPUTF8_NEEDED);
        }
        if declared > self.settings.limits.max_message_size {
            return Step::Reply(Rejection::TooLarge.into());
        }
        let draft = Draft { reverse_path, declared, smtputf8, at: now, mailboxes: Vec::new() };
        self.state.transaction = Transaction::Open(draft);
        Step::Reply(Reply::SENDER_OK)
    }

    fn rcpt(
        &mut self,
        path: ForwardPath,
        ask: impl FnOnce(&Recipient, &ReversePath) -> Result<Mailbox, Rejection>,
    ) -> Step<M> {
        let draft = match &mut self.state.transaction {
            Transaction::Open(draft) => draft,
            Transaction::None => return Step::Reply(Reply::MAIL_FIRST),
            Transaction::Chunks(_) => return Step::Reply(Reply::IN_CHUNKS),
        };
        let address = match path {
            ForwardPath::Address(address) => address,
            ForwardPath::Postmaster => {
                let text = format!("postmaster@{}", self.settings.domain);
                match Address::parse(&text) {
                    Ok(address) => address,
                    Err(_) => return Step::Refuse(Rejection::NotOurDomain),
                }
            }
        };
        if !draft.smtputf8 && !address.as_str().is_ascii() {
            return Step::Reply(Reply::SMTPUTF8_NEEDED);
        }
        if draft.mailboxes.len() >= self.settings.limits.max_recipients {
            return Step::Refuse(Rejection::TooManyRecipients);
        }
        match ask(&Recipient(address), &draft.reverse_path) {
            Ok(mailbox) => {
                if !draft.mailboxes.contains(&mailbox) {
                    draft.mailboxes.push(mailbox);
                }
                Step::Reply(Reply::RECIPIENT_OK)
            }
            Err(rejection) => Step::Refuse(rejection),
        }
    }

    fn data(&mut self) -> Step<M> {
        if self.between_chunks() {
            return Step::Reply(Reply::IN_CHUNKS);
        }
        match self.open() {
            Ok(opening) => Step::Data(opening),
            Err(reply) => Step::Reply(reply),
        }
    }

    fn chunk(&mut self) -> Destination<M> {
        match std::mem::replace(&mut self.state.transaction, Transaction::None) {
            Transaction::Chunks(message) => Destination::Going(message),
            open => {
                self.state.transaction = open;
                self.open().map_or_else(Destination::Nowhere, Destination::New)
            }
        }
    }

    /// Ends the gathering of recipients. A transaction without any stays open: the peer may name another one.
    fn open(&mut self) -> Result<Opening, Reply> {
        match std::mem::replace(&mut self.state.transaction, Transaction::None) {
            Transaction::Open(draft) if !draft.mailboxes.is_empty() => Ok(self.state.envelope(draft)),
            Transaction::Open(draft) => {
                self.state.transaction = Transaction::Open(draft);
                Err(Reply::RECIPIENT_FIRST)
            }
            Transaction::None | Transaction::Chunks(_) => Err(Reply::MAIL_FIRST),
        }
    }
}

impl<M> Tls<M> {
    /// The only place where an envelope is made.
    fn envelope(&self, draft: Draft) -> Opening {
        let envelope = Envelope {
            reverse_path: draft.reverse_path,
            mailboxes: draft.mailboxes,
            protection: self.protection.clone(),
            peer: self.peer,
            hello: self.hello.clone().unwrap_or_default(),
            at: draft.at,
            smtputf8: draft.smtputf8,
        };
        Opening { envelope, declared: draft.declared }
    }
}

#[cfg(test)]
mod tests;
