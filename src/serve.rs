//! The relay, running: this file wires the rooms together, and the way of one message reads here, top to bottom.
//! It decides nothing itself: whether mail is taken is the directory's word, what a message holds is intake's, whether it is
//! durable the committer's, whether it went out the courier's.

mod alerts;
mod arriving;
mod directory;
mod expected;
mod lifetime;
mod measuring;
mod outgoing;
mod planned;
mod readers;
mod signals;
mod sockets;
mod systemd;
mod upkeep;

use crate::{
    audit::{Actor, Event},
    config::Config,
    control::{self, Desk},
    delivery::Courier,
    envelope::{Envelope, Mailbox, Recipient, ReversePath},
    intake::{Chunk, sharpness},
    sandbox::{self, SandboxError},
    senders::Verifier,
    site::{Site, SiteError},
    smtp::{self, Door, Incoming, Listener, Rejection},
    spool::SpoolError,
    store::{Committed, Committer, ReconcileError, StoreError, reconcile},
    tls::{ServerTls, TlsError},
};
use alerts::Alerts;
use arriving::Arriving;
use directory::Directory;
use sd_notify::NotifyState;
use sockets::Sockets;
use std::{
    net::{IpAddr, SocketAddr},
    num::NonZero,
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Notify, Semaphore, watch},
    task::JoinSet,
};

/// How long mail that is coming in may take to finish when the relay stops.
const DRAIN: Duration = Duration::from_secs(60);

/// What every task of the running relay shares.
pub(in crate::serve) struct Relay {
    site: Site,
    directory: Directory,
    /// Asks who really sent what comes in, if the configuration wants that.
    verifier: Option<Arc<Verifier>>,
    committer: Committer,
    /// One permit for each copy of a message that may be arriving at once, one copy a mailbox: the memory budget.
    arrivals: Arc<Semaphore>,
    /// Rung when a job was added.
    wake: Arc<Notify>,
    alerts: Alerts,
    /// How photos are held to be measured, if they are.
    photos: Option<sharpness::Settings>,
    courier: Courier,
}

// ------------------------------------------------------------------------------------------- the way of one message

/// 1. RCPT: is there such a mailbox, does it take mail from this sender, and can somebody read it?
/// 2. DATA: a place in the memory budget, room on the disk, certificates that are usable now; then the arrival opens.
impl Door for Arc<Relay> {
    type Mail = Arriving;

    fn recipient(&self, recipient: &Recipient, from: &ReversePath, _peer: IpAddr) -> Result<Mailbox, Rejection> {
        let mailbox = self.directory.find(recipient, from)?;
        self.readers(&mailbox).map(|_| mailbox)
    }

    async fn begin(&self, envelope: Envelope, declared: u64) -> Result<Arriving, Rejection> {
        // Each mailbox's copy has buffers of its own. More copies than there are places take them all.
        let copies = envelope.mailboxes.len().min(self.site.config.limits.max_arrivals);
        let copies = u32::try_from(copies).unwrap_or(u32::MAX);
        let place = self.arrivals.clone().try_acquire_many_owned(copies).map_err(|_| Rejection::NotNow)?;
        self.site.spool.ready(declared).map_err(arriving::refused_by_spool)?;
        self.site.store.ready().map_err(arriving::refused_by_store)?;
        let now = self.site.clock.now();
        let intro = |mailbox| self.intro(mailbox, &envelope.reverse_path, now);
        let intros = envelope.mailboxes.iter().map(intro).collect::<Result<_, _>>()?;
        // A client's mail server that declares no size may send as much as is taken.
        let expected = if declared > 0 { declared } else { self.site.config.smtp.max_message_size };
        Arriving::open(self.clone(), envelope, intros, expected, place)
    }
}

