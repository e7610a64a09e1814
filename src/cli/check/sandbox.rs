//! What the running relay's process gave up; where none runs, what this system offers to one.

use super::Finding;
use crate::{
    config::{Config, SandboxMode},
    sandbox::{InForce, Offered, Swap},
};

const FILES: &str = "file access";
const CALLS: &str = "system calls";
const DUMPS: &str = "core dumps";
const SWAP: &str = "swap";
const USER: &str = "privileges";

/// The findings; `running` is what holds for the running relay.
pub fn findings(config: &Config, running: Option<&InForce>) -> Vec<Finding> {
    let mode = config.sandbox.mode;
    match running {
        Some(in_force) => of_relay(mode, in_force),
        None => of_system(mode, &Offered::here()),
    }
}

fn of_relay(mode: SandboxMode, relay: &InForce) -> Vec<Finding> {
    let files = match relay.files {
        Some(version @ 4..) => Finding::ok(FILES, format!("files and TCP ports are restricted by Landlock {version}")),
        Some(version) => {
            let text = format!("files are restricted by Landlock {version}; TCP ports would be from Linux 6.7 on");
            Finding::ok(FILES, text)
        }
        None => lacking(mode, FILES, "the relay runs without Landlock"),
    };
    let calls = match relay.calls {
        true => Finding::ok(CALLS, "the relay's are filtered"),
        false => lacking(mode, CALLS, "the relay's are not filtered"),
    };
    // A system without swap when the relay started may have some now.
    let swap_now = if relay.swap == Swap::None { Offered::here().swap } else { relay.swap };
    vec![files, calls, dumps(relay), swap(swap_now), user(relay)]
}

fn of_system(mode: SandboxMode, offered: &Offered) -> Vec<Finding> {
    let files = match offered {
        Offered { files: version, files_suffice: true, .. } => {
            Finding::ok(FILES, format!("this kernel offers Landlock {version}"))
        }
        Offered { files: 0, .. } => absent(mode, FILES, "this kernel offers no Landlock"),
        Offered { files: version, .. } => {
            absent(mode, FILES, &format!("this kernel's Landlock {version} is too old: 2 is needed"))
        }
    };
    let calls = match offered.calls {
        true => Finding::ok(CALLS, "this kernel can filter them"),
        false => absent(mode, CALLS, "this kernel cannot filter them"),
    };
    vec![files, calls, swap(offered.swap)]
}

/// Something that the running relay goes without.
fn lacking(mode: SandboxMode, about: &'static str, what: &str) -> Finding {
    let mend = match mode {
        SandboxMode::Off => "set `mode = \"required\"` in [sandbox] and restart it",
        _ => "its log says why; Linux 5.19 and later has it",
    };
    Finding::warning(about, format!("{what}: {mend}"))
}

/// Something that this system does not offer: a problem only where it is demanded.
fn absent(mode: SandboxMode, about: &'static str, what: &str) -> Finding {
    match mode {
        SandboxMode::Required => {
            let mend = "the relay does not start: use Linux 5.19 or later, or set `mode = \"available\"` in [sandbox]";
            Finding::problem(about, format!("{what}, and {mend}"))
        }
        _ => Finding::warning(about, format!("{what}: the relay runs without; Linux 5.19 and later has it")),
    }
}

fn dumps(relay: &InForce) -> Finding {
    match (relay.no_core_dumps, relay.not_traceable) {
        (true, true) => Finding::ok(DUMPS, "none, and nobody but root can trace the relay"),
        (false, _) => Finding::warning(DUMPS, "possible: set LimitCORE=0 for the relay, the log says why it could not"),
        (true, false) => {
            Finding::warning(DUMPS, "none, but programs of the relay's user can trace it; the log says why")
        }
    }
}

fn swap(swap: Swap) -> Finding {
    match swap {
        Swap::None => Finding::ok(SWAP, "this system has none"),
        Swap::Excluded => Finding::ok(SWAP, "the relay's control group has none (MemorySwapMax=0)"),
        Swap::Locked => Finding::ok(SWAP, "the relay's memory is locked"),
        Swap::Possible => {
            let mend = "run the relay by deploy/sealdrop.service (MemorySwapMax=0, LimitMEMLOCK=infinity), or encrypt the \
                        swap with a key that is new at each boot";
            Finding::warning(SWAP, format!("the relay's memory can get into it: {mend}"))
        }
    }
}

fn user(relay: &InForce) -> Finding {
    match relay.root {
        false => Finding::ok(USER, "the relay is not root, and has no capability"),
        true => {
            let text =
                "the relay runs as root, though without capabilities: give it a user of its own, see deploy/README.md";
            Finding::warning(USER, text)
        }
    }
}
