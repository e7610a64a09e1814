//! A thousand idle TLS connections and two hundred slow uploads of 40 MB at once, and whether the answer to the final dot waits for
//! the size of a message. Prints the relay's memory; nothing of it is timed against a limit.
//!
//! `cargo bench --bench soak [-- SECONDS]`: the uploads are trickled over so many seconds (60).
#![allow(clippy::print_stdout, reason = "a bench prints")]

#[path = "../support/mod.rs"]
mod support;

use std::{io, sync::Arc, time::Duration};
use support::{
    client::{Client, Target},
    mail::photo_mail,
    process::{Watch, peak_resident},
    relay::Relay,
};
use tokio::task::JoinSet;

const IDLE: usize = 1000;
const UPLOADS: usize = 200;
const BYTES: usize = 40_000_000;
/// Pieces that an upload is sent in, with equal pauses between.
const PIECES: usize = 200;

#[tokio::main]
async fn main() -> io::Result<()> {
    let seconds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(60);
    let relay = Relay::start(1, None);
    let watch = Watch::start(relay.pid());
    let idle = connect(&relay.target, IDLE).await?;
    println!("{IDLE} idle connections: peak RSS {} MiB", peak_resident(relay.pid()) / 1024);
    let mail: Arc<[u8]> = photo_mail(BYTES, 1, &relay.target.to).into();
    let answered = upload(&relay.target, &mail, Duration::from_secs(seconds)).await?;
    println!("and {answered} of {UPLOADS} uploads of {BYTES} bytes over {seconds} s: all answered 250");
    println!("peak RSS {} MiB, most seen {} MiB", peak_resident(relay.pid()) / 1024, watch.stop() / 1024);
    drop(idle);
    final_dots(&relay.target).await
}

/// Connections past EHLO under TLS; a few shake hands at a time.
async fn connect(target: &Target, count: usize) -> io::Result<Vec<Client>> {
    let mut clients = Vec::with_capacity(count);
    for _ in 0..count {
        clients.push(Client::connect(target).await?);
    }
    Ok(clients)
}

/// Sends the same mail on many connections at once, slowly; gives how many were taken.
async fn upload(target: &Target, mail: &Arc<[u8]>, over: Duration) -> io::Result<usize> {
    let mut uploads = JoinSet::new();
    for client in connect(target, UPLOADS).await? {
        let mail = mail.clone();
        uploads.spawn(trickle(client, mail, over / u32::try_from(PIECES).unwrap_or(1)));
    }
    let mut answered = 0;
    while let Some(upload) = uploads.join_next().await {
        upload.map_err(io::Error::other)??;
        answered += 1;
    }
    Ok(answered)
}

async fn trickle(mut client: Client, mail: Arc<[u8]>, pause: Duration) -> io::Result<()> {
    client.begin().await?;
    let mut ticks = tokio::time::interval(pause);
    for piece in mail.chunks(mail.len().div_ceil(PIECES)) {
        ticks.tick().await;
        client.data(piece).await?;
    }
    client.end().await?;
    client.quit().await
}

/// The time from the final dot to the 250, median of several, for messages of very different sizes: from a sender as fast as
/// loopback, and from one that is slower than the disk (as all are that come over the internet).
async fn final_dots(target: &Target) -> io::Result<()> {
    let mut client = Client::connect(target).await?;
    for (sender, bytes_a_second) in [("as fast as loopback", None), ("20 MB/s", Some(20_000_000))] {
        let mut smallest = None;
        for (at, size) in [100_000, 3_000_000, BYTES].into_iter().enumerate() {
            let mut times = Vec::new();
            for round in 0..9 {
                let mail = photo_mail(size, round + 100 * at as u64 + bytes_a_second.unwrap_or(0), &target.to);
                times.push(paced(&mut client, &mail, bytes_a_second).await?);
            }
            times.sort();
            let median = times[times.len() / 2];
            let ratio = median.as_secs_f64() / smallest.get_or_insert(median).as_secs_f64();
            println!("final dot to 250, {size} bytes, {sender}: {median:.1?}, {ratio:.1} times the smallest");
        }
    }
    client.quit().await
}

/// Sends one mail no faster than told; gives the time from its final dot to the 250.
async fn paced(client: &mut Client, mail: &[u8], bytes_a_second: Option<u64>) -> io::Result<Duration> {
    const PIECE: usize = 100_000;
    let Some(rate) = bytes_a_second else { return client.mail(mail).await };
    client.begin().await?;
    let mut ticks = tokio::time::interval(Duration::from_secs_f64(PIECE as f64 / rate as f64));
    for piece in mail.chunks(PIECE) {
        ticks.tick().await;
        client.data(piece).await?;
    }
    client.end().await
}
