//! Tells the demo's story: numbered scenes, indented lines, and proofs that are kept count of.

use super::{super::print, Failure, failed};
use std::{path::Path, time::Instant};

/// The longest line, in characters.
const MOST: usize = 140;

/// The story so far.
pub struct Story {
    began: Instant,
    scenes: usize,
    proofs: usize,
    broken: Vec<String>,
}

impl Story {
    /// Says what is to come.
    pub fn begin() -> Result<Self, Failure> {
        print::out(&format!(
            "{}\nEverything here is real (the relay, TLS, SMTP, OpenPGP) and runs on this machine only.\n",
            print::bold("Sealdrop: a client mails three photos, and only the staff can read them.")
        ))?;
        Ok(Self { began: Instant::now(), scenes: 0, proofs: 0, broken: Vec::new() })
    }

    /// Begins the next scene.
    pub fn scene(&mut self, title: &str) -> Result<(), Failure> {
        self.scenes += 1;
        print::out(&format!("\n{}\n", print::bold(&format!("{}. {title}", self.scenes))))
    }

    /// Says something, on lines of its own.
    pub fn say(&self, text: &str) -> Result<(), Failure> {
        self.indented(text, "   ")
    }

    /// Shows something as somebody sees it.
    pub fn quote(&self, text: &str) -> Result<(), Failure> {
        self.indented(text, "   | ")
    }

    /// Something was looked at: `held` says whether it is as promised.
    pub fn proof(&mut self, held: bool, what: &str) -> Result<(), Failure> {
        self.proofs += 1;
        if !held {
            self.broken.push(what.to_owned());
        }
        self.say(&format!("{}  {what}", if held { "held  " } else { "BROKEN" }))
    }

    /// The last line. Fails when a proof is broken.
    pub fn end(self, kept: Option<&Path>) -> Result<(), Failure> {
        if let Some(broken) = self.broken.first() {
            return Err(failed(broken));
        }
        if let Some(dir) = kept {
            self.say(&format!("\nKept: configuration, data, mails and decrypted documents are in {}", dir.display()))?;
        }
        print::out(&format!(
            "\n{}\n",
            print::bold(&format!(
                "Everything held: {} of {0} proofs, in {:.1} s.",
                self.proofs,
                self.began.elapsed().as_secs_f32()
            ))
        ))
    }

    fn indented(&self, text: &str, with: &str) -> Result<(), Failure> {
        let line = |line: &str| format!("{with}{}", shortened(line)).trim_end().to_owned();
        let lines: Vec<_> = text.lines().map(line).collect();
        print::out(&(lines.join("\n") + "\n"))
    }
}

/// A line that fits most windows.
fn shortened(line: &str) -> String {
    if line.chars().count() <= MOST { line.to_owned() } else { line.chars().take(MOST - 1).chain(['…']).collect() }
}
