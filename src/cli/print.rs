//! Prints tables, lists of facts and JSON. A reader that goes away early (`| head`) is no error.

use super::Failure;
use serde::Serialize;
use std::io::{self, IsTerminal, Write};

/// Prints text to stdout.
pub fn out(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("cannot print: {error}; see where stdout goes")))
        }
        _ => Ok(()),
    }
}

/// Prints a value as JSON.
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::failed(format!("cannot write this as JSON: {error}; report this bug")))?;
    out(&(text + "\n"))
}

/// Rows under a heading, aligned. `empty` is printed when there is no row.
pub fn table(heading: &[&str], rows: &[Vec<String>], empty: &str) -> String {
    if rows.is_empty() {
        return format!("{empty}\n");
    }
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([heading[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    let heading: Vec<String> = heading.iter().map(|&cell| cell.to_owned()).collect();
    let mut text = bold(&line(&heading, &widths));
    for row in rows {
        text.push('\n');
        text.push_str(&line(row, &widths));
    }
    text.push('\n');
    text
}

/// Names and what they stand for, aligned; absent ones are left out.
pub fn facts(facts: &[(&str, Option<String>)]) -> String {
    let width = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in facts {
        for (number, value) in value.iter().flat_map(|value| value.lines()).enumerate() {
            let name = if number == 0 { *name } else { "" };
            text.push_str(&format!("{name:width$}  {value}\n"));
        }
    }
    text
}

/// Bold on a terminal.
pub fn bold(text: &str) -> String {
    if io::stdout().is_terminal() { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let padded: Vec<String> =
        cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}", width = *width)).collect();
    padded.join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let rows = [vec!["alice@example.org".to_owned(), "2".to_owned()], vec!["bo@x.y".to_owned(), "10".to_owned()]];
        let text = table(&["email", "cases"], &rows, "nobody");
        assert_eq!(text, "email              cases\nalice@example.org  2\nbo@x.y             10\n");
        assert_eq!(table(&["email"], &[], "nobody"), "nobody\n");
    }

    #[test]
    fn absent_facts_are_left_out_and_long_ones_go_on_below() {
        let text = facts(&[("case", Some("a".into())), ("label", None), ("staff", Some("b\nc".into()))]);
        assert_eq!(text, "case   a\nstaff  b\n       c\n");
    }
}
