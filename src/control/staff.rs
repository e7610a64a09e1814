//! Staff: the people who may read documents.

use super::{
    Data, Desk, KeyView, Refusal,
    desk::email,
    keys::{parse_usable, view_of},
    moment,
};
use crate::{
    audit::{Actor, Event},
    cases::{Case, CaseState},
    clock::Timestamp,
    queue::{Job, Work},
    staff::{CertificateRecord, Staff},
    store::Change,
};
use serde::{Deserialize, Serialize};

/// What can be asked about staff.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaffRequest {
    /// Adds a person with at least one certificate; `keys` are the files' contents as text (armored) or base64 (binary).
    Add {
        email: String,
        name: Option<String>,
        keys: Vec<String>,
    },
    List,
    Show {
        email: String,
    },
    Suspend {
        email: String,
    },
    Resume {
        email: String,
    },
    Remove {
        email: String,
    },
}

/// A staff member, as admins see them.
#[derive(Clone, Serialize, Deserialize)]
pub struct StaffView {
    pub email: String,
    pub name: Option<String>,
    pub suspended: bool,
    #[serde(with = "moment")]
    pub added: Timestamp,
    pub keys: Vec<KeyView>,
    /// The full addresses of their open cases.
    pub open_cases: Vec<String>,
}

impl Desk {
    pub(super) fn staff(&self, actor: &Actor, request: StaffRequest) -> Result<Data, Refusal> {
        match request {
            StaffRequest::Add { email: address, name, keys } => self.add_staff(actor, &address, name, &keys),
            StaffRequest::List => {
                let staff = self.site.store.staff()?;
                staff.into_iter().map(|person| self.staff_view(person)).collect::<Result<_, _>>().map(Data::Staff)
            }
            StaffRequest::Show { email } => {
                self.staff_member(&email).and_then(|person| self.staff_view(person)).map(Data::StaffMember)
            }
            StaffRequest::Suspend { email } => self.suspend(actor, &email),
            StaffRequest::Resume { email } => self.resume(actor, &email),
            StaffRequest::Remove { email } => self.remove_staff(actor, &email),
        }
    }

    /// The staff member of this address, or a refusal that says who there is.
    pub(super) fn staff_member(&self, address: &str) -> Result<Staff, Refusal> {
        let address = email(address)?;
        let unknown = || Refusal::new(address.clone(), "there is no such staff member", "see `sealdrop staff list`");
        self.site.store.staff_member(&address)?.ok_or_else(unknown)
    }

    fn add_staff(&self, actor: &Actor, address: &str, name: Option<String>, keys: &[String]) -> Result<Data, Refusal> {
        let address = email(address)?;
        let what = format!("{address} was not added");
        if keys.is_empty() {
            return Err(Refusal::new(
                what,
                "no certificate was given",
                "add `--key FILE` with their public certificate",
            ));
        }
        if self.site.store.staff_member(&address)?.is_some() {
            return Err(Refusal::new(what, "they are staff already", "add a certificate with `sealdrop key add`"));
        }
        let now = self.now();
        let mut changes = vec![Change::PutStaff(Staff { email: address.clone(), name, suspended: false, added: now })];
        let mut events = vec![Event::StaffAdded { staff: address.clone() }];
        let mut notes = Vec::new();
        for key in keys {
            let certificate = parse_usable(key, now).map_err(|refusal| Refusal { what: what.clone(), ..refusal })?;
            self.not_somebody_elses(&certificate, &address)?;
            let view = view_of(&certificate, &address, now, now);
            notes.push(format!("certificate {} ({})", view.fingerprint, view.algorithm));
            notes.extend(view.warnings);
            events.push(Event::KeyAdded { staff: address.clone(), fingerprint: certificate.fingerprint() });
            changes.push(Change::PutCertificate(CertificateRecord::of(&certificate, &address, now)));
        }
        self.apply(actor, changes, events)?;
        Ok(Data::noted(format!("{address} can now be given cases"), notes))
    }

