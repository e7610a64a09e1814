//! A message's header block, as far as it says who sent it: the one domain of its From line, and what signatures claim.
//! Only the fields that those signatures cover are kept, in wiped memory, until DNS has given the keys. Cannot be printed.

use mail_auth::{
    AuthenticatedMessage,
    common::{
        crypto::{Algorithm, HashAlgorithm},
        to_a_label,
    },
    dkim::{Canonicalization, Signature},
};
use zeroize::{Zeroize, Zeroizing};

/// Signatures of one message that are looked at: one or two are usual, and each costs a question to DNS.
const MOST_CLAIMS: usize = 3;
/// Bytes of signed fields that are kept: all that the plaintext window has room for while parts come in (docs/flow.md). Signed
/// fields take some 2 KiB; a mail with more of them is as one whose keys DNS does not give.
const KEPT: usize = 4 * 1024;

/// The signed fields of a message's header. No Debug: it holds the client's words.
pub struct Header {
    /// Empty when nothing was signed, or too much.
    signed: Zeroizing<Vec<u8>>,
    author: Option<String>,
    claims: Vec<Claim>,
    /// It was read to its end, and what was signed of it is kept.
    whole: bool,
}

/// What one signature says about the body, and who says so.
#[derive(Clone)]
pub(super) struct Claim {
    /// Its place among the signatures of the block that can be read.
    place: usize,
    /// The signing domain (`d=`), in lower case.
    pub(super) domain: String,
    pub(super) canonical: Canonicalization,
    /// How much of the body was signed (`l=`), when not all.
    pub(super) length: Option<u64>,
    /// SHA-256 of the body (`bh=`).
    pub(super) digest: Vec<u8>,
}

impl Header {
    /// Reads a whole header block. One that is not read to its end says nothing: what stands in the rest is not known.
    pub(super) fn read(block: &[u8]) -> Self {
        let parsed = Parsed::of(block);
        let whole = parsed.is_some();
        let Some((parsed, author)) = parsed.and_then(|parsed| parsed.author().map(|author| (parsed, author))) else {
            return Self { signed: Zeroizing::default(), author: None, claims: Vec::new(), whole };
        };
        let mut claims = parsed.claims(&author);
        let signed = parsed.signed_fields(&claims);
        if let Some(kept) = Parsed::of(&signed) {
            // The same signatures, at their new places.
            claims = kept.claims(&author);
        }
        let whole = claims.is_empty() || !signed.is_empty();
        Self { signed, author: Some(author), claims, whole }
    }

    /// Whether all that matters of it could be read and kept.
    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    /// The domain that the message says it is from; None when it names no domain or several (RFC 7489, section 6.6.1).
    pub(super) fn author(&self) -> Option<&str> {
        self.author.as_deref()
    }

    /// The signatures that can bear out the author's domain.
    pub(super) fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// The message as mail-auth wants it to verify one claim: this signature alone, and a body that is what the signature
    /// says. Whether it is that is found out at the end of data ([`super::body::BodyDigests::bear_out`]).
    /// None when the signed fields were not kept.
    pub(super) fn with_only(&self, claim: &Claim) -> Option<Parsed<'_>> {
        let mut parsed = Parsed::of(&self.signed)?;
        let message = &mut parsed.0;
        if claim.place >= message.dkim_headers.len() {
            return None;
        }
        let mut signature = message.dkim_headers.swap_remove(claim.place);
        // Neither reports (RFC 6651) nor signatures by others in the author's place (RFC 6541) are asked for.
        (signature.header.r, signature.header.atps) = (false, None);
        let body = (signature.header.cb, HashAlgorithm::Sha256, signature.header.l, signature.header.bh.clone());
        (message.dkim_headers, message.body_hashes) = (vec![signature], vec![body]);
        message.errors.clear();
        Some(parsed)
    }
}

/// A header block as mail-auth reads it; its copies of the client's words are wiped.
pub(super) struct Parsed<'x>(pub(super) AuthenticatedMessage<'x>);

