//! What needs no DNS: reading header blocks, digests in stream, the rule, and the words.

use super::{
    Examination, Verdict, Verification,
    body::BodyDigests,
    header::{Header, plain_domain},
    judge::{Answers, Dmarc, Outcome, Policy},
};
use mail_auth::SpfResult;
use proptest::prelude::*;

/// SHA-256 of an empty body in relaxed form, and of `\r\n`, which is the simple one (RFC 6376, section 3.4.3 and 3.4.4).
const EMPTY_RELAXED: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const EMPTY_SIMPLE: &str = "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=";

fn header(text: &str) -> Header {
    Header::read(text.replace('\n', "\r\n").as_bytes())
}

/// A signature field of `domain`; what `more` says overrules.
fn signature(domain: &str, more: &str) -> String {
    format!("DKIM-Signature: v=1; d={domain}; s=s; a=rsa-sha256; h=From:To; bh={EMPTY_RELAXED}; b=AAAA; {more}\n")
}

fn claims(text: &str) -> Vec<String> {
    header(text).claims().iter().map(|claim| claim.domain.clone()).collect()
}

#[test]
fn the_author_is_one_domain_in_one_field() {
    for (text, author) in [
        ("From: Ana <ana@Example.COM>\n\n", Some("example.com")),
        ("from : ana@example.com, bo@example.com\n\n", Some("example.com")),
        ("From: \"ana@bank.example\" <ana@other.example>\n\n", Some("other.example")),
        ("From: ana@m\u{fc}nchen.example\n\n", Some("xn--mnchen-3ya.example")),
        ("From: ana@example.com, bo@example.org\n\n", None),
        ("From: ana@example.com\nFrom: ana@example.com\n\n", None),
        ("From: ana@example.com\nfrom : bo@example.com\n\n", None),
        ("From: ana@localhost\n\n", None),
        ("From: ana@exa mple.com>\u{1b}[31m\n\n", None),
        ("From: ana@[192.0.2.1]\n\n", None),
        ("Subject: none\n\n", None),
        ("\n", None),
        ("", None),
    ] {
        assert_eq!(header(text).author(), author, "{text:?}");
    }
}

/// A line that is no field ends the header for whoever verifies, but perhaps not for who reads: nothing is said then.
#[test]
fn a_header_that_is_read_differently_says_nothing() {
    let text = "From: ana@example.com\nthis is no field\nFrom: bo@example.org\n\n";
    assert_eq!(header(text).author(), None);
}

#[test]
fn only_signatures_of_worth_are_asked_about() {
    let signed = |domain: &str, more: &str| claims(&(signature(domain, more) + "From: ana@mail.example.com\n\n"));
    assert_eq!(signed("example.com", ""), ["example.com"]);
    assert_eq!(signed("MAIL.example.com", ""), ["mail.example.com"]);
    assert_eq!(signed("other.example.com", ""), ["other.example.com"]);
    assert_eq!(signed("mailer.example", ""), [""; 0], "cannot speak for the author");
    assert_eq!(signed("com", ""), [""; 0]);
    assert_eq!(signed("example.com", "a=rsa-sha1"), [""; 0], "RFC 8301");
    assert_eq!(signed("example.com", "h=To:Subject"), [""; 0], "the From line is not signed");
    assert_eq!(signed("example.com", "bh=AAAA"), [""; 0]);
    let many = signature("example.com", "").repeat(100) + "From: ana@example.com\n\n";
    assert_eq!(claims(&many).len(), 3);
}

fn examined(pieces: &[&[u8]]) -> (Option<Header>, BodyDigests) {
    let mut examination = Examination::default();
    let mut header = None;
    for piece in pieces {
        examination.push(piece);
        header = header.or(examination.header());
    }
    let evidence = examination.end();
    (header.or(evidence.header), evidence.body)
}

/// Whether the first signature's claim about the body is true.
fn holds(pieces: &[&[u8]]) -> bool {
    let (header, body) = examined(pieces);
    header.is_some_and(|header| body.bear_out(&header.claims()[0]))
}

#[test]
fn empty_bodies_have_the_digests_of_the_rfc() {
    for (canonical, digest) in [("simple/relaxed", EMPTY_RELAXED), ("simple", EMPTY_SIMPLE)] {
        let signed = |body: &str, more: &str| {
            let field = signature("example.com", &format!("bh={digest}; c={canonical}; {more}"));
            holds(&[format!("{field}From: ana@example.com\n\n{body}").replace('\n', "\r\n").as_bytes()])
        };
        assert!(signed("", "") && signed("\n\n\n", ""), "{canonical}");
        assert!(!signed("x\n", ""), "{canonical}");
    }
}

