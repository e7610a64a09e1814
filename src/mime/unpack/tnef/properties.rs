//! A list of MAPI properties ([MS-OXTNEF], section 2.1.3.4; types: [MS-OXCDATA], section 2.11.1), as attributes for the message
//! and for each attachment hold one. Whatever the lengths in it say, it takes no more than its attribute.

use super::{
    facts::{Facts, Rank},
    package::Give,
    rtf::Rtf,
    small::Small,
    target::Target,
    words::Words,
};

/// GUID and kind of a named property.
const NAME: usize = 20;

mod id {
    //! The properties that matter ([MS-OXPROPS]).
    pub(super) const BODY: u16 = 0x1000;
    pub(super) const RTF: u16 = 0x1009;
    pub(super) const HTML: u16 = 0x1013;
    pub(super) const DISPLAY_NAME: u16 = 0x3001;
    pub(super) const ATTACHMENT_DATA: u16 = 0x3701;
    pub(super) const ATTACHMENT_NAME: u16 = 0x3704;
    pub(super) const ATTACHMENT_LONG_NAME: u16 = 0x3707;
    /// The first of those that have a name besides.
    pub(super) const NAMED: u16 = 0x8000;
}

mod kind {
    //! Types of values.
    pub(super) const MULTIPLE: u16 = 0x1000;
    pub(super) const OBJECT: u16 = 0x000d;
    pub(super) const STRING: u16 = 0x001e;
    pub(super) const WIDE_STRING: u16 = 0x001f;
    pub(super) const BINARY: u16 = 0x0102;
}

pub(super) struct Properties {
    small: Small,
    step: Step,
    /// Bytes left of the attribute.
    left: u32,
    /// Properties left, as the list claims.
    count: u32,
    tag: Tag,
}

#[derive(Clone, Copy, Default)]
struct Tag {
    kind: u16,
    id: u16,
}

#[derive(Default)]
enum Step {
    #[default]
    Count,
    Tag,
    Name,
    NameId,
    NameLength,
    /// The rest of a name.
    NameText(u32),
    /// How many values a property has.
    Values,
    Length {
        values: u32,
    },
    Value {
        left: u32,
        /// Bytes of padding after it.
        padding: u32,
        /// Values after this one.
        values: u32,
        target: Target,
    },
    Padding {
        left: u32,
        values: u32,
    },
    /// All properties are read.
    Done,
    /// The list is broken: the rest of it is given as it is.
    Broken,
}

impl Properties {
    pub(super) fn new(length: u32) -> Self {
        Self { small: Small::default(), step: Step::Count, left: length, count: 0, tag: Tag::default() }
    }

    /// Takes in bytes of the attribute.
    pub(super) fn feed(&mut self, mut input: &[u8], facts: &mut Facts, give: &mut Give) {
        while !input.is_empty() {
            let used = match &mut self.step {
                Step::Value { .. } => self.take_value(input, facts, give),
                Step::Padding { .. } => self.take_padding(input, give),
                Step::NameText(left) => {
                    let used = at_most(input, *left);
                    *left -= used;
                    give.hold(&input[..used as usize]);
                    if *left == 0 {
                        self.begin_values(facts, give);
                    }
                    used
                }
                Step::Done if input.iter().all(|byte| *byte == 0) => {
                    give.hold(input);
                    at_most(input, u32::MAX)
                }
                Step::Done => {
                    // More than its properties: the attribute's length lies, or their number.
                    self.fail(give);
                    0
                }
                Step::Broken => {
                    give.rest(input);
                    at_most(input, u32::MAX)
                }
                _ => self.take_header(input, facts, give),
            };
            self.left = self.left.saturating_sub(used);
            input = &input[used as usize..];
            if give.is_refused() {
                self.fail(give);
            }
        }
    }

    /// The attribute is over, as its length says or because the stream ends.
    pub(super) fn finish(self, facts: &mut Facts, give: &mut Give) {
        give.hold(self.small.bytes());
        match self.step {
            Step::Done | Step::Broken => {}
            Step::Tag if self.small.is_empty() => give.suspect(),
            Step::Padding { values: 0, .. } => give.suspect(),
            Step::Value { target, left, values, .. } => {
                if left > 0 || values > 0 {
                    give.cut_off(target.is_giving());
                }
                target.finish(facts, give);
                give.give_held();
            }
            _ => {
                give.cut_off(false);
                give.give_held();
            }
        }
    }

