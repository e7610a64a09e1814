//! Which files and ports a configuration needs. Directories rather than files, so that a certificate that is replaced by
//! another file is still found; but never a directory that the whole system shares, such as /etc.

use crate::config::{Config, Smarthost};
use std::{
    collections::BTreeSet,
    env, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// What the C library, the resolver, the clock and TLS read of the system: names, time zones, certificate authorities.
const SYSTEM: [&str; 31] = [
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/passwd",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/ld.so.cache",
    "/etc/ssl/certs",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/openssl.cnf",
    "/etc/ca-certificates",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/usr/share/pki",
    "/usr/share/zoneinfo",
    "/var/lib/ca-certificates",
    // Modules of the name service, loaded when the first name is looked up.
    "/usr/lib",
    "/usr/lib64",
    "/lib",
    "/lib64",
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager",
    "/dev/urandom",
];
/// Variables that name certificate authorities.
const CERTIFICATE_VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];
/// DNS, where an answer is too long for one datagram.
const DNS: u16 = 53;

/// The files and ports that a process may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Files, and directories with all in them.
    read: BTreeSet<PathBuf>,
    data_dir: PathBuf,
    /// TCP ports that may be connected to.
    ports: BTreeSet<u16>,
}

impl Reach {
    /// What a relay with this configuration needs. Asks the file system where symbolic links lead.
    pub fn of(config: &Config) -> Self {
        let mut read = BTreeSet::new();
        for (_, file) in named_files(config) {
            read.extend(around(&file));
        }
        let variables = CERTIFICATE_VARIABLES.iter().filter_map(env::var_os);
        let system = SYSTEM.iter().map(PathBuf::from).chain(variables.map(PathBuf::from));
        for path in system {
            read.extend(itself(&path));
        }
        // The resolver's file is rewritten when the network changes, where it leads to a directory of its own.
        read.extend(around(Path::new("/etc/resolv.conf")));
        let resolvers = config.senders.resolvers.iter().map(SocketAddr::port);
        let ports = smarthosts(config).map(|(_, smarthost)| smarthost.port).chain([DNS]).chain(resolvers).collect();
        Self { read, data_dir: real(&config.relay.data_dir), ports }
    }

    pub(super) fn readable(&self) -> impl Iterator<Item = &Path> {
        self.read.iter().map(PathBuf::as_path)
    }

    pub(super) fn writable(&self) -> &Path {
        &self.data_dir
    }

    pub(super) fn ports(&self) -> impl Iterator<Item = &u16> {
        self.ports.iter()
    }

    /// The first thing that `next` needs and that is out of reach, in words for the admin.
    pub fn lacks(&self, next: &Config) -> Option<String> {
        let restart = "the running relay's sandbox was made without it, restart the relay";
        let data_dir = real(&next.relay.data_dir);
        if data_dir != self.data_dir {
            return Some(format!("[relay] data_dir = {data_dir:?}: {restart}"));
        }
        let reached = |path: &PathBuf| self.read.iter().any(|have| path.starts_with(have));
        if let Some((key, file)) = named_files(next).into_iter().find(|(_, file)| !around(file).iter().all(reached)) {
            return Some(format!("{key} = {file:?}: {restart}"));
        }
        if let Some(resolver) = next.senders.resolvers.iter().find(|resolver| !self.ports.contains(&resolver.port())) {
            return Some(format!("[senders] resolvers = {resolver}: {restart}"));
        }
        let (section, smarthost) = smarthosts(next).find(|(_, smarthost)| !self.ports.contains(&smarthost.port))?;
        Some(format!("{section} port = {}: {restart}", smarthost.port))
    }
}

/// The files that the configuration names, each with its key; and its own.
fn named_files(config: &Config) -> Vec<(&'static str, PathBuf)> {
    let mut files = vec![
        ("this file", config.file.clone()),
        ("[tls] certificate", config.tls.certificate.clone()),
        ("[tls] key", config.tls.key.clone()),
        ("[store] key_file", config.store.key_file.clone()),
    ];
    files.extend(config.openpgp.recovery_certificate.clone().map(|file| ("[openpgp] recovery_certificate", file)));
    // A file in it stands for the directory of texts: all of it is read again at a reload.
    files.extend(
        config.client_reply.texts_dir.iter().map(|directory| ("[client_reply] texts", directory.join("en.txt"))),
    );
    for (_, smarthost) in smarthosts(config) {
        files.extend(smarthost.ca_file.clone().map(|file| ("ca_file", file)));
        files.extend(smarthost.login.clone().map(|(_, file)| ("password_file", file)));
    }
    files
}

