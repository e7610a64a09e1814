//! Opens, assigns, closes and reopens cases.

use super::{
    NewCase,
    expect::{checked_clients, somebody_expected},
};
use crate::{
    audit::{Actor, Event},
    cases::{Case, CaseAddress, CaseState, Language, matching::is_far_from_all},
    clock::Timestamp,
    control::{Data, Desk, Refusal},
    nearest::suggestion,
    store::Change,
};
use std::time::Duration;

/// Labels are at most this many bytes long.
const MAX_LABEL: usize = 200;
/// Random addresses tried before the domain is called full.
const MAX_TRIES: usize = 10_000;

impl Desk {
    pub(super) fn open_case(&self, actor: &Actor, new: NewCase) -> Result<Data, Refusal> {
        let now = self.now();
        let staff = if new.staff.is_empty() { vec![self.only_staff_member()?] } else { self.readers(&new.staff)? };
        let address = self.fresh_address()?;
        let at_rest = &self.site.at_rest;
        let label = new.label.map(|label| checked_label(&label)).transpose()?;
        let clients = checked_clients(&new.clients)?;
        somebody_expected(clients.len(), new.strict, "no case was opened")?;
        let language = new.language.map(|code| self.checked_language(&code)).transpose()?;
        let case = Case {
            label: label.map(|label| at_rest.seal(&Case::label_context(&address), label.as_bytes())),
            clients: clients
                .iter()
                .map(|client| at_rest.seal(&Case::client_context(&address), client.as_bytes()))
                .collect(),
            staff: staff.clone(),
            strict: new.strict,
            language,
            opened: now,
            expires: expiry(now, new.expires_in),
            closed: None,
            address: address.clone(),
        };
        self.apply(actor, vec![Change::PutCase(case.clone())], vec![Event::CaseOpened { case: address, staff }])?;
        self.case_view(&case, &[]).map(Data::Opened)
    }

    pub(super) fn assign(&self, actor: &Actor, typed: &str, staff: &[String]) -> Result<Data, Refusal> {
        let case = self.find_case(typed)?;
        let staff = self.readers(staff)?;
        let address = case.address.clone();
        let said = format!("{address} now belongs to {}", staff.join(", "));
        let event = Event::CaseAssigned { case: address, staff: staff.clone() };
        self.apply(actor, vec![Change::PutCase(Case { staff, ..case })], vec![event])?;
        let note = "what came before stays sealed to those who had the case then";
        Ok(Data::noted(said, vec![note.to_owned()]))
    }

    pub(super) fn close(&self, actor: &Actor, typed: &str) -> Result<Data, Refusal> {
        let case = self.find_case(typed)?;
        let address = case.address.clone();
        if case.closed.is_some() {
            return Ok(Data::done(format!("{address} was closed already")));
        }
        let change = Change::PutCase(Case { closed: Some(self.now()), ..case });
        self.apply(actor, vec![change], vec![Event::CaseClosed { case: address.clone() }])?;
        Ok(Data::done(format!("{address} takes no more mail")))
    }

    pub(super) fn reopen(&self, actor: &Actor, typed: &str, expires_in: Option<u64>) -> Result<Data, Refusal> {
        let case = self.find_case(typed)?;
        let now = self.now();
        let address = case.address.clone();
        if case.state_at(now) == CaseState::Open && expires_in.is_none() {
            return Ok(Data::done(format!("{address} is open already")));
        }
        self.somebody_reads(&case.staff)?;
        let expires = expiry(now, expires_in).or(case.expires.filter(|expires| *expires > now));
        let mut notes = Vec::new();
        if case.expires.is_some() && expires.is_none() {
            notes.push("its expiry had passed: now it has none (set one with `--expires 90d`)".to_owned());
        }
        let change = Change::PutCase(Case { closed: None, expires, ..case });
        self.apply(actor, vec![change], vec![Event::CaseReopened { case: address.clone() }])?;
        Ok(Data::noted(format!("{address} takes mail again"), notes))
    }

    /// The addresses of these people, each once: all staff, and at least one of them can read.
    fn readers(&self, typed: &[String]) -> Result<Vec<String>, Refusal> {
        let mut staff = Vec::new();
        for email in typed {
            let email = self.staff_member(email)?.email;
            if !staff.contains(&email) {
                staff.push(email);
            }
        }
        self.somebody_reads(&staff)?;
        Ok(staff)
    }

    /// A language that there are reply texts for.
    fn checked_language(&self, code: &str) -> Result<Language, Refusal> {
        let texts = &self.site.config.client_reply.texts;
        let code = code.trim().to_lowercase();
        if texts.language(&code).is_some() {
            return Ok(Language(code));
        }
        let known = suggestion(&code, &texts.codes(), "the languages there are:");
        let next = format!("{known}; docs/operations.md says how one is added");
        Err(Refusal::new("no case was opened", format!("there are no reply texts in {code:?}"), next))
    }

    fn somebody_reads(&self, staff: &[String]) -> Result<(), Refusal> {
        let mut problems = Vec::new();
        for email in staff {
            match self.reader_view(email)?.problem {
                None => return Ok(()),
                Some(problem) => problems.push(format!("{email}: {problem}")),
            }
        }
        Err(Refusal::new(
            "the case was left as it is",
            format!("nobody could read its mail ({})", problems.join("; ")),
            "add a usable certificate with `sealdrop key add`",
        ))
    }

    /// The one active staff member, for a case that names none.
    fn only_staff_member(&self) -> Result<String, Refusal> {
        let mut active = self.site.store.staff()?;
        active.retain(|person| !person.suspended);
        let refused = |why: &str, next: &str| Err(Refusal::new("no case was opened", why, next));
        match active.as_slice() {
            [] => refused("there is no staff yet", "run `sealdrop staff add EMAIL --key FILE` first"),
            [only] => self.readers(std::slice::from_ref(&only.email)).map(|mut staff| staff.remove(0)),
            _ => refused("there are several staff members", "say whose case it is with `--staff EMAIL`"),
        }
    }

    /// A random address so far from all that were ever opened that no slip leads from one to another.
    fn fresh_address(&self) -> Result<CaseAddress, Refusal> {
        let known: Vec<CaseAddress> = self.site.store.cases()?.into_iter().map(|case| case.address).collect();
        (0..MAX_TRIES)
            .map(|_| CaseAddress::random())
            .find(|candidate| is_far_from_all(candidate, known.iter()))
            .ok_or_else(|| {
                let why = "no address is left that is far enough from all others";
                Refusal::new("no case was opened", why, "set up another domain for new cases")
            })
    }
}

fn expiry(now: Timestamp, expires_in: Option<u64>) -> Option<Timestamp> {
    expires_in.map(|seconds| now.plus(Duration::from_secs(seconds)))
}

fn checked_label(label: &str) -> Result<String, Refusal> {
    let label = label.trim();
    if label.len() > MAX_LABEL || label.chars().any(char::is_control) {
        let why = format!("its label is not one line of at most {MAX_LABEL} bytes");
        return Err(Refusal::new("no case was opened", why, "shorten the label"));
    }
    Ok(label.to_owned())
}