/// 3. Each chunk is read as MIME, laid out for staff and sealed; only ciphertext reaches the spool.
/// 4. At the end of data the files are made durable, then record, jobs and trail; only that yields a [`Committed`], and
///    only a `Committed` yields the 250.
/// 5. The queue's jobs then go out: see [`outgoing`].
impl Incoming for Arriving {
    async fn push(&mut self, chunk: &Chunk) -> Result<(), Rejection> {
        self.read_and_seal(chunk)?;
        self.measure_photos().await;
        self.write_ciphertext().await
    }

    async fn finish(mut self) -> Result<Committed, Rejection> {
        self.close().await;
        let (relay, arrived) = self.make_durable().await?;
        arriving::commit(&relay, arrived).await
    }
}

// ---------------------------------------------------------------------------------------------- starting and stopping

/// The relay cannot start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("cannot listen on {address}: {kind}. {}", mend_bind(*.kind))]
    Bind { address: SocketAddr, kind: std::io::ErrorKind },
    #[error("file descriptor {at} handed over by systemd is not a TCP socket: look at the .socket unit")]
    NotATcpSocket { at: usize },
    #[error(transparent)]
    Site(#[from] SiteError),
    #[error("the TLS certificate cannot be used: {0}")]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
    #[error(transparent)]
    Control(#[from] control::ListenError),
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error("the runtime failed: {0}")]
    Runtime(std::io::ErrorKind),
    #[error("the relay is stopping")]
    Stopped,
    #[error("a part of the relay ended without being told to; the log says why")]
    Unfinished,
}

/// What helps when an address cannot be listened on.
fn mend_bind(kind: std::io::ErrorKind) -> &'static str {
    match kind {
        std::io::ErrorKind::AddrInUse => {
            "Another program has it, maybe another relay: stop that, or change [smtp] listen"
        }
        std::io::ErrorKind::PermissionDenied => "Port 25 needs root or a socket from systemd; see deploy/README.md",
        _ => "Look at [smtp] listen: the address must be one of this machine",
    }
}

