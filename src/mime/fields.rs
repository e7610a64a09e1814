//! Splits a header block into its fields (RFC 5322, section 2.2) without copying. As forgiving as mail-parser: white space
//! before the colon, lines that are no field in between, a block that begins with a folded line.

use memchr::memchr;

/// One field: its name, and its value as it stands, folds included.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub name: &'a [u8],
    pub value: &'a [u8],
}

impl Field<'_> {
    /// Whether the field has this name, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The fields of `block`, in order.
pub(super) fn fields(block: &[u8]) -> impl Iterator<Item = Field<'_>> {
    let mut rest = block;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let line = first_line(rest);
            let Some((name, head)) = split_name(line) else {
                rest = &rest[line.len()..];
                continue;
            };
            let length = unfolded_length(rest);
            let value = &rest[line.len() - head.len()..length];
            rest = &rest[length..];
            return Some(Field { name, value });
        }
        None
    })
}

/// The first line, with its line end.
fn first_line(text: &[u8]) -> &[u8] {
    memchr(b'\n', text).map_or(text, |end| &text[..=end])
}

/// The name of a field and the rest of its first line.
fn split_name(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = memchr(b':', line)?;
    let name = line[..colon].trim_ascii();
    (!name.is_empty()).then_some((name, &line[colon + 1..]))
}

/// Length of a field: its first line and the folded lines after it.
fn unfolded_length(text: &[u8]) -> usize {
    let mut length = first_line(text).len();
    while let Some(b' ' | b'\t') = text.get(length) {
        length += first_line(&text[length..]).len();
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(block: &str) -> Vec<(String, String)> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        fields(block.as_bytes()).map(|field| (text(field.name), text(field.value))).collect()
    }

    #[test]
    fn splits_what_is_there() {
        let block = "A: 1\r\nno field\r\n B : 2\n\t2\r\n : no name\r\n  \r\nC:";
        assert_eq!(
            split(block),
            [("A", " 1\r\n"), ("B", " 2\n\t2\r\n : no name\r\n  \r\n"), ("C", "")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert!(split("").is_empty());
        assert!(split("\n:x\n").is_empty());
    }
}
