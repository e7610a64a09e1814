//! Prints an answer: as JSON when that was asked for, else in words and tables.

use super::{Failure, Globals, audit, case, key, message, print, queue, staff};
use crate::control::{Data, Done};

/// Prints `data`.
pub fn show(globals: &Globals, data: &Data) -> Result<(), Failure> {
    if globals.json {
        let tagged = serde_json::to_value(data).map_err(|_| Failure::unexpected())?;
        return print::json(&tagged["data"]);
    }
    let text = match data {
        Data::Done(done) => return tell(globals, done),
        Data::Staff(staff) => staff::table(staff),
        Data::StaffMember(person) => staff::facts(person),
        Data::Keys(keys) => key::table(keys),
        Data::Key(key) => key::facts(key),
        Data::Cases(cases) => case::table(cases),
        Data::Case(case) => case::facts(case),
        Data::Opened(case) => format!("{}\n", case.address),
        Data::Messages(messages) => message::table(messages),
        Data::Message(message) => message::facts(message),
        Data::Jobs(jobs) => queue::table(jobs),
        Data::Trail(entries) => audit::table(entries),
        Data::Verified(_) | Data::Export { .. } | Data::Survey(_) => return Err(Failure::unexpected()),
    };
    print::out(&text)
}

/// Says that something was done, and what to know besides.
fn tell(globals: &Globals, done: &Done) -> Result<(), Failure> {
    if !globals.quiet {
        print::out(&format!("{}\n", done.said))?;
    }
    for note in &done.notes {
        eprintln!("note: {note}");
    }
    Ok(())
}
