//! Messages of the corpus that no machine may answer (mail-rules, section 3), and those that only hold a link.

use crate::{laying::lay_out, manifest::rows};
use sealdrop::intake::{Flag, Withhold};

/// The messages that are not answered, though their envelopes are a person's, and why.
#[rustfmt::skip]
pub const WITHHELD: &[(&str, Withhold)] = &[
];

/// The messages in which a link stands for the file, as far as it is known where links lead.
const LINKS: &[&str] = &[];

#[test]
fn automatic_mail_and_lists_are_not_answered() {
    let Some(rows) = rows("message") else { return };
    let withheld = rows.iter().filter_map(|row| Some((row.file.as_str(), lay_out(&row.bytes).reply.withhold?)));
    let withheld: Vec<_> = withheld.collect();
    for w in &withheld {
        println!("    ({:?}, {:?}),", w.0, w.1);
    }
    assert_eq!(withheld, WITHHELD);
    // Auto-replies that the corpus was made to hold.
    let automatic = rows.iter().filter(|row| row.tests.contains("auto-header") || row.tests.contains("report/"));
    for row in automatic {
        println!("AUTO {} {} {:?}", row.file, row.tests, lay_out(&row.bytes).reply.withhold);
    }
}

#[test]
fn links_in_place_of_files_are_known() {
    let Some(rows) = rows("message") else { return };
    let found = rows.iter().filter(|row| lay_out(&row.bytes).has(Flag::LinkInPlaceOfFile));
    let found: Vec<&str> = found.map(|row| row.file.as_str()).collect();
    for w in &found {
        println!("    {w:?},");
    }
    assert_eq!(found, LINKS);
}
