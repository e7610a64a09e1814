//! Finds the mailbox that a recipient means and who can read it, from a snapshot of the store that is renewed when cases,
//! staff or certificates change. Never reads the store for a recipient that is not ours, so that guessing costs the guesser more
//! than it costs us.

use super::expected;
use crate::{
    cases::{Case, CaseAddress, CaseState, matching},
    clock::Timestamp,
    config::Config,
    envelope::{Mailbox, Recipient, ReversePath},
    openpgp::{Certificate, EncryptionSet, NoUsableCertificate, RECOVERY, Reader},
    site::Site,
    smtp::Rejection,
    store::StoreError,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

/// How long an encryption set stays in use before its certificates are judged again.
const FRESH: Duration = Duration::from_secs(60);

/// Mailboxes and their readers.
pub(in crate::serve) struct Directory {
    site: Site,
    snapshot: RwLock<Arc<Snapshot>>,
    sets: Mutex<HashMap<Mailbox, CachedSet>>,
}

/// The cases at one generation of the store.
struct Snapshot {
    generation: u64,
    cases: HashMap<CaseAddress, Case>,
    index: matching::Index,
}

struct CachedSet {
    generation: u64,
    judged: Timestamp,
    readers: Result<Arc<EncryptionSet>, NoUsableCertificate>,
}

/// Those who are to read a mailbox, and what keeps some of them from it: email address and problem.
#[derive(Default)]
struct MailboxStaff {
    readers: Vec<Reader>,
    without: Vec<(String, String)>,
    suspended: Vec<(String, String)>,
}

/// Who can read a mailbox's mail now, or why nobody can.
pub(in crate::serve) enum Readers {
    Some(Arc<EncryptionSet>),
    Nobody(NoUsableCertificate),
}

impl Directory {
    pub(in crate::serve) fn open(site: Site) -> Result<Self, StoreError> {
        let snapshot = RwLock::new(Arc::new(Snapshot::of(&site)?));
        Ok(Self { site, snapshot, sets: Mutex::default() })
    }

    /// The mailbox that `recipient` means, if it takes mail from `from` now.
    pub(in crate::serve) fn find(&self, recipient: &Recipient, from: &ReversePath) -> Result<Mailbox, Rejection> {
        let local = recipient.0.local();
        let config = &self.site.config.relay;
        let admins = match local.to_ascii_lowercase().as_str() {
            "postmaster" => Some(Mailbox::Postmaster),
            "abuse" => Some(Mailbox::Abuse),
            _ => None,
        };
        let domain = recipient.0.domain();
        if domain != config.domain && !(admins.is_some() && domain == config.hostname) {
            return Err(Rejection::NotOurDomain);
        }
        if let Some(mailbox) = admins {
            return Ok(mailbox);
        }
        let snapshot = self.snapshot().map_err(|_| Rejection::NotNow)?;
        let matching::Match::Case(address) = snapshot.index.find(local) else { return Err(Rejection::UnknownCase) };
        let case = snapshot.cases.get(&address).ok_or(Rejection::UnknownCase)?;
        match case.state_at(self.site.clock.now()) {
            CaseState::Closed | CaseState::Expired => Err(Rejection::ClosedCase),
            CaseState::Open if expected::refuses(&self.site.at_rest, case, from) => Err(Rejection::UnexpectedSender),
            CaseState::Open => Ok(Mailbox::Case(address)),
        }
    }

    /// The case at this address, as it was when something last changed.
    pub(in crate::serve) fn case(&self, address: &CaseAddress) -> Result<Option<Case>, StoreError> {
        Ok(self.snapshot()?.cases.get(address).cloned())
    }

    /// Who can read mail for `mailbox` now.
    pub(in crate::serve) fn readers(&self, mailbox: &Mailbox) -> Result<Readers, StoreError> {
        let now = self.site.clock.now();
        let generation = self.site.store.generation();
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        let cached = sets.get(mailbox).filter(|set| set.generation == generation && now.since(set.judged) < FRESH);
        let readers = match cached {
            Some(set) => set.readers.clone(),
            None => {
                let readers = self.judge(mailbox, now)?;
                sets.retain(|_, set| set.generation == generation && now.since(set.judged) < FRESH);
                sets.insert(mailbox.clone(), CachedSet { generation, judged: now, readers: readers.clone() });
                readers
            }
        };
        Ok(match readers {
            Ok(set) => Readers::Some(set),
            Err(nobody) => Readers::Nobody(nobody),
        })
    }

    /// Reads the certificates of a mailbox's staff and keeps those that are usable. The recovery certificate is added, and is
    /// not enough alone: somebody of the staff must be able to read what comes.
    fn judge(
        &self,
        mailbox: &Mailbox,
        now: Timestamp,
    ) -> Result<Result<Arc<EncryptionSet>, NoUsableCertificate>, StoreError> {
        let mut staff = self.staff_of(mailbox)?;
        let profile = self.site.config.openpgp.profile;
        if let Err(mut nobody) = EncryptionSet::at(now, profile, staff.readers.clone()) {
            nobody.problems.extend(staff.without.into_iter().chain(staff.suspended));
            if nobody.problems.is_empty() {
                nobody.problems.push((mailbox.to_string(), "it has no staff".to_owned()));
            }
            return Ok(Err(nobody));
        }
        staff.readers.extend(recovery_reader(&self.site.config));
        Ok(EncryptionSet::at(now, profile, staff.readers).map(|set| Arc::new(set.leaving_out(staff.without))))
    }

    /// Those who are to read a mailbox.
    fn staff_of(&self, mailbox: &Mailbox) -> Result<MailboxStaff, StoreError> {
        let emails = match mailbox {
            Mailbox::Case(address) => self.case(address)?.map(|case| case.staff).unwrap_or_default(),
            Mailbox::Postmaster | Mailbox::Abuse => self.site.config.relay.admins.clone(),
        };
        let mut staff = MailboxStaff::default();
        for email in emails {
            match self.site.store.staff_member(&email)? {
                // An admin need not be staff, and a case's staff goes with the person.
                None => {}
                Some(member) if member.suspended => {
                    let mend = format!("suspended, until `sealdrop staff resume {email}`");
                    staff.suspended.push((email, mend));
                }
                Some(_) => {
                    let certificates = certificates_of(&self.site, &email)?;
                    if certificates.is_empty() {
                        staff.without.push((email, "there is no certificate".to_owned()));
                    }
                    staff.readers.extend(certificates);
                }
            }
        }
        Ok(staff)
    }

    fn snapshot(&self) -> Result<Arc<Snapshot>, StoreError> {
        let generation = self.site.store.generation();
        let current = self.snapshot.read().unwrap_or_else(PoisonError::into_inner).clone();
        if current.generation == generation {
            return Ok(current);
        }
        let renewed = Arc::new(Snapshot::of(&self.site)?);
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = renewed.clone();
        Ok(renewed)
    }
}

impl Snapshot {
    fn of(site: &Site) -> Result<Self, StoreError> {
        // The generation is read first: a change while the cases are read makes this snapshot stale, not wrong.
        let generation = site.store.generation();
        let cases: HashMap<_, _> = site.store.cases()?.into_iter().map(|case| (case.address.clone(), case)).collect();
        let index = cases.keys().collect();
        Ok(Self { generation, cases, index })
    }
}

/// The stored certificates of one staff member, parsed. One that no longer parses is left out with a word in the log.
pub(in crate::serve) fn certificates_of(site: &Site, email: &str) -> Result<Vec<Reader>, StoreError> {
    let records = site.store.certificates_of(email)?;
    Ok(records
        .into_iter()
        .filter_map(|record| match Certificate::parse(record.armored.as_bytes()) {
            Ok(certificate) => Some(Reader { email: email.to_owned(), certificate }),
            Err(problem) => {
                tracing::error!(fingerprint = record.fingerprint, %problem, "a stored certificate cannot be read");
                None
            }
        })
        .collect())
}

/// The recovery certificate, where one is configured. An unreadable file is reported and left out: it must not stop mail that
/// the staff can read.
fn recovery_reader(config: &Config) -> Option<Reader> {
    let file = config.openpgp.recovery_certificate.as_ref()?;
    let certificate = std::fs::read(file).ok().and_then(|bytes| Certificate::parse(&bytes).ok());
    if certificate.is_none() {
        tracing::error!(file = %file.display(), "the recovery certificate cannot be read: mail is sealed without it");
    }
    certificate.map(|certificate| Reader { email: RECOVERY.to_owned(), certificate })
}
