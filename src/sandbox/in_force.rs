//! What is in force in a process, and what this system offers to one. Words and facts only.

use super::{calls, files, memory, privileges};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whether memory of the relay can get onto a disk as swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Swap {
    /// The system has none.
    None,
    /// The control group excludes it (`MemorySwapMax=0`).
    Excluded,
    /// All memory is locked (`mlockall(2)`).
    Locked,
    /// It can.
    Possible,
}

/// What holds for a process that is in its sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    /// The version of Landlock's interface that holds; none: files are not restricted. From 4 on TCP ports are, too.
    pub files: Option<u8>,
    /// Whether system calls are filtered.
    pub calls: bool,
    /// Whether core dumps are forbidden.
    pub no_core_dumps: bool,
    /// Whether only a privileged user can trace it.
    pub not_traceable: bool,
    pub swap: Swap,
    /// Whether it runs as root (without capabilities, but owner of root's files).
    pub root: bool,
}

impl InForce {
    /// What holds before files and system calls are restricted. Reads /proc, which is out of reach later.
    pub(super) fn so_far() -> Self {
        let (no_core_dumps, not_traceable) = memory::dumps_forbidden();
        let (swap, root) = (memory::swap(), privileges::is_root());
        Self { files: None, calls: false, no_core_dumps, not_traceable, swap, root }
    }

    /// Says in the log what holds.
    pub(super) fn tell(&self) {
        tracing::info!("sandbox: {self}");
        if self.swap == Swap::Possible {
            tracing::warn!("memory can get into the swap: see `sealdrop check`");
        }
        if self.root {
            tracing::warn!("the relay runs as root: give it a user of its own, see deploy/README.md");
        }
    }
}

impl fmt::Display for InForce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.files {
            Some(version) => write!(f, "files {}by Landlock {version}, ", files::also(version))?,
            None => write!(f, "files not restricted, ")?,
        }
        let is = |holds: bool, words: &'static str, otherwise: &'static str| if holds { words } else { otherwise };
        let swap = match self.swap {
            Swap::None => "no swap in the system",
            Swap::Excluded => "no swap by the control group",
            Swap::Locked => "memory locked",
            Swap::Possible => "swap possible",
        };
        write!(
            f,
            "system calls {}, {}, {}, {swap}",
            is(self.calls, "filtered", "not filtered"),
            is(self.no_core_dumps, "no core dumps", "core dumps possible"),
            is(self.not_traceable, "not traceable", "traceable"),
        )
    }
}

/// What this system offers to a relay that starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offered {
    /// The version of Landlock's interface, 0 for none.
    pub files: u8,
    /// Whether it is enough for the relay.
    pub files_suffice: bool,
    /// Whether system calls can be filtered.
    pub calls: bool,
    /// Whether a process like this one could be swapped.
    pub swap: Swap,
}

impl Offered {
    /// Asks the kernel. Changes nothing.
    pub fn here() -> Self {
        let files = files::offered();
        Self { files, files_suffice: files >= files::LEAST, calls: calls::offered(), swap: memory::swap() }
    }
}
