//! How parts begin and end.

use super::{
    super::{
        End, Headers, Kind, Part, Visitor,
        boundary::{Delimiter, Frame, Multipart, Phase},
        content::{Content, undescribed},
        transfer::{Decoder, Encoding},
    },
    Body, Layer, Mode, Shared, Walk, receiver,
};

/// The type of text that no header describes, and that is too much to be read at a glance.
pub(super) const UNKNOWN: &str = "application/octet-stream";

impl<V: Visitor> Walk<'_, V> {
    /// A part begins, of which these are the headers.
    pub(super) fn begin(&mut self, headers: Headers) {
        let in_digest = self.layer.frames.innermost().is_some_and(|multipart| multipart.digest);
        let mut content = Content::read(&headers, in_digest);
        self.shared.summary.limit_reached |= content.shortened;
        let depth = self.depth();
        let kind = self.kind(&content, depth);
        let encoding = content.encoding;
        match (kind, content.boundary.take()) {
            (Kind::Multipart, Some(boundary)) => {
                let digest = content.media_type == "multipart/digest";
                let multipart = Multipart { boundary, digest, phase: Phase::Open, divided: false, encoding };
                self.layer.frames.push(Frame::Multipart(multipart));
                self.layer.mode = Mode::Outside;
            }
            (Kind::Message, _) if encoding == Encoding::Identity => {
                self.layer.frames.push(Frame::Message);
                self.layer.mode = Mode::Head;
            }
            _ => {
                let message = kind == Kind::Message;
                let last = self.layer.last && self.layer.frames.outermost().is_none();
                if let Some(layer) = self.deeper.first_mut().filter(|_| message) {
                    *layer = Layer::new(depth + 1, last);
                }
                let body = Body { decoder: Decoder::new(encoding), message, dirty: content.unknown_encoding };
                self.layer.mode = Mode::Body(body);
            }
        }
        self.start(content.into_part(headers, kind, depth));
    }

    /// What the part can be read as, within the limits.
    fn kind(&mut self, content: &Content, depth: usize) -> Kind {
        let limits = self.shared.limits;
        // A container needs room for one part in it.
        let fits = depth < limits.depth && self.shared.summary.parts + 2 <= limits.parts;
        let summary = &mut self.shared.summary;
        match content.kind {
            Kind::Leaf => Kind::Leaf,
            Kind::Multipart if content.boundary.is_none() => {
                summary.malformed = true;
                Kind::Leaf
            }
            Kind::Message if content.encoding != Encoding::Identity && self.deeper.is_empty() => {
                summary.limit_reached = true;
                Kind::Leaf
            }
            _ if !fits => {
                summary.limit_reached = true;
                Kind::Leaf
            }
            kind => kind,
        }
    }

    /// A leaf begins that no header describes: the text outside of parts gathered so far, and what follows it.
    pub(super) fn begin_outside(&mut self, media_type: &str) {
        let full = self.shared.summary.parts >= self.shared.limits.parts;
        let depth = self.depth();
        let mut encoding = Encoding::Identity;
        if let Some(multipart) = self.layer.frames.innermost() {
            if full {
                multipart.phase = Phase::Undivided;
            } else if !multipart.divided {
                encoding = multipart.encoding;
            }
        }
        self.shared.summary.limit_reached |= full;
        self.layer.mode = Mode::Body(Body { decoder: Decoder::new(encoding), message: false, dirty: full });
        self.start(undescribed(media_type, depth));
        let outside = std::mem::take(&mut self.shared.outside);
        self.deliver(&outside);
    }

    /// A delimiter was met: ends what it ends, and makes ready for what it begins.
    pub(super) fn meet(&mut self, delimiter: Delimiter) {
        let own = delimiter.frame + 1 == self.layer.frames.len();
        if own && !delimiter.closing {
            self.pass_over();
        } else {
            self.leave_outside();
        }
        self.close(delimiter.frame + 1, false);
        self.layer.scanner.restart();
        let full = self.shared.summary.parts >= self.shared.limits.parts;
        let Some(multipart) = self.layer.frames.multipart(delimiter.frame) else { return };
        let summary = &mut self.shared.summary;
        if delimiter.closing {
            multipart.phase = Phase::Closed;
            return;
        }
        summary.malformed |= multipart.phase == Phase::Closed;
        multipart.divided = true;
        if full {
            summary.limit_reached = true;
            multipart.phase = Phase::Undivided;
            let line = [b"--", multipart.boundary.as_slice(), b"\r\n"].concat();
            self.begin_outside(UNKNOWN);
            self.deliver(&line);
        } else {
            multipart.phase = Phase::Open;
            self.layer.mode = Mode::Head;
        }
    }

    /// Text outside of parts is over. It is passed over, unless it is all that its multipart holds.
    pub(super) fn leave_outside(&mut self) {
        let Mode::Outside = self.layer.mode else { return };
        match self.layer.frames.innermost() {
            Some(multipart) if !multipart.divided => {
                self.shared.summary.malformed = true;
                self.begin_outside("text/plain");
                if let Some(multipart) = self.layer.frames.innermost() {
                    multipart.divided = true;
                }
            }
            _ => self.pass_over(),
        }
    }

    /// Passes over the text outside of parts.
    fn pass_over(&mut self) {
        let Shared { outside, passed_over, has_content, .. } = &mut *self.shared;
        if !*has_content && passed_over.trim_ascii().is_empty() {
            std::mem::swap(outside, passed_over);
        }
        outside.clear();
    }

    /// The message is over: where it held nothing, what was passed over is a leaf after all.
    pub(super) fn give_passed_over(&mut self) {
        if !self.shared.has_content && !self.shared.passed_over.trim_ascii().is_empty() {
            self.shared.outside = std::mem::take(&mut self.shared.passed_over);
            self.begin_outside("text/plain");
        }
    }

    /// Ends the body that is open and all containers but the first `kept`.
    pub(super) fn close(&mut self, kept: usize, cut_off: bool) {
        if let Mode::Body(body) = std::mem::replace(&mut self.layer.mode, Mode::Outside) {
            let dirty = body.decoder.finish(&mut receiver(body.message, self.deeper, self.shared, self.visitor));
            if body.message
                && let Some(mut walk) = Walk::new(self.deeper, self.shared, self.visitor)
            {
                walk.finish(cut_off);
            }
            self.visitor.end(End { dirty: dirty || body.dirty, cut_off });
        }
        while self.layer.frames.len() > kept {
            if let Some(Frame::Multipart(multipart)) = self.layer.frames.pop() {
                self.shared.summary.malformed |= multipart.phase == Phase::Open;
            }
            self.visitor.end(End { dirty: false, cut_off });
        }
    }

    /// Depth of a part that would begin now.
    fn depth(&self) -> usize {
        self.layer.depth + self.layer.frames.len()
    }

    fn start(&mut self, part: Part) {
        self.shared.summary.parts += 1;
        self.visitor.start(part);
    }
}
