//! What the answers come to. The rule, in this order:
//!
//! 1. **Verified**: the message names one domain in one From line, and that domain is proved: DMARC passes (RFC 9989, section
//!    4.10); or a signature by exactly that domain, or SPF for exactly that domain, passes, which DMARC would let pass
//!    whatever the domain's policy; or the domain has no policy and a domain above it signed, whose owner holds it anyway. A
//!    forwarded mail keeps its signature and stays verified though SPF fails (RFC 7208, appendix D.3).
//! 2. **Forged**: DMARC fails for good and the domain wants such mail rejected or quarantined (RFC 9989, section 4.7); or
//!    SPF fails (`-all`, RFC 7208, section 8.4) and no signature that may yet prove the domain is left unanswered.
//! 3. **Unverified**: everything else. What DNS did not answer never makes a forgery.
//!
//! Pure: the same answers give the same verdict.

use super::Verdict;
use mail_auth::SpfResult;

/// What became of one signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Pass,
    Fail,
    /// DNS did not answer.
    Unknown,
}

/// What the author's domain wants done with mail that is not proved to be its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    None,
    Quarantine,
    Reject,
}

/// What DMARC says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dmarc {
    /// DNS did not answer, or nobody asked.
    Unknown,
    /// The domain has no record.
    NoRecord,
    Pass(Policy),
    Fail(Policy),
}

/// Everything that was found out. No Debug: it holds domains of the sender's.
#[derive(Clone)]
pub(super) struct Answers {
    /// The domain of the From line.
    pub(super) author: Option<String>,
    /// What SPF says of which domain: that of the reverse-path, or of EHLO where that is null.
    pub(super) spf: SpfResult,
    pub(super) envelope: Option<String>,
    /// Signatures by domains that could speak for the author.
    pub(super) signatures: Vec<(String, Outcome)>,
    pub(super) dmarc: Dmarc,
    /// The header could not be examined: too long, not read to its end, or more of it signed than may be kept. What it says
    /// of the author is then not known, and a forger may have made it so.
    pub(super) unread: bool,
}

/// What it came to, and why. No Debug: it holds domains of the sender's.
#[derive(Clone, Default)]
pub struct Verification {
    pub(super) verdict: Verdict,
    /// None when nobody looked.
    pub(super) answers: Option<Answers>,
}

impl Verification {
    /// Nobody looked.
    pub fn unchecked() -> Self {
        Self::default()
    }

    pub(super) fn of(answers: Answers) -> Self {
        Self { verdict: answers.verdict(), answers: Some(answers) }
    }

    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Whether an automatic answer may go to the reverse-path (mail-rules, section 3): never where SPF says that somebody else
    /// put it there, even in a forwarded mail whose author is proved; never where DMARC fails, whatever the domain wants done
    /// with such mail; never where the header kept itself from being examined.
    pub fn may_be_answered(&self) -> bool {
        let Some(answers) = &self.answers else { return true };
        let refused = answers.spf == SpfResult::Fail || matches!(answers.dmarc, Dmarc::Fail(_)) || answers.unread;
        match self.verdict {
            Verdict::Forged => false,
            Verdict::Unverified => !refused,
            Verdict::Verified => answers.spf != SpfResult::Fail,
        }
    }
}

impl Answers {
    fn verdict(&self) -> Verdict {
        let refused = matches!(self.dmarc, Dmarc::Fail(Policy::Quarantine | Policy::Reject));
        let unanswered = self.signatures.iter().any(|(_, outcome)| *outcome == Outcome::Unknown);
        if self.is_proved() {
            Verdict::Verified
        } else if refused || self.spf == SpfResult::Fail && !unanswered {
            Verdict::Forged
        } else {
            Verdict::Unverified
        }
    }

    fn is_proved(&self) -> bool {
        let Some(author) = &self.author else { return false };
        let mut signers = self.signatures.iter().filter(|(_, outcome)| *outcome == Outcome::Pass);
        let spf = self.spf == SpfResult::Pass && self.envelope.as_ref() == Some(author);
        match self.dmarc {
            Dmarc::Pass(_) => true,
            Dmarc::NoRecord => spf || signers.any(|(signer, _)| is_within(author, signer)),
            Dmarc::Fail(_) | Dmarc::Unknown => spf || signers.any(|(signer, _)| signer == author),
        }
    }
}

/// Whether `domain` is `above` or lies below it.
fn is_within(domain: &str, above: &str) -> bool {
    domain.strip_suffix(above).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
