//! One command line into one [`Command`] (RFC 5321, section 4.1). Verbs and parameters are read by smtp-proto, paths by
//! [`path`]. Pure; must never see message data, and never takes a line that two readers could split differently: a bare LF,
//! a bare CR or a NUL within a command line is a fault (SMTP smuggling, CVE-2023-51764).

use super::path::{self, Path};
use crate::envelope::{Address, ReversePath};
use smtp_proto::{
    Error, MAIL_BODY_7BIT, MAIL_BODY_8BITMIME, MAIL_SMTPUTF8, MailFrom, RcptTo, Request, request::parser::Rfc5321Parser,
};
use std::borrow::Cow;

/// The longest command line in bytes, its CRLF included. RFC 5321 asks for 512 and room for every extension's parameters.
pub const MAX_LINE: usize = 4096;

/// Decimal digits of a size that are surely not more than 64 bits; smtp-proto wraps longer ones around.
const MAX_DIGITS: usize = 18;

/// A command that we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// What the peer calls itself.
    Ehlo(String),
    Helo(String),
    StartTls,
    Auth,
    Mail(Mail),
    Rcpt(ForwardPath),
    Data,
    /// So many bytes of message follow (RFC 3030); the last ones when `last`.
    Bdat {
        size: u64,
        last: bool,
    },
    Rset,
    Noop,
    Quit,
    Vrfy,
    Expn,
    Help,
}

/// MAIL FROM with the parameters that we offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub reverse_path: ReversePath,
    /// `SIZE=` in bytes (RFC 1870); 0 when absent.
    pub size: u64,
    /// Declared SMTPUTF8 (RFC 6531).
    pub smtputf8: bool,
}

/// RCPT TO.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForwardPath {
    /// `<postmaster>`, without a domain.
    Postmaster,
    Address(Address),
}

/// Why a line is not a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the line is too long")]
    LineTooLong,
    #[error("the line does not end in CRLF, or holds a control character")]
    NotALine,
    #[error("the line is not UTF-8")]
    NotUtf8,
    #[error("the command is unknown")]
    Unknown,
    #[error("the syntax is wrong: {0}")]
    Syntax(&'static str),
    #[error("the reverse-path is not an address")]
    ReversePath,
    #[error("the forward-path is not an address")]
    ForwardPath,
    #[error("a parameter was not offered")]
    ParameterNotOffered,
    #[error("a parameter's value is wrong")]
    ParameterValue,
    /// Nobody can tell where the chunk ends: the connection cannot go on.
    #[error("the chunk's size cannot be read")]
    ChunkSize,
}

const MAIL_SYNTAX: &str = "MAIL FROM:<address> [parameters]";
const RCPT_SYNTAX: &str = "RCPT TO:<address>";

/// Reads one line, which includes its end as it came.
pub fn parse(line: &[u8]) -> Result<Command, Fault> {
    let text = text_of(line)?;
    let (verb, argument) = text.split_once(' ').unwrap_or((text, ""));
    let is = |name| verb.eq_ignore_ascii_case(name);
    if is("MAIL") {
        mail(line, argument)
    } else if is("RCPT") {
        rcpt(line, argument)
    } else if is("AUTH") {
        Ok(Command::Auth)
    } else if is("BDAT") {
        bdat(line, argument)
    } else {
        plain(line, argument.trim())
    }
}

/// The line's text without its CRLF.
fn text_of(line: &[u8]) -> Result<&str, Fault> {
    if line.len() > MAX_LINE {
        return Err(Fault::LineTooLong);
    }
    let text = line.strip_suffix(b"\r\n").ok_or(Fault::NotALine)?;
    if text.iter().any(|&byte| byte.is_ascii_control() && byte != b'\t') {
        return Err(Fault::NotALine);
    }
    str::from_utf8(text).map_err(|_| Fault::NotUtf8)
}

/// What a peer calls itself, if that is a name: smtp-proto takes a tab for one.
fn name(host: &str) -> Option<String> {
    let host = host.trim();
    (!host.is_empty() && !host.contains(char::is_control)).then(|| host.to_owned())
}

