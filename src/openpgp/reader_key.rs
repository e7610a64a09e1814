//! A reader's key pair with its secret part: opens sealed messages. Only the demo and the tests have one, where they stand
//! for a staff member's mail program. The relay never makes, holds or accepts such a key.

use super::certificate::policy;
use crate::clock::Timestamp;
use sequoia_openpgp::{
    Cert, KeyHandle, Profile, anyhow,
    cert::{CertBuilder, CertParser, CipherSuite},
    crypto::{SessionKey, SymmetricAlgorithm},
    packet::{PKESK, SKESK},
    parse::{
        Parse,
        stream::{DecryptionHelper, DecryptorBuilder, MessageLayer, MessageStructure, VerificationHelper},
    },
    serialize::SerializeInto,
    types::{Features, KeyFlags},
};
use std::io::Read;
use zeroize::Zeroizing;

/// A staff member's key pair, as their own machine would hold it.
pub struct ReaderKey {
    cert: Cert,
}

/// What a reader sees of a sealed message.
pub struct Opened {
    pub plain: Zeroizing<Vec<u8>>,
    pub signature: Signature,
}

/// Whether a message is signed by the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    Good,
    Bad,
    Missing,
}

/// The message did not open: it is not sealed to this key, or it was changed on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message does not open with this key: it is sealed to others, or it was changed or cut short")]
pub struct CannotRead;

impl ReaderKey {
    /// A fresh Ed25519 and Cv25519 key (v4, as GnuPG makes it).
    pub fn generate(email: &str, now: Timestamp) -> Self {
        Self::build(email, now, Profile::RFC4880, Features::empty().set_seipdv1())
    }

    /// A fresh key (v6) whose owner's program reads SEIPDv2.
    pub fn generate_rfc9580(email: &str, now: Timestamp) -> Self {
        Self::build(email, now, Profile::RFC9580, Features::empty().set_seipdv1().set_seipdv2())
    }

    fn build(email: &str, now: Timestamp, profile: Profile, features: Features) -> Self {
        let made = CertBuilder::new()
            .set_cipher_suite(CipherSuite::Cv25519)
            .set_creation_time(now.to_system_time())
            .add_userid(format!("<{email}>"))
            .add_subkey(KeyFlags::empty().set_transport_encryption().set_storage_encryption(), None, None)
            .set_profile(profile)
            .and_then(|builder| builder.set_features(features))
            .and_then(CertBuilder::generate);
        let (cert, _revocation) = made.expect("Cv25519 is in every backend, and the system's generator works");
        Self { cert }
    }

    /// The secret key, armored.
    pub fn to_armored(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.cert.as_tsk().armored().to_vec().expect("a key can be written to memory"))
    }

    /// The public certificate, armored: what a staff member gives to the admin.
    pub fn certificate_armored(&self) -> String {
        let armored = self.cert.armored().to_vec().expect("a certificate can be written to memory");
        String::from_utf8(armored).expect("armor is ASCII, and its comments are the text of the user ID")
    }

    /// Upper-case hexadecimal.
    pub fn fingerprint(&self) -> String {
        self.cert.fingerprint().to_hex()
    }

    /// Opens a sealed message, armored or binary, and verifies it against the relay's certificate (armored).
    pub fn open(&self, sealed: &[u8], relay: &str, now: Timestamp) -> Result<Opened, CannotRead> {
        let relay = CertParser::from_bytes(relay.as_bytes()).ok().and_then(|mut certs| certs.next()?.ok());
        let helper = Helper { key: &self.cert, relay, signature: Signature::Missing };
        let policy = policy(now);
        let mut decryptor = DecryptorBuilder::from_bytes(sealed)
            .and_then(|builder| builder.with_policy(&policy, now.to_system_time(), helper))
            .map_err(|_| CannotRead)?;
        let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
        decryptor.read_to_end(&mut plain).map_err(|_| CannotRead)?;
        Ok(Opened { plain, signature: decryptor.into_helper().signature })
    }
}

struct Helper<'a> {
    key: &'a Cert,
    relay: Option<Cert>,
    signature: Signature,
}

impl VerificationHelper for Helper<'_> {
    fn get_certs(&mut self, _: &[KeyHandle]) -> anyhow::Result<Vec<Cert>> {
        Ok(self.relay.iter().cloned().collect())
    }

    fn check(&mut self, structure: MessageStructure) -> anyhow::Result<()> {
        for layer in structure {
            if let MessageLayer::SignatureGroup { results } = layer {
                let good = !results.is_empty() && results.iter().all(Result::is_ok);
                self.signature = if good { Signature::Good } else { Signature::Bad };
            }
        }
        Ok(())
    }
}

impl DecryptionHelper for Helper<'_> {
    fn decrypt(
        &mut self,
        pkesks: &[PKESK],
        _: &[SKESK],
        algorithm: Option<SymmetricAlgorithm>,
        decrypt: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey) -> bool,
    ) -> anyhow::Result<Option<Cert>> {
        for key in self.key.keys().unencrypted_secret() {
            let mut pair = key.key().clone().into_keypair()?;
            for pkesk in
                pkesks.iter().filter(|pkesk| pkesk.recipient().is_none_or(|id| id.aliases(key.key().key_handle())))
            {
                if pkesk.decrypt(&mut pair, algorithm).is_some_and(|(algorithm, session)| decrypt(algorithm, &session))
                {
                    return Ok(Some(self.key.clone()));
                }
            }
        }
        anyhow::bail!("no session key packet for this key")
    }
}