    /// Takes one of the small headers between values.
    fn take_header(&mut self, input: &[u8], facts: &mut Facts, give: &mut Give) -> u32 {
        let wanted = if let Step::Name = self.step { NAME } else { 4 };
        let used = self.small.take(input, wanted);
        if self.small.len() == wanted {
            // What `left` will be once these bytes are counted.
            let left = self.left.saturating_sub(used as u32);
            let small = std::mem::take(&mut self.small);
            if let Step::Tag = self.step
                && is_known(small.u16(0))
            {
                give.prove();
            }
            give.hold(small.bytes());
            self.read_header(&small, left, facts, give);
        }
        used as u32
    }

    fn read_header(&mut self, small: &Small, left: u32, facts: &mut Facts, give: &mut Give) {
        let number = small.u32(0);
        match self.step {
            Step::Count => {
                self.count = number;
                self.next_property();
            }
            Step::Tag => {
                self.count = self.count.saturating_sub(1);
                self.tag = Tag { kind: small.u16(0), id: small.u16(2) };
                match self.tag.id {
                    _ if !is_known(self.tag.kind) => self.fail(give),
                    id::NAMED.. => self.step = Step::Name,
                    _ => self.begin_values_within(left, facts, give),
                }
            }
            Step::Name => match small.u32(16) {
                0 => self.step = Step::NameId,
                1 => self.step = Step::NameLength,
                _ => self.fail(give),
            },
            Step::NameLength => match padded(number).filter(|length| *length <= left) {
                None => self.fail(give),
                Some(0) => self.begin_values_within(left, facts, give),
                Some(length) => self.step = Step::NameText(length),
            },
            Step::NameId => self.begin_values_within(left, facts, give),
            Step::Values => match self.fixed_size() {
                None => self.next_value(number, left),
                Some(size) => self.begin_fixed(number.checked_mul(size), left, facts, give),
            },
            Step::Length { values } => self.begin_value(number, values, left, facts, give),
            Step::NameText(_) | Step::Value { .. } | Step::Padding { .. } | Step::Done | Step::Broken => {}
        }
    }

    fn begin_values(&mut self, facts: &mut Facts, give: &mut Give) {
        self.begin_values_within(self.left, facts, give);
    }

    /// Tag and name are read; the values follow.
    fn begin_values_within(&mut self, left: u32, facts: &mut Facts, give: &mut Give) {
        match self.fixed_size() {
            Some(size) if self.tag.kind & kind::MULTIPLE == 0 => self.begin_fixed(Some(size), left, facts, give),
            _ => self.step = Step::Values,
        }
    }

    /// Values of fixed size follow, so many bytes together.
    fn begin_fixed(&mut self, length: Option<u32>, left: u32, facts: &mut Facts, give: &mut Give) {
        match length.filter(|length| *length <= left) {
            None => self.fail(give),
            Some(0) => self.next_property(),
            Some(length) => {
                self.step = Step::Value { left: length, padding: 0, values: 0, target: Target::Skip };
                self.end_value(facts, give);
            }
        }
    }

    /// A value with a length of its own begins.
    fn begin_value(&mut self, length: u32, values: u32, left: u32, facts: &mut Facts, give: &mut Give) {
        let Some(whole) = padded(length).filter(|whole| *whole <= left) else { return self.fail(give) };
        let target = self.target(facts, give);
        self.step = Step::Value { left: length, padding: whole - length, values, target };
        self.end_value(facts, give);
    }

    fn take_value(&mut self, input: &[u8], facts: &mut Facts, give: &mut Give) -> u32 {
        let Step::Value { left, target, .. } = &mut self.step else { return 0 };
        let used = at_most(input, *left);
        *left -= used;
        target.feed(&input[..used as usize], facts, give);
        self.end_value(facts, give);
        used
    }

