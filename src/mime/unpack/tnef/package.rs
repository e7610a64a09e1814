//! What a TNEF stream gives: containers that begin with the first thing found in them, the open leaf, and the bytes that were
//! given to nobody yet.
//!
//! Those bytes are held until something was found and the next header proves that they were machinery; then they are dropped.
//! Where they are too many, or the structure breaks, they are given as a leaf. So a stream in which nothing is found comes out
//! as the leaf that it came as.

use super::super::{
    super::{
        Disposition, End, Kind, Part,
        content::{described, undescribed},
        wiped::{Wiped, append},
    },
    out::Out,
};

/// Bytes held at most.
const HOLD: usize = 16 * 1024;
/// The type of a TNEF stream, and of its container.
const TNEF: &str = "application/ms-tnef";

/// State of a stream's giving; one for all streams within a leaf, for only the innermost gives.
pub(super) struct Package {
    /// The innermost stream's container, and the message around it, as long as nothing was found.
    pending: Vec<Part>,
    level: Level,
    held: Wiped,
    leaf: Leaf,
    /// How the open leaf ends.
    end: End,
    /// Counts what was given, to tell what was not.
    given: u64,
    refused: bool,
    /// The structure of the innermost stream is broken.
    broken: bool,
    /// The limits allow no more of it.
    limited: bool,
}

/// Where parts begin.
#[derive(Clone, Copy)]
pub(super) struct Level {
    depth: usize,
    /// Containers of this stream that are open.
    open: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaf {
    None,
    /// A file or words.
    Found,
    /// What was held, and what follows it.
    Rest,
    /// The stream itself as the leaf that it came as, as long as nothing is found.
    Whole,
}

/// A package and where it goes.
pub(super) struct Give<'a, 'b> {
    pub(super) package: &'a mut Package,
    pub(super) out: &'a mut Out<'b>,
}

impl Package {
    /// For the stream that is this leaf.
    pub(super) fn new(part: Part) -> Self {
        let level = Level { depth: part.depth, open: 0 };
        let pending = vec![part];
        let (held, end) = (Wiped::default(), End::default());
        Self { pending, level, held, leaf: Leaf::None, end, given: 0, refused: false, broken: false, limited: false }
    }

    /// The stream is over, and so is the leaf that it came as.
    pub(super) fn finish(mut self, end: End, out: &mut Out) {
        let mut give = Give { package: &mut self, out };
        if !give.package.pending.is_empty() {
            give.open_rest();
            give.note_end(end);
        }
        give.close();
        (0..self.level.open).for_each(|_| out.end(End { dirty: false, cut_off: end.cut_off }));
    }
}

impl Give<'_, '_> {
    /// What was given so far, in some count.
    pub(super) fn given(&self) -> u64 {
        self.package.given
    }

    /// Something was found before.
    pub(super) fn has_found(&self) -> bool {
        self.package.pending.is_empty() && self.package.leaf != Leaf::Whole
    }

    /// Whether a leaf may be opened; where not, it counts as wanted.
    pub(super) fn may_open(&mut self) -> bool {
        let fits = self.out.has_room(1 + self.package.pending.len());
        self.package.refused |= !fits;
        fits
    }

    /// A leaf was wanted that the limits do not allow.
    pub(super) fn is_refused(&self) -> bool {
        self.package.refused
    }

    /// Opens a leaf for what was found. False when the limits do not allow it.
    pub(super) fn open(&mut self, media_type: &str, file: Option<Option<String>>) -> bool {
        self.close();
        if !self.begin_containers(1) {
            self.package.refused = true;
            return false;
        }
        let mut part = described(media_type, self.package.level.depth);
        if let Some(name) = file {
            part.disposition = Some(Disposition::Attachment);
            part.name = name;
        }
        self.out.start(part);
        self.package.held = Wiped::default();
        self.package.leaf = Leaf::Found;
        self.package.given += 1;
        true
    }

    /// Gives bytes of what was found.
    pub(super) fn body(&mut self, bytes: &[u8]) {
        if self.package.leaf == Leaf::Found && !bytes.is_empty() {
            self.package.given += bytes.len() as u64;
            self.out.body(bytes);
        }
    }

    /// The open leaf is called this.
    pub(super) fn rename(&mut self, name: &str) {
        if self.package.leaf == Leaf::Found {
            self.out.visitor.rename(name.to_owned());
        }
    }

    /// How the leaf ended that the stream came as: so does what is open.
    pub(super) fn note_end(&mut self, end: End) {
        if self.package.leaf != Leaf::None {
            self.package.end.dirty |= end.dirty;
            self.package.end.cut_off |= end.cut_off;
        }
    }

    /// Ends the open leaf.
    pub(super) fn close(&mut self) {
        let end = std::mem::take(&mut self.package.end);
        if self.package.leaf != Leaf::None {
            self.out.end(end);
            self.package.leaf = Leaf::None;
        }
    }

