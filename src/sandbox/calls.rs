//! System calls by seccomp (seccomp(2)). Three fates: what the relay needs passes; what only an intruder would try kills the
//! process at once, which systemd and the log show; everything else fails as if the kernel had no such call (ENOSYS), on which
//! the C library of a newer system falls back to an older call. Nothing that starts a program, traces or changes the kernel
//! passes.
//!
//! The list was measured (strace over all tests that run the relay) and then rounded up to what glibc and tokio use for the same
//! things elsewhere.

mod lists;

use libc::c_long;
use lists::{ALLOWED, DEADLY};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter_all_threads,
};
use std::collections::BTreeMap;

/// System calls are not filtered.
#[derive(Debug, thiserror::Error)]
pub enum CallsError {
    #[error("there is no list of system calls for this processor, {0}")]
    Processor(&'static str),
    #[error("the filter of system calls cannot be made: {0}")]
    Filter(#[from] BackendError),
    #[error("this kernel does not filter system calls ({0}): it was built without CONFIG_SECCOMP_FILTER")]
    Absent(seccompiler::Error),
}

/// Whether this kernel can filter system calls. Only asks.
pub(super) fn offered() -> bool {
    let actions = std::fs::read_to_string("/proc/sys/kernel/seccomp/actions_avail");
    actions.is_ok_and(|actions| ["kill_process", "errno", "allow"].iter().all(|action| actions.contains(action)))
}

/// Filters the system calls of every thread of this process. Of two filters the kernel takes the harsher word.
pub(super) fn restrict() -> Result<(), CallsError> {
    let processor = std::env::consts::ARCH;
    let target = TargetArch::try_from(processor).map_err(|_| CallsError::Processor(processor))?;
    let absent = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let allowing = filter(allowed()?, absent, SeccompAction::Allow, target)?;
    let killing = filter(plain(DEADLY), SeccompAction::Allow, SeccompAction::KillProcess, target)?;
    for program in [killing, allowing] {
        apply_filter_all_threads(&program).map_err(CallsError::Absent)?;
    }
    Ok(())
}

type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

fn filter(
    rules: Rules,
    otherwise: SeccompAction,
    matched: SeccompAction,
    target: TargetArch,
) -> Result<BpfProgram, BackendError> {
    SeccompFilter::new(rules, otherwise, matched, target)?.try_into()
}

/// Calls with whatever arguments.
fn plain(calls: &[c_long]) -> Rules {
    calls.iter().map(|call| (*call, Vec::new())).collect()
}

/// What passes. Some calls do with certain arguments only; of several rules for one call, each is enough.
fn allowed() -> Result<Rules, BackendError> {
    let mut rules = plain(ALLOWED);
    let mut only = |call: c_long, alternatives: Vec<Vec<SeccompCondition>>| -> Result<(), BackendError> {
        let alternatives = alternatives.into_iter().map(SeccompRule::new).collect::<Result<_, _>>()?;
        rules.insert(call, alternatives);
        Ok(())
    };
    // Threads, but no processes. (clone3 hides its flags from a filter: it "does not exist", and glibc takes clone.)
    only(libc::SYS_clone, vec![vec![has(0, libc::CLONE_THREAD)?]])?;
    // Mail, DNS, the control socket; no raw packets, no netlink, no kernel crypto.
    let families = [libc::AF_INET, libc::AF_INET6, libc::AF_UNIX];
    only(
        libc::SYS_socket,
        families.into_iter().map(|family| Ok(vec![is(0, family)?])).collect::<Result<_, BackendError>>()?,
    )?;
    only(libc::SYS_socketpair, vec![vec![is(0, libc::AF_UNIX)?]])?;
    // Names for threads and for memory; but not PR_SET_DUMPABLE, which would let others look in again.
    only(libc::SYS_prctl, vec![vec![is(0, libc::PR_SET_NAME)?], vec![is(0, libc::PR_SET_VMA)?]])?;
    // Code is mapped from files only, and nothing that was written is ever executed.
    let (writes, executes) = (libc::PROT_WRITE, libc::PROT_EXEC);
    only(libc::SYS_mmap, vec![vec![lacks(2, executes)?], vec![lacks(2, writes)?, lacks(3, libc::MAP_ANONYMOUS)?]])?;
    only(libc::SYS_mprotect, vec![vec![lacks(2, executes)?]])?;
    // Blocking or not, and whether stderr is a terminal; nothing that types into one.
    let requests = [libc::FIONBIO, libc::FIONREAD, libc::FIOCLEX, libc::TCGETS];
    let request = |request: libc::Ioctl| SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, request);
    only(libc::SYS_ioctl, requests.into_iter().map(|r| Ok(vec![request(r)?])).collect::<Result<_, BackendError>>()?)?;
    // Limits are asked for, not set.
    let no_new_limit = SeccompCondition::new(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0)?;
    only(libc::SYS_prlimit64, vec![vec![no_new_limit]])?;
    // Signals to this process only: abort() sends one.
    let own = i32::try_from(std::process::id()).unwrap_or(0);
    only(libc::SYS_tgkill, vec![vec![is(0, own)?]])?;
    Ok(rules)
}

/// The argument is this value.
fn is(argument: u8, value: i32) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, bits(value))
}

/// The argument has this bit.
fn has(argument: u8, bit: i32) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(bits(bit)), bits(bit))
}

/// The argument has none of these bits.
fn lacks(argument: u8, mask: i32) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(bits(mask)), 0)
}

fn bits(value: i32) -> u64 {
    u64::from(value.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filters_can_be_made() {
        let target = TargetArch::try_from(std::env::consts::ARCH).unwrap();
        let program = filter(allowed().unwrap(), SeccompAction::Errno(38), SeccompAction::Allow, target).unwrap();
        assert!(program.len() > ALLOWED.len() && program.len() < 1_000, "{} instructions", program.len());
    }

    #[test]
    fn no_call_is_both_allowed_and_deadly_or_listed_twice() {
        let mut all: Vec<c_long> = allowed().unwrap().into_keys().chain(DEADLY.iter().copied()).collect();
        let listed = allowed().unwrap().len() + DEADLY.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), listed);
    }
}
