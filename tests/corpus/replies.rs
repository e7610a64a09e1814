//! Messages of the corpus that no machine may answer (mail-rules, section 3), and those that only hold a link.

use crate::{laying::lay_out, manifest::rows};
use sealdrop::intake::{
    Flag,
    Withhold::{self, AutoSubmitted, List, Precedence, Report},
};

/// The messages that are not answered, though their envelopes are a person's, and why.
#[rustfmt::skip]
pub const WITHHELD: &[(&str, Withhold)] = &[
    ("cpython/msg_05.txt", Report),
    ("cpython/msg_32.txt", Precedence),
    ("cpython/msg_33.txt", Precedence),
    ("cpython/msg_43.txt", Report),
    ("derived/dsn-returning-our-reply.eml", AutoSubmitted),
    ("derived/vacation-loop.eml", AutoSubmitted),
    ("flanker/bounce/delayed-broken.eml", Report),
    ("flanker/bounce/no-mx.eml", Report),
    ("flanker/bounce/office365.eml", AutoSubmitted),
    ("flanker/complaints/yahoo.eml", Report),
    ("flanker/from-encoding.eml", Precedence),
    ("mime4j/mimetools-testmsgs/jt-0498.msg", Precedence),
    ("mimekit/messages/delivery-status-multiple-blank-lines.txt", Report),
    ("mimekit/messages/delivery-status-no-blank-line.txt", Precedence),
    ("mimekit/messages/disposition-notification.txt", Report),
    ("mox/dmarc-reports/xs4all.eml", Precedence),
    ("mox/junk/parse2.eml", List),
    ("mox/tlsreports/microsoft.eml", Report),
    ("nodemailer-mailparser/delivery-status.eml", Report),
    ("nodemailer-mailparser/large_text.eml", List),
    ("ruby-mail/emails/error_emails/bad_date_header.eml", Precedence),
    ("ruby-mail/emails/error_emails/empty_in_reply_to.eml", List),
    ("ruby-mail/emails/multipart_report_emails/multipart_report_multiple_status.eml", Report),
    ("ruby-mail/emails/multipart_report_emails/report_422.eml", AutoSubmitted),
    ("ruby-mail/emails/multipart_report_emails/report_530.eml", AutoSubmitted),
];

/// Messages with an automatic one inside: their own headers are a person's.
const ENCLOSING: &[&str] = &["cpython/msg_02.txt", "mail-parser/thirdparty/015.eml"];

/// The messages in which a link stands for the file, as far as it is known where links lead.
const LINKS: &[&str] = &[
    "cpython/msg_36.txt",
    "derived/no-attachment-drive-link.eml",
    "mail-parser/rfc/001.eml",
    "mms2r/sprint-broken-image-01.mail",
    "mms2r/sprint-new-image-01.mail",
    "mms2r/sprint-video-01.mail",
    "mms2r/vodacom4me-southafrica-mms-01.mail",
];

#[test]
fn automatic_mail_and_lists_are_not_answered() {
    let Some(rows) = rows("message") else { return };
    let withheld = rows.iter().filter_map(|row| Some((row.file.as_str(), lay_out(&row.bytes).reply.withhold?)));
    let withheld: Vec<_> = withheld.collect();
    assert_eq!(withheld, WITHHELD);
    // Whatever the manifest calls automatic is among them, but for messages that only enclose an automatic one.
    let automatic = rows.iter().filter(|row| row.tests.contains("auto-header") || row.tests.contains("report/"));
    let answered =
        automatic.map(|row| row.file.as_str()).filter(|file| !WITHHELD.iter().any(|(other, _)| other == file));
    assert_eq!(answered.collect::<Vec<_>>(), ENCLOSING);
}

#[test]
fn links_in_place_of_files_are_known() {
    let Some(rows) = rows("message") else { return };
    let found = rows.iter().filter(|row| lay_out(&row.bytes).has(Flag::LinkInPlaceOfFile));
    let found: Vec<&str> = found.map(|row| row.file.as_str()).collect();
    assert_eq!(found, LINKS);
}
