//! From the first start to the last stop: what happens at each signal. A relay that runs must not be lost to a mistake in a
//! file: a configuration that cannot be used leaves the old one in place.

use super::{
    Running, ServeError,
    signals::{Signals, Told},
    sockets::Sockets,
    systemd::{feed_watchdog, notify},
};
use crate::{
    config::Config,
    site::{Site, SiteError},
    tls::ServerTls,
};
use sd_notify::NotifyState;
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// How long the parts of a relay that stopped may take to let go of the store.
const LETTING_GO: Duration = Duration::from_secs(10);
/// How often it is looked whether they have.
const GLANCE: Duration = Duration::from_millis(10);

/// Runs a relay until it is told to stop. The sockets outlive every reload.
pub(in crate::serve) async fn run_until_told(mut config: Config) -> Result<(), ServeError> {
    let mut signals = Signals::new()?;
    tokio::spawn(feed_watchdog());
    let sockets = Sockets::open(&config.smtp)?;
    let mut running = Running::start_on(Site::open(config.clone())?, &sockets)?;
    loop {
        running.announce();
        let next = loop {
            match signals.next().await {
                Told::Stop => {
                    notify(NotifyState::Stopping);
                    running.stop().await;
                    return Ok(());
                }
                Told::Reload => match usable(&config.file) {
                    Ok(next) => break next,
                    Err(error) => stays(&error),
                },
            }
        };
        notify(NotifyState::Reloading);
        running.stop().await;
        running = match start_again(&next, &sockets).await {
            Ok(running) => {
                config = next;
                running
            }
            Err(error) => {
                stays(&error);
                start_again(&config, &sockets).await?
            }
        };
    }
}

/// Reads the configuration anew and looks at what can be looked at before the running relay stops.
fn usable(file: &Path) -> Result<Config, Box<dyn std::error::Error>> {
    let next = Config::read(file)?;
    ServerTls::load(&next.tls.certificate, &next.tls.key)?;
    Ok(next)
}

fn stays(error: &dyn std::fmt::Display) {
    tracing::error!(%error, "the new configuration cannot be used, the old one stays");
}

async fn start_again(config: &Config, sockets: &Sockets) -> Result<Running, ServeError> {
    Running::start_on(open_again(config).await?, sockets)
}

/// Opens the installation after this process closed it: the committer's thread and answers under way may hold the store a
/// moment longer than the relay's tasks.
async fn open_again(config: &Config) -> Result<Site, SiteError> {
    let stopped = Instant::now();
    loop {
        match Site::open(config.clone()) {
            Err(SiteError::Running) if stopped.elapsed() < LETTING_GO => tokio::time::sleep(GLANCE).await,
            opened => return opened,
        }
    }
}
