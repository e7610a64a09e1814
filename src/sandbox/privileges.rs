//! Capabilities and privileges: all given up, also by root. Never gains one.

use rustix::{
    io::Errno,
    thread::{
        CapabilitySet, CapabilitySets, capabilities, capability_is_in_bounding_set, clear_ambient_capability_set,
        remove_capability_from_bounding_set, set_capabilities, set_no_new_privs,
    },
};

/// Privileges were not given up.
#[derive(Debug, thiserror::Error)]
pub enum PrivilegesError {
    #[error("capabilities cannot be dropped ({0}): start the relay without any, as deploy/sealdrop.service does")]
    Capabilities(Errno),
    #[error("the kernel does not promise that no privilege comes back ({0})")]
    NoNewPrivileges(Errno),
}

/// Gives up every capability, also the one that bound port 25, and the way back: no program that is executed gets a privilege
/// that this process does not have (PR_SET_NO_NEW_PRIVS). Root without capabilities is bound by the modes of files like
/// everybody.
pub(super) fn give_up() -> Result<(), PrivilegesError> {
    // Kernels without ambient capabilities have none to clear.
    let _ = clear_ambient_capability_set();
    // Only who may change capabilities can shrink the bounding set; for all others it has no meaning without a privilege.
    for bit in 0..u64::BITS {
        let one = CapabilitySet::from_bits_retain(1 << bit);
        if capability_is_in_bounding_set(one).unwrap_or(false) {
            let _ = remove_capability_from_bounding_set(one);
        }
    }
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    // Asked first: a filter of the unit may forbid the change, and where there is nothing to drop it is not needed.
    if capabilities(None) != Ok(none) {
        set_capabilities(None, none).map_err(PrivilegesError::Capabilities)?;
    }
    set_no_new_privs(true).map_err(PrivilegesError::NoNewPrivileges)
}

/// Whether this process runs as root.
pub(super) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
