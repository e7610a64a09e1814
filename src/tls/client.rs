//! The client's side, for mail that leaves: always verified, against the system's roots and a private CA beside them.

use super::{TlsError, provider, server::read_chain};
use rustls::{ClientConfig, RootCertStore};
use std::{path::Path, sync::Arc};

/// A configuration that demands a certificate valid for the server's name, signed by a root of the system or of `ca_file`.
/// Fails when there is no root at all or `ca_file` cannot be used.
pub fn client_config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, TlsError> {
    let mut roots = RootCertStore::empty();
    // A root of the system that does not parse is left out: it could verify nothing.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        for root in read_chain(path)? {
            roots.add(root)?;
        }
    }
    if roots.is_empty() {
        return Err(TlsError::NoRoots);
    }
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
