//! One round: all mails of a load sent to one server, and what it cost.

use super::{
    options::Load,
    support::{
        client::{Client, Target},
        mail::photo_mail,
        process::{self, Watch},
    },
};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// A server under load.
pub struct Server {
    pub name: &'static str,
    pub target: Target,
    pub pid: u32,
    pub rounds: Vec<Figures>,
}

/// What one round showed.
pub struct Figures {
    /// From the first connection to the last 250.
    pub wall: Duration,
    /// The server's, until it had done what was left to do.
    pub cpu: Duration,
    /// From each final dot to its 250, sorted.
    pub dots: Vec<Duration>,
    /// Memory of all of the server's processes, in KiB.
    pub memory: u64,
    /// The most that its first process ever had resident, in KiB.
    pub resident: u64,
}

impl Server {
    pub fn new(name: &'static str, target: Target, pid: u32) -> Self {
        Self { name, target, pid, rounds: Vec::new() }
    }
}

/// Sends a load; every round's mails are others.
pub fn measure(server: &Server, load: &Load, round: u64, per_connection: usize) -> Figures {
    process::settle(server.pid);
    let (before, watch, start) = (process::cpu(server.pid), Watch::start(server.pid), Instant::now());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut dots = runtime.block_on(send(&server.target, load, round, per_connection));
    let wall = start.elapsed();
    process::settle(server.pid);
    dots.sort_unstable();
    Figures {
        wall,
        cpu: process::cpu(server.pid) - before,
        dots,
        memory: watch.stop(),
        resident: process::peak_resident(server.pid),
    }
}

async fn send(target: &Target, load: &Load, round: u64, per_connection: usize) -> Vec<Duration> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut senders = JoinSet::new();
    for _ in 0..load.connections {
        let sender = Sender {
            target: target.clone(),
            next: next.clone(),
            messages: load.messages,
            bytes: load.bytes,
            seed: round << 32,
            per_connection: if per_connection == 0 { usize::MAX } else { per_connection },
        };
        senders.spawn(async move { sender.run().await.expect("the server takes the load") });
    }
    senders.join_all().await.into_iter().flatten().collect()
}

/// One of the connections.
struct Sender {
    target: Target,
    /// The number of the next mail that nobody has sent yet.
    next: Arc<AtomicUsize>,
    messages: usize,
    bytes: usize,
    seed: u64,
    per_connection: usize,
}

impl Sender {
    async fn run(self) -> io::Result<Vec<Duration>> {
        let mut dots = Vec::new();
        let mut client = Client::connect(&self.target).await?;
        let mut sent = 0;
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.messages {
                client.quit().await?;
                return Ok(dots);
            }
            if sent == self.per_connection {
                client.quit().await?;
                client = Client::connect(&self.target).await?;
                sent = 0;
            }
            let mail = photo_mail(self.bytes, self.seed + number as u64, &self.target.to);
            dots.push(client.mail(&mail).await?);
            sent += 1;
        }
    }
}
