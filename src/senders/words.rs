//! A verification in words for staff: the verdict, what it rests on, and one line for the technical. Lines of at most 75
//! bytes but for the domains, each ended by `\n`; the domains are plain ASCII ([`super::header::plain_domain`]).

use super::{
    Verdict, Verification,
    judge::{Answers, Dmarc, Outcome, Policy},
};
use mail_auth::SpfResult;
use zeroize::Zeroizing;

impl Verification {
    /// What staff read.
    pub fn in_words(&self) -> Zeroizing<String> {
        let Some(answers) = &self.answers else {
            return Zeroizing::new(
                "Sender: could not be verified. Nobody looked: checks are switched off.\n".to_owned(),
            );
        };
        let author = answers.author.as_deref().unwrap_or_default();
        let said = match self.verdict {
            Verdict::Verified => verified(answers, author),
            Verdict::Forged => forged(answers, author),
            Verdict::Unverified => unverified(answers, author),
        };
        let untold = self.verdict != Verdict::Forged && !self.may_be_answered();
        let untold = if untold { "    Nobody was answered, since the sender may be forged.\n" } else { "" };
        Zeroizing::new(format!("{said}{untold}    checked: {}\n", checked(answers)))
    }
}

fn verified(answers: &Answers, author: &str) -> String {
    let mut said =
        format!("Sender: really sent by {author}\n    That holds for the domain, not for the name beside it.\n");
    if let Some(envelope) = answers.envelope.as_deref().filter(|envelope| *envelope != author) {
        said += &format!("    It travelled as mail of {envelope}; verified is the From line's\n    {author}.\n");
    }
    said
}

fn forged(answers: &Answers, author: &str) -> String {
    let (whose, why) = match answers.dmarc {
        Dmarc::Fail(Policy::Quarantine | Policy::Reject) => (author, "says that mail like this is not its own."),
        _ => (
            answers.envelope.as_deref().unwrap_or_default(),
            "says that the server which\n    brought this may not send its mail.",
        ),
    };
    format!(
        "Sender: LIKELY FORGED. {whose} {why}\n    Ask the client by telephone before you rely on this. Nobody was answered.\n"
    )
}

fn unverified(answers: &Answers, author: &str) -> String {
    let silent = answers.dmarc == Dmarc::Unknown
        || answers.spf == SpfResult::TempError
        || answers.signatures.iter().any(|(_, outcome)| *outcome == Outcome::Unknown);
    let why = if answers.unread {
        "Its header is too long or too odd to be examined.".to_owned()
    } else if answers.author.is_none() {
        "The From line names no domain, or more than one.".to_owned()
    } else if silent {
        "DNS did not answer in time.".to_owned()
    } else if matches!(answers.dmarc, Dmarc::Fail(_)) {
        format!("Nothing proves that {author} sent this, and that domain's own mail can be\n    proved.")
    } else {
        format!("Nothing proves that {author} sent this. Many honest mails are like that.")
    };
    format!("Sender: could not be verified.\n    {why}\n")
}

/// What was checked, for the technical.
fn checked(answers: &Answers) -> String {
    let spf = format!("SPF {}", answers.spf).to_lowercase().replacen("spf", "SPF", 1);
    let spf = match &answers.envelope {
        Some(domain) => format!("{spf} ({domain})"),
        None => spf,
    };
    let signatures: Vec<String> = answers
        .signatures
        .iter()
        .map(|(domain, outcome)| format!("DKIM {} ({domain})", outcome_in_words(*outcome)))
        .collect();
    let dkim = if signatures.is_empty() { "DKIM none".to_owned() } else { signatures.join(", ") };
    format!("{spf}, {dkim}, DMARC {}", dmarc_in_words(answers.dmarc))
}

fn outcome_in_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "pass",
        Outcome::Fail => "fail",
        Outcome::Unknown => "unknown",
    }
}

fn dmarc_in_words(dmarc: Dmarc) -> String {
    let with = |policy| match policy {
        Policy::None => "policy none",
        Policy::Quarantine => "policy quarantine",
        Policy::Reject => "policy reject",
    };
    match dmarc {
        Dmarc::Unknown => "unknown".to_owned(),
        Dmarc::NoRecord => "none".to_owned(),
        Dmarc::Pass(policy) => format!("pass ({})", with(policy)),
        Dmarc::Fail(policy) => format!("fail ({})", with(policy)),
    }
}