/// RFC 6376, section 8.2: what was put behind the signed part must not pass for signed.
#[test]
fn a_signature_over_a_part_of_the_body_does_not_count() {
    // SHA-256 of "Hi.\r\n".
    let digest = crate::digest::sha256(b"Hi.\r\n");
    let digest = crate::armor::base64(&digest.0);
    let signed = |body: &str, length: &str| {
        let field = signature("example.com", &format!("bh={digest}; c=simple/simple; {length}"));
        holds(&[format!("{field}From: ana@example.com\n\n{body}").replace('\n', "\r\n").as_bytes()])
    };
    assert!(signed("Hi.\n", "") && signed("Hi.\n", "l=5"));
    assert!(!signed("Hi.\nSend money.\n", "l=5"));
    assert!(!signed("Hi.\n", "l=4"));
}

#[test]
fn too_long_a_header_says_nothing() {
    let long = format!("From: ana@example.com\r\nX-Long: {}\r\n\r\nbody", "x".repeat(48 * 1024));
    assert!(examined(&[long.as_bytes()]).0.is_none());
    let long = long.replace(&"x".repeat(10_000), "x");
    assert_eq!(
        examined(&[long.as_bytes()]).0.and_then(|header| header.author().map(str::to_owned)).as_deref(),
        Some("example.com")
    );
}

/// What nobody signed is not kept, and of what was signed no more than there is room for.
#[test]
fn only_signed_fields_are_kept() {
    let field = signature("example.com", "");
    let unsigned = format!("X-Long: {}\n", "x".repeat(10_000));
    let mail = |to: &str| format!("{unsigned}{field}From: ana@example.com\nTo: {to}\n{unsigned}\n");
    let found = header(&mail("case@in.example.org"));
    let kept = found.with_only(&found.claims()[0]).expect("it fits");
    assert_eq!(
        kept.0.headers.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        [b"DKIM-Signature".as_slice(), b"From", b"To"]
    );
    let found = header(&mail(&"case@in.example.org, ".repeat(250)));
    assert_eq!((found.author(), found.claims().len()), (Some("example.com"), 1));
    assert!(found.with_only(&found.claims()[0]).is_none());
    let found = header(&mail("x@y.example").replace("DKIM-Signature", "X-Signature"));
    assert_eq!((found.author(), found.claims().len()), (Some("example.com"), 0));
}

proptest! {
    /// Where the header ends and what the body's digest is does not depend on how the mail is cut.
    #[test]
    fn any_cutting_gives_the_same(
        body in prop::collection::vec(prop::sample::select(&b"ab \t\r\n=\0"[..]), 0..80),
        line in prop::sample::select(&["\r\n", "\n"][..]),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        simple in any::<bool>(),
    ) {
        let canonical = if simple { "simple" } else { "simple/relaxed" };
        let field = signature("example.com", &format!("c={canonical}"));
        let mut mail = format!("{field}From: ana@example.com\n\n").replace('\n', line).into_bytes();
        mail.extend(&body);
        let mut cuts: Vec<usize> = cuts.iter().map(|at| at.index(mail.len() + 1)).collect();
        cuts.extend([0, mail.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &mail[cut[0]..cut[1]]).collect();
        let (whole, cut) = (examined(&[&mail]), examined(&pieces));
        let digest = |body: &BodyDigests| body.only().map(|(digest, count)| (digest.to_vec(), count));
        prop_assert!(digest(&whole.1).is_some());
        prop_assert_eq!(digest(&whole.1), digest(&cut.1));
        prop_assert_eq!(whole.0.map(|header| header.claims().len()), cut.0.map(|header| header.claims().len()));
    }

    #[test]
    fn a_plain_domain_can_be_shown(text in "\\PC{0,40}\\.\\PC{0,20}|[a-zA-Z0-9.\\-\u{1b}\u{202e}]{0,40}") {
        if let Some(domain) = plain_domain(&text) {
            prop_assert!(domain.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b)));
            prop_assert!(domain.len() <= 253 && domain.contains('.'));
        }
    }
}

/// The answers about a mail from author.example, with the reverse-path in `envelope`.
fn answers(envelope: &str, spf: SpfResult, signed: &[(&str, Outcome)], dmarc: Dmarc) -> Answers {
    Answers {
        author: Some("author.example".to_owned()),
        spf,
        envelope: Some(envelope.to_owned()),
        signatures: signed.iter().map(|(domain, outcome)| ((*domain).to_owned(), *outcome)).collect(),
        dmarc,
        unread: false,
    }
}