    fn take_padding(&mut self, input: &[u8], give: &mut Give) -> u32 {
        let Step::Padding { left, values } = &mut self.step else { return 0 };
        let used = at_most(input, *left);
        *left -= used;
        give.hold(&input[..used as usize]);
        if *left == 0 {
            let values = *values;
            self.next_value(values, 4);
        }
        used
    }

    /// Ends the value when nothing is left of it.
    fn end_value(&mut self, facts: &mut Facts, give: &mut Give) {
        if let Step::Value { left: 0, padding, values, .. } = self.step
            && let Step::Value { target, .. } = std::mem::take(&mut self.step)
        {
            target.finish(facts, give);
            match padding {
                0 => self.next_value(values, 4),
                left => self.step = Step::Padding { left, values },
            }
        }
    }

    /// `values` values are still to come, of which each needs 4 bytes at least.
    fn next_value(&mut self, values: u32, left: u32) {
        if values == 0 || left < 4 {
            self.next_property();
        } else {
            self.step = Step::Length { values: values - 1 };
        }
    }

    fn next_property(&mut self) {
        self.step = if self.count == 0 { Step::Done } else { Step::Tag };
    }

    fn fail(&mut self, give: &mut Give) {
        self.step = Step::Broken;
        give.fail();
        give.give_held();
    }

    /// What becomes of this property's value.
    fn target(&self, facts: &mut Facts, give: &mut Give) -> Target {
        let wide = self.tag.kind == kind::WIDE_STRING;
        let text = wide || self.tag.kind == kind::STRING;
        let attached = facts.in_attachment();
        let words = [id::BODY, id::HTML, id::RTF].contains(&self.tag.id) && !attached;
        if words && !give.may_open() {
            return Target::Skip;
        }
        match (self.tag.id, self.tag.kind) {
            (id::BODY, _) if text && !attached && wide => Target::Words(Box::new(Words::wide("text/plain"))),
            (id::BODY, _) if text && !attached => Target::words(facts.charset()),
            (id::HTML, kind::BINARY) if !attached => Target::Words(Box::new(Words::html())),
            (id::HTML, _) if text && !attached && wide => Target::Words(Box::new(Words::wide("text/html"))),
            (id::HTML, _) if text && !attached => Target::Words(Box::new(Words::html())),
            (id::RTF, kind::BINARY) if !attached => Target::Rtf(Box::new(Rtf::new())),
            (id::DISPLAY_NAME, _) if text => Target::name(Rank::Display, wide),
            (id::ATTACHMENT_NAME, _) if text => Target::name(Rank::Short, wide),
            (id::ATTACHMENT_LONG_NAME, _) if text => Target::name(Rank::Long, wide),
            (id::ATTACHMENT_DATA, kind::BINARY) if attached => facts.file(give),
            (id::ATTACHMENT_DATA, kind::OBJECT) if attached => Target::Object(Small::default()),
            _ => Target::Skip,
        }
    }

    /// Bytes of one value, where its type tells; what is shorter than 4 is padded.
    fn fixed_size(&self) -> Option<u32> {
        match self.tag.kind & !kind::MULTIPLE {
            0x02 | 0x03 | 0x04 | 0x0a | 0x0b => Some(4),
            0x05 | 0x06 | 0x07 | 0x14 | 0x40 => Some(8),
            0x48 => Some(16),
            _ => None,
        }
    }
}

/// Whether a type of values is one that TNEF can hold.
fn is_known(kind: u16) -> bool {
    matches!(
        kind & !kind::MULTIPLE,
        0x02..=0x07 | 0x0a | 0x0b | 0x14 | 0x40 | 0x48 | kind::OBJECT | kind::STRING | kind::WIDE_STRING | kind::BINARY
    )
}

/// A length with its padding to a multiple of 4.
fn padded(length: u32) -> Option<u32> {
    length.checked_next_multiple_of(4)
}

/// How many bytes of `input` to take, up to `most`.
fn at_most(input: &[u8], most: u32) -> u32 {
    u32::try_from(input.len()).unwrap_or(u32::MAX).min(most)
}
