//! Dialogues with the real listener over loopback and real TLS, kept as text in `tests/dialogues/*.txt`. A line is:
//!
//! | line | meaning |
//! |---|---|
//! | `set NAME = VALUE` | a limit of the configuration, before anything else; times in milliseconds |
//! | `connect`, `connect tls` | to the STARTTLS port; to the implicit TLS port, with its handshake |
//! | `C: TEXT` | the client says TEXT and CRLF |
//! | `C-raw: "TEXT" "TEXT"*N …` | the client says exactly these bytes, N times; escapes `\r \n \0 \xNN \\ \"` |
//! | `S: TEXT` | the relay says exactly this line; `*` at the end stands for any rest |
//! | `starttls` | the handshake |
//! | `close`, `closed` | the client hangs up; the relay has closed |
//! | `alert` | the relay ends the handshake with a TLS alert (RFC 8446, section 6) and closes |
//! | `door: TEXT` | what took place behind the door, in order; `*` as above |
//!
//! `C:` lines that follow each other go out in one write: they are pipelined. Nothing may take place behind the door that
//! the dialogue does not name.

#[path = "support/smtp_client.rs"]
mod smtp_client;
#[path = "support/smtp_door.rs"]
mod smtp_door;

use sealdrop::config;
use smtp_client::{Client, TLS_1_3_AND_1_2};
use smtp_door::{Relay, limits};
use std::{fs, path::Path, time::Duration};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_dialogue_goes_as_it_is_written() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialogues");
    let mut running = tokio::task::JoinSet::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        running.spawn(async move { (name, tokio::spawn(run(fs::read_to_string(path).unwrap())).await) });
    }
    let (mut failed, mut count) = (Vec::new(), 0);
    while let Some(ended) = running.join_next().await {
        let (name, result) = ended.unwrap();
        count += 1;
        match result {
            Ok(Ok(())) => {}
            Ok(Err(wrong)) => failed.push(format!("{name}:{wrong}")),
            Err(panicked) => failed.push(format!("{name}: {panicked}")),
        }
    }
    failed.sort();
    assert!(failed.is_empty(), "{} of {count} dialogues went wrong:\n{}", failed.len(), failed.join("\n"));
    assert!(count >= 30, "only {count} dialogues were found");
}

/// Plays one dialogue; the error names the line.
async fn run(text: String) -> Result<(), String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let lines: Vec<_> = lines.map(|(at, line)| (at + 1, line.to_owned())).collect();
    let mut limits = limits();
    let settings = lines.iter().take_while(|(_, line)| line.starts_with("set ")).count();
    lines[..settings].iter().for_each(|(_, line)| set(&mut limits, line));
    let mut play = Play { relay: Relay::start(limits).await, client: None };
    let mut rest = &lines[settings..];
    while let Some(((at, line), after)) = rest.split_first() {
        let pipelined = if is_spoken(line) { after.iter().take_while(|(_, line)| is_spoken(line)).count() } else { 0 };
        let also: Vec<_> = after[..pipelined].iter().map(|(_, line)| line.as_str()).collect();
        play.step(line, &also).await.map_err(|wrong| format!("{at}: {line}\n    {wrong}"))?;
        rest = &after[pipelined..];
    }
    drop(play.client);
    let left = play.relay.stop().await;
    if left.is_empty() { Ok(()) } else { Err(format!(" took place and is not written: {left:?}")) }
}

fn is_spoken(line: &str) -> bool {
    line.starts_with("C: ") || line.starts_with("C-raw: ")
}

/// A dialogue while it is played.
struct Play {
    relay: Relay,
    client: Option<Client>,
}

