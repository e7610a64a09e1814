//! One installation, opened: its configuration, keys, store, spool and clock. What every room that acts is given.
//! No key is ever printed, and none is read from a file that others could read too.

use crate::{
    clock::Clock,
    config::Config,
    openpgp::{RelayKey, RelayKeyError},
    secret::{AtRestKey, KEY_LENGTH},
    spool::{DirectorySpool, Spool, SpoolError},
    store::{EmbeddedStore, Store, StoreError},
};
use std::{
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};
use zeroize::Zeroizing;

/// The relay's OpenPGP key, in the data directory.
pub const RELAY_KEY_FILE: &str = "relay-key.asc";
/// The longest key file that is read, in bytes.
const LONGEST_KEY_FILE: u64 = 64 * 1024;

/// An opened installation. Clones share it.
#[derive(Clone)]
pub struct Site {
    pub config: Arc<Config>,
    pub store: Arc<dyn Store>,
    pub spool: Arc<dyn Spool>,
    pub at_rest: Arc<AtRestKey>,
    pub relay_key: Arc<RelayKey>,
    pub clock: Clock,
}

/// The installation cannot be opened. The text says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    #[error("the data directory {0} does not exist: make a set-up with `sealdrop init`, or correct `data_dir`")]
    NoDataDirectory(PathBuf),
    #[error("the {what} {file} does not exist: make a set-up with `sealdrop init`, or put the file back from a backup")]
    NoKey { what: &'static str, file: PathBuf },
    #[error("the {what} {file} cannot be read ({error}): let the relay's user, and nobody else, read it")]
    KeyUnreadable { what: &'static str, file: PathBuf, error: io::ErrorKind },
    #[error(
        "the {what} {file} can be read by others: run `chmod 600 {file}`, and replace the key if others did read it"
    )]
    KeyExposed { what: &'static str, file: PathBuf },
    #[error(
        "the at-rest key {0} is inside the data directory: move it elsewhere and set `[store] key_file`, because whoever \
         steals the data must not get the key with it"
    )]
    KeyInsideData(PathBuf),
    #[error("the at-rest key {0} is not 64 hexadecimal digits: put the file back from a backup")]
    NotAKey(PathBuf),
    #[error("the relay's key {file} is unusable ({error}): put the file back from a backup")]
    RelayKey { file: PathBuf, error: RelayKeyError },
    /// Another process has the installation open.
    #[error("the relay is running: stop it first, or leave this to the running relay")]
    Running,
    #[error("the store cannot be opened: {0}")]
    Store(StoreError),
    #[error("the spool cannot be opened: {0}")]
    Spool(#[from] SpoolError),
}

impl From<StoreError> for SiteError {
    fn from(error: StoreError) -> Self {
        if error == StoreError::Locked { Self::Running } else { Self::Store(error) }
    }
}

impl Site {
    /// Opens the installation that `config` describes; makes store and spool where they are absent. Only one process at a
    /// time can: the store's lock is taken before the spool is touched.
    pub fn open(config: Config) -> Result<Self, SiteError> {
        let data_dir = &config.relay.data_dir;
        if !data_dir.is_dir() {
            return Err(SiteError::NoDataDirectory(data_dir.clone()));
        }
        let at_rest = read_at_rest_key(&config.store.key_file, data_dir)?;
        let relay_key = read_relay_key(data_dir)?;
        let store = EmbeddedStore::open(data_dir)?;
        let spool = DirectorySpool::open(data_dir, config.limits.min_free_space)?;
        Ok(Self {
            config: Arc::new(config),
            store: Arc::new(store),
            spool: Arc::new(spool),
            at_rest: Arc::new(at_rest),
            relay_key: Arc::new(relay_key),
            clock: Clock::system(),
        })
    }
}

/// Reads the at-rest key: 64 hexadecimal digits in a file of its owner's alone, outside `data_dir`.
pub fn read_at_rest_key(file: &Path, data_dir: &Path) -> Result<AtRestKey, SiteError> {
    let text = read_secret("at-rest key", file)?;
    let (real, data) = (fs::canonicalize(file), fs::canonicalize(data_dir));
    if let (Ok(real), Ok(data)) = (real, data)
        && real.starts_with(data)
    {
        return Err(SiteError::KeyInsideData(file.to_path_buf()));
    }
    let key = parse_hex(text.trim_ascii()).ok_or_else(|| SiteError::NotAKey(file.to_path_buf()))?;
    Ok(AtRestKey::new(&key))
}

fn read_relay_key(data_dir: &Path) -> Result<RelayKey, SiteError> {
    let file = data_dir.join(RELAY_KEY_FILE);
    let armored = read_secret("relay's key", &file)?;
    RelayKey::parse(&armored).map_err(|error| SiteError::RelayKey { file, error })
}

/// Reads a file that nobody but its owner may read.
fn read_secret(what: &'static str, path: &Path) -> Result<Zeroizing<Vec<u8>>, SiteError> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => SiteError::NoKey { what, file: path.to_path_buf() },
        error => SiteError::KeyUnreadable { what, file: path.to_path_buf(), error },
    };
    let file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.mode();
    if mode & 0o077 != 0 && !is_credential(path) {
        return Err(SiteError::KeyExposed { what, file: path.to_path_buf() });
    }
    // Of its full size from the start: a buffer that grows leaves copies behind.
    let mut content = Zeroizing::new(Vec::with_capacity(LONGEST_KEY_FILE as usize + 1));
    file.take(LONGEST_KEY_FILE).read_to_end(&mut content).map_err(unreadable)?;
    Ok(content)
}

/// systemd lets the service's user read a credential through an ACL, which shows as permission of the group; its directory
/// is closed to everybody else.
pub(crate) fn is_credential(path: &Path) -> bool {
    std::env::var_os("CREDENTIALS_DIRECTORY").is_some_and(|directory| path.starts_with(directory))
}

fn parse_hex(text: &[u8]) -> Option<Zeroizing<[u8; KEY_LENGTH]>> {
    let mut key = Zeroizing::new([0; KEY_LENGTH]);
    if text.len() != 2 * KEY_LENGTH {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(text.chunks_exact(2)) {
        let digit = |character: u8| char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(key)
}
