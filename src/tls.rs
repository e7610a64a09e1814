//! TLS, both ways: the server's side with certificates that can be replaced while it runs, and the client's side that
//! verifies. Never plaintext, never an unverified smarthost.

use serde::{Deserialize, Serialize};

/// How a connection was protected: made only from a finished handshake, so that whoever holds one had TLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    /// `TLSv1.3`.
    pub version: String,
    /// `TLS13_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// `X25519MLKEM768`.
    pub key_exchange: String,
}
