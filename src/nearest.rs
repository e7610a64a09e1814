//! The nearest of some known words to one that was mistyped, for messages to people. Never used to guess what was meant.

/// `did you mean "listen"?`, or `all` and every known word when none is near.
pub fn suggestion(typed: &str, known: &[&str], all: &str) -> String {
    let near = known.iter().map(|word| (strsim::damerau_levenshtein(typed, word), *word)).min();
    match near {
        Some((distance, word)) if distance <= 1 + typed.chars().count() / 4 => format!("did you mean {word:?}?"),
        _ => format!("{all} {}", known.join(", ")),
    }
}
