//! Changes and events, written into one transaction.

use super::{
    super::{Change, StoreError},
    record::{self, Records, Writing},
};
use crate::{
    audit::{Actor, Event, Head},
    clock::Timestamp,
    queue::{Job, JobId, JobState, Work},
    staff::CertificateRecord,
};
use redb::WriteTransaction;
use serde::{Deserialize, Serialize};

/// The key of [`Tail`].
pub(super) const TAIL: &[u8] = b"tail";

/// What the next transaction continues: written once in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tail {
    pub head: Head,
    pub next_job: JobId,
}

/// The key of a job.
pub(super) fn job_key(id: JobId) -> [u8; 8] {
    id.to_be_bytes()
}

/// The key of a waiting job in the order of due times.
pub(super) fn due_key(next: Timestamp, id: JobId) -> [u8; 16] {
    let next = u64::try_from(next.as_millis()).unwrap_or(0);
    (u128::from(next) << 64 | u128::from(id)).to_be_bytes()
}

/// Time and id of a key of [`due_key`].
pub(super) fn due_of(key: &[u8]) -> Option<(Timestamp, JobId)> {
    let (next, id) = key.split_first_chunk::<8>()?;
    let next = i64::try_from(u64::from_be_bytes(*next)).unwrap_or(i64::MAX);
    Some((Timestamp::from_millis(next), u64::from_be_bytes(id.try_into().ok()?)))
}

/// One transaction being written.
pub(super) struct Batch<'a> {
    transaction: &'a WriteTransaction,
    now: Timestamp,
    pub tail: Tail,
    /// Jobs that were added.
    pub added: Vec<JobId>,
    /// Jobs whose lease is over, because their attempt is.
    pub ended: Vec<JobId>,
    /// Cases, staff or certificates changed.
    pub people_changed: bool,
}

impl<'a> Batch<'a> {
    pub(super) fn new(transaction: &'a WriteTransaction, now: Timestamp, tail: Tail) -> Self {
        Self { transaction, now, tail, added: Vec::new(), ended: Vec::new(), people_changed: false }
    }

    fn table(&self, records: Records) -> Result<Writing<'a>, StoreError> {
        records.write(self.transaction)
    }

    /// Applies one change.
    pub(super) fn change(&mut self, change: Change) -> Result<(), StoreError> {
        match change {
            Change::PutCase(case) => self.put_person(record::CASES, case.address.as_str(), &case),
            Change::PutStaff(staff) => self.put_person(record::STAFF, &staff.email, &staff),
            Change::RemoveStaff(email) => self.remove_staff(&email),
            Change::PutCertificate(one) => self.put_person(record::CERTIFICATES, &one.fingerprint, &one),
            Change::RemoveCertificate(fingerprint) => {
                self.people_changed = true;
                self.table(record::CERTIFICATES)?.remove(fingerprint.as_bytes())
            }
            Change::PutMessage(message) => {
                let mut duplicates = self.table(record::DUPLICATES)?;
                if !duplicates.has(&message.duplicate.0)? {
                    duplicates.put(&message.duplicate.0, &message.id)?;
                }
                drop(duplicates);
                self.table(record::MESSAGES)?.put(&message.id.to_bytes(), &message)
            }
            Change::AddJob { work, next } => self.add_job(work, next),
            Change::CompleteJob(id) => self.complete_job(id),
            Change::DeferJob { job, next, error } => self.end_attempt(job, JobState::Waiting { next }, error),
            Change::FailJob { job, error } => self.end_attempt(job, JobState::Failed { at: self.now }, error),
            Change::RetryJob(id) => self.retry_job(id),
            Change::PutLedger { key, ledger } => self.table(record::LEDGERS)?.put(&key.0, &ledger),
        }
    }

    fn put_person<R: Serialize>(&mut self, records: Records, key: &str, value: &R) -> Result<(), StoreError> {
        self.people_changed = true;
        self.table(records)?.put(key.as_bytes(), value)
    }

    /// Certificates go with their owner: one added anew under the same address must not inherit them.
    fn remove_staff(&mut self, email: &str) -> Result<(), StoreError> {
        self.people_changed = true;
        self.table(record::STAFF)?.remove(email.as_bytes())?;
        let mut certificates = self.table(record::CERTIFICATES)?;
        for certificate in certificates.all::<CertificateRecord>()? {
            if certificate.owner == email {
                certificates.remove(certificate.fingerprint.as_bytes())?;
            }
        }
        Ok(())
    }

    fn add_job(&mut self, work: Work, next: Timestamp) -> Result<(), StoreError> {
        let id = self.tail.next_job;
        self.tail.next_job += 1;
        self.added.push(id);
        let state = JobState::Waiting { next };
        self.put_job(&Job { id, work, state, created: self.now, attempts: 0, last_error: None })
    }

    fn put_job(&self, job: &Job) -> Result<(), StoreError> {
        if let JobState::Waiting { next } = job.state {
            self.table(record::DUE)?.put(&due_key(next, job.id), &())?;
        }
        self.table(record::JOBS)?.put(&job_key(job.id), job)
    }

    /// Takes a job out of the order of due times, to be put back changed. None when an admin dropped it meanwhile.
    fn take_job(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        let job: Option<Job> = self.table(record::JOBS)?.get(&job_key(id))?;
        if let Some(Job { state: JobState::Waiting { next }, .. }) = job {
            self.table(record::DUE)?.remove(&due_key(next, id))?;
        }
        Ok(job)
    }

    fn complete_job(&mut self, id: JobId) -> Result<(), StoreError> {
        self.ended.push(id);
        self.take_job(id)?;
        self.table(record::JOBS)?.remove(&job_key(id))
    }

    fn end_attempt(&mut self, id: JobId, state: JobState, error: String) -> Result<(), StoreError> {
        self.ended.push(id);
        match self.take_job(id)? {
            Some(job) => {
                let attempts = job.attempts.saturating_add(1);
                self.put_job(&Job { state, attempts, last_error: Some(error), ..job })
            }
            None => Ok(()),
        }
    }

    /// A lease stays: a job that is being attempted is not attempted twice at once.
    fn retry_job(&mut self, id: JobId) -> Result<(), StoreError> {
        match self.take_job(id)? {
            Some(job) => {
                let state = JobState::Waiting { next: self.now };
                self.put_job(&Job { state, attempts: 0, created: self.now, ..job })
            }
            None => Ok(()),
        }
    }

    /// Appends events to the trail.
    pub(super) fn append(&mut self, events: Vec<(Actor, Event)>) -> Result<(), StoreError> {
        let mut trail = self.table(record::TRAIL)?;
        for (actor, event) in events {
            let entry = self.tail.head.next(self.now, actor, event);
            trail.put(&entry.seq.to_be_bytes(), &entry)?;
            self.tail.head = entry.head();
        }
        Ok(())
    }

    /// Writes what the next transaction continues.
    pub(super) fn finish(&self) -> Result<(), StoreError> {
        self.table(record::META)?.put(TAIL, &self.tail)
    }
}
