//! The most memory that a process had at once, since it was last asked to forget.

use std::fs;

/// Makes the system forget the peak so far (Linux, proc(5), `clear_refs`).
pub fn forget(pid: u32) {
    fs::write(format!("/proc/{pid}/clear_refs"), "5").unwrap();
}

/// Peak resident memory in KiB.
pub fn kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
