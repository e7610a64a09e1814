//! Files that the command line reads and writes for the admin: certificates in, a set-up, cards and exports out. Never
//! anything of a client's but ciphertext and the case's own card.

use super::Failure;
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

/// The largest certificate file that is read, in bytes.
const MAX_CERTIFICATE: u64 = 512 * 1024;

/// Reads a certificate file.
pub fn read_certificate(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |why: String| Failure::failed(format!("cannot read {}: {why}; check the path", path.display()));
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(MAX_CERTIFICATE + 1).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > MAX_CERTIFICATE {
        return Err(failed("it is larger than 512 KiB".to_owned()));
    }
    Ok(bytes)
}

/// Creates a directory with this mode, and those above it; no error when it is there.
pub fn make_dir(path: &Path, mode: u32) -> Result<(), Failure> {
    DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)
        .map_err(|error| Failure::failed(format!("cannot create {}: {error}; choose another place", path.display())))
}

/// Creates a directory for its owner only. Fails when there is something already.
pub fn make_new_dir(path: &Path) -> Result<(), Failure> {
    DirBuilder::new().mode(0o700).create(path).map_err(|error| {
        Failure::failed(format!("cannot create {}: {error}; name a directory that is not there yet", path.display()))
    })
}

/// A new file with this mode. Fails when there is one already: nothing is ever overwritten.
pub fn create(path: &Path, mode: u32) -> Result<File, Failure> {
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Failure::failed(format!("{} is there already and stays as it is; choose another name", path.display()))
        }
        _ => Failure::failed(format!("cannot create {}: {error}; choose another place", path.display())),
    })
}

/// Writes a new file and makes it durable.
pub fn write_new(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), Failure> {
    let mut file = create(path, mode)?;
    file.write_all(bytes).map_err(|error| cannot_write(path, &error))?;
    finish(path, &file)
}

/// Copies `length` bytes into a new file and makes it durable. Fewer are an error, and the file is removed.
pub fn copy(mut from: impl Read, length: u64, path: &Path, mut file: File) -> Result<(), Failure> {
    let copied = io::copy(&mut from, &mut file).map_err(|error| cannot_write(path, &error))?;
    if copied != length {
        return Err(cannot_write(path, &io::Error::other("the relay broke off")));
    }
    finish(path, &file)
}

/// Makes a written file and its name durable.
pub fn finish(path: &Path, file: &File) -> Result<(), Failure> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = file.sync_all().and_then(|()| File::open(directory)?.sync_all());
    synced.map_err(|error| cannot_write(path, &error))
}

/// Why a file cannot be written. What was written of it is removed.
pub fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    let _ = fs::remove_file(path);
    Failure::failed(format!("cannot write {}: {error}; see that its disk has room", path.display()))
}
