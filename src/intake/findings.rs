//! What came, in numbers and flags, with no content: the only thing besides ciphertext that leaves `intake`.

use crate::senders::{Verdict, Verification};
use serde::{Deserialize, Serialize};

/// What was found in a message. Holds no word, name or address of the client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// Size of the original in bytes.
    pub size: u64,
    /// Documents, each counted once though its bytes came twice.
    pub documents: u32,
    /// Parts that should have been documents and had no bytes.
    pub empty: u32,
    /// Parts kept in the original but not laid out: logos, carriers' decoration.
    pub decoration: u32,
    /// The client wrote words of their own.
    pub words: bool,
    /// What needs a person's look, each once.
    pub flags: Vec<Flag>,
    /// Which documents have something wrong that the client can mend by sending them again; at most [`Self::TROUBLES`].
    #[serde(default)]
    pub troubles: Vec<Trouble>,
    /// How far the sender is verified.
    #[serde(default)]
    pub sender: Verdict,
}

impl Findings {
    /// Troubles that are remembered by number; beyond that the flags alone tell.
    pub const TROUBLES: usize = 32;
}

/// Something wrong with one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// The document's number in the layout, from 1: the order in which the client attached them.
    pub document: u32,
    pub what: Wrong,
}

/// What is wrong with a document, as far as sending it again would help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    /// Its end is missing: an upload that broke off.
    CutOff,
    /// It cannot be read: nothing but zeros, or bytes that are no picture though they begin as one.
    Unreadable,
    /// So small a picture that it is likely a thumbnail in place of the photo.
    Thumbnail,
    /// Out of focus or shaken, by measurement.
    Blurred,
    /// A password is needed to open it.
    Locked,
}

/// Something that staff should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Nothing that counts as a document came.
    NoDocument,
    /// At least one part had no bytes.
    EmptyPart,
    /// A link to a file store in place of the file.
    LinkInPlaceOfFile,
    /// A limit (depth, parts, header size) was reached: the rest is in the original.
    LimitReached,
    /// The MIME structure is broken: laid out as well as possible, whole in the original.
    Malformed,
    /// The message was encrypted by its sender.
    EncryptedBySender,
    /// `X-Auto-Response-Suppress` kept us from confirming.
    ReplySuppressed,
    /// A type that can carry programs.
    Executable,
    /// Part of the staff has no usable certificate and cannot read this.
    NotForAll,
    /// A document's end is missing.
    CutOff,
    /// A document cannot be read: zeros, or a damaged picture.
    Unreadable,
    /// A picture so small that it is likely a thumbnail.
    Thumbnail,
    /// A photo is blurred.
    Blurred,
    /// A document is protected by a password.
    Locked,
    /// The case expects other senders.
    UnexpectedSender,
    /// The sending domain says that this mail is not its own.
    ForgedSender,
    /// A document is too large for the staff's mail server: it stays sealed in the spool.
    TooLargeForStaff,
}

/// What the confirmation needs to know of the message's header (mail-rules, section 3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplyFacts {
    /// The Message-ID with its angle brackets, for In-Reply-To; None when absent or malformed.
    pub message_id: Option<String>,
    /// Why no confirmation may be sent, whatever the limits say.
    pub withhold: Option<Withhold>,
}

/// Why a confirmation is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withhold {
    /// The reverse-path is null.
    NullSender,
    /// The reverse-path is a role or robot address: mailer-daemon, noreply, owner-, -request, bounce.
    RobotSender,
    /// The reverse-path is in a domain of ours.
    OurOwn,
    /// Our own loop token is in the message.
    Loop,
    /// Auto-Submitted is present and not `no` (RFC 3834).
    AutoSubmitted,
    /// A `List-*` header.
    List,
    /// Precedence is bulk, junk, list or auto_reply.
    Precedence,
    /// multipart/report or a disposition notification.
    Report,
    /// X-Auto-Response-Suppress is All or AutoReply.
    Suppressed,
    /// SPF or DMARC say that the sender is forged.
    Forged,
    /// Mail for postmaster or abuse.
    NotACase,
    /// Confirmations are switched off.
    SwitchedOff,
    /// An earlier confirmation to this sender bounced.
    Bounced,
    /// One was sent within ten minutes; this message is counted into the next.
    TooSoon,
    /// Five went to this sender today, or the global cap is reached.
    Limit,
}

impl Withhold {
    /// The reason that the verification of the sender gives.
    pub fn for_sender(sender: &Verification) -> Option<Self> {
        (!sender.may_be_answered()).then_some(Self::Forged)
    }
}
