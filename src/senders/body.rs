//! Digests of a message's body as DKIM wants them (RFC 6376, section 3.4), made while it passes. At most two: one for each
//! canonicalisation that a signature of worth names; none for mail that nobody signed. Holds no byte of the body.

use super::header::Claim;
use mail_auth::{
    common::{
        crypto::{HashContext, HashImpl, HashOutput, Sha256},
        headers::Writer,
    },
    dkim::{Canonicalization, canonicalize::BodyHasher},
};

/// SHA-256 that also counts what it takes, for `l=`.
struct Counted {
    context: <Sha256 as HashImpl>::Context,
    count: u64,
}

impl Writer for Counted {
    fn write(&mut self, bytes: &[u8]) {
        self.context.write(bytes);
        self.count += bytes.len() as u64;
    }
}

impl HashContext for Counted {
    fn complete(self) -> HashOutput {
        self.context.complete()
    }
}

/// The body's digests while they are made.
#[derive(Default)]
pub(super) struct Bodies {
    simple: Option<BodyHasher<Counted>>,
    relaxed: Option<BodyHasher<Counted>>,
}

/// The body's digests: digest and length of what was digested.
#[derive(Default)]
pub(super) struct BodyDigests {
    simple: Option<(HashOutput, u64)>,
    relaxed: Option<(HashOutput, u64)>,
}

impl Bodies {
    /// Those that the claims need.
    pub(super) fn wanted_by(claims: &[Claim]) -> Self {
        let hasher = |canonical| {
            let wanted = claims.iter().any(|claim| claim.canonical == canonical);
            wanted.then(|| BodyHasher::new(Counted { context: Sha256::hasher(), count: 0 }, canonical, 0))
        };
        Self { simple: hasher(Canonicalization::Simple), relaxed: hasher(Canonicalization::Relaxed) }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        for hasher in [&mut self.simple, &mut self.relaxed].into_iter().flatten() {
            hasher.write(bytes);
        }
    }

    pub(super) fn finish(self) -> BodyDigests {
        let digest = |hasher: Option<BodyHasher<Counted>>| {
            let (counted, _) = hasher?.finish();
            let count = counted.count;
            Some((counted.complete(), count))
        };
        BodyDigests { simple: digest(self.simple), relaxed: digest(self.relaxed) }
    }
}

impl BodyDigests {
    /// Whether the whole body is the one that was signed. A signature over a part of it (`l=`, RFC 6376, section 8.2) says
    /// nothing about what somebody put behind that part.
    pub(super) fn bear_out(&self, claim: &Claim) -> bool {
        let digest = match claim.canonical {
            Canonicalization::Simple => &self.simple,
            Canonicalization::Relaxed => &self.relaxed,
        };
        digest.as_ref().is_some_and(|(digest, count)| {
            digest.as_ref() == claim.digest && claim.length.is_none_or(|length| length == *count)
        })
    }
}

#[cfg(test)]
impl BodyDigests {
    /// The one digest that was made, and the length of what was digested.
    pub(super) fn only(&self) -> Option<(&[u8], u64)> {
        let made = self.simple.as_ref().or(self.relaxed.as_ref());
        made.map(|(digest, count)| (digest.as_ref(), *count))
    }
}