fn smarthosts(config: &Config) -> impl Iterator<Item = (&'static str, &Smarthost)> {
    let replies = config.client_reply.smarthost.as_ref().map(|smarthost| ("[client_reply]", smarthost));
    [("[staff_mail]", &config.staff_mail.smarthost)].into_iter().chain(replies)
}

/// The directory of a file, and of what it leads to if it is a symbolic link, as certbot's are; just the file where that is a
/// directory of the whole system.
fn around(file: &Path) -> Vec<PathBuf> {
    let beside = |file: &Path| match file.parent() {
        Some(directory) if !is_shared(&real(directory)) => real(directory),
        _ => file.to_owned(),
    };
    vec![beside(file), beside(&real(file))]
}

/// A path, and what it leads to.
fn itself(path: &Path) -> Vec<PathBuf> {
    vec![path.to_owned(), real(path)]
}

/// Whether a directory is one that many programs share: the root and those right in it.
fn is_shared(directory: &Path) -> bool {
    directory.components().count() <= 2
}

/// The path without symbolic links; as it is, where it does not exist.
fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    const MINIMAL: &str = "[relay]\ndomain = \"in.example.org\"\n[staff_mail]\nhost = \"mail.example.org\"\n";

    fn config(directory: &Path, more: &str) -> Config {
        Config::parse(&format!("{MINIMAL}{more}"), &directory.join("sealdrop.toml")).unwrap()
    }

    #[test]
    fn a_file_is_reached_with_its_directory_unless_the_whole_system_shares_that() {
        let directory = tempfile::tempdir().unwrap();
        let (live, archive) = (directory.path().join("live"), directory.path().join("archive"));
        fs::create_dir_all(&live).unwrap();
        fs::create_dir_all(&archive).unwrap();
        fs::write(archive.join("cert1.pem"), "").unwrap();
        symlink("../archive/cert1.pem", live.join("cert.pem")).unwrap();
        assert_eq!(around(&live.join("cert.pem")), [live, archive]);
        for shared in ["/etc/shadow", "/shadow", "/tmp/x", "/etc/../etc/shadow"] {
            assert!(
                around(Path::new(shared)).iter().all(|path| path.ends_with(Path::new(shared).file_name().unwrap()))
            );
        }
    }

    #[test]
    fn no_part_of_the_system_that_holds_secrets_is_reached() {
        let directory = tempfile::tempdir().unwrap();
        let reach = Reach::of(&config(directory.path(), ""));
        for secret in
            ["/etc/shadow", "/etc/ssl/private/x", "/root/.ssh/id", "/home/a/x", "/proc/1/mem", "/var/lib/x", "/run/x"]
        {
            let reached: Vec<_> = reach.readable().filter(|have| Path::new(secret).starts_with(have)).collect();
            assert!(reached.is_empty(), "{secret} by {reached:?}");
        }
    }

    #[test]
    fn names_what_a_new_configuration_lacks() {
        let directory = tempfile::tempdir().unwrap();
        let now = config(directory.path(), "");
        let reach = Reach::of(&now);
        assert_eq!(reach.lacks(&now), None);
        let lacks = |more: &str| reach.lacks(&config(directory.path(), more)).unwrap_or_default();
        assert_eq!(lacks("[smtp]\nmax_errors = 3\n[tls]\nkey = \"tls/other.pem\"\n"), "");
        assert!(lacks("[tls]\nkey = \"/srv/keys/key.pem\"\n").starts_with("[tls] key = "));
        assert!(
            lacks("[openpgp]\nrecovery_certificate = \"/srv/x/c.asc\"\n").starts_with("[openpgp] recovery_certificate")
        );
        assert!(
            lacks("[client_reply]\nhost = \"out.example.org\"\nport = 2525\n")
                .starts_with("[client_reply] port = 2525: ")
        );
        let elsewhere = tempfile::tempdir().unwrap();
        assert!(reach.lacks(&config(elsewhere.path(), "")).unwrap().starts_with("[relay] data_dir = "));
    }
}
