//! From the first start to the last stop: what happens at each signal. A relay that runs must not be lost to a mistake in a
//! file: a configuration that cannot be used leaves the old one in place.

use super::{
    Running, ServeError,
    signals::{Signals, Told},
    sockets::Sockets,
    systemd::{feed_watchdog, notify},
};
use crate::{
    config::{Config, ConfigError},
    sandbox::Reach,
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

/// Runs a relay until it is told to stop. The sockets outlive every reload, and so does the sandbox with its
/// reach, if it has bounds.
pub(in crate::serve) async fn run_until_told(
    mut config: Config,
    sockets: &Sockets,
    reach: Option<&Reach>,
) -> Result<(), ServeError> {
    let mut signals = Signals::new()?;
    tokio::spawn(feed_watchdog());
    let mut running = Running::start_on(Site::open(config.clone())?, sockets)?;
    loop {
        running.announce();
        let Some(next) = until_told(&mut running, &mut signals, &config, reach).await? else {
            notify(NotifyState::Stopping);
            running.stop().await;
            return Ok(());
        };
        notify(NotifyState::Reloading);
        running.stop().await;
        running = match start_again(&next, sockets).await {
            Ok(running) => {
                config = next;
                running
            }
            Err(error) => {
                stays(&error);
                start_again(&config, sockets).await?
            }
        };
    }
}

/// Waits until the relay is to stop (None) or to go on with another configuration.
async fn until_told(
    running: &mut Running,
    signals: &mut Signals,
    config: &Config,
    reach: Option<&Reach>,
) -> Result<Option<Config>, ServeError> {
    loop {
        let told = tokio::select! {
            told = signals.next() => told,
            lost = running.lost() => return Err(lost),
        };
        if let Told::Stop = told {
            return Ok(None);
        }
        match usable(&config.file, reach) {
            Err(error) => stays(&error),
            Ok(next) => {
                say_what_waits(config, &next);
                return Ok(Some(next));
            }
        }
    }
}

/// Reads the configuration anew and looks at what can be looked at before the running relay stops.
fn usable(file: &Path, reach: Option<&Reach>) -> Result<Config, Box<dyn std::error::Error>> {
    let next = Config::read(file)?;
    if let Some(lack) = reach.and_then(|reach| reach.lacks(&next)) {
        return Err(ConfigError(format!("{}: {lack}", file.display())).into());
    }
    ServerTls::load(&next.tls.certificate, &next.tls.key)?;
    Ok(next)
}

/// The sockets, the sandbox and the log outlive a reload: who changed them must not believe that it took effect.
fn say_what_waits(now: &Config, next: &Config) {
    if (&now.smtp.listen, &now.smtp.listen_tls) != (&next.smtp.listen, &next.smtp.listen_tls) {
        tracing::warn!(
            "the addresses in [smtp] listen and listen_tls changed: that takes a restart, all else is reloaded"
        );
    }
    if now.sandbox != next.sandbox {
        tracing::warn!("[sandbox] changed: that takes a restart, all else is reloaded");
    }
    if now.log != next.log {
        tracing::warn!("[log] changed: that takes a restart, all else is reloaded");
    }
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
