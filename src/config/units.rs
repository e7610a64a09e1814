//! Sizes and durations as people write them: `50 MiB`, `90d`. Pure; never guesses at a unit it does not know.

use std::time::Duration;

const SIZES: [(&str, u64); 7] = [
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
];

/// A year is 366 days, so that nothing that is kept for years goes a day early.
const SPANS: [(&str, u64); 7] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 7 * 86_400_000),
    ("y", 366 * 86_400_000),
];

/// Bytes from `50 MiB`, `10 MB`, `64 KiB`, `1 GiB` or `512 B`; the space may be left out, the unit may not.
pub fn parse_size(text: &str) -> Option<u64> {
    scaled(text, &SIZES)
}

/// A time from `90d`, `10m`, `30s`, `12h`, `2w`, `6y` (a year is 366 days) or `500ms`; the unit may not be left out.
pub fn parse_duration(text: &str) -> Option<Duration> {
    scaled(text, &SPANS).map(Duration::from_millis)
}

/// A size as [`parse_size`] reads it, in the largest unit that divides it.
pub fn show_size(bytes: u64) -> String {
    let (unit, factor) = largest(bytes, &SIZES[..4]);
    format!("{} {unit}", bytes / factor)
}

/// A time as [`parse_duration`] reads it, in the largest unit that divides it.
pub fn show_duration(span: Duration) -> String {
    let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    let (unit, factor) = largest(millis, &SPANS);
    format!("{}{unit}", millis / factor)
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let unit = text[digits..].trim_start();
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    text[..digits].parse::<u64>().ok()?.checked_mul(*factor)
}

fn largest<'u>(amount: u64, units: &[(&'u str, u64)]) -> (&'u str, u64) {
    let divides = |(_, factor): &&(&str, u64)| amount != 0 && amount.is_multiple_of(*factor);
    units.iter().filter(divides).max_by_key(|(_, factor)| *factor).copied().unwrap_or(units[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_need_a_unit_that_exists() {
        assert_eq!(parse_size("50 MiB"), Some(50 << 20));
        assert_eq!(parse_size("10 MB"), Some(10_000_000));
        assert_eq!(parse_size("64KiB"), Some(65_536));
        for bad in ["", "50", "50 Mb", "50 mib", "MiB", "-1 MiB", "1.5 MiB", "50 MiB x", "99999999999 GiB", "٣ MiB"] {
            assert_eq!(parse_size(bad), None, "{bad}");
        }
    }

    #[test]
    fn durations_need_a_unit_that_exists() {
        assert_eq!(parse_duration("90d"), Some(Duration::from_secs(90 * 86_400)));
        assert_eq!(parse_duration("10m"), Some(Duration::from_secs(600)));
        assert_eq!(parse_duration("30s"), Some(Duration::from_secs(30)));
        assert_eq!(parse_duration("250ms"), Some(Duration::from_millis(250)));
        assert!(
            parse_duration("6y").unwrap() >= Duration::from_secs(2_192 * 86_400),
            "six calendar years, two leap days"
        );
        for bad in ["", "90", "90 days", "d", "-1d", "1.5h", "1h30m", "99999999999999y"] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_shown_reads_back() {
        for size in [0, 1, 512, 65_536, 50 << 20, 3 << 30, 1_000_001] {
            assert_eq!(parse_size(&show_size(size)), Some(size));
        }
        for millis in [0, 1, 999, 30_000, 600_000, 86_400_000, 6 * 366 * 86_400_000] {
            let span = Duration::from_millis(millis);
            assert_eq!(parse_duration(&show_duration(span)), Some(span));
        }
        assert_eq!(show_size(50 << 20), "50 MiB");
        assert_eq!(show_duration(Duration::from_secs(600)), "10m");
    }
}
