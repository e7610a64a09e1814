//! What an HTTPS client needs of us: our provider and the system's roots.

use super::{TlsError, provider};
use rustls::{crypto::CryptoProvider, pki_types::CertificateDer};
use std::sync::Arc;

/// The cryptography provider.
pub fn https_provider() -> Arc<CryptoProvider> {
    provider()
}

/// The system's root certificates. Fails when the system has none.
pub fn https_roots() -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let roots = rustls_native_certs::load_native_certs().certs;
    if roots.is_empty() { Err(TlsError::NoRoots) } else { Ok(roots) }
}
