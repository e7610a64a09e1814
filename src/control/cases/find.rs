//! Finds the case that an admin names: an address or its local part, with any separator. A slip is never mended here, only
//! pointed out: an admin may be about to close the case.

use crate::{
    cases::{
        Case, CaseAddress,
        matching::{Match, find},
    },
    control::{Desk, Refusal},
};

impl Desk {
    /// The case that `typed` names.
    pub(in crate::control) fn find_case(&self, typed: &str) -> Result<Case, Refusal> {
        let address = self.case_address(typed)?;
        self.site.store.case(&address)?.ok_or_else(|| unknown(typed, "no such case was ever opened", None))
    }

    /// The known case address that `typed` names.
    pub(in crate::control) fn case_address(&self, typed: &str) -> Result<CaseAddress, Refusal> {
        let domain = &self.site.config.relay.domain;
        let local = match typed.trim().rsplit_once('@') {
            None => typed.trim(),
            Some((local, of)) if of.eq_ignore_ascii_case(domain) => local,
            Some(_) => return Err(unknown(typed, &format!("this is not an address in {domain}"), None)),
        };
        let known: Vec<CaseAddress> = self.site.store.cases()?.into_iter().map(|case| case.address).collect();
        if let Ok(address) = local.parse::<CaseAddress>()
            && known.contains(&address)
        {
            return Ok(address);
        }
        let near = match find(local, known.iter()) {
            Match::Case(near) => Some(near),
            Match::Unknown => None,
        };
        Err(unknown(typed, "there is no such case here", near))
    }
}

fn unknown(typed: &str, why: &str, near: Option<CaseAddress>) -> Refusal {
    let next = near.map_or_else(|| "see `sealdrop case list`".to_owned(), |near| format!("did you mean {near}?"));
    Refusal::new(format!("`{typed}`"), why, next)
}
