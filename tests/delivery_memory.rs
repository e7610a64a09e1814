//! A forward of 40 MB in bounded memory: the sealed mail streams from the spool to the smarthost. In a program of its
//! own, because the peak that is measured is the whole process's.

mod support;

use sealdrop::{armor::ArmoredMessage, delivery::Courier, queue::Outcome};
use std::fs;
use support::{
    scripted_server::{Script, ScriptedServer},
    workplace::Workplace,
};

const PIECE: usize = 64 * 1024;
const PIECES: usize = 640;
/// Bytes that the peak may grow by: less than a tenth of the mail, and much more than what is needed.
const MOST: u64 = 4 << 20;

/// The most memory that this process ever had, in bytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn a_forward_of_40_mb_takes_little_memory() {
    let server = ScriptedServer::start(Script { extensions: vec!["SIZE 100000000"], ..Script::default() }).await;
    let workplace = Workplace::plain(server.address, "");
    let courier = Courier::new(workplace.site.clone());
    let piece = [b'x'; PIECE];
    // The first forward pays for what is made once, the server's kept megabyte included.
    let warm = workplace.forward(workplace.spool([&piece[..]; 32]), "alice@staff.example");
    assert_eq!(courier.attempt(&warm).await.outcome, Outcome::Delivered);
    let job = workplace.forward(workplace.spool([&piece[..]; PIECES]), "alice@staff.example");
    let (before, bytes) = (peak(), server.bytes());
    assert_eq!(courier.attempt(&job).await.outcome, Outcome::Delivered);
    let (grown, sent) = (peak() - before, (server.bytes() - bytes) as u64);
    assert!(sent > ArmoredMessage::<&[u8]>::length((PIECE * PIECES) as u64));
    assert!(grown < MOST, "the peak grew by {grown} bytes");
}
