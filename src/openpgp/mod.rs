//! OpenPGP as the relay uses it: staff certificates judged at a moment, and the relay's own signing key.
//! Everything that sequoia's types mean outside this room and `intake::seal` is said by the types here. The relay has no
//! key that decrypts anything.

mod certificate;
mod encryption_set;
mod inspect;
mod reader_key;
mod relay_key;
mod wkd;

pub use certificate::{Certificate, CertificateProblem, Health};
pub use encryption_set::{EncryptionSet, NoUsableCertificate, RECOVERY, Reader};
pub use inspect::{Container, NotSealed, SealedShape, inspect};
pub use reader_key::{CannotRead, Opened, ReaderKey, Signature};
pub use relay_key::{RelayKey, RelayKeyError};
pub use wkd::{certificates_in, wkd_urls};
