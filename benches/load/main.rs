//! The real relay under load, alone or in turn with Postfix: many connections, unique photo mails over STARTTLS.
//!
//! `cargo bench --bench load [-- OPTIONS]`; `benches/against-postfix.sh` sets up a Postfix and passes its address.
#![allow(clippy::print_stdout, reason = "a bench prints")]

#[path = "../support/mod.rs"]
mod support;

mod options;
mod report;
mod run;

use options::{Options, USAGE};
use run::{Server, measure};
use support::{relay::Relay, sink};

fn main() {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\n{USAGE}");
            std::process::exit(2);
        }
    };
    println!("{}", options.describe());
    for load in &options.loads {
        // A fresh relay for each load: its peak memory is of that load alone.
        let relay = Relay::start(options.recipients, options.sink.then(sink::start));
        let mut servers = vec![Server::new("relay", relay.target.clone(), relay.pid())];
        servers.extend(options.plain.clone().map(|(target, pid)| Server::new("postfix", target, pid)));
        for round in 0..options.rounds {
            servers.iter_mut().for_each(|server| {
                let figures = measure(server, load, round, options.per_connection);
                server.rounds.push(figures);
            });
        }
        report::print(load, &servers);
    }
}
