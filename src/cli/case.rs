//! `sealdrop case`: cases and their addresses.

use super::{Failure, Globals, card, key::day, print, show::show};
use crate::{
    cases::{CaseAddress, CaseState},
    clock::Timestamp,
    config::parse_duration,
    control::{CaseRequest, CaseView, Data, NewCase, Request},
};
use clap::{Args, Subcommand};
use std::{path::PathBuf, time::Duration};

#[derive(Subcommand)]
pub enum CaseCommand {
    /// Open a case; its address is alone on the first line of what is printed
    #[command(after_help = "Example:
  sealdrop case open --staff alice@example.org --language es --expires 90d
  sealdrop case open --staff alice@example.org --staff bo@example.org --label 'Moreno, housing'
  sealdrop case open --client ana@example.com --client '+1 (555) 123-4567' --strict

Without --staff the case goes to the only active staff member; where there are several, say whose it is.")]
    Open(OpenArgs),
    /// List all cases, the latest first
    #[command(after_help = "Example:\n  sealdrop case list")]
    List,
    /// Show one case
    #[command(after_help = "Example:
  sealdrop case show river-tiger-42
  sealdrop case show 'River Tiger 42'            spelling is forgiven, slips are not")]
    Show { case: String },
    /// Give a case to exactly these people
    #[command(after_help = "Example:
  sealdrop case assign river-tiger-42 --staff bo@example.org --staff alice@example.org

What came before stays sealed to those who had the case then.")]
    Assign {
        case: String,
        /// May be given several times
        #[arg(long, required = true, num_args = 1.., value_name = "EMAIL")]
        staff: Vec<String>,
    },
    /// Say from whom a case expects mail, and whether others are refused
    #[command(after_help = "Example:
  sealdrop case expect river-tiger-42 --client ana@example.com --client '+1 555 123 4567'
  sealdrop case expect river-tiger-42 --strict               refuse mail from others
  sealdrop case expect river-tiger-42 --forget ana@example.com --no-strict

It goes by the sender that the mail server names, which can be forged. A phone number is that of a picture message
(15551234567@carrier); its last ten digits are compared.")]
    Expect(ExpectArgs),
    /// Take no more mail for a case
    #[command(after_help = "Example:\n  sealdrop case close river-tiger-42")]
    Close { case: String },
    /// Take mail for a closed or expired case again
    #[command(after_help = "Example:\n  sealdrop case reopen river-tiger-42 --expires 30d")]
    Reopen {
        case: String,
        /// Take mail for this long, such as `90d`
        #[arg(long, value_parser = span, value_name = "SPAN")]
        expires: Option<Duration>,
    },
    /// Make the sheet for the client: the address in large letters, a QR code, how to send a photo
    #[command(after_help = "Example:
  sealdrop case card river-tiger-42 --out card.html     to be printed from a browser
  sealdrop case card river-tiger-42                     as text")]
    Card {
        case: String,
        /// A new HTML file; without it the sheet is printed as text
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Args)]
pub struct OpenArgs {
    /// Who reads what comes; may be given several times
    #[arg(long, value_name = "EMAIL")]
    staff: Vec<String>,
    /// What staff call the case; kept encrypted, seen by staff only
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    /// An email address or phone number that mail is expected from; others are flagged. May be given several times; kept
    /// encrypted
    #[arg(long, value_name = "ADDRESS_OR_PHONE")]
    client: Vec<String>,
    /// Refuse mail from others than --client
    #[arg(long)]
    strict: bool,
    /// The client's language, such as `en`, `es` or one that you added; see `sealdrop reply texts`
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// Take mail for this long, such as `90d`
    #[arg(long, value_parser = span, value_name = "SPAN")]
    expires: Option<Duration>,
}

#[derive(Args)]
pub struct ExpectArgs {
    case: String,
    /// An email address or phone number to be added; may be given several times
    #[arg(long, value_name = "ADDRESS_OR_PHONE")]
    client: Vec<String>,
    /// One to be taken out; may be given several times
    #[arg(long, value_name = "ADDRESS_OR_PHONE")]
    forget: Vec<String>,
    /// Refuse mail from others
    #[arg(long)]
    strict: bool,
    /// Take mail from others, and flag it
    #[arg(long, conflicts_with = "strict")]
    no_strict: bool,
}

impl ExpectArgs {
    fn request(self) -> CaseRequest {
        let strict = (self.strict || self.no_strict).then_some(self.strict);
        CaseRequest::Expect { case: self.case, clients: self.client, forget: self.forget, strict }
    }
}