    /// Bytes that were given to nobody.
    pub(super) fn hold(&mut self, raw: &[u8]) {
        if let Leaf::Rest | Leaf::Whole = self.package.leaf {
            return self.out.body(raw);
        }
        if self.package.held.len() + raw.len() <= HOLD {
            append(&mut self.package.held, raw);
        } else {
            self.open_rest();
            self.out.body(raw);
        }
    }

    /// The structure fits together so far: what is held is machinery, if this is no mere machinery as a whole.
    pub(super) fn prove(&mut self) {
        if self.has_found() {
            self.package.held.clear();
            if self.package.leaf == Leaf::Rest {
                self.close();
            }
        }
    }

    /// The structure is broken or beyond the limits.
    pub(super) fn fail(&mut self) {
        let refused = std::mem::take(&mut self.package.refused);
        self.out.counts.malformed |= !refused;
        self.package.broken |= !refused;
        self.package.limited |= refused;
        if self.package.leaf == Leaf::Found {
            self.close();
        }
    }

    /// A number in the structure is wrong, and nothing depends on it.
    pub(super) fn suspect(&mut self) {
        self.out.counts.malformed = true;
    }

    /// A checksum is wrong. `leaf`: that of the open leaf's bytes.
    pub(super) fn doubt(&mut self, leaf: bool) {
        self.out.counts.malformed = true;
        self.package.end.dirty |= leaf && self.package.leaf == Leaf::Found;
    }

    /// The stream ends too early. `leaf`: within the open leaf's bytes.
    pub(super) fn cut_off(&mut self, leaf: bool) {
        self.out.counts.malformed = true;
        self.package.end.cut_off |= leaf && self.package.leaf == Leaf::Found;
    }

    /// Gives what is held, and then these bytes, as a leaf.
    pub(super) fn rest(&mut self, bytes: &[u8]) {
        let blank = bytes.iter().all(|byte| *byte == 0) && self.package.held.is_empty();
        let open = matches!(self.package.leaf, Leaf::Rest | Leaf::Whole);
        if !open && !blank {
            self.open_rest();
        }
        if open || !blank {
            self.out.body(bytes);
        }
    }

    /// Gives what is held as a leaf, if something was found besides; where nothing was, all of it is one leaf in the end.
    pub(super) fn give_held(&mut self) {
        if self.has_found() && !self.package.held.is_empty() {
            self.open_rest();
        }
    }

    /// A leaf for what is held. Before anything was found that is the leaf that the stream came as.
    fn open_rest(&mut self) {
        self.close();
        let package = &mut *self.package;
        package.end.dirty = package.broken;
        let mut part = match package.pending.drain(..).next() {
            Some(part) => {
                package.leaf = Leaf::Whole;
                Part { kind: Kind::Leaf, ..part }
            }
            None => {
                package.leaf = Leaf::Rest;
                // Beyond the limits it is not certain what the bytes are.
                package.end.dirty |= package.limited;
                undescribed("application/octet-stream", package.level.depth)
            }
        };
        part.disposition = part.disposition.or(Some(Disposition::Attachment));
        let held = std::mem::take(&mut package.held);
        self.out.start(part);
        self.out.body(&held);
    }

    fn begin_containers(&mut self, more: usize) -> bool {
        if !self.out.has_room(more + self.package.pending.len()) {
            return false;
        }
        for mut container in std::mem::take(&mut self.package.pending) {
            self.package.level.depth += 1;
            self.package.level.open += 1;
            if container.kind == Kind::Leaf {
                container.kind = Kind::Multipart;
                container.media_type = TNEF.to_owned();
            }
            self.out.start(container);
        }
        true
    }

    /// A message begins that is attached within this stream: a message part, and in it the container. Gives what
    /// [`Give::leave`] wants back; None when the limits do not allow it.
    pub(super) fn enter(&mut self, name: Option<String>) -> Option<Level> {
        self.close();
        let depth = self.package.level.depth + self.package.pending.len();
        if !self.out.is_within_depth(depth + 2) {
            self.out.counts.limit_reached = true;
            return None;
        }
        // The two containers, and a leaf in them.
        if !self.begin_containers(3) {
            return None;
        }
        self.package.held = Wiped::default();
        self.package.given += 1;
        let mut message = described(TNEF, depth);
        message.kind = Kind::Message;
        message.name = name;
        self.package.pending = vec![message, described(TNEF, depth + 1)];
        let within = Level { depth, open: 0 };
        Some(std::mem::replace(&mut self.package.level, within))
    }

    /// The message attached is over.
    pub(super) fn leave(&mut self, outer: Level) {
        if !self.package.pending.is_empty() {
            self.open_rest();
        }
        self.close();
        (0..self.package.level.open).for_each(|_| self.out.end(End::default()));
        self.package.level = outer;
        self.package.broken = false;
        self.package.limited = false;
    }
}
