//! What strace saw of the relay: the files that it opened for writing, and the bytes that it wrote.

use std::{fs, path::Path};

/// The words that start a relay under strace, as our own child, with every write and its bytes in `file`.
pub fn wrapper(file: &str) -> Vec<&str> {
    let calls = "trace=open,openat,creat,write,pwrite64,writev,pwritev,rename,renameat,renameat2,linkat,sendfile";
    vec!["strace", "-D", "-f", "-xx", "-s", "2000000", "-e", calls, "-o", file]
}

/// A finished trace.
pub struct Trace(String);

impl Trace {
    pub fn read(file: &Path) -> Self {
        Self(fs::read_to_string(file).unwrap())
    }

    /// Whether strace saw the end of the relay.
    pub fn is_whole(&self) -> bool {
        self.0.contains("+++ exited with") || self.0.contains("+++ killed by")
    }

    /// Paths that were opened for writing, made, or renamed to.
    pub fn written_paths(&self) -> Vec<String> {
        let writes = |line: &&str| {
            ["O_WRONLY", "O_RDWR", "O_CREAT", "creat(", "rename", "linkat("].iter().any(|word| line.contains(word))
        };
        let lines = self.0.lines().filter(|line| !line.contains(" resumed>")).filter(writes);
        lines.flat_map(strings).map(|path| String::from_utf8_lossy(&path).into_owned()).collect()
    }

    /// Everything that was written, call after call.
    pub fn written_bytes(&self) -> Vec<u8> {
        let writes = self.0.lines().filter(|line| line.contains("write"));
        writes.flat_map(strings).flatten().collect()
    }
}

/// The strings of a line of `strace -xx`: `"\x2f\x74\x6d\x70"`.
fn strings(line: &str) -> impl Iterator<Item = Vec<u8>> {
    line.split('"').skip(1).step_by(2).map(|string| {
        let digits = string.split("\\x").skip(1);
        digits.map(|digits| u8::from_str_radix(digits, 16).expect("strace -xx writes every byte so")).collect()
    })
}
