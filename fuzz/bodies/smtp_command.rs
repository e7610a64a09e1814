//! Any bytes as the command lines of a session: no panic, addresses that read back as themselves, replies that are lines of
//! SMTP, and no envelope but under TLS, after a greeting, a sender and a recipient that was taken.

use sealdrop::{
    clock::Timestamp,
    config::Config,
    envelope::{Address, Mailbox, Recipient, ReversePath},
    smtp::{
        Rejection, Reply, Settings,
        command::{Command, ForwardPath, MAX_LINE, parse},
        session::{Destination, Opening, Plain, PlainStep, Session, Step, Tls},
    },
    tls::Protection,
};
use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

static SETTINGS: LazyLock<Arc<Settings>> = LazyLock::new(|| {
    let text = "[relay]\ndomain = \"in.example.org\"\nhostname = \"mx.in.example.org\"\nadmins = [\"a@example.org\"]\n\
                [staff_mail]\nhost = \"mail.example.org\"\n";
    let config = Config::parse(text, Path::new("sealdrop.toml")).expect("a small configuration is one");
    let hostname = "mx.in.example.org".to_owned();
    Arc::new(Settings { hostname, domain: "in.example.org".to_owned(), limits: config.smtp })
});

/// A protection as a record holds it: nobody but a handshake can make another.
fn protection() -> Protection {
    let read = r#"{"version":"TLSv1.3","cipher":"TLS13_AES_256_GCM_SHA384","key_exchange":"X25519MLKEM768"}"#;
    serde_json::from_str(read).expect("a record's protection reads back")
}

/// What a session may do next, kept beside it.
#[derive(Default)]
struct Model {
    greeted: bool,
    /// The mailboxes of the transaction that is open.
    open: Option<Vec<Mailbox>>,
    chunks: bool,
}

/// What holds for any input.
pub fn holds(input: &[u8]) {
    let mut lines = input.split_inclusive(|byte| *byte == b'\n');
    if !before_tls(&Session::new(SETTINGS.clone()), &mut lines) {
        return;
    }
    // What was said before is forgotten: nothing of the old session but its settings can be in the new one.
    let mut session = Session::new(SETTINGS.clone()).upgrade(protection(), [192, 0, 2, 1].into());
    let mut model = Model::default();
    for command in lines.filter_map(read) {
        if model.after(&mut session, command) {
            return;
        }
    }
}

/// Reads a line and holds it to what every command keeps.
fn read(line: &[u8]) -> Option<Command> {
    let command = parse(line).ok()?;
    assert!(line.len() <= MAX_LINE && line.ends_with(b"\r\n"));
    match &command {
        Command::Mail(mail) => {
            if let ReversePath::Mailbox(address) = &mail.reverse_path {
                sound(address);
            }
        }
        Command::Rcpt(ForwardPath::Address(address)) => sound(address),
        Command::Ehlo(name) | Command::Helo(name) => assert!(!name.chars().any(char::is_control)),
        _ => {}
    }
    Some(command)
}

/// Records hold an address as text and read it again.
fn sound(address: &Address) {
    assert!(!address.as_str().chars().any(char::is_control));
    assert!(!address.local().is_empty() && !address.domain().is_empty());
    assert!(address.as_str().len() <= 254);
    assert_eq!(Address::parse(address.as_str()).as_ref(), Ok(address), "an address reads back as itself");
}

/// Whether the session came to TLS. Up to there nothing of a transaction was taken.
fn before_tls<'a>(session: &Session<Plain>, lines: &mut impl Iterator<Item = &'a [u8]>) -> bool {
    for command in lines.by_ref().filter_map(read) {
        match (session.command(&command), &command) {
            (PlainStep::StartTls, Command::StartTls) => return true,
            (PlainStep::Skip(skipped), Command::Bdat { size, .. }) => assert_eq!(skipped, *size),
            (PlainStep::Quit, Command::Quit) => return false,
            (PlainStep::Reply(reply), Command::Mail(_) | Command::Rcpt(_) | Command::Data | Command::Auth) => {
                assert_eq!(reply.code(), 530);
                spoken(&reply);
            }
            (PlainStep::Reply(reply), _) => spoken(&reply),
            _ => panic!("a step that does not belong to its command"),
        }
    }
    false
}

