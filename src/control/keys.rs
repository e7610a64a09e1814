//! Staff certificates. One that cannot be encrypted to is refused with the reason, never stored and silently left out.

use super::{Data, Desk, Refusal, moment};
use crate::{
    armor,
    audit::{Actor, Event},
    clock::Timestamp,
    openpgp::{Certificate, Health},
    staff::CertificateRecord,
    store::Change,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Certificates that end within this time are warned about.
pub(super) const EXPIRES_SOON: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What can be asked about certificates. `key` is a file's content, as [`KeyRequest::text_of`] makes it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyRequest {
    Add {
        email: String,
        key: String,
    },
    List,
    /// `fingerprint` may be shortened as long as it is clear.
    Show {
        fingerprint: String,
    },
    Remove {
        fingerprint: String,
    },
    /// A newer copy of a certificate that is known already.
    Refresh {
        key: String,
    },
}

impl KeyRequest {
    /// The text in which a certificate's file travels: armor as it is, binary as base64.
    pub fn text_of(file: Vec<u8>) -> String {
        String::from_utf8(file).unwrap_or_else(|binary| armor::base64(binary.as_bytes()))
    }
}

/// A certificate, as admins see it.
#[derive(Clone, Serialize, Deserialize)]
pub struct KeyView {
    pub fingerprint: String,
    pub owner: String,
    pub user_ids: Vec<String>,
    /// Of the encryption key: `Cv25519`, `RSA 4096` …
    pub algorithm: String,
    #[serde(with = "moment")]
    pub created: Timestamp,
    #[serde(with = "moment")]
    pub added: Timestamp,
    #[serde(with = "moment::option")]
    pub expires: Option<Timestamp>,
    /// Why it cannot be used now.
    pub problem: Option<String>,
    pub warnings: Vec<String>,
    /// In `key show` only.
    pub armored: Option<String>,
}

impl KeyView {
    /// What a stored certificate looks like at `now`.
    pub(super) fn of(record: &CertificateRecord, now: Timestamp) -> Self {
        match Certificate::parse(record.armored.as_bytes()) {
            Ok(certificate) => view_of(&certificate, &record.owner, record.added, now),
            Err(problem) => Self {
                fingerprint: record.fingerprint.clone(),
                owner: record.owner.clone(),
                user_ids: Vec::new(),
                algorithm: String::new(),
                created: record.added,
                added: record.added,
                expires: None,
                problem: Some(problem.to_string()),
                warnings: Vec::new(),
                armored: None,
            },
        }
    }

    /// Whether it ends soon after `now` and is still usable.
    pub(super) fn ends_soon(&self, now: Timestamp) -> bool {
        self.problem.is_none() && self.expires.is_some_and(|expires| expires <= now.plus(EXPIRES_SOON))
    }
}

/// What a certificate looks like at `now`.
pub(super) fn view_of(certificate: &Certificate, owner: &str, added: Timestamp, now: Timestamp) -> KeyView {
    let Health { fingerprint, user_ids, algorithm, created, expires, problem } = certificate.health(now);
    let mut warnings = Vec::new();
    if !user_ids.iter().any(|id| id.to_lowercase().contains(owner)) {
        warnings.push(format!("no user id of {fingerprint} names {owner}: make sure that it is really theirs"));
    }
    let mut view = KeyView {
        fingerprint,
        owner: owner.to_owned(),
        user_ids,
        algorithm,
        created,
        added,
        expires,
        problem,
        warnings,
        armored: None,
    };
    if view.ends_soon(now) {
        let day = expires.map(Timestamp::human).unwrap_or_default();
        view.warnings.push(format!("{} expires on {day}: ask {owner} for a newer copy", view.fingerprint));
    }
    view
}

/// The certificate in a file's content, if it can be encrypted to at `now`.
pub(super) fn parse_usable(text: &str, now: Timestamp) -> Result<Certificate, Refusal> {
    let certificate = parse(text)?;
    certificate.check(now).map_err(|problem| {
        let what = format!("certificate {} was not added", certificate.fingerprint());
        Refusal::new(what, problem.to_string(), "ask its owner for one that can be used, or a newer copy")
    })?;
    Ok(certificate)
}

fn parse(text: &str) -> Result<Certificate, Refusal> {
    let binary = (!text.contains("-----BEGIN")).then(|| armor::unbase64(text.as_bytes())).flatten();
    let bytes = binary.as_deref().unwrap_or(text.as_bytes());
    Certificate::parse(bytes).map_err(|problem| {
        Refusal::new(
            "the certificate was not added",
            problem.to_string(),
            "export it anew: `gpg --armor --export EMAIL`",
        )
    })
}

impl CertificateRecord {
    /// The record of a certificate of `owner`.
    pub(super) fn of(certificate: &Certificate, owner: &str, added: Timestamp) -> Self {
        Self { fingerprint: certificate.fingerprint(), owner: owner.to_owned(), armored: certificate.armored(), added }
    }
}

