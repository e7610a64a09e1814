//! A client that says exactly what it is told, byte for byte, over TCP or TLS.

#![allow(dead_code, reason = "each test file uses its part")]

use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName},
};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// The name that every relay of the tests has.
pub const HOST: &str = "mx.in.example.org";
/// Longer than anything that is expected takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A relay that can be reached: the listener alone, or a whole process.
pub trait Place {
    /// The port where TLS begins with STARTTLS.
    fn starttls(&self) -> SocketAddr;
    /// The port with TLS from the first byte.
    fn implicit(&self) -> SocketAddr;
    /// The certificate that clients trust at this moment.
    fn certificate(&self) -> CertificateDer<'static>;
}

/// Both protocol versions that the relay speaks.
pub const TLS_1_3_AND_1_2: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13, &rustls::version::TLS12];

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// Between the two, or closed.
    None,
}

/// One connection.
pub struct Client {
    stream: Stream,
    buffer: Vec<u8>,
}

impl Client {
    /// Speaks on a connection that was made already.
    pub fn on(stream: TcpStream) -> Self {
        Self { stream: Stream::Plain(stream), buffer: Vec::new() }
    }

    /// Connects to the STARTTLS port.
    pub async fn connect(relay: &impl Place) -> Self {
        Self::on(TcpStream::connect(relay.starttls()).await.unwrap())
    }

    /// Connects to the implicit TLS port and shakes hands.
    pub async fn connect_tls(relay: &impl Place) -> Self {
        let mut client = Self::on(TcpStream::connect(relay.implicit()).await.unwrap());
        client.shake_hands(relay, TLS_1_3_AND_1_2).await.unwrap();
        client
    }

    /// Connects, greets and upgrades, up to the EHLO under TLS.
    pub async fn secured(relay: &impl Place) -> Self {
        let mut client = Self::connect_tls(relay).await;
        client.expect("220").await;
        client.say("EHLO client.example\r\n").await;
        client.expect("250").await;
        client
    }

    /// The TLS handshake, trusting only the relay's certificate of this moment.
    pub async fn shake_hands(
        &mut self,
        relay: &impl Place,
        versions: &[&'static SupportedProtocolVersion],
    ) -> io::Result<()> {
        let mut roots = RootCertStore::empty();
        roots.add(relay.certificate()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let Stream::Plain(stream) = std::mem::replace(&mut self.stream, Stream::None) else {
            panic!("TLS is in use already");
        };
        let connector = TlsConnector::from(Arc::new(config));
        let shaken = timeout(PATIENCE, connector.connect(ServerName::try_from(HOST).unwrap(), stream)).await;
        self.stream = Stream::Tls(Box::new(shaken.expect("the handshake ends in time")?));
        Ok(())
    }

    /// What the handshake agreed on.
    pub fn tls(&self) -> &rustls::ClientConnection {
        match &self.stream {
            Stream::Tls(stream) => stream.get_ref().1,
            Stream::Plain(_) | Stream::None => panic!("TLS is not in use"),
        }
    }

    /// Sends bytes. That the relay closed meanwhile shows when its replies are read.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = match &mut self.stream {
            Stream::Plain(stream) => stream.write_all(bytes).await,
            Stream::Tls(stream) => match stream.write_all(bytes).await {
                Ok(()) => stream.flush().await,
                error => error,
            },
            Stream::None => panic!("the connection is closed"),
        };
    }

    pub async fn say(&mut self, text: &str) {
        self.send(text.as_bytes()).await;
    }

    /// What one read gives; empty at the end of the stream. A reset is an end, too.
    pub async fn read(&mut self) -> Vec<u8> {
        let mut bytes = vec![0; 64 * 1024];
        let came = match &mut self.stream {
            Stream::Plain(stream) => timeout(PATIENCE, stream.read(&mut bytes)).await,
            Stream::Tls(stream) => timeout(PATIENCE, stream.read(&mut bytes)).await,
            Stream::None => Ok(Ok(0)),
        };
        bytes.truncate(came.expect("the relay answers in time").unwrap_or(0));
        bytes
    }

    /// The next line without its CRLF; None at the end of the stream.
    pub async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|two| two == b"\r\n") {
                let line = self.buffer.drain(..end + 2).collect::<Vec<_>>();
                return Some(String::from_utf8(line[..end].to_vec()).unwrap());
            }
            let came = self.read().await;
            if came.is_empty() {
                assert!(self.buffer.is_empty(), "the stream ends within a line: {:?}", self.buffer);
                return None;
            }
            self.buffer.extend(came);
        }
    }

    /// The next line if one is there or the stream ended (then empty), without waiting longer than a moment.
    pub async fn try_line(&mut self) -> Option<String> {
        timeout(Duration::from_millis(1), self.line()).await.ok().map(Option::unwrap_or_default)
    }

    /// Sends as much of a text as goes out within a moment.
    pub async fn try_say(&mut self, text: &str) {
        let _ = timeout(Duration::from_millis(20), self.say(text)).await;
    }

    /// The last line of the next reply, which must start with `code`.
    pub async fn expect(&mut self, code: &str) -> String {
        loop {
            let line = self.line().await.unwrap_or_else(|| panic!("{code} was expected, the relay closed"));
            assert!(line.starts_with(code), "{code} was expected, not {line}");
            if line.as_bytes().get(3) != Some(&b'-') {
                return line;
            }
        }
    }

    /// Nothing more comes.
    pub async fn expect_end(&mut self) {
        assert_eq!(self.line().await, None);
    }

    /// Closes without a goodbye.
    pub fn hang_up(&mut self) {
        self.stream = Stream::None;
    }
}