impl Play {
    /// Plays one line, and what the client says with it.
    async fn step(&mut self, line: &str, also: &[&str]) -> Result<(), String> {
        let (verb, argument) = line.split_once(": ").unwrap_or((line, ""));
        match verb {
            "connect" => self.client = Some(Client::connect(&self.relay).await),
            "connect tls" => self.client = Some(Client::connect_tls(&self.relay).await),
            "door" => return self.door(argument).await,
            _ => {}
        }
        let client = self.client.as_mut().ok_or("connect first")?;
        match verb {
            "connect" | "connect tls" => {}
            "C" | "C-raw" => {
                client.send(&[line].iter().chain(also).flat_map(|line| spoken(line)).collect::<Vec<_>>()).await
            }
            "S" => {
                let line = client.line().await;
                if !line.as_deref().is_some_and(|line| matches(argument, line)) {
                    return Err(format!("the relay said {line:?}"));
                }
            }
            "starttls" => {
                let shaken = client.shake_hands(&self.relay, TLS_1_3_AND_1_2).await;
                shaken.map_err(|error| error.to_string())?;
            }
            "close" => client.hang_up(),
            "closed" => match client.line().await {
                None => {}
                Some(line) => return Err(format!("the relay said {line:?}")),
            },
            "alert" => {
                let came = client.read().await;
                if came.first() != Some(&21) {
                    return Err(format!("the relay said {came:?}"));
                }
                return client.line().await.map_or(Ok(()), Err);
            }
            _ => return Err("this is not a line of a dialogue".to_owned()),
        }
        Ok(())
    }

    async fn door(&mut self, expected: &str) -> Result<(), String> {
        let event = self.relay.event().await;
        if event.starts_with("took ") {
            let over = self.relay.event().await;
            assert!(over.starts_with("over TLSv1.3 "), "{over}");
        }
        if matches(expected, &event) { Ok(()) } else { Err(format!("what took place: {event}")) }
    }
}

fn set(limits: &mut config::Smtp, line: &str) {
    let (name, value) = line["set ".len()..].split_once(" = ").unwrap();
    let number: usize = value.parse().unwrap();
    let millis = Duration::from_millis(number as u64);
    match name {
        "max_message_size" => limits.max_message_size = number as u64,
        "max_recipients" => limits.max_recipients = number,
        "max_errors" => limits.max_errors = number,
        "max_unknown_recipients" => limits.max_unknown_recipients = number,
        "max_connections" => limits.max_connections = number,
        "max_connections_per_address" => limits.max_connections_per_address = number,
        "command_timeout" => limits.command_timeout = millis,
        "data_timeout" => limits.data_timeout = millis,
        "data_deadline" => limits.data_deadline = millis,
        "session_deadline" => limits.session_deadline = millis,
        "min_data_rate" => limits.min_data_rate = number as u64,
        _ => panic!("{name} is no limit"),
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => text == pattern,
    }
}

/// The bytes of a line of the client.
fn spoken(line: &str) -> Vec<u8> {
    if let Some(text) = line.strip_prefix("C: ") {
        return format!("{text}\r\n").into_bytes();
    }
    let (mut bytes, mut rest) = (Vec::new(), line["C-raw:".len()..].trim_start());
    while let Some(quoted) = rest.strip_prefix('"') {
        let (piece, after) = unescape(quoted);
        let digits = after.strip_prefix('*').unwrap_or("");
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let times = if end == 0 { 1 } else { digits[..end].parse().unwrap() };
        bytes.extend(piece.repeat(times));
        rest = after[if end == 0 { 0 } else { end + 1 }..].trim_start();
    }
    assert!(rest.is_empty(), "not understood: {rest}");
    bytes
}

/// The bytes up to the closing quote, and what follows it.
fn unescape(quoted: &str) -> (Vec<u8>, &str) {
    let mut bytes = Vec::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (bytes, &quoted[at + 1..]),
            '\\' => match chars.next().expect("an escape has two characters").1 {
                'r' => bytes.push(b'\r'),
                'n' => bytes.push(b'\n'),
                '0' => bytes.push(0),
                'x' => {
                    let digits: String = chars.by_ref().take(2).map(|(_, digit)| digit).collect();
                    bytes.push(u8::from_str_radix(&digits, 16).unwrap());
                }
                other => bytes.extend(other.to_string().bytes()),
            },
            c => bytes.extend(c.to_string().bytes()),
        }
    }
    panic!("a quote is open: {quoted}");
}
