//! A sender: SMTP with pipelining over STARTTLS, or in plaintext for Postfix. Trusts any certificate it is told to.

use rustls::{ClientConfig, pki_types::ServerName};
use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

/// Where mail goes.
#[derive(Clone)]
pub struct Target {
    pub address: SocketAddr,
    /// The recipient of every mail.
    pub to: String,
    /// The name in the server's certificate and what is trusted; None for plaintext.
    pub tls: Option<(ServerName<'static>, Arc<ClientConfig>)>,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// One connection, past EHLO.
pub struct Client {
    io: BufReader<Box<dyn Stream>>,
    to: String,
}

impl Client {
    pub async fn connect(target: &Target) -> io::Result<Self> {
        let stream = TcpStream::connect(target.address).await?;
        stream.set_nodelay(true)?;
        let mut client = Self { io: BufReader::new(Box::new(stream)), to: target.to.clone() };
        client.expect("220").await?;
        client.say("EHLO client.example\r\n", "250").await?;
        if let Some((name, config)) = &target.tls {
            client.say("STARTTLS\r\n", "220").await?;
            let secured = TlsConnector::from(config.clone()).connect(name.clone(), client.io.into_inner()).await?;
            client.io = BufReader::new(Box::new(secured));
            client.say("EHLO client.example\r\n", "250").await?;
        }
        Ok(client)
    }

    /// Opens a transaction: what comes next is data.
    pub async fn begin(&mut self) -> io::Result<()> {
        let commands = format!("MAIL FROM:<ana@client.example>\r\nRCPT TO:<{}>\r\nDATA\r\n", self.to);
        self.say(&commands, "250").await?;
        self.expect("250").await?;
        self.expect("354").await
    }

    /// Sends data, which must hold no line that begins with a dot.
    pub async fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.io.get_mut().write_all(bytes).await?;
        self.io.get_mut().flush().await
    }

    /// Ends the data; gives the time from the final dot to the 250.
    pub async fn end(&mut self) -> io::Result<Duration> {
        let dot = Instant::now();
        self.say(".\r\n", "250").await?;
        Ok(dot.elapsed())
    }

    pub async fn mail(&mut self, mail: &[u8]) -> io::Result<Duration> {
        self.begin().await?;
        self.data(mail).await?;
        self.end().await
    }

    pub async fn quit(&mut self) -> io::Result<()> {
        self.say("QUIT\r\n", "221").await
    }

    async fn say(&mut self, text: &str, code: &str) -> io::Result<()> {
        self.io.get_mut().write_all(text.as_bytes()).await?;
        self.io.get_mut().flush().await?;
        self.expect(code).await
    }

    /// Reads one reply, which must have this code.
    async fn expect(&mut self, code: &str) -> io::Result<()> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.io.read_line(&mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if !line.starts_with(code) {
                return Err(io::Error::other(format!("wanted {code}, got {}", line.trim_end())));
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(());
            }
        }
    }
}
