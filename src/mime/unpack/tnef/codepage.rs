//! Windows code pages by number.

use encoding_rs::{Encoding, UTF_8, UTF_16LE, WINDOWS_1252};

/// The charset of a code page; None when it is not known here.
pub(super) fn charset(number: u32) -> Option<&'static str> {
    encoding(number).map(Encoding::name)
}

/// The encoding of a code page; None when it is not known here.
pub(super) fn encoding(number: u32) -> Option<&'static Encoding> {
    let label = match number {
        874 | 1250..=1258 => format!("windows-{number}"),
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        866 => "ibm866".to_owned(),
        10000 => "macintosh".to_owned(),
        20866 => "koi8-r".to_owned(),
        21866 => "koi8-u".to_owned(),
        28592..=28606 => format!("iso-8859-{}", number - 28590),
        20127 | 28591 => "windows-1252".to_owned(),
        50220..=50222 => "iso-2022-jp".to_owned(),
        51932 => "euc-jp".to_owned(),
        54936 => "gb18030".to_owned(),
        65001 => "utf-8".to_owned(),
        _ => return None,
    };
    Encoding::for_label(label.as_bytes())
}

/// 8-bit text, up to its first NUL.
pub(super) fn text(bytes: &[u8], codepage: Option<u32>) -> String {
    let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let encoding = if str::from_utf8(bytes).is_ok() { None } else { codepage.and_then(encoding) };
    let fallback = if str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 };
    encoding.unwrap_or(fallback).decode_without_bom_handling(bytes).0.trim().to_owned()
}

/// UTF-16 text, up to its first NUL.
pub(super) fn wide_text(bytes: &[u8]) -> String {
    let text = UTF_16LE.decode_without_bom_handling(bytes).0;
    text.split('\0').next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_and_unknown() {
        assert_eq!(charset(1251), Some("windows-1251"));
        assert_eq!((charset(28605), charset(850)), (Some("ISO-8859-15"), None));
        assert_eq!(text(b"caf\xe9.jpg\0junk", Some(1252)), "caf\u{e9}.jpg");
        assert_eq!(text("caf\u{e9}.jpg".as_bytes(), Some(1251)), "caf\u{e9}.jpg");
        assert_eq!(wide_text(b"a\0\xe9\0\0\0b\0"), "a\u{e9}");
    }
}
