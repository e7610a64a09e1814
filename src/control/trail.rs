//! The trail, read and verified. Nothing here can change it.

use super::{Data, Desk, Refusal, Response};
use crate::{
    audit::Entry,
    clock::Timestamp,
    store::{StoreError, TrailFilter},
};
use serde::{Deserialize, Serialize};
use std::io::{self, Read};

/// What can be asked about the trail.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrailRequest {
    List {
        since: Option<Timestamp>,
        /// An address or its local part.
        case: Option<String>,
        /// The last so many.
        last: Option<usize>,
    },
    Verify,
    /// The response's body is all entries, one line of JSON each.
    Export,
}

/// What verifying came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "trail", rename_all = "snake_case")]
pub enum TrailState {
    Whole { entries: u64 },
    Broken { problem: String },
}

impl Desk {
    pub(super) fn trail(&self, request: TrailRequest) -> Result<Response, Refusal> {
        match request {
            TrailRequest::List { since, case, last } => {
                let case = case.map(|case| self.case_address(&case)).transpose()?;
                Ok(Data::Trail(self.site.store.trail(&TrailFilter { since, case, last })?).into())
            }
            TrailRequest::Verify => Ok(Data::Verified(self.trail_state()?).into()),
            TrailRequest::Export => Ok(export(self.site.store.trail(&TrailFilter::default())?)),
        }
    }

    /// Verifies the whole trail.
    pub(super) fn trail_state(&self) -> Result<TrailState, StoreError> {
        Ok(match self.site.store.verify_trail()? {
            Ok(entries) => TrailState::Whole { entries },
            Err(broken) => TrailState::Broken { problem: broken.to_string() },
        })
    }
}

fn export(entries: Vec<Entry>) -> Response {
    let lines: Vec<Vec<u8>> = entries.iter().map(line).collect();
    let length = lines.iter().map(|line| line.len() as u64).sum();
    let items = lines.len() as u64;
    let lines = Lines { lines: lines.into_iter(), current: io::Cursor::default() };
    Response { data: Data::Export { length, items }, body: Some(Box::new(lines)) }
}

fn line(entry: &Entry) -> Vec<u8> {
    let mut line = serde_json::to_vec(entry).expect("an entry holds only text and numbers");
    line.push(b'\n');
    line
}

/// Lines one after the other.
struct Lines {
    lines: std::vec::IntoIter<Vec<u8>>,
    current: io::Cursor<Vec<u8>>,
}

impl Read for Lines {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.current.read(into)?;
            if read > 0 || into.is_empty() {
                return Ok(read);
            }
            match self.lines.next() {
                Some(line) => self.current = io::Cursor::new(line),
                None => return Ok(0),
            }
        }
    }
}
