//! From whom a case expects mail: names clients, forgets them, makes a case strict. No refusal repeats what names a client.

use crate::{
    audit::{Actor, Event},
    cases::{Case, Client},
    control::{Data, Desk, Refusal},
    store::Change,
};

/// Clients of one case at most, and bytes of one's address or number.
const MOST_CLIENTS: usize = 20;
const LONGEST: usize = 254;
const LEFT: &str = "the case was left as it is";

impl Desk {
    pub(super) fn expect(
        &self,
        actor: &Actor,
        typed: &str,
        add: &[String],
        forget: &[String],
        strict: Option<bool>,
    ) -> Result<Data, Refusal> {
        let case = self.find_case(typed)?;
        if add.is_empty() && forget.is_empty() && strict.is_none() {
            let next = "give `--client`, `--forget`, `--strict` or `--no-strict`";
            return Err(Refusal::new(LEFT, "nothing is to be changed", next));
        }
        let mut clients = self.case_view(&case, &[])?.clients;
        for text in forget {
            forget_client(&mut clients, text)?;
        }
        clients.extend(add.iter().cloned());
        let clients = checked_clients(&clients)?;
        let strict = strict.unwrap_or(case.strict);
        somebody_expected(clients.len(), strict, LEFT)?;
        let (at_rest, context) = (&self.site.at_rest, Case::client_context(&case.address));
        let event = Event::CaseExpects { case: case.address.clone(), clients: clients.len() as u64, strict };
        let said = said(&case, clients.len(), strict);
        let clients = clients.iter().map(|client| at_rest.seal(&context, client.as_bytes())).collect();
        self.apply(actor, vec![Change::PutCase(Case { clients, strict, ..case })], vec![event])?;
        Ok(Data::done(said))
    }
}

fn said(case: &Case, clients: usize, strict: bool) -> String {
    let address = &case.address;
    match (clients, strict) {
        (0, _) => format!("{address} expects mail from everybody"),
        (_, true) => format!("{address} takes mail from {clients} known senders alone; others are refused"),
        (_, false) => format!("{address} expects mail from {clients} known senders; others are flagged"),
    }
}

/// Takes every writing of one client out.
fn forget_client(clients: &mut Vec<String>, text: &str) -> Result<(), Refusal> {
    let gone = checked(text)?;
    let before = clients.len();
    clients.retain(|known| Client::parse(known).as_ref() != Ok(&gone));
    if clients.len() == before {
        let next = "see `sealdrop case show` for those it does";
        return Err(Refusal::new(LEFT, "it does not expect the one that `--forget` names", next));
    }
    Ok(())
}

/// The clients as they were typed, each once.
pub(super) fn checked_clients(typed: &[String]) -> Result<Vec<String>, Refusal> {
    let mut known: Vec<Client> = Vec::new();
    let mut clients = Vec::new();
    for text in typed {
        let client = checked(text)?;
        if !known.contains(&client) {
            known.push(client);
            clients.push(text.trim().to_owned());
        }
    }
    if clients.len() > MOST_CLIENTS {
        let why = format!("a case expects at most {MOST_CLIENTS} senders");
        return Err(Refusal::new("nothing was changed", why, "open another case for the others"));
    }
    Ok(clients)
}

/// A strict case without a known sender would refuse everybody.
pub(super) fn somebody_expected(clients: usize, strict: bool, what: &str) -> Result<(), Refusal> {
    if strict && clients == 0 {
        let next = "name the client's address or phone number with `--client`, or leave `--strict` out";
        return Err(Refusal::new(what, "a strict case without a known sender would refuse everybody", next));
    }
    Ok(())
}

fn checked(text: &str) -> Result<Client, Refusal> {
    let text = text.trim();
    let parsed = if text.len() > LONGEST { Err(crate::cases::NotAClient) } else { Client::parse(text) };
    parsed.map_err(|problem| {
        let why = format!("what names a client is {problem}");
        let next = "give an address such as ana@example.com, or a number such as '+1 555 123 4567'";
        Refusal::new("nothing was changed", why, next)
    })
}
