//! TLS, both ways: the server's side with certificates that can be replaced while it runs, and the client's side that
//! verifies. Never plaintext, never an unverified smarthost: no verifier can be switched off here.
//!
//! TLS 1.2 (RFC 5246) and 1.3 (RFC 8446) by rustls on aws-lc-rs, the only provider at hand with X25519MLKEM768, so that mail
//! recorded today cannot be read by a quantum computer later.

mod client;
mod expiry;
mod https;
mod names;
mod self_signed;
mod server;

use rustls::{
    ServerConnection,
    crypto::{CryptoProvider, aws_lc_rs},
};
use serde::{Deserialize, Serialize};
use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

pub use client::client_config;
pub use expiry::{not_after, not_after_of_file};
pub use https::{https_provider, https_roots};
pub use names::names_host;
pub use self_signed::{SelfSigned, make_self_signed};
pub use server::ServerTls;

/// How a connection was protected: made only from a finished handshake, or read back from the record of one, so that whoever
/// holds one had TLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    /// `TLSv1.3`.
    pub version: String,
    /// `TLS13_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// `X25519MLKEM768`; `resumed` where TLS 1.2 took an earlier session up again.
    pub key_exchange: String,
    /// Keeps other rooms from writing a `Protection` down by hand.
    #[serde(skip)]
    proof: Proof,
}

/// Cannot be named outside this room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Proof;

impl Protection {
    /// What `connection` agreed on; None while its handshake is not finished.
    pub fn of(connection: &ServerConnection) -> Option<Self> {
        if connection.is_handshaking() {
            return None;
        }
        let version = match connection.protocol_version()? {
            rustls::ProtocolVersion::TLSv1_3 => "TLSv1.3".to_owned(),
            rustls::ProtocolVersion::TLSv1_2 => "TLSv1.2".to_owned(),
            other => format!("{other:?}"),
        };
        let cipher = format!("{:?}", connection.negotiated_cipher_suite()?.suite());
        let group = connection.negotiated_key_exchange_group();
        let key_exchange = group.map_or_else(|| "resumed".to_owned(), |group| format!("{:?}", group.name()));
        Some(Self { version, cipher, key_exchange, proof: Proof })
    }
}

/// TLS cannot be set up: the text says which file, why, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot read {0}: {1}; check the path and that the relay's user may read it")]
    Read(PathBuf, io::ErrorKind),
    #[error("{0} is not a PEM file, or is cut short")]
    NotPem(PathBuf),
    #[error("{0} holds no certificate: a PEM block BEGIN CERTIFICATE is expected, the server's own first")]
    NoCertificate(PathBuf),
    #[error("{0} holds no private key: a PEM block BEGIN PRIVATE KEY without a passphrase is expected")]
    NoKey(PathBuf),
    #[error("the certificate {0} and the key {1} do not belong together: install both files of one issue")]
    Mismatch(PathBuf, PathBuf),
    #[error("the system has no root certificates: install the package ca-certificates, or set ca_file")]
    NoRoots,
    #[error("a certificate for `{0}` cannot be made: it is neither a host name nor an IP address")]
    HostName(String),
    #[error("the key generator failed")]
    Generator,
    #[error("TLS cannot be set up: {0}")]
    Rustls(#[from] rustls::Error),
}

impl TlsError {
    /// The error of reading the PEM file at `path`.
    fn of_pem(path: &Path, error: &rustls::pki_types::pem::Error) -> Self {
        match error {
            rustls::pki_types::pem::Error::Io(error) => Self::Read(path.to_owned(), error.kind()),
            _ => Self::NotPem(path.to_owned()),
        }
    }
}

/// The one cryptography provider: hybrid post-quantum key exchange first, then what every peer of the last ten years has.
/// Its cipher list is rustls' own: ECDHE with AES-GCM or ChaCha20-Poly1305 and nothing else.
fn provider() -> Arc<CryptoProvider> {
    use aws_lc_rs::kx_group::{SECP256R1, SECP256R1MLKEM768, SECP384R1, X25519, X25519MLKEM768};
    static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
        let kx_groups = vec![X25519MLKEM768, SECP256R1MLKEM768, X25519, SECP256R1, SECP384R1];
        Arc::new(CryptoProvider { kx_groups, ..aws_lc_rs::default_provider() })
    });
    PROVIDER.clone()
}

#[cfg(test)]
pub(crate) mod tests;