/// Lines of SMTP: three digits, printable ASCII, CRLF, at most 512 bytes (RFC 5321, section 4.5.3.1.5).
fn spoken(reply: &Reply) {
    let text = reply.as_bytes();
    assert!(text.ends_with(b"\r\n") && (200..=599).contains(&reply.code()));
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r\n").expect("a line ends in CRLF");
        assert!(line.len() <= 510 && line[..3].iter().all(u8::is_ascii_digit));
        assert!(line.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' '));
    }
}

/// Whether a recipient is ours: everything in our domain that can name a mailbox.
fn ask(Recipient(address): &Recipient) -> Result<Mailbox, Rejection> {
    if address.domain() != "in.example.org" {
        return Err(Rejection::NotOurDomain);
    }
    Mailbox::try_from(address.local().to_owned()).map_err(|_| Rejection::UnknownCase)
}

impl Model {
    /// Gives the session a command and compares; tells whether the session is over.
    fn after(&mut self, session: &mut Session<Tls<u64>>, command: Command) -> bool {
        assert_eq!(session.between_chunks(), self.chunks);
        let mut taken = None;
        let step = session.command(command.clone(), Timestamp::from_millis(0), |recipient, _| {
            assert!(self.open.is_some(), "nobody is asked about a recipient without a sender");
            let answer = ask(recipient);
            taken = answer.clone().ok();
            answer
        });
        match step {
            Step::Quit => return true,
            Step::Refuse(rejection) => spoken(&rejection.into()),
            Step::Data(opening) => self.opened(&opening),
            Step::Chunk { size, last, into } => self.chunk(session, size, last, into),
            Step::Reply(reply) => {
                spoken(&reply);
                self.replied(&command, &reply, taken);
            }
        }
        false
    }

    fn replied(&mut self, command: &Command, reply: &Reply, taken: Option<Mailbox>) {
        match command {
            Command::Ehlo(_) | Command::Helo(_) => *self = Self { greeted: true, ..Self::default() },
            Command::Rset => *self = Self { greeted: self.greeted, ..Self::default() },
            Command::Mail(_) if reply.code() == 250 => {
                assert!(self.greeted && self.open.is_none() && !self.chunks);
                self.open = Some(Vec::new());
            }
            Command::Rcpt(_) if reply.code() == 250 => {
                let open = self.open.as_mut().expect("a recipient is taken after a sender");
                let mailbox = taken.expect("a recipient is taken when it is ours");
                if !open.contains(&mailbox) {
                    open.push(mailbox);
                }
            }
            Command::Data => assert!(reply.code() == 503, "without a transaction there is no data"),
            _ => {}
        }
    }

    /// A message begins.
    fn opened(&mut self, opening: &Opening) {
        assert!(self.greeted && !self.chunks);
        let open = self.open.take().expect("a message has a transaction");
        assert!(!open.is_empty() && open.len() <= SETTINGS.limits.max_recipients);
        assert_eq!(opening.envelope.mailboxes, open);
        assert_eq!(opening.envelope.protection.version, "TLSv1.3");
        assert!(opening.declared <= SETTINGS.limits.max_message_size);
    }

    fn chunk(&mut self, session: &mut Session<Tls<u64>>, size: u64, last: bool, into: Destination<u64>) {
        let so_far = match into {
            Destination::Nowhere(reply) => {
                assert!(!self.chunks);
                return spoken(&reply);
            }
            Destination::New(opening) => {
                self.opened(&opening);
                0
            }
            Destination::Going(so_far) => {
                assert!(self.chunks);
                so_far
            }
        };
        self.chunks = !last;
        if !last {
            session.keep(so_far.saturating_add(size));
        }
    }
}
