//! The listening sockets: handed over by systemd, so that the process is never root, or bound here. They outlive a reload of the
//! configuration, so that no client meets a closed port.

use super::ServeError;
use crate::{config::Smtp, smtp::Port};
use listenfd::ListenFd;
use std::net::{SocketAddr, TcpListener};

/// Sockets for SMTP with STARTTLS and for SMTP under TLS from the first byte.
pub(in crate::serve) struct Sockets {
    pub smtp: Vec<TcpListener>,
    pub smtps: Vec<TcpListener>,
}

impl Sockets {
    /// Takes the sockets that systemd hands over, or else binds those that the configuration names.
    pub(in crate::serve) fn open(config: &Smtp) -> Result<Self, ServeError> {
        let handed = Self::handed_over()?;
        if !handed.smtp.is_empty() || !handed.smtps.is_empty() {
            return Ok(handed);
        }
        Ok(Self { smtp: bind_all(&config.listen)?, smtps: bind_all(&config.listen_tls)? })
    }

    /// Sockets of the unit's socket file (sd_listen_fds(3)): those named `smtps` speak TLS from the first byte.
    fn handed_over() -> Result<Self, ServeError> {
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let names: Vec<&str> = names.split(':').collect();
        let mut handed = ListenFd::from_env();
        let mut sockets = Self { smtp: Vec::new(), smtps: Vec::new() };
        for at in 0..handed.len() {
            let socket = handed.take_tcp_listener(at).ok().flatten().ok_or(ServeError::NotATcpSocket { at })?;
            socket.set_nonblocking(true).map_err(|error| ServeError::Runtime(error.kind()))?;
            if names.get(at) == Some(&"smtps") { &mut sockets.smtps } else { &mut sockets.smtp }.push(socket);
        }
        Ok(sockets)
    }

    /// The same sockets once more, for a relay that starts while these stay open.
    pub(in crate::serve) fn again(&self) -> std::io::Result<Self> {
        let again =
            |sockets: &[TcpListener]| sockets.iter().map(TcpListener::try_clone).collect::<std::io::Result<_>>();
        Ok(Self { smtp: again(&self.smtp)?, smtps: again(&self.smtps)? })
    }

    /// The sockets with what each speaks from the first byte on.
    pub(in crate::serve) fn into_ports(self) -> Vec<(TcpListener, Port)> {
        let smtp = self.smtp.into_iter().map(|socket| (socket, Port::StartTls));
        smtp.chain(self.smtps.into_iter().map(|socket| (socket, Port::ImplicitTls))).collect()
    }

    /// Where the sockets listen: SMTP, then SMTP under TLS.
    pub(in crate::serve) fn addresses(&self) -> (Vec<SocketAddr>, Vec<SocketAddr>) {
        let addresses =
            |sockets: &[TcpListener]| sockets.iter().filter_map(|socket| socket.local_addr().ok()).collect();
        (addresses(&self.smtp), addresses(&self.smtps))
    }
}

fn bind_all(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, ServeError> {
    addresses
        .iter()
        .map(|&address| {
            let bound = TcpListener::bind(address).and_then(|socket| {
                socket.set_nonblocking(true)?;
                Ok(socket)
            });
            bound.map_err(|error| ServeError::Bind { address, kind: error.kind() })
        })
        .collect()
}
