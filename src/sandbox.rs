//! What the process may use and what it gives up. So far: as many files as the system lets it open, since each connection is one, and
//! no core dump, which would be plaintext on the disk. Never asks for more than the hard limits.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the soft limit on open files to the hard one, and forbids core dumps. A system that refuses is told of in the log: the
/// relay works without, with fewer connections.
pub fn set_limits() {
    let files = getrlimit(Resource::Nofile);
    let wanted = Rlimit { current: files.maximum, maximum: files.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, wanted) {
        tracing::warn!(%error, "the limit on open files stays as it is");
    }
    if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
        tracing::warn!(%error, "core dumps cannot be forbidden");
    }
}
