//! Memory that must not leave the process: no core dump, nobody who traces, no swap. And as many open files as there may be.
//! Never raises a hard limit.

use super::Swap;
use rustix::{
    mm::{MlockAllFlags, mlockall},
    process::{DumpableBehavior, Resource, Rlimit, dumpable_behavior, getrlimit, set_dumpable_behavior, setrlimit},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

/// Whether all memory of this process is locked.
static LOCKED: AtomicBool = AtomicBool::new(false);

/// Raises the soft limit on open files to the hard one.
pub(super) fn raise_open_files() {
    let files = getrlimit(Resource::Nofile);
    let wanted = Rlimit { current: files.maximum, maximum: files.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, wanted) {
        tracing::warn!(%error, "the limit on open files stays as it is");
    }
}

/// Forbids core dumps, and makes the process one that only a privileged user may trace or look into: a core dump, ptrace and
/// /proc/PID/mem all show plaintext. (`prctl(2)`, PR_SET_DUMPABLE.)
pub(super) fn forbid_dumps() {
    if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
        tracing::warn!(%error, "core dumps cannot be forbidden");
    }
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "the process can be traced by its own user");
    }
}

/// Whether core dumps are forbidden, and whether tracing is.
pub(super) fn dumps_forbidden() -> (bool, bool) {
    let core = getrlimit(Resource::Core).maximum == Some(0);
    (core, matches!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable)))
}

/// Locks all memory, now and later, if the limit on locked memory is none. Pages are locked when they are touched, so that
/// reserved address space costs nothing. Below a limit nothing is locked: the process would run into it later, in mid-message.
pub(super) fn lock() {
    if getrlimit(Resource::Memlock).maximum.is_some() {
        return;
    }
    let all = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    let unlimited = Rlimit { current: None, maximum: None };
    let done = setrlimit(Resource::Memlock, unlimited).and_then(|()| mlockall(all));
    LOCKED.store(done.is_ok(), Ordering::Relaxed);
}

/// Whether memory of this process can get into the swap.
pub(super) fn swap() -> Swap {
    let swaps = fs::read_to_string("/proc/swaps");
    if LOCKED.load(Ordering::Relaxed) {
        Swap::Locked
    } else if swap_is_off(&fs::read_to_string("/proc/self/cgroup").unwrap_or_default(), Path::new("/sys/fs/cgroup")) {
        Swap::Excluded
    } else if swaps.is_ok_and(|swaps| swaps.lines().count() <= 1) {
        Swap::None
    } else {
        Swap::Possible
    }
}

/// Whether the control group or one around it may not swap (cgroup v2, `memory.swap.max`). `cgroup` is the text of
/// /proc/self/cgroup.
fn swap_is_off(cgroup: &str, root: &Path) -> bool {
    let Some(own) = cgroup.lines().find_map(|line| line.strip_prefix("0::/")) else { return false };
    let mut group: PathBuf = root.join(own);
    while group.starts_with(root) {
        if fs::read_to_string(group.join("memory.swap.max")).is_ok_and(|max| max.trim() == "0") {
            return true;
        }
        if !group.pop() {
            break;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_or_one_around_it_excludes_swap() {
        let root = tempfile::tempdir().unwrap();
        let group = root.path().join("system.slice/sealdrop.service");
        fs::create_dir_all(&group).unwrap();
        let text = "4:memory:/else\n0::/system.slice/sealdrop.service\n";
        assert!(!swap_is_off(text, root.path()));
        fs::write(group.join("memory.swap.max"), "max\n").unwrap();
        assert!(!swap_is_off(text, root.path()));
        fs::write(root.path().join("system.slice/memory.swap.max"), "0\n").unwrap();
        assert!(swap_is_off(text, root.path()));
        fs::remove_file(root.path().join("system.slice/memory.swap.max")).unwrap();
        fs::write(group.join("memory.swap.max"), "0\n").unwrap();
        assert!(swap_is_off(text, root.path()));
        assert!(!swap_is_off("4:memory:/system.slice/sealdrop.service\n", root.path()));
    }
}
