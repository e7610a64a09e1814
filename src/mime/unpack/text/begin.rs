//! The lines by which files in words begin. Forgiving about what programs write, strict about what people write.

use super::super::super::transfer::uuencode::{in_alphabet, value};

/// How a file in words is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    Uuencode,
    /// What `uuencode -m` makes (POSIX).
    Base64,
    /// yEnc 1.3, with the size that its first line declares for the whole file.
    Yenc {
        size: u64,
    },
}

const UUENCODE: &[u8] = b"begin ";
const BASE64: &[u8] = b"begin-base64 ";
const YENC: &[u8] = b"=ybegin ";

/// Whether `start`, the start of a line, can be that of one which begins a file.
pub(super) fn could_begin(start: &[u8]) -> bool {
    [UUENCODE, BASE64, YENC].iter().any(|marker| {
        let common = start.len().min(marker.len());
        start[..common] == marker[..common]
    })
}

/// The file's name in a line that begins it, as the sender wrote it.
pub(super) fn name(line: &[u8]) -> Option<String> {
    let line = line.trim_ascii_end();
    let name = match yenc(line) {
        Some((_, name)) => name,
        None => mode_and_name(line.strip_prefix(UUENCODE).or_else(|| line.strip_prefix(BASE64))?)?,
    };
    let text = |name: &[u8]| match str::from_utf8(name) {
        Ok(name) => name.to_owned(),
        // As the reader does with raw names: Latin-1, a guess that keeps every byte.
        Err(_) => name.iter().map(|byte| char::from(*byte)).collect(),
    };
    Some(text(name))
}

impl Begin {
    /// Reads a whole line, with its line end or without.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let line = line.trim_ascii_end();
        if let Some((size, _)) = yenc(line) {
            return Some(Self::Yenc { size });
        }
        let (rest, begin) = match line.strip_prefix(UUENCODE) {
            Some(rest) => (rest, Self::Uuencode),
            None => (line.strip_prefix(BASE64)?, Self::Base64),
        };
        mode_and_name(rest).map(|_| begin)
    }

    /// Whether people could write such a line too.
    pub(super) fn needs_proof(self) -> bool {
        !matches!(self, Self::Yenc { .. })
    }

    /// Whether `line`, the one after, is data.
    pub(super) fn is_proved_by(self, line: &[u8]) -> bool {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match self {
            Self::Uuencode => fits(line),
            Self::Base64 => {
                let data = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
                let line = line.trim_ascii_end();
                !line.is_empty() && line.len().is_multiple_of(4) && line.iter().all(data)
            }
            Self::Yenc { .. } => true,
        }
    }
}

/// Whether a line has the length and the characters of uuencoded data: some programs add a checksum, some leave out the
/// characters that do not count in the last group, some servers strip spaces (which stand for zeros) at its end.
fn fits(line: &[u8]) -> bool {
    let Some((first, characters)) = line.split_first() else { return false };
    let length = usize::from(value(*first));
    let full = length.div_ceil(3) * 4;
    let stripped = !characters.contains(&b'`') && characters.len() * 2 >= full;
    let long_enough = characters.len() >= (length * 4).div_ceil(3) || stripped;
    in_alphabet(*first)
        && characters.iter().copied().all(in_alphabet)
        && (length > 0 && long_enough && characters.len() <= full + 2 || line.trim_ascii_end() == b"`")
}

/// `644 name`: the mode in three or four octal digits, and a name.
fn mode_and_name(rest: &[u8]) -> Option<&[u8]> {
    let rest = rest.trim_ascii_start();
    let digits = rest.iter().take_while(|byte| (b'0'..=b'7').contains(byte)).count();
    let (_, name) = rest.split_at_checked(digits).filter(|_| (3..=6).contains(&digits))?;
    let name = name.strip_prefix(b" ")?.trim_ascii();
    (!name.is_empty()).then_some(name)
}

/// `=ybegin line=128 size=584 name=any text`: the size and the name, which always comes last.
fn yenc(line: &[u8]) -> Option<(u64, &[u8])> {
    let fields = line.strip_prefix(YENC)?;
    let at = fields.windows(6).position(|window| window == b" name=")?;
    let (fields, name) = (&fields[..at], fields[at + 6..].trim_ascii());
    let _line = number(fields, b"line=")?;
    Some((number(fields, b"size=")?, name)).filter(|_| !name.is_empty())
}

/// The number that follows `key` in a line of fields.
pub(super) fn number(fields: &[u8], key: &[u8]) -> Option<u64> {
    let mut words = fields.split(u8::is_ascii_whitespace);
    let value = words.find_map(|word| word.strip_prefix(key))?;
    str::from_utf8(value).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_begin_a_file() {
        for (line, begin, named) in [
            ("begin 644 photo.jpg\r\n", Begin::Uuencode, "photo.jpg"),
            ("begin 0644 my photo.jpg \n", Begin::Uuencode, "my photo.jpg"),
            ("begin 100644 x", Begin::Uuencode, "x"),
            ("begin-base64 644 a b\n", Begin::Base64, "a b"),
            ("=ybegin line=128 size=584 name=test file.txt \r\n", Begin::Yenc { size: 584 }, "test file.txt"),
            ("=ybegin part=2 line=128 size=19338 name=x\r\n", Begin::Yenc { size: 19338 }, "x"),
        ] {
            assert_eq!(Begin::read(line.as_bytes()), Some(begin), "{line:?}");
            assert_eq!(name(line.as_bytes()).as_deref(), Some(named), "{line:?}");
        }
    }

    #[test]
    fn lines_of_words() {
        for line in
            ["begin with the photo", "begin 64 x", "begin 644", "begin 644 ", "begin 844 x", "begin644 x", "=ybegin x"]
        {
            assert_eq!(Begin::read(line.as_bytes()), None, "{line:?}");
        }
        assert!(could_begin(b"beg") && could_begin(b"begin-base64 6") && could_begin(b"=") && !could_begin(b"be sure"));
    }

    #[test]
    fn what_proves_it() {
        for line in ["#0V%T\r\n", "#0V%T", "!00", "!00``", "`", "#0V%TX", "$    ", "M".repeat(61).as_str()] {
            assert!(Begin::Uuencode.is_proved_by(line.as_bytes()), "{line:?}");
        }
        for line in ["", "Dear Sir,", "MY DEAR SIR", "end", "#0v%t", "#0V%T1234", "M", "!`"] {
            assert!(!Begin::Uuencode.is_proved_by(line.as_bytes()), "{line:?}");
        }
        assert!(Begin::Base64.is_proved_by(b"VGVzdA==\n") && Begin::Base64.is_proved_by(b"====\n"));
        assert!(!Begin::Base64.is_proved_by(b"Dear Sir\n") && !Begin::Base64.is_proved_by(b"\n"));
    }
}
