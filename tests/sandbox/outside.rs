//! From outside: what the kernel says of the real relay, what its own user can do to it, and what happens when a debugger makes
//! the relay itself try the forbidden.

use crate::support::{
    agency::{RELAY, eventually},
    office::{ALICE, Office, installed},
    trace,
};
use std::{
    fs,
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
};

/// A user that owns nothing: `nobody`.
const NOBODY: u32 = 65_534;

/// The value of a line in /proc/PID/status.
fn status<'t>(text: &'t str, key: &str) -> &'t str {
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    line.unwrap_or_else(|| panic!("no {key}")).trim()
}

#[tokio::test]
async fn each_thread_of_the_relay_is_in_the_sandbox() {
    let office = Office::open("").await;
    office.mail("threads are made by now").await;
    office.mails_to(ALICE, 1).await;
    let pid = office.agency.pid();
    let mut threads = 0;
    for thread in fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
        let text = fs::read_to_string(thread.unwrap().path().join("status")).unwrap();
        let of = |key| status(&text, key);
        assert_eq!((of("NoNewPrivs"), of("Seccomp")), ("1", "2"));
        for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
            assert_eq!(of(set), "0000000000000000", "{set}");
        }
        threads += 1;
    }
    assert!(threads > 2, "{threads} threads");
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    let core: Vec<&str> =
        limits.lines().find(|line| line.starts_with("Max core")).unwrap().split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"]);
    assert!(office.agency.log().contains("sandbox: files "), "{}", office.agency.log());
}

#[tokio::test]
async fn check_and_the_log_say_what_holds() {
    let office = Office::closed("").await;
    let findings = |office: &Office| -> Vec<(String, String, String)> {
        let printed = office.agency.run(&["check", "--no-dns", "--json"]).stdout;
        let list: Vec<serde_json::Value> = serde_json::from_slice(&printed).unwrap();
        let word = |finding: &serde_json::Value, key| finding[key].as_str().unwrap().to_owned();
        list.iter().map(|f| (word(f, "about"), word(f, "standing"), word(f, "text"))).collect()
    };
    let about = |all: &[(String, String, String)], what: &str| {
        all.iter().find(|(about, ..)| about == what).map(|(_, standing, text)| format!("{standing}: {text}"))
    };
    let before = findings(&office);
    assert!(about(&before, "file access").unwrap().starts_with("ok: this kernel offers Landlock"));
    assert_eq!(about(&before, "system calls").unwrap(), "ok: this kernel can filter them");
    assert!(about(&before, "swap").is_some());
    let mut office = office;
    office.agency.start();
    let after = findings(&office);
    assert!(about(&after, "file access").unwrap().starts_with("ok: files "));
    assert_eq!(about(&after, "system calls").unwrap(), "ok: the relay's are filtered");
    assert_eq!(about(&after, "core dumps").unwrap(), "ok: none, and nobody but root can trace the relay");
    assert!(about(&after, "privileges").is_some());
}

/// strace sees the sandbox closed before the relay makes its second thread: Landlock holds for a thread and its children only.
#[tokio::test]
async fn the_sandbox_is_closed_before_there_is_a_second_thread() {
    if !installed("strace") {
        return;
    }
    let mut office = Office::closed("").await;
    let file = office.agency.path("calls");
    let calls = "trace=listen,landlock_restrict_self,seccomp,clone,clone3";
    let wrapper = ["strace", "-D", "-f", "-e", calls, "-o", file.to_str().unwrap()];
    office.agency.start_under(&wrapper);
    office.agency.stop();
    let text = eventually("the end of the trace", || {
        let text = fs::read_to_string(&file).unwrap();
        text.contains("+++ exited with").then_some(text)
    })
    .await;
    let first = |word: &str| text.find(word).unwrap_or_else(|| panic!("no {word} in\n{text}"));
    assert!(first("listen(") < first("landlock_restrict_self("));
    assert!(first("landlock_restrict_self(") < first("seccomp(SECCOMP_SET_MODE_FILTER"));
    assert!(text.rfind("seccomp(SECCOMP_SET_MODE_FILTER").unwrap() < first("CLONE_THREAD"));
    assert!(!text.contains("= -1 EPERM") && !text.contains("landlock_restrict_self(-1"), "{text}");
}