/// Runs the relay until SIGTERM or SIGINT. SIGHUP reads the configuration again: the relay drains and starts anew on the same
/// sockets, so that clients wait instead of being refused. A configuration that cannot be used leaves the running one in place.
///
/// The sockets come first, because port 25 may take a privilege; then the sandbox, before there is a second thread; then all else,
/// so that the first start reads nothing that a reload could not read again.
pub fn run(config: Config) -> Result<(), ServeError> {
    sandbox::prepare();
    let sockets = Sockets::open(&config.smtp)?;
    // Asked before the sandbox, which hides the control group's share of the processors.
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
    let reach = sandbox::enter(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    let runtime = runtime.map_err(|error| ServeError::Runtime(error.kind()))?;
    runtime.block_on(lifetime::run_until_told(config, &sockets, reach.as_ref()))
}

/// A relay that runs.
pub struct Running {
    smtp: Vec<SocketAddr>,
    smtps: Vec<SocketAddr>,
    hostname: String,
    site: Site,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Running {
    /// Starts the relay of an installation on the addresses of its configuration. Must be called within a tokio runtime.
    pub async fn start(site: Site) -> Result<Self, ServeError> {
        let sockets = Sockets::open(&site.config.smtp)?;
        Self::start_on(site, &sockets)
    }

    fn start_on(site: Site, sockets: &Sockets) -> Result<Self, ServeError> {
        let tls = Arc::new(ServerTls::load(&site.config.tls.certificate, &site.config.tls.key)?);
        upkeep::report(&reconcile(&*site.store, &*site.spool, &site.at_rest, site.clock.now())?);
        let started = Event::RelayStarted { version: env!("CARGO_PKG_VERSION").to_owned() };
        site.store.apply(site.clock.now(), Vec::new(), vec![(Actor::Relay, started)])?;
        let relay = Arc::new(Relay::new(site)?);
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let (smtp, smtps) = sockets.addresses();
        let (hostname, site) = (relay.site.config.relay.hostname.clone(), relay.site.clone());
        let running = |tasks| Self { smtp, smtps, hostname, site, stop, tasks };

        let desk = Arc::new(Desk::new(relay.site.clone(), relay.wake.clone()));
        tasks.spawn(control::listen(&relay.site.config, desk, until(stopped.clone()))?);
        tasks.spawn(upkeep::upkeep(relay.clone(), tls.clone(), stopped.clone()));
        tokio::spawn(relay.courier.ask_max_size());
        tasks.spawn(outgoing::deliver(relay.clone(), stopped.clone()));
        let again = sockets.again().map_err(|error| ServeError::Runtime(error.kind()))?;
        tasks.spawn(take_mail(relay, tls, again, stopped));
        Ok(running(tasks))
    }

    /// Where it takes mail with STARTTLS.
    ///
    /// # Panics
    /// When the configuration names no such address.
    pub fn smtp_addr(&self) -> SocketAddr {
        self.smtp[0]
    }

    /// Where it takes mail under TLS from the first byte.
    pub fn smtps_addr(&self) -> Option<SocketAddr> {
        self.smtps.first().copied()
    }

    /// Says that the relay is ready: to systemd, and in one line on stderr whose form scripts rely on.
    fn announce(&self) {
        let list = |addresses: &[SocketAddr]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        eprintln!("sealdrop ready: {} smtp {} smtps {}", self.hostname, list(&self.smtp), list(&self.smtps));
        systemd::notify(NotifyState::Ready);
    }

    /// Drains and stops: mail that is coming in may finish within a minute, everybody else is told to come back.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
        let stopped = vec![(Actor::Relay, Event::RelayStopped)];
        if let Err(error) = self.site.store.apply(self.site.clock.now(), Vec::new(), stopped) {
            tracing::error!(%error, "the stop could not be written into the trail");
        }
    }

    /// Resolves when a part of the relay ends though nobody told it to: a relay that takes mail and forwards none, or the
    /// other way round, would look alive. Cancel-safe.
    async fn lost(&mut self) -> ServeError {
        let _ = self.tasks.join_next().await;
        ServeError::Unfinished
    }
}

impl Relay {
    fn new(site: Site) -> Result<Self, ServeError> {
        let committer = Committer::start(site.store.clone(), site.spool.clone(), site.clock.clone());
        let arrivals = Arc::new(Semaphore::new(site.config.limits.max_arrivals));
        let directory = Directory::open(site.clone())?;
        let verifier = verifier(&site.config);
        let photos = measuring::settings(&site.config.intake);
        let (courier, alerts) = (Courier::new(site.clone()), Alerts::default());
        Ok(Self { site, directory, verifier, committer, arrivals, wake: Arc::default(), alerts, photos, courier })
    }
}

/// Whoever asks DNS about senders. Without a resolver to ask, mail is taken all the same, and no sender is verified.
fn verifier(config: &Config) -> Option<Arc<Verifier>> {
    let verifier = config.senders.verify.then(|| Verifier::new(&config.senders, &config.relay.hostname))?;
    verifier.inspect_err(|error| tracing::error!(%error, "senders are not verified")).ok().map(Arc::new)
}

/// Takes mail on both ports until the relay stops.
async fn take_mail(relay: Arc<Relay>, tls: Arc<ServerTls>, sockets: Sockets, stopped: watch::Receiver<bool>) {
    let config = &relay.site.config;
    let settings = smtp::Settings {
        hostname: config.relay.hostname.clone(),
        domain: config.relay.domain.clone(),
        limits: config.smtp.clone(),
    };
    let listener = Arc::new(Listener::new(Arc::new(relay.clone()), tls, relay.site.clock.clone(), settings));
    if let Err(error) = listener.serve(sockets.into_ports(), stopped, DRAIN).await {
        tracing::error!(%error, "the relay cannot take mail");
    }
}

/// Resolves when the relay stops.
async fn until(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