/// Commands that smtp-proto reads whole.
fn plain(line: &[u8], argument: &str) -> Result<Command, Fault> {
    let bare = |command, syntax| if argument.is_empty() { Ok(command) } else { Err(Fault::Syntax(syntax)) };
    match Request::parse(&mut line.iter()) {
        Ok(Request::Ehlo { host }) => name(&host).map(Command::Ehlo).ok_or(Fault::Syntax("EHLO domain")),
        Ok(Request::Helo { host }) => name(&host).map(Command::Helo).ok_or(Fault::Syntax("HELO domain")),
        Ok(Request::StartTls) => bare(Command::StartTls, "STARTTLS"),
        Ok(Request::Data) => bare(Command::Data, "DATA"),
        Ok(Request::Rset) => bare(Command::Rset, "RSET"),
        Ok(Request::Quit) => bare(Command::Quit, "QUIT"),
        Ok(Request::Noop { .. }) => Ok(Command::Noop),
        Ok(Request::Help { .. }) => Ok(Command::Help),
        Ok(Request::Vrfy { .. }) => Ok(Command::Vrfy),
        Ok(Request::Expn { .. }) => Ok(Command::Expn),
        Err(Error::SyntaxError { syntax }) => Err(Fault::Syntax(syntax)),
        Ok(_) | Err(_) => Err(Fault::Unknown),
    }
}

fn bdat(line: &[u8], argument: &str) -> Result<Command, Fault> {
    if argument.split(' ').any(|word| word.len() > MAX_DIGITS) {
        return Err(Fault::ChunkSize);
    }
    match Request::parse(&mut line.iter()) {
        Ok(Request::Bdat { chunk_size, is_last }) => Ok(Command::Bdat { size: chunk_size as u64, last: is_last }),
        _ => Err(Fault::ChunkSize),
    }
}

fn mail(line: &[u8], argument: &str) -> Result<Command, Fault> {
    let (path, rest) = path_after("FROM:", argument, Fault::Syntax(MAIL_SYNTAX), Fault::ReversePath)?;
    let reverse_path = match path {
        Path::Null => ReversePath::Null,
        Path::Address(address) => ReversePath::Mailbox(address),
        Path::Postmaster => return Err(Fault::ReversePath),
    };
    if rest.split(' ').any(|word| word.len() > "SIZE=".len() + MAX_DIGITS && word.as_bytes()[..5] == *b"SIZE=") {
        return Err(Fault::ParameterValue);
    }
    let given = parameters(line, rest, |parser| parser.mail_from_parameters(Cow::Borrowed("")), MAIL_SYNTAX)?;
    let offered = MAIL_BODY_7BIT | MAIL_BODY_8BITMIME | MAIL_SMTPUTF8;
    let taken = MailFrom { size: given.size, flags: given.flags & offered, ..MailFrom::default() };
    if given != taken {
        return Err(Fault::ParameterNotOffered);
    }
    let smtputf8 = taken.flags & MAIL_SMTPUTF8 != 0;
    Ok(Command::Mail(Mail { reverse_path, size: taken.size as u64, smtputf8 }))
}

fn rcpt(line: &[u8], argument: &str) -> Result<Command, Fault> {
    let (path, rest) = path_after("TO:", argument, Fault::Syntax(RCPT_SYNTAX), Fault::ForwardPath)?;
    let forward_path = match path {
        Path::Postmaster => ForwardPath::Postmaster,
        Path::Address(address) => ForwardPath::Address(address),
        Path::Null => return Err(Fault::ForwardPath),
    };
    let given = parameters(line, rest, |parser| parser.rcpt_to_parameters(Cow::Borrowed("")), RCPT_SYNTAX)?;
    if given != RcptTo::default() {
        return Err(Fault::ParameterNotOffered);
    }
    Ok(Command::Rcpt(forward_path))
}

/// The path after `FROM:` or `TO:`, and what follows it. Spaces before the path are against the RFC and common.
fn path_after<'a>(keyword: &str, argument: &'a str, syntax: Fault, bad: Fault) -> Result<(Path, &'a str), Fault> {
    let argument = argument.trim_start_matches(' ');
    let (name, path) = argument.split_at_checked(keyword.len()).ok_or(syntax)?;
    let path = path.trim_start_matches(' ');
    if !name.eq_ignore_ascii_case(keyword) || !path.starts_with('<') {
        return Err(syntax);
    }
    path::parse(path).ok_or(bad)
}

/// Lets smtp-proto `read` the parameters in `rest`, the end of `line`'s text.
fn parameters<'a, T>(
    line: &'a [u8],
    rest: &str,
    read: impl FnOnce(&mut Rfc5321Parser<'_, 'a>) -> Result<T, Error>,
    syntax: &'static str,
) -> Result<T, Fault> {
    if !rest.is_empty() && !rest.starts_with(' ') {
        return Err(Fault::Syntax(syntax));
    }
    let mut bytes = line[line.len() - "\r\n".len() - rest.len()..].iter();
    let mut parser = Rfc5321Parser::new(&mut bytes);
    parser.stop_char = b'>';
    read(&mut parser).map_err(|error| match error {
        Error::UnsupportedParameter { .. } => Fault::ParameterNotOffered,
        Error::InvalidParameter { .. } => Fault::ParameterValue,
        _ => Fault::Syntax(syntax),
    })
}

#[cfg(test)]
mod tests;