/// Runs gdb on a process, as root, and gives what it printed.
fn debug(pid: u32, commands: &[&str]) -> String {
    let mut gdb = Command::new("gdb");
    gdb.args(["-nx", "-batch", "-p", &pid.to_string(), "-iex", "set debuginfod enabled off", "-ex", "set language c"]);
    for command in commands {
        gdb.args(["-ex", command]);
    }
    // What it dumps of a relay that is killed must not land in the tree.
    let output = gdb.current_dir(std::env::temp_dir()).stdin(Stdio::null()).output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A system call for gdb to make. (By its number: many functions of the relay are called `open`, too.)
fn call(number: libc::c_long, arguments: &str) -> String {
    format!("print ((long(*)(long, ...))syscall)({number}, {arguments})")
}

/// The real relay, made to do by a debugger what an intruder's code would.
#[tokio::test]
async fn the_relay_itself_cannot_read_write_or_run_anything_else() {
    if !installed("gdb") || !rustix::process::geteuid().is_root() {
        return eprintln!("NOTICE: without gdb or root the relay cannot be made to try: skipped");
    }
    let mut office = Office::open("").await;
    let pid = office.agency.pid();
    let own = office.agency.path("data/by-hand");
    let errno = "print *(int*)__errno_location()";
    let opened = |path: &str, flags: &str| call(libc::SYS_openat, &format!(r#"-100, "{path}", {flags}, 0600"#));
    let written = |path: &std::path::Path| opened(path.to_str().unwrap(), "0101");
    let said = debug(
        pid,
        &[
            &opened("/etc/shadow", "0"),
            errno,
            &written(&office.agency.path("outside")),
            errno,
            // Memory that can be written and executed.
            &call(libc::SYS_mmap, "0, 4096, 7, 0x22, -1, 0"),
            errno,
            // A netlink socket.
            &call(libc::SYS_socket, "16, 3, 0"),
            errno,
            &format!("{} > 2", written(&own)),
        ],
    );
    let values: Vec<&str> =
        said.lines().filter_map(|line| line.strip_prefix('$')?.split_once(" = ")).map(|v| v.1).collect();
    let (eacces, enosys) = ("13", "38");
    assert_eq!(values, ["-1", eacces, "-1", eacces, "-1", enosys, "-1", enosys, "1"], "{said}");
    assert!(own.exists() && !office.agency.path("outside").exists());
    assert!(office.agency.runs());
    office.mail("still well").await;
    // gdb may trip over the sudden end of what it debugs.
    debug(pid, &[&call(libc::SYS_execve, r#""/bin/true", 0, 0"#)]);
    assert_eq!(office.agency.end().signal(), Some(libc::SIGSYS));
}

/// A program run by nobody, with or without the capability that port 25 takes.
fn as_nobody(words: &[&str], capability: &str) -> Command {
    let mut command = Command::new("setpriv");
    let id = NOBODY.to_string();
    command.args([&format!("--reuid={id}"), &format!("--regid={id}"), "--clear-groups"]);
    command.args([&format!("--inh-caps={capability}"), &format!("--ambient-caps={capability}")]).args(words);
    command.stdin(Stdio::null());
    command
}

/// An office whose files are nobody's, and its program where nobody may run it.
async fn office_of_nobody() -> Option<(Office, String)> {
    if !rustix::process::geteuid().is_root() || !installed("setpriv") {
        eprintln!("NOTICE: only root can be another user: skipped");
        return None;
    }
    let office = Office::closed("").await;
    // Others' programs may not reach the place where this was built.
    let program = office.agency.path("sealdrop");
    fs::copy(RELAY, &program).unwrap();
    let home = office.agency.path("").parent().unwrap().to_owned();
    let owned = Command::new("chown").args(["-R", &NOBODY.to_string()]).arg(&home).status().unwrap();
    assert!(owned.success());
    Some((office, program.display().to_string()))
}

/// Port 25 by an ambient capability, which is gone once the port is open.
#[tokio::test]
async fn port_25_takes_one_capability_for_a_moment() {
    let Some((mut office, program)) = office_of_nobody().await else { return };
    office.agency.configure(r#"listen = ["127.0.0.1:0"]"#, r#"listen = ["127.83.91.25:25"]"#);
    assert!(!office.agency.try_start_as(as_nobody(&[&program, "serve"], "-all")), "nobody may open port 25 here");
    assert!(
        office.agency.try_start_as(as_nobody(&[&program, "serve"], "+net_bind_service")),
        "{}",
        office.agency.log()
    );
    let text = fs::read_to_string(format!("/proc/{}/status", office.agency.pid())).unwrap();
    for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
        assert_eq!(status(&text, set), "0000000000000000", "{set}");
    }
    office.mail("on port 25").await;
    office.mails_to(ALICE, 1).await;
    office.agency.stop();
}

/// The relay as a user of its own: works, and that user cannot look into it.
#[tokio::test]
async fn its_own_user_cannot_trace_the_relay() {
    if !installed("strace") {
        return;
    }
    let Some((mut office, program)) = office_of_nobody().await else { return };
    assert!(office.agency.try_start_as(as_nobody(&[&program, "serve"], "-all")), "{}", office.agency.log());
    assert!(!office.agency.log().contains("as root"));

    let traced = |pid: u32| {
        let mut strace = as_nobody(&["timeout", "2", "strace", "-p", &pid.to_string()], "-all");
        let output = strace.output().unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let mut other = as_nobody(&["sleep", "60"], "-all").spawn().unwrap();
    let control = eventually("sleep to run", || {
        let name = fs::read_to_string(format!("/proc/{}/comm", other.id())).unwrap();
        (name.trim() == "sleep").then(|| traced(other.id()))
    })
    .await;
    other.kill().unwrap();
    other.wait().unwrap();
    if !control.contains("attached") {
        return eprintln!("NOTICE: here nobody may trace even their own programs: skipped");
    }
    let refused = traced(office.agency.pid());
    assert!(refused.contains("Operation not permitted"), "{refused}");
    for file in ["mem", "environ", "maps"] {
        let path = format!("/proc/{}/{file}", office.agency.pid());
        let read = as_nobody(&["head", "-c", "1", &path], "-all").output().unwrap();
        assert!(String::from_utf8_lossy(&read.stderr).contains("Permission denied"), "{path}");
    }
    office.mail("as nobody").await;
    office.mails_to(ALICE, 1).await;
    office.agency.stop();
}

/// Whatever libraries ask for while mail comes in and goes out: no call is refused but those that are meant to be.
#[tokio::test]
async fn nothing_that_the_relay_asks_for_is_refused() {
    if !installed("strace") {
        return;
    }
    let mut office = Office::closed("").await;
    let file = office.agency.path("calls");
    let mut wrapper = trace::wrapper(file.to_str().unwrap());
    let filter = wrapper.iter().position(|word| word.starts_with("trace=")).unwrap();
    wrapper[filter] = "trace=all";
    office.agency.start_under(&wrapper);
    office.mail("a whole journey").await;
    office.mails_to(ALICE, 1).await;
    office.idle().await;
    office.agency.reload().await;
    office.mail("another").await;
    office.mails_to(ALICE, 2).await;
    office.agency.stop();
    let text = eventually("the end of the trace", || {
        let text = fs::read_to_string(&file).unwrap();
        text.contains("+++ exited with").then_some(text)
    })
    .await;
    let refused = |line: &&str| line.contains("= -1 ENOSYS") && !line.contains("clone3");
    let refused: Vec<&str> = text.lines().filter(refused).collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(text.contains("clone3(") || text.contains("clone("), "strace saw nothing");
}
