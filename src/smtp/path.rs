//! Reverse-path and forward-path (RFC 5321, section 4.1.2; RFC 6531 for addresses beyond ASCII). Our own, because
//! smtp-proto 0.2.5 reads `<postmaster>` as `<>`, refuses address literals, refuses the dots that some carriers put into
//! addresses (`a..b@`, `a.@`), takes quotes in the middle of a domain, and replaces bytes that are not UTF-8.
//! Must never guess: what is not a path is no path.

use crate::envelope::Address;

/// What stands between `<` and `>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Path {
    /// `<>`
    Null,
    /// `<postmaster>` without a domain (RFC 5321, section 4.5.1).
    Postmaster,
    /// `<local@domain>`, its quotes and source route removed.
    Address(Address),
}

/// Splits `text` into the path that it starts with and what follows the `>`. None when it does not start with a path.
pub fn parse(text: &str) -> Option<(Path, &str)> {
    let inner = text.strip_prefix('<')?;
    if let Some(rest) = inner.strip_prefix('>') {
        return Some((Path::Null, rest));
    }
    let (local, rest) = local_part(source_route(inner)?)?;
    if let Some(rest) = rest.strip_prefix('>') {
        return local.eq_ignore_ascii_case("postmaster").then_some((Path::Postmaster, rest));
    }
    let (domain, rest) = domain(rest.strip_prefix('@')?)?;
    let address = Address::parse(&format!("{local}@{domain}")).ok()?;
    Some((Path::Address(address), rest.strip_prefix('>')?))
}

/// Strips `@a,@b:`, which must be accepted and ignored (RFC 5321, section 4.1.1.3 and appendix F.2).
fn source_route(text: &str) -> Option<&str> {
    let Some(mut hop) = text.strip_prefix('@') else { return Some(text) };
    loop {
        let (_, rest) = domain(hop)?;
        match rest.strip_prefix(':') {
            Some(path) => return Some(path),
            None => hop = rest.strip_prefix(",@")?,
        }
    }
}

/// A quoted string without its quotes, or a string of atoms and dots.
fn local_part(text: &str) -> Option<(String, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted_string(quoted);
    }
    let is_atom = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c);
    let end = text.find(|c| !is_atom(c)).unwrap_or(text.len());
    Some((text[..end].to_owned(), &text[end..])).filter(|(local, _)| !local.is_empty())
}

/// The rest of a quoted string whose first quote is gone.
fn quoted_string(text: &str) -> Option<(String, &str)> {
    let mut local = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((local, &text[at + 1..])),
            '\\' => local.push(chars.next()?.1),
            c => local.push(c),
        }
    }
    None
}

/// A domain name without empty labels, or an address literal with its brackets.
fn domain(text: &str) -> Option<(&str, &str)> {
    let (domain, rest) = if text.starts_with('[') {
        text.split_at(text.find(']')? + 1)
    } else {
        let is_label = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        text.split_at(text.find(|c| !is_label(c)).unwrap_or(text.len()))
    };
    domain.split('.').all(|label| !label.is_empty()).then_some((domain, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<String> {
        match parse(text) {
            Some((Path::Address(address), "")) => Some(address.as_str().to_owned()),
            _ => None,
        }
    }

    #[test]
    fn paths_that_occur() {
        assert_eq!(parse("<> SIZE=1"), Some((Path::Null, " SIZE=1")));
        assert_eq!(parse("<PostMaster>"), Some((Path::Postmaster, "")));
        for (text, expected) in [
            ("<ana@Example.ORG>", "ana@example.org"),
            ("<@a,@[192.0.2.1]:user@d>", "user@d"),
            (r#"<"a b@c\"\\"@d>"#, r#"a b@c"\@d"#),
            (r#"<"@a,@b:<user>"@d>"#, "@a,@b:<user>@d"),
            ("<user@[192.0.2.1]>", "user@[192.0.2.1]"),
            ("<user@[IPv6:2001:db8::1]>", "user@[ipv6:2001:db8::1]"),
            ("<a..b.@docomo.example>", "a..b.@docomo.example"),
            ("<孫子@áéíóú.org>", "孫子@áéíóú.org"),
            ("<+15551234567@mms.example>", "+15551234567@mms.example"),
        ] {
            assert_eq!(address(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_path() {
        for text in [
            "ana@example.org",
            "<ana@example.org",
            "<ana>",
            "<@example.org>",
            "<a@@b>",
            "<a@b@c>",
            "<a@.b>",
            "<a@b..c>",
            "<a@>",
            "<@>",
            "<a b@c>",
            "<\"a@b>",
            "<\"a\\\">",
            "<\"\"@b>",
            "<@a:>",
            "<@a,b:c@d>",
            "<a@b\"c\">",
            "<a@[1>",
            "< a@b>",
            "<a@b >",
            "",
            "<",
        ] {
            assert_eq!(parse(text).map(|(path, _)| path), None, "{text}");
        }
        let long = format!("<{}@example.org>", "a".repeat(250));
        assert_eq!(parse(&long), None);
    }
}
