//! Whether the staff's mail server can be used: what `check` asks. Sends nothing.

use super::smarthost::Smarthost;
use crate::config::Config;
use std::time::Duration;

/// The longest that the server may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Connects to the staff's mail server over TLS as configured, logs in where a login is configured, and says goodbye. Gives
/// what was verified, or why it failed, in words.
pub async fn probe(config: &Config) -> Result<&'static str, String> {
    let at = &config.staff_mail.smarthost;
    let server = Smarthost::new(at.clone(), &config.relay.hostname);
    match tokio::time::timeout(PATIENCE, server.greet()).await {
        Err(_) => Err(format!("no answer within {} seconds", PATIENCE.as_secs())),
        Ok(Err(error)) => Err(error.to_string()),
        Ok(Ok(())) => Ok(match (at.tls, &at.login) {
            (crate::config::SmarthostTls::None, _) => "without TLS, on this machine only",
            (_, Some(_)) => "verified TLS, and the login is right",
            (_, None) => "verified TLS",
        }),
    }
}
