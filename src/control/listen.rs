//! The relay's side of the control socket: a Unix socket in the data directory that only the owner of the directory and
//! root may use. One request a connection, bounded in size and time.

use super::{
    Desk, Refusal, Response,
    people::name_of,
    protocol::{Line, MAX_REQUEST},
};
use crate::{audit::Actor, config::Config};
use std::{
    future::Future,
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        net::UnixStream,
    },
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{net::UnixListener, sync::Semaphore};

/// Requests carried out or waiting at once; more wait to be accepted.
const MAX_CONNECTIONS: u32 = 8;
/// The longest silence of a peer.
const SILENCE: Duration = Duration::from_secs(10);
/// The longest that requests may go on once the relay stops.
const DRAIN: Duration = Duration::from_secs(60);
/// The longest path that a Unix socket can have (unix(7)), in bytes.
pub(super) const MAX_PATH: usize = 107;

/// The control socket could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    #[error("another relay answers on {0} already: stop it first")]
    InUse(PathBuf),
    #[error("the path of the control socket, {0}, is longer than {MAX_PATH} bytes: choose a shorter data directory")]
    PathTooLong(PathBuf),
    #[error("the control socket {0} cannot be opened: {1}")]
    Io(PathBuf, io::Error),
}

/// Where the control socket of an installation is.
pub fn socket_path(config: &Config) -> PathBuf {
    config.relay.data_dir.join("control.sock")
}

/// Opens the control socket; the future then answers until `shutdown` is done, finishes what it began and removes the
/// socket. Must be called within a tokio runtime.
pub fn listen(
    config: &Config,
    desk: Arc<Desk>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<impl Future<Output = ()> + Send + 'static, ListenError> {
    let path = socket_path(config);
    let failed = |error| ListenError::Io(path.clone(), error);
    let owner = std::fs::metadata(&config.relay.data_dir).map_err(failed)?.uid();
    let listener = bind(&path)?;
    Ok(async move {
        let room = Arc::new(Semaphore::new(MAX_CONNECTIONS as usize));
        tokio::select! {
            () = shutdown => {}
            () = accept(&listener, desk, owner, &room) => {}
        }
        // What was begun has the store open, which the next relay wants.
        let _ = tokio::time::timeout(DRAIN, room.acquire_many(MAX_CONNECTIONS)).await;
        // A relay that started meanwhile would have refused: the path is still ours.
        let _ = std::fs::remove_file(&path);
    })
}

/// Binds under another name, restricts the mode, and only then gives the socket its name: nobody can connect in between.
fn bind(path: &Path) -> Result<UnixListener, ListenError> {
    let failed = |error| ListenError::Io(path.to_owned(), error);
    if UnixStream::connect(path).is_ok() {
        return Err(ListenError::InUse(path.to_owned()));
    }
    let new = path.with_extension("new");
    if new.as_os_str().len() > MAX_PATH || path.as_os_str().len() > MAX_PATH {
        return Err(ListenError::PathTooLong(path.to_owned()));
    }
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let listener = UnixListener::bind(&new).map_err(failed)?;
    std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    std::fs::rename(&new, path).map_err(failed)?;
    Ok(listener)
}

/// Accepts connections for ever. Dropped, it accepts no more; what was begun goes on.
async fn accept(listener: &UnixListener, desk: Arc<Desk>, owner: u32, room: &Arc<Semaphore>) {
    loop {
        let permit = room.clone().acquire_owned().await.expect("the semaphore is never closed");
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors or the like: the relay's mail matters more than a busy loop here.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Some(actor) = stream.peer_cred().ok().and_then(|peer| allowed(peer.uid(), owner)) else { continue };
        let desk = desk.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = stream.into_std().and_then(|stream| converse(&stream, &desk, actor)) {
                tracing::debug!(error = %error.kind(), "a connection to the control socket was lost");
            }
            drop(permit);
        });
    }
}

/// Who the peer is, if it may ask at all.
fn allowed(uid: u32, owner: u32) -> Option<Actor> {
    (uid == 0 || uid == owner).then(|| Actor::Admin(name_of(uid)))
}

/// Reads a request, carries it out, writes the response and its body.
fn converse(stream: &UnixStream, desk: &Desk, actor: Actor) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;
    let mut request = Vec::new();
    BufReader::new(stream.take(MAX_REQUEST)).read_until(b'\n', &mut request)?;
    let (line, body) = match answer(&request, desk, actor) {
        Ok(Response { data, body }) => (Line::Ok(Box::new(data)), body),
        Err(refusal) => (Line::Refused(refusal), None),
    };
    let mut text = serde_json::to_vec(&line)?;
    text.push(b'\n');
    let mut stream = stream;
    stream.write_all(&text)?;
    if let Some(mut body) = body {
        io::copy(&mut body, &mut stream)?;
    }
    Ok(())
}

fn answer(request: &[u8], desk: &Desk, actor: Actor) -> Result<Response, Refusal> {
    let refused = |why: &str| Refusal::new("the request was not carried out", why, "use the same version of sealdrop");
    if request.last() != Some(&b'\n') {
        return Err(refused("it is incomplete, or longer than 1 MiB"));
    }
    // The parser's own words could repeat the request's: they stay here.
    let request = serde_json::from_slice(request).map_err(|_| refused("the running relay does not understand it"))?;
    desk.handle(actor, request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_root_and_the_owner_may_ask() {
        assert!(allowed(0, 998).is_some() && allowed(998, 998).is_some());
        assert!(allowed(1000, 998).is_none());
    }
}
