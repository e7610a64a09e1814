//! Cases as admins open, see and close them. Label and clients' addresses are sealed under the at-rest key before they
//! reach the store, and opened only for an answer.

mod change;
mod expect;
mod find;

use super::{Data, Desk, KeyView, Refusal, moment};
use crate::{
    audit::Actor,
    cases::{Case, CaseAddress, CaseState},
    clock::Timestamp,
    store::MessageRecord,
};
use serde::{Deserialize, Serialize};

/// What can be asked about cases. `case` is an address or its local part, as a person types it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseRequest {
    Open(NewCase),
    List,
    Show {
        case: String,
    },
    /// The case belongs to these people from now on, and to nobody else.
    Assign {
        case: String,
        staff: Vec<String>,
    },
    /// From whom the case expects mail.
    Expect {
        case: String,
        /// Addresses and phone numbers to be added.
        clients: Vec<String>,
        /// Those to be taken out.
        forget: Vec<String>,
        /// Whether mail from others is refused; None leaves it as it is.
        strict: Option<bool>,
    },
    Close {
        case: String,
    },
    Reopen {
        case: String,
        /// Seconds from now.
        expires_in: Option<u64>,
    },
}

/// A case to be opened.
#[derive(Default, Serialize, Deserialize)]
pub struct NewCase {
    /// When empty, the only active staff member.
    pub staff: Vec<String>,
    pub label: Option<String>,
    /// Addresses and phone numbers that mail is expected from.
    pub clients: Vec<String>,
    /// Mail from others is refused.
    #[serde(default)]
    pub strict: bool,
    /// The code of a language that there are reply texts for.
    pub language: Option<String>,
    /// Seconds from now.
    pub expires_in: Option<u64>,
}

/// A case, as admins see it.
#[derive(Clone, Serialize, Deserialize)]
pub struct CaseView {
    /// The address as clients write it, with the domain.
    pub address: String,
    pub state: CaseState,
    pub label: Option<String>,
    pub clients: Vec<String>,
    /// Mail from others than `clients` is refused.
    #[serde(default)]
    pub strict: bool,
    pub staff: Vec<ReaderView>,
    pub language: Option<String>,
    #[serde(with = "moment")]
    pub opened: Timestamp,
    #[serde(with = "moment::option")]
    pub expires: Option<Timestamp>,
    #[serde(with = "moment::option")]
    pub closed: Option<Timestamp>,
    pub messages: u64,
    #[serde(with = "moment::option")]
    pub last_message: Option<Timestamp>,
}

/// A staff member of a case, and whether they can read what comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReaderView {
    pub email: String,
    /// Why nothing can be sealed to them now.
    pub problem: Option<String>,
}

impl CaseView {
    /// Whether anybody can read what comes.
    pub fn has_reader(&self) -> bool {
        self.staff.iter().any(|reader| reader.problem.is_none())
    }
}

impl Desk {
    pub(super) fn cases(&self, actor: &Actor, request: CaseRequest) -> Result<Data, Refusal> {
        match request {
            CaseRequest::Open(new) => self.open_case(actor, new),
            CaseRequest::List => self.case_views().map(Data::Cases),
            CaseRequest::Show { case } => {
                let case = self.find_case(&case)?;
                self.case_view(&case, &self.site.store.messages()?).map(Data::Case)
            }
            CaseRequest::Assign { case, staff } => self.assign(actor, &case, &staff),
            CaseRequest::Expect { case, clients, forget, strict } => {
                self.expect(actor, &case, &clients, &forget, strict)
            }
            CaseRequest::Close { case } => self.close(actor, &case),
            CaseRequest::Reopen { case, expires_in } => self.reopen(actor, &case, expires_in),
        }
    }

    /// The address that a client writes to.
    pub(super) fn mail_address(&self, case: &CaseAddress) -> String {
        format!("{case}@{}", self.site.config.relay.domain)
    }

    /// All cases, the latest first.
    pub(super) fn case_views(&self) -> Result<Vec<CaseView>, Refusal> {
        let mut cases = self.site.store.cases()?;
        cases.sort_by_key(|case| std::cmp::Reverse(case.opened));
        let messages = self.site.store.messages()?;
        cases.iter().map(|case| self.case_view(case, &messages)).collect()
    }

    /// What to tell about open cases that nobody can read any more.
    pub(super) fn notes_on_unread_cases(&self) -> Result<Vec<String>, Refusal> {
        let mut cases = self.case_views()?;
        cases.retain(|case| case.state == CaseState::Open && !case.has_reader());
        Ok(cases
            .iter()
            .map(|case| format!("mail to {} is refused for now: nobody of its staff can read it", case.address))
            .collect())
    }

    fn case_view(&self, case: &Case, messages: &[MessageRecord]) -> Result<CaseView, Refusal> {
        let opens = |context: String, field| {
            let opened = self.site.at_rest.open_text(&context, field);
            opened.map(|text| text.as_str().to_owned()).map_err(|problem| {
                let what = format!("case {} cannot be shown", case.address);
                Refusal::new(what, problem.to_string(), "put the right file at `[store] key_file`")
            })
        };
        let label_context = || Case::label_context(&case.address);
        let client_context = || Case::client_context(&case.address);
        let mine = messages.iter().filter(|message| message.mailbox.case() == Some(&case.address));
        Ok(CaseView {
            address: self.mail_address(&case.address),
            state: case.state_at(self.now()),
            label: case.label.as_ref().map(|field| opens(label_context(), field)).transpose()?,
            clients: case.clients.iter().map(|field| opens(client_context(), field)).collect::<Result<_, _>>()?,
            strict: case.strict,
            staff: case.staff.iter().map(|email| self.reader_view(email)).collect::<Result<_, _>>()?,
            language: case.language.as_ref().map(|language| language.0.clone()),
            opened: case.opened,
            expires: case.expires,
            closed: case.closed,
            messages: mine.clone().count() as u64,
            last_message: mine.map(|message| message.received).max(),
        })
    }

    /// Whether something can be sealed to this person now.
    pub(super) fn reader_view(&self, email: &str) -> Result<ReaderView, Refusal> {
        let now = self.now();
        let problem = match self.site.store.staff_member(email)? {
            None => Some("is not staff".to_owned()),
            Some(person) if person.suspended => Some("is suspended".to_owned()),
            Some(_) => {
                let records = self.site.store.certificates_of(email)?;
                let problems: Vec<_> = records.iter().map(|record| KeyView::of(record, now).problem).collect();
                if problems.iter().any(Option::is_none) {
                    None
                } else {
                    let last = problems.into_iter().flatten().next_back();
                    Some(last.unwrap_or_else(|| "has no certificate".to_owned()))
                }
            }
        };
        Ok(ReaderView { email: email.to_owned(), problem })
    }
}