impl Desk {
    pub(super) fn keys(&self, actor: &Actor, request: KeyRequest) -> Result<Data, Refusal> {
        match request {
            KeyRequest::Add { email, key } => self.add_key(actor, &email, &key),
            KeyRequest::List => {
                let records = self.site.store.certificates()?;
                Ok(Data::Keys(records.iter().map(|record| KeyView::of(record, self.now())).collect()))
            }
            KeyRequest::Show { fingerprint } => {
                let record = self.certificate(&fingerprint)?;
                let armored = Some(record.armored.clone());
                Ok(Data::Key(KeyView { armored, ..KeyView::of(&record, self.now()) }))
            }
            KeyRequest::Remove { fingerprint } => self.remove_key(actor, &fingerprint),
            KeyRequest::Refresh { key } => self.refresh_key(actor, &key),
        }
    }

    /// The certificate whose fingerprint is, or clearly begins or ends with, `typed`.
    fn certificate(&self, typed: &str) -> Result<CertificateRecord, Refusal> {
        let wanted: String = typed.chars().filter(char::is_ascii_hexdigit).collect::<String>().to_ascii_uppercase();
        let mut found = self.site.store.certificates()?;
        found.retain(|record| {
            wanted.len() >= 8 && (record.fingerprint.starts_with(&wanted) || record.fingerprint.ends_with(&wanted))
        });
        match (found.pop(), found.is_empty()) {
            (Some(record), true) => Ok(record),
            (Some(_), false) => Err(Refusal::new(typed, "several certificates fit", "give the whole fingerprint")),
            (None, _) => Err(Refusal::new(typed, "no certificate here fits", "see `sealdrop key list`")),
        }
    }

    /// Refuses a certificate that belongs to another person already.
    pub(super) fn not_somebody_elses(&self, certificate: &Certificate, owner: &str) -> Result<(), Refusal> {
        let fingerprint = certificate.fingerprint();
        let known = self.site.store.certificates()?;
        match known.iter().find(|record| record.fingerprint == fingerprint && record.owner != owner) {
            None => Ok(()),
            Some(other) => Err(Refusal::new(
                format!("certificate {fingerprint} was not added"),
                format!("it belongs to {} already", other.owner),
                format!("run `sealdrop key remove {fingerprint}` first if that is wrong"),
            )),
        }
    }

    fn add_key(&self, actor: &Actor, address: &str, key: &str) -> Result<Data, Refusal> {
        let owner = self.staff_member(address)?.email;
        let now = self.now();
        let certificate = parse_usable(key, now)?;
        self.not_somebody_elses(&certificate, &owner)?;
        let record = CertificateRecord::of(&certificate, &owner, now);
        let view = view_of(&certificate, &owner, now, now);
        let event = Event::KeyAdded { staff: owner.clone(), fingerprint: record.fingerprint.clone() };
        self.apply(actor, vec![Change::PutCertificate(record)], vec![event])?;
        let said = format!("certificate {} ({}) now belongs to {owner}", view.fingerprint, view.algorithm);
        Ok(Data::noted(said, view.warnings))
    }

    fn remove_key(&self, actor: &Actor, fingerprint: &str) -> Result<Data, Refusal> {
        let record = self.certificate(fingerprint)?;
        let CertificateRecord { fingerprint, owner, .. } = record;
        let event = Event::KeyRemoved { staff: owner.clone(), fingerprint: fingerprint.clone() };
        self.apply(actor, vec![Change::RemoveCertificate(fingerprint.clone())], vec![event])?;
        let mut notes = Vec::new();
        if self.site.store.certificates_of(&owner)?.is_empty() {
            notes.push(format!("that was the last certificate of {owner}: nothing can be sealed to them any more"));
            notes.extend(self.notes_on_unread_cases()?);
        }
        Ok(Data::noted(format!("certificate {fingerprint} was removed"), notes))
    }

    /// Takes in a newer copy: only of a certificate that is known, and only signatures are added to it. A copy that says
    /// that the certificate is revoked or expired is taken too: that is what refreshing is for.
    fn refresh_key(&self, actor: &Actor, key: &str) -> Result<Data, Refusal> {
        let newer = parse(key)?;
        let record = self.certificate(&newer.fingerprint())?;
        let CertificateRecord { fingerprint, owner, added, armored } = record;
        let what = || format!("certificate {fingerprint} was not refreshed");
        let refused = |problem: crate::openpgp::CertificateProblem| {
            Refusal::new(what(), problem.to_string(), format!("ask {owner} for a newer copy"))
        };
        let known = Certificate::parse(armored.as_bytes()).map_err(refused)?;
        let merged = known.merge(newer).map_err(refused)?;
        let record = CertificateRecord { added, ..CertificateRecord::of(&merged, &owner, added) };
        if record.armored == armored {
            return Ok(Data::done(format!("certificate {fingerprint} of {owner} is up to date")));
        }
        let event = Event::KeyRefreshed { staff: owner.clone(), fingerprint: fingerprint.clone() };
        self.apply(actor, vec![Change::PutCertificate(record)], vec![event])?;
        let view = view_of(&merged, &owner, added, self.now());
        let notes = view.problem.into_iter().chain(view.warnings).collect();
        Ok(Data::noted(format!("certificate {fingerprint} of {owner} was refreshed"), notes))
    }
}
