//! An installation for one test: configuration, store, spool and keys in a temporary directory, real ones all of them.

use sealdrop::{
    clock::{Clock, Timestamp},
    config::Config,
    envelope::Mailbox,
    ids::MessageId,
    openpgp::RelayKey,
    queue::{Job, JobState, Work},
    secret::AtRestKey,
    site::Site,
    spool::{DirectorySpool, Lane},
    staff::Staff,
    store::{Change, EmbeddedStore},
};
use std::{fs, net::SocketAddr, path::PathBuf, sync::Arc};

/// An installation; removed when dropped.
pub struct Workplace {
    pub directory: tempfile::TempDir,
    pub site: Site,
}

impl Workplace {
    /// An installation whose smarthost is at `smarthost` without TLS. `more` is added to the `[staff_mail]` section,
    /// and may begin sections of its own.
    pub fn plain(smarthost: SocketAddr, more: &str) -> Self {
        Self::new("127.0.0.1", smarthost.port(), &format!("tls = \"none\"\n{more}"))
    }

    /// An installation whose smarthost is at `host` and `port`.
    pub fn new(host: &str, port: u16, more: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let text = format!(
            "[relay]\ndomain = \"in.example.org\"\nhostname = \"mx.in.example.org\"\nadmins = [\"admin@staff.example\"]\n\
             [staff_mail]\nhost = \"{host}\"\nport = {port}\n{more}\n"
        );
        let config = Config::parse(&text, &directory.path().join("sealdrop.toml")).unwrap();
        let clock = Clock::system();
        let data_dir = directory.path().join("data");
        fs::create_dir(&data_dir).unwrap();
        let site = Site {
            config: Arc::new(config),
            store: Arc::new(EmbeddedStore::open(&data_dir).unwrap()),
            spool: Arc::new(DirectorySpool::open(&data_dir, 0).unwrap()),
            at_rest: Arc::new(AtRestKey::new(&[7; 32])),
            relay_key: Arc::new(RelayKey::generate("intake@in.example.org", clock.now())),
            clock,
        };
        let workplace = Self { directory, site };
        workplace.hire("alice@staff.example", false);
        workplace
    }

    /// A file's path in the temporary directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn now(&self) -> Timestamp {
        self.site.clock.now()
    }

    /// Adds a staff member, or changes one.
    pub fn hire(&self, email: &str, suspended: bool) {
        let staff = Staff { email: email.to_owned(), name: None, suspended, added: self.now() };
        self.apply(vec![Change::PutStaff(staff)]);
    }

    pub fn apply(&self, changes: Vec<Change>) {
        self.site.store.apply(self.now(), changes, Vec::new()).unwrap();
    }

    /// Puts a message into the spool whose layout is `layout`, in pieces.
    pub fn spool<'a>(&self, layout: impl IntoIterator<Item = &'a [u8]>) -> MessageId {
        let id = MessageId::new(self.now());
        let mut draft = self.site.spool.create(id).unwrap();
        for piece in layout {
            draft.append(Lane::Segment(0), piece).unwrap();
        }
        draft.append(Lane::Original, b"original").unwrap();
        let written = draft.finish(b"record").unwrap();
        self.site.spool.publish(vec![written]).unwrap();
        id
    }

    /// A job for this work, as if it were leased for the first time.
    pub fn job(&self, work: Work) -> Job {
        let (now, state) = (self.now(), JobState::Leased { until: self.now() });
        Job { id: 1, work, state, created: now, attempts: 0, last_error: None }
    }

    /// A job that forwards `message` to `staff`.
    pub fn forward(&self, message: MessageId, staff: &str) -> Job {
        self.job(Work::Forward { message, mailbox: Mailbox::Postmaster, staff: staff.to_owned(), mail: 1 })
    }
}
