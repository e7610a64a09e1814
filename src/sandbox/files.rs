//! Files and TCP ports by Landlock (landlock(7)): what a [`Reach`] names, and nothing else. The kernel's interface grew: each
//! version restricts more, and what a kernel does not know stays as it was. Never restricts half-heartedly what it can whole.

use super::Reach;
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, NetPort, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};

/// The least version that is of use: the first (Linux 5.13) forbids every rename from one directory to another, by which a
/// finished draft enters the spool. The second came with Linux 5.19.
pub(super) const LEAST: u8 = 2;
/// The version from which on TCP ports are restricted (Linux 6.7).
const PORTS_FROM: u8 = 4;
/// The version from which on signals and abstract sockets are restricted (Linux 6.12).
const SCOPES_FROM: u8 = 6;
/// The newest version that this was tested with.
const TESTED: ABI = ABI::V6;

/// Files are not restricted.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    #[error(
        "this kernel offers no Landlock to restrict files with: Linux 5.19 or later has it, unless its `lsm=` parameter leaves \
         it out (cat /sys/kernel/security/lsm)"
    )]
    Absent,
    #[error("this kernel's Landlock (version {0}) is older than Linux 5.19's, which is the first that can be used")]
    TooOld(u8),
    #[error("Landlock refused the rules: {0}")]
    Refused(#[from] RulesetError),
}

/// The version of Landlock that this kernel offers, 0 for none. Only asks.
pub(super) fn offered() -> u8 {
    let demanding = || Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    let files = |abi| demanding().handle_access(AccessFs::from_all(abi)).is_ok();
    let versions = [
        demanding().scope(Scope::from_all(ABI::V6)).is_ok().then_some(6),
        files(ABI::V5).then_some(5),
        demanding().handle_access(AccessNet::from_all(ABI::V4)).is_ok().then_some(4),
        files(ABI::V3).then_some(3),
        files(ABI::V2).then_some(2),
        files(ABI::V1).then_some(1),
    ];
    versions.into_iter().flatten().next().unwrap_or(0)
}

/// What a version restricts beside files.
pub(super) fn also(version: u8) -> &'static str {
    match version {
        SCOPES_FROM.. => "and TCP ports, signals and abstract sockets ",
        PORTS_FROM.. => "and TCP ports ",
        _ => "",
    }
}

/// Restricts this thread, and all that it will make, to `reach`. Gives the version that holds.
pub(super) fn restrict(reach: &Reach) -> Result<u8, FilesError> {
    let version = offered();
    match version {
        0 => return Err(FilesError::Absent),
        older if older < LEAST => return Err(FilesError::TooOld(older)),
        _ => {}
    }
    let mut rules = Ruleset::default().handle_access(AccessFs::from_all(TESTED))?;
    rules = rules.handle_access(AccessNet::from_all(TESTED))?.scope(scopes())?;
    let mut rules = rules.create()?;
    for path in reach.readable() {
        // What is absent is not needed: systems differ in where they keep their certificate authorities.
        let Ok(opened) = PathFd::new(path) else { continue };
        let read = if path.is_dir() { AccessFs::ReadFile | AccessFs::ReadDir } else { AccessFs::ReadFile.into() };
        rules = rules.add_rule(PathBeneath::new(opened, read))?;
    }
    // Where it is absent, who opens it next says so, and what to do.
    if let Ok(data) = PathFd::new(reach.writable()) {
        rules = rules.add_rule(PathBeneath::new(data, whole()))?;
    }
    for port in reach.ports() {
        rules = rules.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
    }
    let status = rules.restrict_self()?;
    if status.ruleset == RulesetStatus::NotEnforced { Err(FilesError::Absent) } else { Ok(version) }
}

/// What may be done in the data directory: files, directories and the control socket come and go there; devices, pipes and
/// symbolic links are never made, and nothing is executed.
fn whole() -> BitFlags<AccessFs> {
    let never = AccessFs::Execute
        | AccessFs::MakeChar
        | AccessFs::MakeBlock
        | AccessFs::MakeFifo
        | AccessFs::MakeSym
        | AccessFs::IoctlDev;
    AccessFs::from_all(TESTED) & !never
}

/// No signal to a process outside, no connection to its abstract sockets; except where systemd itself listens on one for our
/// word that we are ready (sd_notify(3)).
fn scopes() -> BitFlags<Scope> {
    let told_by_abstract = std::env::var("NOTIFY_SOCKET").is_ok_and(|socket| socket.starts_with('@'));
    if told_by_abstract { Scope::Signal.into() } else { Scope::from_all(TESTED) }
}
