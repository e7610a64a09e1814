//! The server's side: certificate chain and key from PEM files, replaced at run time without touching live connections.
//! A broken or mismatched pair never replaces a working one.

use super::{TlsError, provider};
use rustls::{
    ServerConfig, SignatureScheme,
    crypto::aws_lc_rs::Ticketer,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use std::{
    fmt,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

/// TLS for the SMTP ports. Cheap to share behind an [`Arc`]; every new handshake uses the certificate of that moment.
#[derive(Debug)]
pub struct ServerTls {
    config: Arc<ServerConfig>,
    certificate: Arc<Current>,
    files: Files,
    seen: Mutex<Stamps>,
}

impl ServerTls {
    /// Loads a certificate chain (the server's own first) and its key. Fails when either cannot be read or used, or when they
    /// do not belong together.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let files = Files { certificate: certificate.to_owned(), key: key.to_owned() };
        let seen = files.stamps();
        let certificate = Arc::new(Current(RwLock::new(files.read()?)));
        let config = server_config(certificate.clone())?;
        Ok(Self { config, certificate, files, seen: Mutex::new(seen) })
    }

    /// The configuration that a TLS acceptor works with; it follows [`reload`](Self::reload).
    pub fn config(&self) -> Arc<ServerConfig> {
        self.config.clone()
    }

    /// Reads both files again. After an error the old pair stays in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        let stamps = self.files.stamps();
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = stamps;
        let certified = self.files.read()?;
        *self.certificate.0.write().unwrap_or_else(PoisonError::into_inner) = certified;
        Ok(())
    }

    /// Reloads if either file changed (time, length or inode) since it was last looked at; says whether it did. A broken
    /// pair is reported once, and tried again when the files change again.
    pub fn reload_if_changed(&self) -> Result<bool, TlsError> {
        let unchanged = *self.seen.lock().unwrap_or_else(PoisonError::into_inner) == self.files.stamps();
        if unchanged {
            return Ok(false);
        }
        self.reload().map(|()| true)
    }

    /// The certificate in use (DER), the server's own.
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.certificate.now().cert.first().cloned().expect("a pair without a certificate is never put into use")
    }
}

/// TLS 1.2 and 1.3, no client certificates, stateless tickets whose keys live in memory and change every few hours.
fn server_config(certificate: Arc<Current>) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    config.ticketer = Ticketer::new()?;
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}

/// The pair in use.
struct Current(RwLock<Arc<CertifiedKey>>);

impl Current {
    fn now(&self) -> Arc<CertifiedKey> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let certified = self.now();
        let schemes: &[SignatureScheme] = hello.signature_schemes();
        certified.key.choose_scheme(schemes).is_some().then_some(certified)
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Current(…)")
    }
}

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// Modification time (seconds, nanoseconds), length and inode of each file; None where there is none.
type Stamps = [Option<(i64, i64, u64, u64)>; 2];

impl Files {
    fn stamps(&self) -> Stamps {
        [&self.certificate, &self.key].map(|path| {
            let metadata = std::fs::metadata(path).ok()?;
            Some((metadata.mtime(), metadata.mtime_nsec(), metadata.len(), metadata.ino()))
        })
    }

    fn read(&self) -> Result<Arc<CertifiedKey>, TlsError> {
        let chain = read_chain(&self.certificate)?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| match error {
            rustls::pki_types::pem::Error::NoItemsFound => TlsError::NoKey(self.key.clone()),
            error => TlsError::of_pem(&self.key, &error),
        })?;
        match CertifiedKey::from_der(chain, key, &provider()) {
            Ok(certified) => Ok(Arc::new(certified)),
            Err(rustls::Error::InconsistentKeys(_)) => {
                Err(TlsError::Mismatch(self.certificate.clone(), self.key.clone()))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// All certificates of a PEM file, at least one.
pub(super) fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let items = CertificateDer::pem_file_iter(path).map_err(|error| TlsError::of_pem(path, &error))?;
    let chain: Vec<_> = items.collect::<Result<_, _>>().map_err(|error| TlsError::of_pem(path, &error))?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate(path.to_owned()));
    }
    Ok(chain)
}
