//! What the process may use and what it gives up, for good: files (Landlock), system calls (seccomp), capabilities, new
//! privileges, core dumps, being traced. A flaw in a parser then yields an attacker a process that can read the staff's
//! ciphertext and talk to the smarthost, and little else: no other file, no program, no other port.
//!
//! Landlock and capabilities belong to a thread and are inherited by the threads that it makes: [`enter`] is called by the main
//! thread before there is another. Nothing here can be undone, and nothing here asks for more than the process has.

mod calls;
mod files;
mod in_force;
mod memory;
mod privileges;
mod reach;

use crate::config::{Config, SandboxMode};
use std::sync::OnceLock;

pub use calls::CallsError;
pub use files::FilesError;
pub use in_force::{InForce, Offered, Swap};
pub use privileges::PrivilegesError;
pub use reach::Reach;

/// What holds for this process, once it is in its sandbox.
static IN_FORCE: OnceLock<InForce> = OnceLock::new();

/// The process is not in its sandbox, and the configuration demands it.
#[derive(Debug, thiserror::Error)]
#[error(
    "the sandbox cannot be entered: {0}. Mend that, or let the relay run without: `mode = \"available\"` in [sandbox] takes \
     what this system has"
)]
pub struct SandboxError(#[source] Lack);

/// What a sandbox lacks.
#[derive(Debug, thiserror::Error)]
pub enum Lack {
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error(transparent)]
    Calls(#[from] CallsError),
    #[error(transparent)]
    Privileges(#[from] PrivilegesError),
}

/// Before anything is read or opened: as many open files as the system allows, since each connection is one; no core dump and
/// nobody who traces, which both would carry plaintext out; and no memory in the swap where the limits allow to lock it. What the
/// system refuses is told of in the log: the relay works without.
pub fn prepare() {
    memory::raise_open_files();
    memory::forbid_dumps();
    memory::lock();
}

/// Enters the sandbox: from here on the process has the files, ports and system calls that `config` needs, and no others. To be
/// called once, with the listening sockets open and before a second thread runs. Gives what files and ports are in reach, None
/// when all are. Fails when something is lacking and the configuration says `required`.
pub fn enter(config: &Config) -> Result<Option<Reach>, SandboxError> {
    let reach = Reach::of(config);
    let mut in_force = InForce::so_far();
    let mode = config.sandbox.mode;
    tolerate(mode, privileges::give_up().map_err(Lack::from))?;
    if mode != SandboxMode::Off {
        in_force.files = tolerate(mode, files::restrict(&reach).map_err(Lack::from))?;
        in_force.calls = tolerate(mode, calls::restrict().map_err(Lack::from))?.is_some();
    }
    let restricted = in_force.files.is_some();
    in_force.tell();
    let _ = IN_FORCE.set(in_force);
    Ok(restricted.then_some(reach))
}

/// What holds for this process; `None` when it is not in a sandbox, as a command is not.
pub fn in_force() -> Option<&'static InForce> {
    IN_FORCE.get()
}

/// A lack is an error where the configuration demands everything, and a word in the log otherwise.
fn tolerate<T>(mode: SandboxMode, done: Result<T, Lack>) -> Result<Option<T>, SandboxError> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(lack) if mode == SandboxMode::Required => Err(SandboxError(lack)),
        Err(lack) => {
            tracing::warn!(%lack, "a part of the sandbox is not in force");
            Ok(None)
        }
    }
}
