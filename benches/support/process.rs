//! What a server costs: CPU time and memory of a process and all of its descendants, as the kernel counts them.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// The kernel's clock tick in /proc (USER_HZ), the same on all Linux systems.
const TICK: Duration = Duration::from_millis(10);

/// CPU time of the process, of its descendants, and of all those that ended and were waited for.
pub fn cpu(pid: u32) -> Duration {
    tree(pid).into_iter().filter_map(ticks).sum::<u32>() * TICK
}

/// The process and its descendants.
fn tree(pid: u32) -> Vec<u32> {
    let mut found = vec![pid];
    let mut at = 0;
    while let Some(parent) = found.get(at) {
        let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
        found.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        at += 1;
    }
    found
}

/// utime, stime, cutime and cstime (proc(5)); None when the process is gone: its parent has its time then.
fn ticks(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    Some(fields.split(' ').skip(11).take(4).filter_map(|field| field.parse::<u32>().ok()).sum())
}

/// Waits until the server has done what it still had to do: less than 2 % of a core in half a second. A minute at most.
pub fn settle(pid: u32) {
    const LOOK: Duration = Duration::from_millis(500);
    for _ in 0..120 {
        let before = cpu(pid);
        thread::sleep(LOOK);
        if cpu(pid) - before <= TICK {
            return;
        }
    }
}

/// The most memory that one process ever had resident (VmHWM), in KiB.
pub fn peak_resident(pid: u32) -> u64 {
    field(&format!("/proc/{pid}/status"), "VmHWM:")
}

/// Looks every 50 ms at the memory of a process and its descendants (their proportional shares added up).
pub struct Watch {
    most: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Watch {
    pub fn start(pid: u32) -> Self {
        let (most, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (kept, stopped) = (most.clone(), stop.clone());
        let thread = thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let now = tree(pid).iter().map(|pid| field(&format!("/proc/{pid}/smaps_rollup"), "Pss:")).sum();
                kept.fetch_max(now, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(50));
            }
        });
        Self { most, stop, thread }
    }

    /// The most that was seen, in KiB.
    pub fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the watch does not panic");
        self.most.load(Ordering::Relaxed)
    }
}

fn field(file: &str, name: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}