impl<'x> Parsed<'x> {
    fn of(block: &'x [u8]) -> Option<Self> {
        let parsed = Self(AuthenticatedMessage::parse_with_opts(block, None, false)?);
        (parsed.0.body_offset() == block.len()).then_some(parsed)
    }

    fn author(&self) -> Option<String> {
        let is_from = |name: &[u8]| name.trim_ascii().eq_ignore_ascii_case(b"from");
        if self.0.headers.iter().filter(|(name, _)| is_from(name)).count() != 1 {
            return None;
        }
        let mut domains = self.0.from.iter().map(|address| plain_domain(address.rsplit_once('@')?.1));
        let first = domains.next()??;
        domains.all(|other| other.as_ref() == Some(&first)).then_some(first)
    }

    fn claims(&self, author: &str) -> Vec<Claim> {
        let claim = |(place, signature)| claim(place, signature, author);
        let signatures = self.0.dkim_headers.iter().map(|header| &header.header);
        signatures.enumerate().filter_map(claim).take(MOST_CLAIMS).collect()
    }

    /// The fields that these claims' signatures cover, and the signatures, as they came and in their order; nothing when they
    /// are more than may be kept.
    fn signed_fields(&self, claims: &[Claim]) -> Zeroizing<Vec<u8>> {
        let message = &self.0;
        let signatures: Vec<_> = claims.iter().filter_map(|claim| message.dkim_headers.get(claim.place)).collect();
        let is_kept = |(name, value): &&(&[u8], &[u8])| {
            let is_signed = |signed: &String| signed.as_bytes().eq_ignore_ascii_case(name);
            signatures
                .iter()
                .any(|signature| std::ptr::eq(signature.value, *value) || signature.header.h.iter().any(is_signed))
        };
        let length: usize =
            message.headers.iter().filter(is_kept).map(|(name, value)| name.len() + 1 + value.len()).sum();
        let mut kept = Zeroizing::new(Vec::new());
        if (1..=KEPT).contains(&length) {
            kept.reserve_exact(length + 2);
            for (name, value) in message.headers.iter().filter(is_kept) {
                [name, &b":"[..], value].iter().for_each(|piece| kept.extend_from_slice(piece));
            }
            kept.extend_from_slice(b"\r\n");
        }
        kept
    }
}

impl Drop for Parsed<'_> {
    fn drop(&mut self) {
        self.0.from.zeroize();
        for header in &mut self.0.dkim_headers {
            header.header.z.zeroize();
            header.header.i.zeroize();
        }
    }
}

/// The claim of a signature that is of worth: by a domain that may speak for the author, with SHA-256 (RFC 8301, section
/// 3.1), over the From line at least (RFC 6376, section 5.4).
fn claim(place: usize, signature: &Signature, author: &str) -> Option<Claim> {
    let domain = plain_domain(&signature.d)?;
    let signs_from = signature.h.iter().any(|name| name.eq_ignore_ascii_case("from"));
    let of_worth = signature.a != Algorithm::RsaSha1 && signs_from && signature.bh.len() == 32;
    (of_worth && are_related(&domain, author)).then(|| Claim {
        place,
        domain,
        canonical: signature.cb,
        length: (signature.l > 0).then_some(signature.l),
        digest: signature.bh.clone(),
    })
}

/// Whether two domains could belong to one organisation: their last two labels agree. DMARC decides whether they do; what
/// cannot belong together need not be asked about.
fn are_related(a: &str, b: &str) -> bool {
    let top = |domain: &str| domain.rsplit('.').take(2).map(str::to_owned).collect::<Vec<_>>();
    top(a).len() == 2 && top(a) == top(b)
}

/// A domain with at least two labels as it may be asked for and shown: ASCII, in lower case, nothing but letters, digits,
/// hyphens and underscores. A domain in another script is in its `xn--` form, so that it cannot look like a known one.
pub(super) fn plain_domain(domain: &str) -> Option<String> {
    let domain = to_a_label(domain.trim().trim_end_matches('.')).to_ascii_lowercase();
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    (domain.len() <= 253 && domain.contains('.') && domain.split('.').all(label)).then_some(domain)
}
