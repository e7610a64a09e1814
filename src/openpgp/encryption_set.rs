//! Every certificate of a case that is usable at this moment; never empty.

use super::Certificate;
use crate::{clock::Timestamp, config::Profile};
use sequoia_openpgp::packet::{
    Key,
    key::{PublicParts, UnspecifiedRole},
};

/// The name under which the recovery certificate stands among the readers: nobody whom mail is sent to.
pub const RECOVERY: &str = "recovery";

/// One person whom a message is sealed to.
#[derive(Clone)]
pub struct Reader {
    /// The staff member's email address, or [`RECOVERY`].
    pub email: String,
    pub certificate: Certificate,
}

/// Every usable certificate of a case. Made at a moment, to be used within minutes of it.
pub struct EncryptionSet {
    /// Encryption keys, each once, owned: no certificate is parsed or validated again for a message.
    keys: Vec<Key<PublicParts, UnspecifiedRole>>,
    profile: Profile,
    fingerprints: Vec<String>,
    emails: Vec<String>,
    left_out: Vec<(String, String)>,
}

/// No certificate of the case can be encrypted to: the sender is told to try again (451), and the admins are alerted.
#[derive(Debug, Clone, thiserror::Error)]
#[error("no certificate can be used: {}", .problems.iter().map(|(email, problem)| format!("{email}: {problem}")).collect::<Vec<_>>().join("; "))]
pub struct NoUsableCertificate {
    pub problems: Vec<(String, String)>,
}

impl EncryptionSet {
    /// Keeps the usable ones of `readers`. Those that are not are named by [`left_out`](Self::left_out).
    ///
    /// `wanted` is the configured profile: RFC 9580's is taken only when every usable certificate says that its owner's
    /// program reads it, as one reader who cannot open a message is one too many.
    pub fn at(now: Timestamp, wanted: Profile, readers: Vec<Reader>) -> Result<Self, NoUsableCertificate> {
        let (keys, fingerprints, emails, left_out) = Default::default();
        let mut set = Self { keys, profile: wanted, fingerprints, emails, left_out };
        for reader in readers {
            set.add(reader, now);
        }
        match set.keys.is_empty() {
            true => Err(NoUsableCertificate { problems: set.left_out }),
            false => Ok(set),
        }
    }

    /// The same set, with people who have no certificate at all named among those left out: email address and problem.
    pub fn leaving_out(mut self, people: Vec<(String, String)>) -> Self {
        self.left_out.extend(people);
        self
    }

    fn add(&mut self, reader: Reader, now: Timestamp) {
        let judged = match reader.certificate.usable(now) {
            Ok(judged) => judged,
            Err(problem) => return self.left_out.push((reader.email, problem.to_string())),
        };
        if !judged.seipdv2 {
            self.profile = Profile::Compatible;
        }
        for key in judged.keys {
            // One certificate may be listed for two people: one session key packet serves both.
            if self.keys.iter().all(|known| known.fingerprint() != key.fingerprint()) {
                self.keys.push(key);
            }
        }
        push_once(&mut self.fingerprints, reader.certificate.fingerprint());
        if reader.email != RECOVERY {
            push_once(&mut self.emails, reader.email);
        }
    }

    /// The fingerprints of the certificates that messages are sealed to.
    pub fn fingerprints(&self) -> Vec<String> {
        self.fingerprints.clone()
    }

    /// The email addresses of the people who can read what is sealed to this set, without repeats and without
    /// [`RECOVERY`].
    pub fn emails(&self) -> Vec<String> {
        self.emails.clone()
    }

    /// Email address and problem of each certificate that was left out.
    pub fn left_out(&self) -> &[(String, String)] {
        &self.left_out
    }

    /// The profile in which messages are sealed to this set.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// The keys that a session key is encrypted to.
    pub(crate) fn keys(&self) -> &[Key<PublicParts, UnspecifiedRole>] {
        &self.keys
    }
}

fn push_once(list: &mut Vec<String>, item: String) {
    if !list.contains(&item) {
        list.push(item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openpgp::ReaderKey;
    use std::time::Duration;

    const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

    fn reader(email: &str, key: &ReaderKey) -> Reader {
        let certificate = Certificate::parse(key.certificate_armored().as_bytes()).unwrap();
        Reader { email: email.to_owned(), certificate }
    }

    #[test]
    fn keeps_each_certificate_once_and_names_what_it_leaves_out() {
        let (ana, bea) = (ReaderKey::generate("ana@example.org", NOW), ReaderKey::generate("bea@example.org", NOW));
        let future = ReaderKey::generate("cleo@example.org", NOW.plus(Duration::from_secs(86_400)));
        let readers = [("ana@x", &ana), ("bea@x", &bea), ("bea@x", &bea), ("recovery", &ana), ("cleo@x", &future)];
        let readers = readers.map(|(email, key)| reader(email, key)).to_vec();
        let set = EncryptionSet::at(NOW, Profile::Compatible, readers).unwrap();
        assert_eq!(set.keys().len(), 2);
        assert_eq!(set.fingerprints(), [ana.fingerprint(), bea.fingerprint()]);
        assert_eq!(set.emails(), ["ana@x", "bea@x"], "no mail is sent to the recovery certificate");
        assert_eq!(set.left_out().len(), 1);
        assert_eq!(set.left_out()[0].0, "cleo@x");
    }

    #[test]
    fn is_never_empty() {
        assert!(EncryptionSet::at(NOW, Profile::Compatible, Vec::new()).is_err());
        let future = ReaderKey::generate("cleo@example.org", NOW.plus(Duration::from_secs(86_400)));
        let error = EncryptionSet::at(NOW, Profile::Compatible, vec![reader("cleo@x", &future)]).err().unwrap();
        assert!(error.to_string().contains("cleo@x: the certificate is valid only from"), "{error}");
    }

    #[test]
    fn takes_the_new_profile_only_when_all_can_read_it() {
        let old = ReaderKey::generate("ana@example.org", NOW);
        let new = ReaderKey::generate_rfc9580("bea@example.org", NOW);
        let profile = |wanted, readers: &[&ReaderKey]| {
            let readers = readers.iter().map(|key| reader("x", key)).collect();
            EncryptionSet::at(NOW, wanted, readers).unwrap().profile()
        };
        assert_eq!(profile(Profile::Rfc9580, &[&new]), Profile::Rfc9580);
        assert_eq!(profile(Profile::Rfc9580, &[&new, &old]), Profile::Compatible);
        assert_eq!(profile(Profile::Compatible, &[&new]), Profile::Compatible);
    }
}
