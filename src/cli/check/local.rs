//! What this machine itself tells: permissions, the TLS certificate, the ports.

use super::Finding;
use crate::{
    clock::Clock,
    config::Config,
    openpgp::Certificate,
    site::is_credential,
    tls::{ServerTls, names_host, not_after_of_file},
};
use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    os::unix::fs::MetadataExt,
    path::Path,
    time::Duration,
};

/// TLS certificates that end within this time are warned about.
const EXPIRES_SOON: Duration = Duration::from_secs(21 * 24 * 60 * 60);
/// The longest that a connection to a port of this machine may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether secrets are readable by their owner only.
pub fn permissions(config: &Config) -> Vec<Finding> {
    let relay_key = config.relay.data_dir.join("relay-key.asc");
    let secrets: [&Path; 3] = [&config.relay.data_dir, &relay_key, &config.store.key_file];
    let passwords = [Some(&config.staff_mail.smarthost), config.client_reply.smarthost.as_ref()];
    let passwords = passwords.into_iter().flatten().filter_map(|smarthost| smarthost.login.as_ref());
    let mut findings: Vec<Finding> = secrets
        .into_iter()
        .chain(passwords.map(|(_, file)| file.as_path()))
        .filter_map(|path| permission(path, 0o077))
        .collect();
    // Whoever renews the certificate may own the key and give it to the relay's group to read.
    findings.extend(permission(&config.tls.key, 0o037));
    if config.store.key_file.starts_with(&config.relay.data_dir) {
        let text = "the at-rest key is in the data directory: a thief of the disk gets both; move it out";
        findings.push(Finding::warning("permissions", text));
    }
    if findings.is_empty() {
        findings.push(Finding::ok("permissions", "no secret is open to others"));
    }
    findings
}

/// Whether a secret has none of these bits in its mode. What systemd hands over is systemd's to protect.
fn permission(path: &Path, forbidden: u32) -> Option<Finding> {
    match path.metadata() {
        Ok(_) if is_credential(path) => None,
        Err(error) => {
            let text = format!("{}: {error}; restore it, or see the path in the configuration", path.display());
            Some(Finding::problem("permissions", text))
        }
        Ok(metadata) if metadata.mode() & forbidden != 0 => {
            let mend = if forbidden & 0o040 == 0 { "g=r,o=" } else { "go=" };
            let mend = format!("others may open {0}: `chmod {mend} {0}`", path.display());
            Some(Finding::problem("permissions", mend))
        }
        Ok(_) => None,
    }
}

/// Whether the recovery certificate, where one is configured, can be sealed to: mail is taken without it, and that is only
/// noticed when it is needed.
pub fn recovery(config: &Config) -> Option<Finding> {
    const ABOUT: &str = "recovery";
    let path = config.openpgp.recovery_certificate.as_ref()?;
    let shown = path.display();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let text = format!("{shown}: {error}; nothing is sealed to it: put it there, or correct [openpgp]");
            return Some(Finding::problem(ABOUT, text));
        }
    };
    let judged = Certificate::parse(&bytes).and_then(|certificate| {
        certificate.check(Clock::system().now())?;
        Ok(certificate.fingerprint())
    });
    Some(match judged {
        Ok(fingerprint) => Finding::ok(ABOUT, format!("messages are sealed to {fingerprint}, too")),
        Err(problem) => Finding::problem(ABOUT, format!("{shown}: {problem}; nothing is sealed to it")),
    })
}

/// The languages of the answers to clients. A file that is broken has been refused with the configuration.
pub fn texts(config: &Config) -> Vec<Finding> {
    const ABOUT: &str = "reply texts";
    let texts = &config.client_reply.texts;
    let mut findings = vec![Finding::ok(ABOUT, format!("clients can be answered in {}", texts.codes().join(", ")))];
    let warnings = texts.all().iter().filter_map(crate::texts::Words::warning);
    findings.extend(warnings.map(|warning| Finding::warning(ABOUT, warning)));
    findings
}

/// Whether the TLS certificate can be used, names this host and lasts.
pub fn certificate(config: &Config) -> Vec<Finding> {
    const ABOUT: &str = "TLS certificate";
    let tls = match ServerTls::load(&config.tls.certificate, &config.tls.key) {
        Ok(tls) => tls,
        Err(error) => return vec![Finding::problem(ABOUT, error.to_string())],
    };
    let now = Clock::system().now();
    let hostname = &config.relay.hostname;
    let mut findings = Vec::new();
    if !names_host(&tls.certificate(), hostname) {
        let text = format!("it does not name {hostname}: get one that does, or correct [relay] hostname");
        findings.push(Finding::warning(ABOUT, text));
    }
    match not_after_of_file(&config.tls.certificate) {
        Ok(Some(end)) if end <= now => {
            findings.push(Finding::problem(ABOUT, format!("it expired on {}: install a new one", end.human())));
        }
        Ok(Some(end)) if end <= now.plus(EXPIRES_SOON) => {
            findings.push(Finding::warning(ABOUT, format!("it expires on {}: install a new one", end.human())));
        }
        Ok(Some(end)) if findings.is_empty() => {
            findings.push(Finding::ok(ABOUT, format!("it names {hostname} and lasts until {}", end.human())));
        }
        Ok(_) => {}
        Err(error) => findings.push(Finding::problem(ABOUT, error.to_string())),
    }
    findings
}

/// Whether the relay runs and its ports answer. `version` is the running relay's.
pub fn listening(config: &Config, version: Option<&str>) -> Finding {
    let addresses = config.smtp.listen.iter().chain(&config.smtp.listen_tls);
    let (open, closed): (Vec<SocketAddr>, Vec<SocketAddr>) = addresses.partition(|address| answers(**address));
    match version {
        None if open.is_empty() => Finding::warning("relay", "it does not run: start it with `sealdrop serve`"),
        None => {
            let text = format!("it does not run, but another program listens on {}: stop that first", list(&open));
            Finding::problem("relay", text)
        }
        Some(_) if !closed.is_empty() => {
            let text = format!("it runs, but does not answer on {}: restart it", list(&closed));
            Finding::problem("relay", text)
        }
        Some(version) if version != env!("CARGO_PKG_VERSION") => {
            let text = format!("version {version} runs and {} is installed: restart it", env!("CARGO_PKG_VERSION"));
            Finding::warning("relay", text)
        }
        Some(version) => Finding::ok("relay", format!("version {version} runs and answers on {}", list(&open))),
    }
}

/// Whether something accepts connections at an address of this machine.
fn answers(mut address: SocketAddr) -> bool {
    match address {
        SocketAddr::V4(of) if of.ip().is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        SocketAddr::V6(of) if of.ip().is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    TcpStream::connect_timeout(&address, PATIENCE).is_ok()
}

fn list(addresses: &[SocketAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}
