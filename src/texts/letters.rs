//! What fits into one text message (3GPP TS 23.038): 160 characters of the GSM 7-bit alphabet, else 70 of UCS-2. Many
//! telephones and carriers show a mail as one, so a confirmation's first line is held to it.

/// Characters of one text message in the GSM 7-bit alphabet, and outside it.
pub const GSM_LIMIT: usize = 160;
pub const OTHER_LIMIT: usize = 70;

/// The default alphabet.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Its extension table: these count twice.
const EXTENDED: &str = "^{}\\[~]|€";

/// The first character that is not in the GSM 7-bit alphabet.
pub fn outside_gsm(text: &str) -> Option<char> {
    text.chars().find(|c| !BASIC.contains(*c) && !EXTENDED.contains(*c))
}

/// The length of `text` as a text message, and the limit that holds for it.
pub fn measured(text: &str) -> (usize, usize) {
    match outside_gsm(text) {
        None => (text.chars().map(|c| if EXTENDED.contains(c) { 2 } else { 1 }).sum(), GSM_LIMIT),
        Some(_) => (text.encode_utf16().count(), OTHER_LIMIT),
    }
}

/// Whether `text` is one text message.
pub fn fits(text: &str) -> bool {
    let (length, limit) = measured(text);
    length <= limit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_outside_halves_the_room_and_more() {
        assert!(fits(&"a".repeat(160)) && !fits(&"a".repeat(161)));
        assert!(fits(&"ñ".repeat(160)) && fits(&"€".repeat(80)) && !fits(&"€".repeat(81)));
        assert!(fits(&"ç".repeat(70)) && !fits(&format!("ç{}", "a".repeat(70))));
        // A character beyond the BMP is two of UCS-2.
        assert!(fits(&"\u{1f4f7}".repeat(35)) && !fits(&"\u{1f4f7}".repeat(36)));
        assert_eq!((outside_gsm("Ça va"), outside_gsm("reçu")), (None, Some('ç')));
    }
}
