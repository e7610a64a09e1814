//! Why a certificate is not taken. Each text says what is wrong and what to do; none quotes the file.

use crate::clock::Timestamp;

/// Why a certificate cannot be used. Each variant's text says what is wrong and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateProblem {
    #[error(
        "this is not an OpenPGP certificate: a public key is needed, as `gpg --armor --export ADDRESS` or the key \
         manager of a mail program writes it"
    )]
    NotACertificate,
    #[error(
        "this file is larger than 1 MiB: export the key without other people's signatures, with \
         `gpg --armor --export-options export-minimal --export ADDRESS`"
    )]
    TooLarge,
    #[error(
        "this file holds a SECRET key, export only the public one: gpg --armor --export ADDRESS > FILE. Whoever has the \
         secret key can read every document: delete this copy, and keep the key with its owner"
    )]
    SecretKey,
    #[error(
        "this file holds {count} certificates: export each into a file of its own with \
         `gpg --armor --export FINGERPRINT` and add them one by one"
    )]
    Several { count: usize },
    #[error("this is the certificate {theirs} and not {ours}: it can be added as another one, not merged")]
    Another { ours: String, theirs: String },
    #[error(
        "the certificate expired on {}: its owner must extend it (`gpg --quick-set-expire FINGERPRINT 1y`) and export it \
         again", .on.human()
    )]
    Expired { on: Timestamp },
    #[error(
        "the encryption key in the certificate expired on {}: its owner must extend it \
         (`gpg --quick-set-expire FINGERPRINT 1y '*'`) and export it again", .on.human()
    )]
    EncryptionKeyExpired { on: Timestamp },
    #[error(
        "the certificate is valid only from {}: check the clocks of this machine and of the one that made it",
        .from.human()
    )]
    NotYetValid { from: Timestamp },
    #[error("the certificate was revoked by its owner ({reason}): ask its owner for the new one")]
    Revoked { reason: String },
    #[error("the encryption key in the certificate was revoked: ask its owner for a certificate with a new one")]
    EncryptionKeyRevoked,
    #[error(
        "the certificate is too weak to protect documents ({what}): its owner must make a new key, for example with \
         `gpg --quick-gen-key ADDRESS future-default default 2y`"
    )]
    Weak { what: String },
    #[error(
        "the certificate has no key for encryption, only for signing: its owner must add one \
         (`gpg --quick-add-key FINGERPRINT cv25519 encr 2y`) and export it again"
    )]
    NoEncryptionKey,
    #[error(
        "the certificate encrypts with {algorithm}, which this relay cannot: its owner must add a Cv25519, NIST or RSA \
         encryption key"
    )]
    Unsupported { algorithm: String },
    #[error("the certificate has no valid signature by its own key: it is damaged or was changed; export it again")]
    NotBound,
}

impl CertificateProblem {
    /// The moment at which a certificate stopped being usable, where that is the problem.
    pub(super) fn moment(&self) -> Option<Timestamp> {
        match self {
            Self::Expired { on } | Self::EncryptionKeyExpired { on } => Some(*on),
            _ => None,
        }
    }
}
