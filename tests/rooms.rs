//! Holds the source to its own plan: which room may name which crate, which rooms are pure, where files are written, and how
//! long files and functions may be. Reads text only.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Every Rust file below `dir`, with its text.
fn sources(dir: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut dirs = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(dir)];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                dirs.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&entry).unwrap();
                found.push((entry, text));
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {dir}");
    found
}

/// The sources of the product: without files that hold only tests, and each only up to its tests.
fn product() -> Vec<(PathBuf, String)> {
    let mut sources = sources("src");
    sources
        .retain(|(path, _)| !path.ends_with("tests.rs") && !path.components().any(|part| part.as_os_str() == "tests"));
    for (_, text) in &mut sources {
        // A module of its own for tests (`mod tests;`) is declared among the others.
        if let Some(at) = text.find("#[cfg(test)]\nmod tests {") {
            text.truncate(at);
        }
    }
    sources
}

/// The path within the package, with `/`.
fn name(path: &Path) -> String {
    path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().to_str().unwrap().to_owned()
}

/// The lines that are code, with their numbers.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(n, line)| (n + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Whether a file belongs to a room as `Cargo.toml` writes it: `smtp`, `intake::seal`, `clock.rs`.
fn is_in_room(file: &str, room: &str) -> bool {
    let path = format!("src/{}", room.trim_end_matches(".rs").replace("::", "/"));
    file == format!("{path}.rs") || file.starts_with(&format!("{path}/"))
}

/// Whether `line` names the crate: `krate::` or `use krate`, not as the tail of a longer word or path.
fn names_crate(line: &str, krate: &str) -> bool {
    let path = format!("{krate}::");
    line.match_indices(&path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_') && !line[..at].ends_with("crate::")
    })
}

#[test]
fn each_crate_is_named_in_its_room_only() {
    let manifest = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap();
    let mut checked = 0;
    let mut trespasses = Vec::new();
    let sources = product();
    for line in manifest.lines() {
        let Some((krate, rooms)) = dependency(line) else { continue };
        checked += 1;
        if rooms == "-" {
            continue;
        }
        for (path, text) in &sources {
            let file = name(path);
            if rooms.split(", ").any(|room| is_in_room(&file, room)) {
                continue;
            }
            let lines = code(text).filter(|(_, line)| names_crate(line, &krate));
            trespasses.extend(lines.map(|(n, _)| format!("{file}:{n} names {krate}, which belongs to {rooms}")));
        }
    }
    assert!(checked > 20, "the manifest's comments were not understood");
    assert!(trespasses.is_empty(), "{}", trespasses.join("\n"));
}

/// Crate and rooms of a manifest line such as `memchr = "2.8" # [mime] why`.
fn dependency(line: &str) -> Option<(String, &str)> {
    let (krate, rest) = line.split_once('=')?;
    let (_, comment) = rest.rsplit_once("# [")?;
    let (rooms, _) = comment.split_once(']')?;
    Some((krate.trim().replace('-', "_"), rooms))
}

#[test]
fn pure_rooms_do_no_io() {
    let io = ["tokio::", "std::fs", "std::net::Tcp", "std::thread", "println!", "eprintln!", "tracing::"];
    let mut found = Vec::new();
    for (path, text) in product() {
        let file = name(&path);
        if !["mime", "cases", "audit", "queue", "intake", "openpgp"].iter().any(|room| is_in_room(&file, room)) {
            continue;
        }
        for (n, line) in code(&text) {
            found.extend(io.iter().filter(|word| line.contains(**word)).map(|word| format!("{file}:{n}: {word}")));
        }
    }
    assert!(found.is_empty(), "a pure room does I/O:\n{}", found.join("\n"));
}

#[test]
fn files_are_written_in_few_rooms() {
    let writes = ["File::create", "OpenOptions", "fs::write", "fs::rename", "create_dir"];
    let allowed = ["spool", "store", "cli", "control"];
    let mut found = Vec::new();
    for (path, text) in product() {
        let file = name(&path);
        if allowed.iter().any(|room| is_in_room(&file, room)) {
            continue;
        }
        for (n, line) in code(&text) {
            found.extend(writes.iter().filter(|word| line.contains(**word)).map(|word| format!("{file}:{n}: {word}")));
        }
    }
    assert!(found.is_empty(), "files are written outside of {allowed:?}:\n{}", found.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for_and_none_is_too_long() {
    let mut found = Vec::new();
    for (path, text) in sources("src").into_iter().chain(sources("tests")) {
        let file = name(&path);
        if !text.starts_with("//!") {
            found.push(format!("{file} does not open with //!"));
        }
        let lines = text.lines().count();
        if lines > 500 {
            found.push(format!("{file} has {lines} lines"));
        }
        found
            .extend(long_functions(&text).into_iter().map(|(n, len)| format!("{file}:{n}: a function of {len} lines")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Functions of more than 60 lines: first line and length. rustfmt closes a function at the indent of its `fn`.
fn long_functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut long = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        let opens = code.starts_with("fn ")
            || (code.starts_with("pub") || code.starts_with("async ") || code.starts_with("const "))
                && code.contains("fn ");
        if !opens {
            continue;
        }
        let end = lines[at..].iter().position(|line| line.len() == indent + 1 && line.ends_with('}'));
        if let Some(length) = end.map(|end| end + 1).filter(|length| *length > 60) {
            long.push((at + 1, length));
        }
    }
    long
}
