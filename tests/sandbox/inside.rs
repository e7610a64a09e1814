//! From inside: this test program starts itself once more for each act. The child enters the sandbox of a configuration as the relay
//! does, and a thread that it makes afterwards then tries the act. Each forbidden act is done without the sandbox first: one that
//! fails anyway proves nothing.

use crate::support::agency::Agency;
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, setrlimit};
use sealdrop::{
    config::Config,
    sandbox::{self, Offered},
    tls,
};
use std::{
    env, fs, io,
    net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs, UdpSocket},
    os::unix::{
        fs::{PermissionsExt, symlink},
        net::UnixListener,
        process::{CommandExt, ExitStatusExt},
    },
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// What a child is told.
const ACT: &str = "SEALDROP_TEST_ACT";
const ON: &str = "SEALDROP_TEST_ON";
const SANDBOX: &str = "SEALDROP_TEST_SANDBOX";

/// A set-up with something beside it that is nobody's business.
struct Place {
    agency: Agency,
    other: tempfile::TempDir,
    smarthost: TcpListener,
}

impl Place {
    fn new() -> Self {
        let smarthost = TcpListener::bind("127.0.0.1:0").unwrap();
        let agency = Agency::new(smarthost.local_addr().unwrap(), "");
        Self { agency, other: tempfile::tempdir().unwrap(), smarthost }
    }

    /// A file outside that holds something.
    fn file_outside(&self) -> String {
        let file = self.other.path().join("file");
        fs::write(&file, "untouched").unwrap();
        file.display().to_string()
    }

    /// Runs an act in a child, in the sandbox or not.
    fn act(&self, act: &str, on: &str, sandboxed: bool) -> Output {
        let mut child = Command::new(env::current_exe().unwrap());
        child.args(["--exact", "inside::a_child_acts", "--ignored", "--nocapture", "--test-threads=1"]);
        child.env("SEALDROP_CONFIG", self.agency.path("sealdrop.toml"));
        child.env(ACT, act).env(ON, on).env(SANDBOX, if sandboxed { "yes" } else { "" });
        child.output().unwrap()
    }

    /// What came of an act: `done`, or the error's kind.
    fn outcome(&self, act: &str, on: &str, sandboxed: bool) -> String {
        let output = self.act(act, on, sandboxed);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let outcome = text.lines().find_map(|line| line.split_once("outcome: ")).map(|(_, outcome)| outcome.to_owned());
        let said = String::from_utf8_lossy(&output.stderr);
        outcome.unwrap_or_else(|| panic!("{act} {on}: {:?}\n{text}\n{said}", output.status))
    }

    /// The act works without the sandbox and fails in it with this.
    #[track_caller]
    fn forbids(&self, act: &str, on: &str, how: &str) {
        assert_eq!(self.outcome(act, on, false), "done", "{act} {on} without the sandbox proves nothing");
        assert_eq!(self.outcome(act, on, true), how, "{act} {on}");
    }

    #[track_caller]
    fn permits(&self, act: &str, on: &str) {
        assert_eq!(self.outcome(act, on, true), "done", "{act} {on}");
    }
}

const DENIED: &str = "permission denied";
/// Filtered calls fail as if the kernel did not have them.
const NO_SUCH_CALL: &str = "unsupported";

#[test]
fn no_file_outside_is_read() {
    let place = Place::new();
    let outside = place.file_outside();
    if rustix::process::geteuid().is_root() {
        place.forbids("read", "/etc/shadow", DENIED);
    } else {
        assert_eq!(place.outcome("read", "/etc/shadow", true), DENIED);
    }
    for path in ["/etc/group", "/proc/self/environ", "/proc/1/status", outside.as_str()] {
        place.forbids("read", path, DENIED);
    }
    place.forbids("list", "/etc", DENIED);
    place.forbids("list", "/", DENIED);
}

#[test]
fn nothing_outside_is_written() {
    let place = Place::new();
    let outside = place.file_outside();
    let beside = |name: &str| place.other.path().join(name).display().to_string();
    place.forbids("write", &beside("new"), DENIED);
    place.forbids("write", "/dev/shm/sealdrop-sandbox-test", DENIED);
    // The configuration can be read, and not changed.
    place.forbids("append", place.agency.path("sealdrop.toml").to_str().unwrap(), DENIED);
    assert_eq!(place.outcome("truncate", &outside, true), DENIED);
    assert_eq!(place.outcome("remove", &outside, true), DENIED);
    assert_eq!(place.outcome("move in", &outside, true), DENIED);
    assert_eq!(fs::read_to_string(&outside).unwrap(), "untouched");
    fs::remove_file("/dev/shm/sealdrop-sandbox-test").unwrap();
}

#[test]
fn no_program_is_started() {
    let place = Place::new();
    let started = place.act("exec", "/bin/true", false);
    assert!(started.status.success() && !String::from_utf8_lossy(&started.stdout).contains("outcome"));
    let tried = place.act("exec", "/bin/true", true);
    assert_eq!(tried.status.signal(), Some(libc::SIGSYS), "the process is killed at once: {:?}", tried.status);
    assert!(!tried.status.core_dumped());
    place.forbids("spawn", "/bin/true", NO_SUCH_CALL);
}

#[test]
fn no_other_port_is_reached_or_opened() {
    if Offered::here().files < 4 {
        return eprintln!("NOTICE: this kernel does not restrict TCP ports: skipped");
    }
    let place = Place::new();
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    place.forbids("connect", &stranger.local_addr().unwrap().to_string(), DENIED);
    place.forbids("listen", "127.0.0.1:0", DENIED);
    place.permits("connect", &place.smarthost.local_addr().unwrap().to_string());
}

