//! `sealdrop key refresh`: fetches newer copies of known certificates from their owners' domains, over verified HTTPS. A copy
//! only adds signatures to the same certificate; a certificate with another fingerprint is never taken, only pointed out.

use super::{Failure, Globals, print, show::show};
use crate::{
    control::{Data, KeyRequest, KeyView, Request},
    openpgp::{self, certificates_in, wkd_urls},
    tls::{https_provider, https_roots},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use ureq::{
    Agent,
    tls::{Certificate, RootCerts, TlsConfig, TlsProvider},
};

/// The longest that one fetch may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The largest answer that is read, in bytes.
const MAX_ANSWER: u64 = 1024 * 1024;

/// Refreshes the certificates of one person, or of everybody.
pub fn run(email: Option<&str>, globals: &Globals) -> Result<(), Failure> {
    let Data::Keys(keys) = globals.ask_data(Request::Key(KeyRequest::List))? else {
        return Err(Failure::unexpected());
    };
    let mut known: BTreeMap<String, Vec<KeyView>> = BTreeMap::new();
    for key in keys {
        if email.is_none_or(|email| email.eq_ignore_ascii_case(&key.owner)) {
            known.entry(key.owner.clone()).or_default().push(key);
        }
    }
    if known.is_empty() {
        return Err(Failure::failed("there is no certificate to refresh; see `sealdrop key list`"));
    }
    let roots = https_roots().map_err(|error| Failure::failed(error.to_string()))?;
    let agent = agent(roots.iter().map(|root| Certificate::from_der(root).to_owned()).collect());
    let mut missed = Vec::new();
    for (owner, keys) in &known {
        match fetch(&agent, owner) {
            Ok(found) => take(owner, keys, found, globals)?,
            Err(why) => missed.push(format!("{owner} ({why})")),
        }
    }
    if missed.is_empty() {
        return Ok(());
    }
    let missed = missed.join(", ");
    Err(Failure::failed(format!("no copy was found for {missed}; ask them for a newer one and use `sealdrop key add`")))
}

/// Hands in the copies of known certificates and points others out.
fn take(owner: &str, keys: &[KeyView], found: Vec<openpgp::Certificate>, globals: &Globals) -> Result<(), Failure> {
    for certificate in found {
        let fingerprint = certificate.fingerprint();
        if keys.iter().any(|key| key.fingerprint == fingerprint) {
            let request = KeyRequest::Refresh { key: certificate.armored() };
            show(globals, &globals.ask_data(Request::Key(request))?)?;
        } else if !globals.quiet {
            print::out(&format!(
                "{owner}'s domain offers another certificate, {fingerprint}: if {owner} says that it is theirs, use `sealdrop key add`\n"
            ))?;
        }
    }
    Ok(())
}

/// An HTTPS client that follows nobody elsewhere.
fn agent(roots: Vec<Certificate<'static>>) -> Agent {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(https_provider())
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .build();
    let config = Agent::config_builder()
        .https_only(true)
        .max_redirects(0)
        .timeout_global(Some(PATIENCE))
        .tls_config(tls)
        .user_agent("sealdrop")
        .build();
    config.new_agent()
}

/// The certificates that the domain of `email` offers for it.
fn fetch(agent: &Agent, email: &str) -> Result<Vec<openpgp::Certificate>, String> {
    let urls = wkd_urls(email).ok_or("not an address")?;
    let mut why = String::new();
    for url in urls {
        match get(agent, &url).map(|answer| certificates_in(&answer)) {
            Ok(found) if !found.is_empty() => return Ok(found),
            Ok(_) => why = "their domain offers no certificate".to_owned(),
            Err(error) => why = error.to_string(),
        }
    }
    Err(why)
}

fn get(agent: &Agent, url: &str) -> Result<Vec<u8>, ureq::Error> {
    agent.get(url).call()?.body_mut().with_config().limit(MAX_ANSWER).read_to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io::Read, net::TcpListener, thread};

    #[test]
    fn only_https_is_spoken_and_a_server_that_cannot_prove_itself_gives_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let mut first = [0];
            listener.accept().unwrap().0.read_exact(&mut first).unwrap();
            first[0]
        });
        let agent = agent(Vec::new());
        assert!(matches!(get(&agent, &format!("http://{at}/")), Err(ureq::Error::RequireHttpsOnly(_))));
        assert!(get(&agent, &format!("https://{at}/")).is_err());
        assert_eq!(server.join().unwrap(), 0x16, "the first byte of a TLS handshake");
    }
}
