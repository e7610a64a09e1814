//! The words of the protocol: requests, and the data of responses, typed so that tables and `--json` come from the same.
//! No Debug on what can hold a label or a client's address.

use super::{
    CaseRequest, CaseView, JobView, KeyRequest, KeyView, MessageRequest, MessageView, QueueRequest, Refusal,
    ReplyRequest, StaffRequest, StaffView, Survey, TrailRequest, TrailState,
};
use crate::audit::Entry;
use serde::{Deserialize, Serialize};
use std::io::Read;

/// One thing that an admin asks for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    Staff(StaffRequest),
    Key(KeyRequest),
    Case(CaseRequest),
    Message(MessageRequest),
    Queue(QueueRequest),
    Reply(ReplyRequest),
    Trail(TrailRequest),
    /// How the store stands, for `check`.
    Survey,
}

/// What a request came to.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum Data {
    Done(Done),
    Staff(Vec<StaffView>),
    StaffMember(StaffView),
    Keys(Vec<KeyView>),
    Key(KeyView),
    Cases(Vec<CaseView>),
    Case(CaseView),
    Opened(CaseView),
    Messages(Vec<MessageView>),
    Message(MessageView),
    Jobs(Vec<JobView>),
    Trail(Vec<Entry>),
    Verified(TrailState),
    /// The response's body is this many bytes long; `items` says how many entries or messages they are.
    Export {
        length: u64,
        items: u64,
    },
    Survey(Survey),
}

/// Something was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// What was done, one sentence.
    pub said: String,
    /// What the admin should know besides.
    pub notes: Vec<String>,
}

/// Bytes that follow a response's line.
pub type Body = Box<dyn Read + Send>;

/// A response: its data, and the body of an export.
pub struct Response {
    pub data: Data,
    pub body: Option<Body>,
}

impl From<Data> for Response {
    fn from(data: Data) -> Self {
        Self { data, body: None }
    }
}

impl Data {
    /// Something was done, with nothing to add.
    pub(super) fn done(said: impl Into<String>) -> Self {
        Self::noted(said, Vec::new())
    }

    /// Something was done, and the admin should know more.
    pub(super) fn noted(said: impl Into<String>, notes: Vec<String>) -> Self {
        Self::Done(Done { said: said.into(), notes })
    }
}

/// A response's line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Ok(Box<Data>),
    Refused(Refusal),
}

/// The longest request line in bytes: room for a hundred certificates of ordinary size.
pub(super) const MAX_REQUEST: u64 = 1024 * 1024;