#[test]
fn other_processes_are_out_of_reach_and_the_way_back_is_closed() {
    let place = Place::new();
    let own = std::process::id().to_string();
    assert_eq!(place.outcome("signal", &own, false), "done");
    assert_eq!(place.act("signal", &own, true).status.signal(), Some(libc::SIGSYS));
    place.forbids("become dumpable", "", NO_SUCH_CALL);
    place.forbids("set a limit", "", NO_SUCH_CALL);
    place.forbids("make a link", "", NO_SUCH_CALL);
}

#[test]
fn what_the_relay_needs_still_works() {
    let place = Place::new();
    for act in ["keep", "read certificates", "look up", "datagram", "panic", "threads", "control socket"] {
        place.permits(act, "");
    }
    for name in ["sealdrop.toml", "tls/cert.pem", "tls/key.pem", "at-rest.key", "data/relay-key.asc"] {
        place.permits("read", place.agency.path(name).to_str().unwrap());
    }
    for path in ["/etc/passwd", "/etc/hosts", "/etc/resolv.conf"] {
        if Path::new(path).exists() {
            place.permits("read", path);
        }
    }
}

/// Not a test of its own: what the children of the others run.
#[test]
#[ignore = "run by the other tests"]
#[allow(clippy::print_stdout, reason = "the parent reads what came of it")]
fn a_child_acts() {
    let Ok(act) = env::var(ACT) else { return };
    let config = Config::read(Path::new(&env::var("SEALDROP_CONFIG").unwrap())).unwrap();
    if !env::var(SANDBOX).unwrap().is_empty() {
        sandbox::prepare();
        sandbox::enter(&config).unwrap();
    }
    let on = env::var(ON).unwrap();
    let outcome = std::thread::spawn(move || perform(&act, &on, &config)).join().unwrap();
    match outcome {
        Ok(()) => println!("\noutcome: done"),
        Err(error) => println!("\noutcome: {}", error.kind()),
    }
}

fn perform(act: &str, on: &str, config: &Config) -> io::Result<()> {
    let data = &config.relay.data_dir;
    match act {
        "read" => fs::read(on).map(drop),
        "list" => fs::read_dir(on).map(drop),
        "write" => fs::write(on, "x"),
        "append" => fs::OpenOptions::new().append(true).open(on).map(drop),
        "truncate" => fs::OpenOptions::new().write(true).truncate(true).open(on).map(drop),
        "remove" => fs::remove_file(on),
        "move in" => fs::rename(on, data.join("moved")),
        "make a link" => symlink("/etc/shadow", data.join(format!("link-{}", std::process::id()))),
        "exec" => Err(Command::new(on).exec()),
        "spawn" => Command::new(on).status().map(drop),
        "connect" => TcpStream::connect(on.parse::<SocketAddr>().unwrap()).map(drop),
        "listen" => TcpListener::bind(on).map(drop),
        "signal" => {
            let pid = rustix::process::Pid::from_raw(on.parse().unwrap()).unwrap();
            Ok(rustix::process::test_kill_process(pid)?)
        }
        "become dumpable" => Ok(rustix::process::set_dumpable_behavior(DumpableBehavior::Dumpable)?),
        "set a limit" => {
            let maximum = getrlimit(Resource::Nofile).maximum;
            Ok(setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum })?)
        }
        _ => perform_needed(act, data),
    }
}

fn perform_needed(act: &str, data: &Path) -> io::Result<()> {
    match act {
        "keep" => keep(data),
        "read certificates" => tls::client_config(None).map(drop).map_err(io::Error::other),
        "look up" => "localhost:25".to_socket_addrs().map(drop),
        "datagram" => UdpSocket::bind("127.0.0.1:0")?.send_to(b"x", "127.0.0.1:9").map(drop),
        "panic" => {
            let caught = std::panic::catch_unwind(|| panic!("caught in the sandbox"));
            caught.err().map(drop).ok_or_else(|| io::Error::other("no panic"))
        }
        "threads" => {
            let threads: Vec<_> =
                (0..20).map(|n| std::thread::Builder::new().name(format!("t{n}")).spawn(|| ())).collect();
            threads.into_iter().try_for_each(|thread| thread.map(|thread| thread.join().unwrap()))
        }
        "control socket" => {
            let path: PathBuf = data.join("test.sock");
            let _listener = UnixListener::bind(&path)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
            std::os::unix::net::UnixStream::connect(&path)?;
            fs::rename(&path, data.join("test2.sock"))
        }
        other => panic!("no such act: {other}"),
    }
}

/// What the spool does: a draft in a directory of its own, made durable and moved.
fn keep(data: &Path) -> io::Result<()> {
    let (drafts, spool) = (data.join("drafts-test"), data.join("spool-test"));
    fs::create_dir_all(&drafts)?;
    fs::create_dir_all(&spool)?;
    let file = fs::File::create(drafts.join("1"))?;
    io::Write::write_all(&mut &file, b"ciphertext")?;
    file.set_len(5)?;
    file.sync_all()?;
    fs::rename(drafts.join("1"), spool.join("1"))?;
    fs::File::open(&spool)?.sync_all()?;
    assert_eq!(fs::read(spool.join("1"))?, b"ciphe");
    fs::remove_file(spool.join("1"))
}