#[test]
fn the_rule() {
    use SpfResult as Spf;
    use Verdict::{Forged, Unverified, Verified};
    let (own, other) = ("author.example", "other.example");
    let signed = |outcome| vec![(own, outcome)];
    // Reverse-path, SPF, signatures, DMARC: the verdict, and whether an answer may go out.
    for (envelope, spf, signatures, dmarc, verdict, answered) in [
        (own, Spf::Pass, vec![], Dmarc::Pass(Policy::None), Verified, true),
        (own, Spf::Pass, vec![], Dmarc::NoRecord, Verified, true),
        (other, Spf::Pass, vec![], Dmarc::NoRecord, Unverified, true),
        // Forwarded: the signature lives on. The reverse-path may be anybody's in that domain, and is not answered.
        (own, Spf::Fail, signed(Outcome::Pass), Dmarc::Pass(Policy::Reject), Verified, false),
        // Signed by its author, with a reverse-path of somebody who did not send it: nobody there is answered.
        (other, Spf::Fail, signed(Outcome::Pass), Dmarc::Pass(Policy::Reject), Verified, false),
        (other, Spf::None, signed(Outcome::Pass), Dmarc::Unknown, Verified, true),
        (other, Spf::None, vec![("example", Outcome::Pass)], Dmarc::NoRecord, Verified, true),
        (other, Spf::None, vec![("sub.author.example", Outcome::Pass)], Dmarc::NoRecord, Unverified, true),
        (other, Spf::None, vec![("example", Outcome::Pass)], Dmarc::Unknown, Unverified, true),
        (other, Spf::None, vec![("example", Outcome::Pass)], Dmarc::Fail(Policy::None), Unverified, false),
        // The domain disowns it.
        (other, Spf::Pass, vec![], Dmarc::Fail(Policy::Reject), Forged, false),
        (other, Spf::None, signed(Outcome::Fail), Dmarc::Fail(Policy::Quarantine), Forged, false),
        (other, Spf::Pass, vec![], Dmarc::Fail(Policy::None), Unverified, false),
        (own, Spf::Fail, vec![], Dmarc::NoRecord, Forged, false),
        (other, Spf::Fail, signed(Outcome::Fail), Dmarc::Fail(Policy::None), Forged, false),
        // DNS is silent: never a forgery.
        (own, Spf::Fail, signed(Outcome::Unknown), Dmarc::Unknown, Unverified, false),
        (own, Spf::TempError, vec![], Dmarc::Unknown, Unverified, true),
        (own, Spf::SoftFail, vec![], Dmarc::NoRecord, Unverified, true),
        (own, Spf::Neutral, vec![], Dmarc::NoRecord, Unverified, true),
        (own, Spf::PermError, vec![], Dmarc::NoRecord, Unverified, true),
    ] {
        let found = Verification::of(answers(envelope, spf, &signatures, dmarc));
        let told = (found.verdict(), found.may_be_answered());
        assert_eq!(told, (verdict, answered), "{envelope} SPF {spf} {signatures:?} {dmarc:?}");
    }
    let nobody = Answers { author: None, ..answers(own, Spf::Pass, &[], Dmarc::NoRecord) };
    assert_eq!(Verification::of(nobody).verdict(), Unverified);
    let unread = Answers { author: None, unread: true, ..answers(own, Spf::Pass, &[], Dmarc::NoRecord) };
    let unread = Verification::of(unread);
    assert_eq!((unread.verdict(), unread.may_be_answered()), (Unverified, false));
    assert!(unread.in_words().contains("too long or too odd to be examined.\n    Nobody was answered"));
    let nobody = Answers { author: None, ..answers(own, Spf::Fail, &[], Dmarc::NoRecord) };
    assert_eq!(Verification::of(nobody).verdict(), Forged);
}

#[test]
fn the_words_say_whose_domain_is_verified() {
    let signed = [("author.example", Outcome::Pass)];
    let verified = Verification::of(answers("bounce.example", SpfResult::Pass, &signed, Dmarc::Pass(Policy::Reject)));
    let words = verified.in_words();
    assert!(words.starts_with("Sender: really sent by author.example\n"), "{}", *words);
    assert!(words.contains("travelled as mail of bounce.example; verified is the From line's"), "{}", *words);
    assert!(
        words.ends_with(
            "    checked: SPF pass (bounce.example), DKIM pass (author.example), DMARC pass (policy reject)\n"
        )
    );
    let forged = Verification::of(answers("author.example", SpfResult::Fail, &[], Dmarc::NoRecord)).in_words();
    assert!(forged.starts_with("Sender: LIKELY FORGED. author.example says that the server which\n"), "{}", *forged);
    let silent = Verification::of(answers("author.example", SpfResult::TempError, &[], Dmarc::Unknown)).in_words();
    assert!(silent.contains("DNS did not answer in time."), "{}", *silent);
    assert!(Verification::unchecked().in_words().starts_with("Sender: could not be verified. Nobody looked"));
}
