//! Tests of the desk on a real store in a temporary directory.

mod cases;
mod messages;
mod people;
mod socket;

use super::*;
use crate::{
    audit::{Actor, Event},
    clock::{Clock, Timestamp},
    config::{Config, InitOptions, template},
    openpgp::{ReaderKey, RelayKey},
    site::Site,
    store::TrailFilter,
};
use std::{fs, os::unix::fs::PermissionsExt, sync::Arc};
use tempfile::TempDir;

/// An installation in a temporary directory, and its desk.
struct House {
    _dir: TempDir,
    site: Site,
    desk: Desk,
}

impl House {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let site = Site::open(set_up(dir.path())).unwrap();
        Self { desk: Desk::new(site.clone(), Arc::default()), site, _dir: dir }
    }

    /// A house with these people, each with a fresh certificate.
    fn of(people: &[&str]) -> Self {
        let house = Self::new();
        people.iter().for_each(|email| house.add(email));
        house
    }

    fn add(&self, email: &str) {
        let keys = vec![key(email)];
        let added = self.ask(Request::Staff(StaffRequest::Add { email: email.to_owned(), name: None, keys }));
        assert!(matches!(added, Ok(Data::Done(_))), "{:?}", added.err());
    }

    fn ask(&self, request: Request) -> Result<Data, Refusal> {
        self.desk.handle(Actor::Admin("tester".to_owned()), request).map(|response| response.data)
    }

    fn refused(&self, request: Request) -> Refusal {
        match self.ask(request) {
            Ok(data) => panic!("carried out: {}", serde_json::to_string(&data).unwrap()),
            Err(refusal) => refusal,
        }
    }

    fn done(&self, request: Request) -> Done {
        match self.ask(request).unwrap() {
            Data::Done(done) => done,
            other => panic!("{}", serde_json::to_string(&other).unwrap()),
        }
    }

    /// Opens a case and gives its local part.
    fn open_case(&self, staff: &[&str]) -> String {
        let staff = staff.iter().map(|&email| email.to_owned()).collect();
        match self.ask(Request::Case(CaseRequest::Open(NewCase { staff, ..NewCase::default() }))).unwrap() {
            Data::Opened(case) => case.address.split('@').next().unwrap().to_owned(),
            _ => panic!("not opened"),
        }
    }

    fn show_case(&self, case: &str) -> CaseView {
        match self.ask(Request::Case(CaseRequest::Show { case: case.to_owned() })).unwrap() {
            Data::Case(case) => case,
            _ => panic!("not a case"),
        }
    }

    /// The events of the trail, all by the tester.
    fn events(&self) -> Vec<Event> {
        let trail = self.site.store.trail(&TrailFilter::default()).unwrap();
        assert!(trail.iter().all(|entry| entry.actor == Actor::Admin("tester".to_owned())));
        trail.into_iter().map(|entry| entry.event).collect()
    }
}

/// A working set-up in `dir`.
fn set_up(dir: &std::path::Path) -> Config {
    let options = InitOptions {
        domain: "in.example.org".to_owned(),
        hostname: "mx.in.example.org".to_owned(),
        admin: None,
        smarthost: Some(("127.0.0.1".to_owned(), 2525)),
        listen: None,
        listen_tls: None,
    };
    let config = Config::parse(&template(&options), &dir.join("sealdrop.toml")).unwrap();
    fs::create_dir(&config.relay.data_dir).unwrap();
    let secret = |path: std::path::PathBuf, bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    };
    secret(config.store.key_file.clone(), "07".repeat(32).as_bytes());
    let relay_key = RelayKey::generate("intake@in.example.org", Clock::system().now());
    secret(config.relay.data_dir.join("relay-key.asc"), &relay_key.to_armored());
    config
}

/// The armored certificate of a fresh key.
fn key(email: &str) -> String {
    ReaderKey::generate(email, yesterday()).certificate_armored()
}

fn yesterday() -> Timestamp {
    Clock::system().now().minus(std::time::Duration::from_secs(24 * 60 * 60))
}
