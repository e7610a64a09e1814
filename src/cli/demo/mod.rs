//! `sealdrop demo`: the way of one message, for real, on loopback: the real relay, TLS, SMTP, OpenPGP. It shows what each
//! person sees and proves the promises on what really happened; it fails when one does not hold.
//!
//! This room stands for the people and servers around the relay, so it alone may name the crates that play them: lettre is
//! the client's mail program and mailin-embedded the staff's mail server. The relay itself is run exactly as `serve` runs it.

mod client;
mod house;
mod mailbox;
mod open;
mod photos;
mod prove;
mod provider;
mod story;
mod traces;

use super::{Failure, Globals, files, serve};
use crate::{config::Config, serve::Running, site::Site};
use clap::Args;
use house::House;
use std::path::{Path, PathBuf};
use story::Story;

#[derive(Args)]
pub struct DemoArgs {
    /// Keep configuration, data, mails and what was decrypted in this new directory
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// Plays the demo; fails when anything did not hold.
pub fn run(args: &DemoArgs, globals: &Globals) -> Result<(), Failure> {
    if globals.verbose > 0 {
        serve::start_log(globals);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| failed(&format!("the runtime does not start: {error}")))?;
    match &args.keep {
        Some(dir) => {
            files::make_new_dir(dir)?;
            runtime.block_on(play(dir, true))
        }
        None => {
            let dir = tempfile::tempdir().map_err(|error| failed(&format!("no temporary directory: {error}")))?;
            runtime.block_on(play(dir.path(), false))
        }
    }
}

/// One scene after the other.
async fn play(dir: &Path, keep: bool) -> Result<(), Failure> {
    let mut story = Story::begin()?;
    let house = House::build(dir)?;
    let site = Site::open(house.config.clone()).map_err(|error| failed(&error.to_string()))?;
    let relay = Running::start(site).await.map_err(|error| failed(&error.to_string()))?;
    let played = scenes(&house, &relay, &mut story, keep.then_some(dir)).await;
    relay.stop().await;
    played?;
    story.end(keep.then_some(dir))
}

async fn scenes(house: &House, relay: &Running, story: &mut Story, keep: Option<&Path>) -> Result<(), Failure> {
    story.scene("An agency sets up its relay and adds two people who may read documents")?;
    house.add_staff().await?;
    house.introduce(relay, story)?;

    story.scene("Alice opens a case for Ana and reads its address out over the telephone")?;
    let case = house.open_case().await?;
    story.say(&format!("{}   (\"{}\")", case, super::case::aloud(&case)))?;

    story.scene("Ana mails three photos and a note from her telephone")?;
    let plaintext_answer = client::try_without_tls(relay.smtp_addr()).await?;
    let letter = client::write(&case)?;
    let sent = client::send(relay.smtp_addr(), &house.config, &letter).await?;
    client::tell(&sent, &plaintext_answer, story)?;

    story.scene("Ana gets a short answer, and nothing else")?;
    let answer = house.wait_for_answer().await?;
    story.quote(&open::read(&answer, &["From", "To", "Subject", "Auto-Submitted"]))?;

    story.scene("The staff's mail server passes on what it cannot read; Alice and Bo can")?;
    let opened = house.wait_and_open().await?;
    open::tell(&opened, story)?;

    story.scene("What the admin sees")?;
    house.wait_until_nothing_is_due().await?;
    let record = prove::admin_view(&house.config, story).await?;

    story.scene("What was proved, on what really happened")?;
    prove::all(house, &sent, &answer, &opened, &record, &plaintext_answer, story).await?;
    if let Some(dir) = keep {
        house.keep(dir, &answer, &opened)?;
    }
    Ok(())
}

/// A part of the demo did not work.
fn failed(why: &str) -> Failure {
    Failure::failed(format!("the demo did not hold: {why}; run it with `--keep DIR -v` and look into DIR"))
}

/// Asks the running relay's desk over its control socket, as every command does.
async fn ask(config: &Config, request: crate::control::Request) -> Result<crate::control::Response, Failure> {
    let config = config.clone();
    let asked = tokio::task::spawn_blocking(move || crate::control::ask(&config, request)).await;
    let asked = asked.map_err(|_| failed("the control socket's task broke off"))??;
    if !asked.by_relay {
        return Err(failed("the running relay did not answer on its control socket"));
    }
    Ok(asked.response)
}
