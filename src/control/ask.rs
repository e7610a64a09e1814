//! The command line's side: asks the running relay, or opens the installation in this process when none runs.

use super::{
    Body, Data, Desk, Refusal, Request, Response,
    listen::{MAX_PATH, socket_path},
    people::{name_of, this_uid, this_user},
    protocol::Line,
};
use crate::{audit::Actor, config::Config, site::Site};
use std::{
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::{fs::MetadataExt, net::UnixStream},
    sync::Arc,
    time::Duration,
};

/// The longest that the relay may take to answer: verifying a long trail is slow.
const PATIENCE: Duration = Duration::from_secs(120);
/// The longest response line in bytes.
const MAX_RESPONSE: u64 = 256 * 1024 * 1024;

/// A response, and who gave it.
pub struct Asked {
    pub response: Response,
    /// The running relay answered; else this process did.
    pub by_relay: bool,
}

/// Has `request` carried out: by the running relay if its control socket answers, else in this process.
pub fn ask(config: &Config, request: Request) -> Result<Asked, Refusal> {
    match connect(config)? {
        Some(stream) => {
            let response = converse(stream, &request)?;
            Ok(Asked { response, by_relay: true })
        }
        None => {
            as_owner(config)?;
            let site = Site::open(config.clone()).map_err(|error| {
                let next = format!("see `sealdrop check`, and that you run as the owner of {}", data_dir(config));
                Refusal::new("the installation cannot be opened", error.to_string(), next)
            })?;
            let desk = Desk::new(site, Arc::default());
            let response = desk.handle(Actor::Admin(this_user()), request)?;
            Ok(Asked { response, by_relay: false })
        }
    }
}

/// Refuses to open another user's installation: files made by root would be closed to the relay.
fn as_owner(config: &Config) -> Result<(), Refusal> {
    let owner = std::fs::metadata(&config.relay.data_dir).map(|dir| dir.uid()).ok();
    match owner.filter(|owner| this_uid() != Some(*owner)).map(name_of) {
        None => Ok(()),
        Some(owner) => {
            let why = format!("{} belongs to {owner}, and you are {}", data_dir(config), this_user());
            let next = format!("run `sudo -u {owner} sealdrop …`, or start the relay");
            Err(Refusal::new("the installation was not opened", why, next))
        }
    }
}

/// The running relay, if there is one.
fn connect(config: &Config) -> Result<Option<UnixStream>, Refusal> {
    let path = socket_path(config);
    if path.as_os_str().len() > MAX_PATH {
        return Ok(None);
    }
    match UnixStream::connect(&path) {
        Ok(stream) => Ok(Some(stream)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => Ok(None),
        Err(error) => {
            let next = format!("run this as root or as the owner of {}", data_dir(config));
            Err(Refusal::new("the relay cannot be asked", format!("{}: {error}", path.display()), next))
        }
    }
}

fn data_dir(config: &Config) -> String {
    config.relay.data_dir.display().to_string()
}

fn converse(stream: UnixStream, request: &Request) -> Result<Response, Refusal> {
    let lost = |error: io::Error| {
        Refusal::new("the relay gave no answer", error.to_string(), "look at its log, and whether it was carried out")
    };
    let mut text = serde_json::to_vec(request).map_err(|error| lost(error.into()))?;
    text.push(b'\n');
    stream.set_read_timeout(Some(PATIENCE)).map_err(lost)?;
    (&stream).write_all(&text).map_err(lost)?;
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    reader.by_ref().take(MAX_RESPONSE).read_until(b'\n', &mut line).map_err(lost)?;
    match serde_json::from_slice(&line).map_err(|error| lost(error.into()))? {
        Line::Refused(refusal) => Err(refusal),
        Line::Ok(data) => {
            let body = match *data {
                Data::Export { length, .. } => Some(Box::new(reader.take(length)) as Body),
                _ => None,
            };
            Ok(Response { data: *data, body })
        }
    }
}