    fn staff_view(&self, person: Staff) -> Result<StaffView, Refusal> {
        let now = self.now();
        let keys = self.site.store.certificates_of(&person.email)?;
        let open_cases = self.open_cases_of(&person.email)?;
        Ok(StaffView {
            keys: keys.iter().map(|record| KeyView::of(record, now)).collect(),
            open_cases: open_cases.iter().map(|case| self.mail_address(&case.address)).collect(),
            email: person.email,
            name: person.name,
            suspended: person.suspended,
            added: person.added,
        })
    }

    fn open_cases_of(&self, address: &str) -> Result<Vec<Case>, Refusal> {
        let now = self.now();
        let mut cases = self.site.store.cases()?;
        cases.retain(|case| case.state_at(now) == CaseState::Open && case.staff.iter().any(|staff| staff == address));
        Ok(cases)
    }

    fn suspend(&self, actor: &Actor, address: &str) -> Result<Data, Refusal> {
        let person = self.staff_member(address)?;
        let staff = person.email.clone();
        self.apply(
            actor,
            vec![Change::PutStaff(Staff { suspended: true, ..person })],
            vec![Event::StaffSuspended { staff: staff.clone() }],
        )?;
        let mut notes = self.notes_on_unread_cases()?;
        let waiting = self.forwards_to(&staff)?.len();
        if waiting > 0 {
            notes.push(format!("{waiting} sealed mails to them still wait: see `sealdrop queue list`"));
        }
        Ok(Data::noted(format!("{staff} gets no mail until `sealdrop staff resume {staff}`"), notes))
    }

    fn resume(&self, actor: &Actor, address: &str) -> Result<Data, Refusal> {
        let person = self.staff_member(address)?;
        let staff = person.email.clone();
        let change = Change::PutStaff(Staff { suspended: false, ..person });
        self.apply(actor, vec![change], vec![Event::StaffResumed { staff: staff.clone() }])?;
        Ok(Data::done(format!("{staff} gets mail again")))
    }

    /// Removes a person, their certificates, their place in cases, and the sealed mail that waits for them. Refused while an
    /// open case has nobody else.
    fn remove_staff(&self, actor: &Actor, address: &str) -> Result<Data, Refusal> {
        let person = self.staff_member(address)?;
        let staff = person.email;
        let cases = self.open_cases_of(&staff)?;
        if let Some(alone) = cases.iter().find(|case| case.staff.len() == 1) {
            return Err(Refusal::new(
                format!("{staff} was not removed"),
                format!("open case {} has nobody else", alone.address),
                format!("run `sealdrop case assign {} --staff EMAIL` or close it", alone.address),
            ));
        }
        let mut changes = vec![Change::RemoveStaff(staff.clone())];
        let mut events = vec![Event::StaffRemoved { staff: staff.clone() }];
        for record in self.site.store.certificates_of(&staff)? {
            events.push(Event::KeyRemoved { staff: staff.clone(), fingerprint: record.fingerprint.clone() });
            changes.push(Change::RemoveCertificate(record.fingerprint));
        }
        for mut case in cases {
            case.staff.retain(|other| *other != staff);
            events.push(Event::CaseAssigned { case: case.address.clone(), staff: case.staff.clone() });
            changes.push(Change::PutCase(case));
        }
        for job in self.forwards_to(&staff)? {
            events.push(Event::JobDropped { job: job.id, message: job.work.message() });
            changes.push(Change::CompleteJob(job.id));
        }
        self.apply(actor, changes, events)?;
        Ok(Data::noted(
            format!("{staff} was removed"),
            vec!["what was sealed to them before can still be read with their key".to_owned()],
        ))
    }

    fn forwards_to(&self, address: &str) -> Result<Vec<Job>, Refusal> {
        let mut jobs = self.site.store.jobs()?;
        jobs.retain(|job| matches!(&job.work, Work::Forward { staff, .. } if staff == address));
        Ok(jobs)
    }
}
