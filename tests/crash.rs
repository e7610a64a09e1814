//! `kill -9` at every durable step: what got its 250 is there after the next start and goes out exactly once, and what did
//! not is taken at the sender's next try, once. (The page cache survives a kill: what power cuts do is another proof.)
//!
//! `SEALDROP_LONG=1` visits every system call instead of a sample, and makes many more rounds under load.

mod support;

use sealdrop::chance::fraction;
use std::{
    collections::HashMap,
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use support::{
    agency::{PATIENCE, eventually},
    office::{ALICE, CLIENT, Office, armored, id_of, installed},
    scripted_server::{CLOSE, Script},
};

/// System calls that durable steps are made of, and that answers are sent with. strace counts them for each thread.
const STEPS: [(Thread, &str); 9] = [
    (Thread::Any, "openat"),
    (Thread::Any, "write"),
    (Thread::Any, "fdatasync"),
    (Thread::Any, "sendto"),
    (Thread::Committer, "rename"),
    (Thread::Committer, "openat"),
    (Thread::Committer, "fsync"),
    (Thread::Committer, "pwrite64"),
    (Thread::Committer, "fdatasync"),
];
/// The time in which strace lets go of a relay that lives.
const LETTING_GO: Duration = Duration::from_secs(3);
/// A sweep goes no farther than this: what answers wakes itself up without end.
const FARTHEST: usize = 40;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Thread {
    Committer,
    /// Any: the first that gets so far.
    Any,
}

fn long() -> bool {
    std::env::var_os("SEALDROP_LONG").is_some()
}

/// strace on some threads of the relay, which kills the relay at one of their system calls.
struct Tracer(Child);

impl Tracer {
    /// Attaches to the threads; `None` where tracing is not permitted.
    fn attach(office: &Office, thread: Thread, call: &str, at: usize) -> Option<Self> {
        let pid = office.agency.pid();
        let mut strace = Command::new("strace");
        match thread {
            Thread::Any => strace.args(["-f", "-p", &pid.to_string()]),
            Thread::Committer => strace.args(["-p", &committer(pid)]),
        };
        let inject = format!("inject={call}:signal=KILL:when={at}");
        strace.args(["-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject]);
        let mut process = strace.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        if !lines.take(1).any(|line| line.contains(" attached")) {
            eprintln!("NOTICE: strace may not trace here: the kills at system calls are skipped");
            process.wait().unwrap();
            return None;
        }
        Some(Self(process))
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        // Asked to end, it lets go of the relay; killed, it would leave it stopped.
        let _ = Command::new("kill").args(["-s", "TERM", &self.0.id().to_string()]).stderr(Stdio::null()).status();
        // strace was seen to wait for ever for a thread whose process it had killed itself: then there is nothing to let go of.
        let asked = Instant::now();
        while asked.elapsed() < LETTING_GO && matches!(self.0.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The id of the thread that makes messages durable. It names itself a moment after the relay is ready.
fn committer(pid: u32) -> String {
    let name = |id: &String| fs::read_to_string(format!("/proc/{pid}/task/{id}/comm")).unwrap_or_default();
    let started = Instant::now();
    loop {
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
        let mut ids = tasks.map(|task| task.unwrap().file_name().into_string().unwrap());
        if let Some(id) = ids.find(|id| name(id).trim() == "committer") {
            return id;
        }
        assert!(started.elapsed() < PATIENCE, "the relay has no committer");
        std::thread::yield_now();
    }
}

/// A mail that is known by its number.
fn mail(number: usize) -> Vec<u8> {
    format!("Message-ID: <{number}@client.example>\r\nSubject: papers\r\n\r\nThis is mail number {number}.\r\n")
        .into_bytes()
}

/// An agency without confirmations, whose staff's server takes nothing until it is told to.
async fn office() -> Office {
    let office = Office::closed("").await;
    office.agency.configure("enabled = true", "enabled = false");
    office
}

fn server_takes(office: &Office, takes: bool) {
    let answers = if takes { Vec::new() } else { vec![("connect", CLOSE)] };
    office.server.now(Script { answers, ..Script::default() });
}

/// Lets nothing go out from now on. The relay starts anew, because it may keep a connection over which the server would still
/// take mail; and mail that the server took in the moment of a kill goes out again (with the same Message-ID), as it must.
fn close_the_server(office: &mut Office) {
    server_takes(office, false);
    office.agency.kill();
    office.agency.start();
}

/// Waits until all of these (numbers, and ids where the client saw a 250) went out, and checks that each did once.
async fn each_went_out_once(office: &Office, sent: &HashMap<usize, Option<String>>) {
    let known = office.agency.json(&["message", "list"]).to_string();
    let lost: Vec<_> = sent.values().flatten().filter(|id| !known.contains(id.as_str())).collect();
    assert!(lost.is_empty(), "{lost:?} got their 250 and are not in the store");
    let forwards = || office.server.mails().into_iter().filter(|mail| mail.to == [ALICE]);
    // Asked again and again: an attempt that is under way at the moment is not due, and may be deferred after that.
    eventually("every mail", || {
        office.agency.must(&["queue", "retry"]);
        (forwards().count() >= sent.len()).then_some(())
    })
    .await;
    office.idle().await;
    let mut numbers = HashMap::<usize, usize>::new();
    for forward in forwards() {
        let opened = office.alice.decrypt(armored(&forward.text).as_bytes());
        let text = String::from_utf8_lossy(&opened.plain).into_owned();
        let number = text.split("mail number ").nth(1).and_then(|rest| rest.split('.').next()).unwrap();
        *numbers.entry(number.parse().unwrap()).or_default() += 1;
    }
    let wrong: Vec<_> = sent.keys().filter(|number| numbers.get(number) != Some(&1)).collect();
    assert!(wrong.is_empty(), "{wrong:?} of {numbers:?} did not go out exactly once\n{}", office.agency.log());
    office.agency.must(&["audit", "verify"]);
    office.server.forget();
}

/// Kills the relay at one system call of a message's way, starts it again, and lets the sender try again if it has no 250.
/// Whether the relay was killed before the 250; None where tracing is not permitted.
async fn killed_at(office: &mut Office, thread: Thread, call: &str, at: usize, number: usize) -> Option<bool> {
    close_the_server(office);
    let tracer = Tracer::attach(office, thread, call, at)?;
    let answer = office.agency.send(CLIENT, &[&office.case], &mail(number)).await;
    let id = answer.as_ref().ok().map(|answer| id_of(answer.first_line().unwrap()));
    drop(tracer);
    let survived = id.is_some() && office.agency.runs();
    if !survived {
        office.agency.kill();
        office.agency.start();
    }
    server_takes(office, true);
    let tried = match &id {
        Some(id) => id.clone(),
        None => id_of(office.agency.send(CLIENT, &[&office.case], &mail(number)).await.unwrap().first_line().unwrap()),
    };
    each_went_out_once(office, &HashMap::from([(number, Some(tried))])).await;
    Some(id.is_none())
}

#[tokio::test]
async fn a_kill_at_any_step_loses_nothing_and_doubles_nothing() {
    if !installed("strace") {
        return;
    }
    let mut office = office().await;
    office.agency.start();
    let (mut number, mut visited) = (0, Vec::new());
    for (thread, call) in STEPS {
        let (mut at, mut killed) = (1, 0);
        while at <= FARTHEST {
            number += 1;
            let Some(before_the_250) = killed_at(&mut office, thread, call, at, number).await else { return };
            if !before_the_250 {
                break;
            }
            killed += 1;
            at += if long() { 1 } else { 1 + at / 2 };
        }
        visited.push((thread, call, killed));
    }
    eprintln!("killed before the 250: {visited:?}");
    let missed: Vec<_> = visited.iter().filter(|(_, _, killed)| *killed == 0).collect();
    assert!(missed.is_empty(), "{missed:?} never took place between MAIL and 250: the table of steps is not true");
}

/// Sends mails one after the other until the relay is gone; the numbers it tried, with the ids that it was told.
async fn send_until_killed(office: &Office, numbers: impl Iterator<Item = usize>) -> HashMap<usize, Option<String>> {
    let mut sent = HashMap::new();
    for number in numbers {
        match office.agency.send(CLIENT, &[&office.case], &mail(number)).await {
            Ok(answer) => sent.insert(number, Some(id_of(answer.first_line().unwrap()))),
            Err(_) => {
                sent.insert(number, None);
                break;
            }
        };
    }
    sent
}

#[tokio::test]
async fn kills_under_load_lose_nothing_and_double_nothing() {
    const SENDERS: usize = 4;
    let mut office = office().await;
    office.agency.start();
    let (rounds, mut first, mut acknowledged) = (if long() { 100 } else { 5 }, 0, 0);
    for _ in 0..rounds {
        close_the_server(&mut office);
        let pid = office.agency.pid().to_string();
        let killer = tokio::task::spawn_blocking(move || {
            // Not to wait for anything: to hit any moment.
            std::thread::sleep(Duration::from_secs(1).mul_f64(0.2 + 0.8 * fraction()));
            Command::new("kill").args(["-s", "KILL", &pid]).status().unwrap()
        });
        let senders = (0..SENDERS).map(|at| send_until_killed(&office, (first + at..).step_by(SENDERS)));
        let mut sent = HashMap::new();
        for tried in join_all(senders).await {
            sent.extend(tried);
        }
        killer.await.unwrap();
        office.agency.kill();
        office.agency.start();
        server_takes(&office, true);
        acknowledged += sent.values().flatten().count();
        let again: Vec<usize> = sent.iter().filter(|(_, id)| id.is_none()).map(|(number, _)| *number).collect();
        sent.extend(send_until_killed(&office, again.into_iter()).await);
        first += SENDERS * (1 + sent.len());
        each_went_out_once(&office, &sent).await;
    }
    eprintln!("{acknowledged} mails were acknowledged before {rounds} kills");
    assert!(acknowledged > 0, "no mail was acknowledged before a kill: there was no load");
}

/// Drives all at once in this task: they borrow.
async fn join_all<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut running: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        for (future, done) in running.iter_mut().filter(|(_, done)| done.is_none()) {
            if let std::task::Poll::Ready(value) = future.as_mut().poll(context) {
                *done = Some(value);
            }
        }
        if running.iter().all(|(_, done)| done.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    running.into_iter().filter_map(|(_, done)| done).collect()
}