/// Carries out a command.
pub fn run(command: CaseCommand, globals: &Globals) -> Result<(), Failure> {
    let request = match command {
        CaseCommand::Open(args) => return open(args, globals),
        CaseCommand::List => CaseRequest::List,
        CaseCommand::Show { case } => CaseRequest::Show { case },
        CaseCommand::Assign { case, staff } => CaseRequest::Assign { case, staff },
        CaseCommand::Expect(args) => args.request(),
        CaseCommand::Close { case } => CaseRequest::Close { case },
        CaseCommand::Reopen { case, expires } => {
            CaseRequest::Reopen { case, expires_in: expires.map(|span| span.as_secs()) }
        }
        CaseCommand::Card { case, out } => return card::run(case, out.as_deref(), globals),
    };
    show(globals, &globals.ask_data(Request::Case(request))?)
}

fn open(args: OpenArgs, globals: &Globals) -> Result<(), Failure> {
    let new = NewCase {
        staff: args.staff,
        label: args.label,
        clients: args.client,
        strict: args.strict,
        language: args.language,
        expires_in: args.expires.map(|span| span.as_secs()),
    };
    let data = globals.ask_data(Request::Case(CaseRequest::Open(new)))?;
    show(globals, &data)?;
    if let (Data::Opened(case), false) = (&data, globals.quiet) {
        eprint!("{}", next_steps(case));
    }
    Ok(())
}

/// How to give the address to the client, and what then.
fn next_steps(case: &CaseView) -> String {
    let readers: Vec<_> = case.staff.iter().map(|reader| reader.email.as_str()).collect();
    let local = case.address.split('@').next().unwrap_or_default();
    format!(
        "Say it aloud: {}.\nCapitals and dashes do not matter; one wrong letter or digit is forgiven.\nWhat comes is sealed to {}.\n\
         Next: `sealdrop case card {local} --out card.html` makes a sheet for the client.\n",
        aloud(&case.address),
        readers.join(" and "),
    )
}

/// `river, tiger, four, two, at in dot example dot org`: dashes need not be said.
pub fn aloud(address: &str) -> String {
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    let spelled = local.parse::<CaseAddress>().map_or_else(|_| local.to_owned(), |address| address.spelled());
    format!("{spelled}, at {}", domain.replace('.', " dot ").replace('-', " dash "))
}

/// All cases, one a line.
pub fn table(cases: &[CaseView]) -> String {
    let row = |case: &CaseView| {
        vec![
            case.address.clone(),
            state(case),
            case.staff.iter().map(|reader| reader.email.as_str()).collect::<Vec<_>>().join(", "),
            case.messages.to_string(),
            case.last_message.map(day).unwrap_or_default(),
            case.label.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = cases.iter().map(row).collect();
    let heading = ["address", "state", "staff", "messages", "last", "label"];
    print::table(&heading, &rows, "There are no cases yet. Open one with `sealdrop case open`.")
}

/// One case.
pub fn facts(case: &CaseView) -> String {
    let staff = case.staff.iter().map(|reader| match &reader.problem {
        None => format!("{} (reads)", reader.email),
        Some(problem) => format!("{} (cannot read: {problem})", reader.email),
    });
    print::facts(&[
        ("address", Some(case.address.clone())),
        ("aloud", Some(aloud(&case.address))),
        ("state", Some(state(case))),
        ("label", case.label.clone()),
        ("staff", Some(staff.collect::<Vec<_>>().join("\n"))),
        ("clients", (!case.clients.is_empty()).then(|| case.clients.join("\n"))),
        ("others are", (!case.clients.is_empty()).then(|| others(case.strict).to_owned())),
        ("language", case.language.clone()),
        ("opened", Some(case.opened.human())),
        ("expires", case.expires.map(Timestamp::human)),
        ("closed", case.closed.map(Timestamp::human)),
        ("messages", Some(case.messages.to_string())),
        ("last message", case.last_message.map(Timestamp::human)),
    ])
}

/// What becomes of mail from others than the clients.
fn others(strict: bool) -> &'static str {
    if strict { "refused" } else { "taken and flagged" }
}

fn state(case: &CaseView) -> String {
    match case.state {
        CaseState::Open if !case.has_reader() => "open, but nobody can read".to_owned(),
        CaseState::Open if case.strict => "open, strict".to_owned(),
        CaseState::Open => "open".to_owned(),
        CaseState::Closed => "closed".to_owned(),
        CaseState::Expired => "expired".to_owned(),
    }
}

fn span(text: &str) -> Result<Duration, String> {
    match parse_duration(text) {
        Some(Duration::ZERO) => Err("such a case would be over at once: say a longer time, such as `90d`".to_owned()),
        Some(span) => Ok(span),
        None => Err("say a number and a unit, such as `90d`, `12h` or `2w`".to_owned()),
    }
}
