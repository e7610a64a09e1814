//! What is known of a TNEF stream from its small values: its code page, and the attachment that is being read.

use super::{codepage, package::Give, target::Target};

#[derive(Default)]
pub(super) struct Facts {
    codepage: Option<u32>,
    attachment: Option<Attachment>,
}

/// How good a name is: the greater the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// PR_DISPLAY_NAME: a description as often as a name.
    Display,
    /// The name in 8.3.
    Short,
    Long,
}

#[derive(Default)]
struct Attachment {
    name: Option<(Rank, String)>,
    /// Something of it was given.
    given: bool,
    /// Its file is the open leaf.
    open: bool,
}

impl Facts {
    pub(super) fn set_codepage(&mut self, number: u32) {
        self.codepage = Some(number);
    }

    /// The charset of 8-bit text, as MIME calls it.
    pub(super) fn charset(&self) -> Option<&'static str> {
        self.codepage.and_then(codepage::charset)
    }

    pub(super) fn in_attachment(&self) -> bool {
        self.attachment.is_some()
    }

    pub(super) fn begin_attachment(&mut self) {
        self.attachment = Some(Attachment::default());
    }

    /// An attachment is over. One that holds nothing (a link to a file, an empty file) is given as an empty leaf.
    pub(super) fn end_attachment(&mut self, give: &mut Give) {
        let Some(attachment) = self.attachment.take() else { return };
        if !attachment.given {
            let name = attachment.name.map(|(_, name)| name);
            give.open("application/octet-stream", Some(name));
        }
        give.close();
    }

    /// The attachment's file begins: gives where its bytes go.
    pub(super) fn file(&mut self, give: &mut Give) -> Target {
        let name = self.name_for_leaf();
        let opened = give.open("application/octet-stream", Some(name));
        if let Some(attachment) = self.attachment.as_mut().filter(|_| opened) {
            attachment.open = true;
        }
        Target::File
    }

    /// Something of the attachment is about to be given: the name it goes by.
    pub(super) fn name_for_leaf(&mut self) -> Option<String> {
        let attachment = self.attachment.get_or_insert_default();
        attachment.given = true;
        attachment.open = false;
        attachment.name.as_ref().map(|(_, name)| name.clone())
    }

    /// A name of the attachment is known, perhaps behind its data.
    pub(super) fn learn_name(&mut self, rank: Rank, name: String, give: &mut Give) {
        let Some(attachment) = self.attachment.as_mut().filter(|_| !name.is_empty()) else { return };
        if attachment.name.as_ref().is_some_and(|(known, _)| *known >= rank) {
            return;
        }
        if attachment.open {
            give.rename(&name);
        }
        attachment.name = Some((rank, name));
    }

    /// 8-bit text in this stream's code page, or what it is.
    pub(super) fn text(&self, bytes: &[u8]) -> String {
        codepage::text(bytes, self.codepage)
    }
}
