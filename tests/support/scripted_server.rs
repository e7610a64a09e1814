//! A mail server that says exactly what a test wants: for the situations in which a real server cannot easily be
//! brought.

use super::staff_server::Mail;
use rustls::ServerConfig;
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// Content longer than this is counted and not kept, unless the script keeps more.
const KEPT: usize = 1 << 20;

/// What a server does. The default takes everything, in plaintext.
#[derive(Clone, Default)]
pub struct Script {
    pub tls: Option<Arc<ServerConfig>>,
    /// TLS from the first byte.
    pub implicit: bool,
    /// Lines of the answer to EHLO besides the name.
    pub extensions: Vec<&'static str>,
    /// Answers to lines that start like this, in place of the usual ones; the end of the data is the line `.`, the
    /// greeting answers the line `connect`. [`HANG`] and [`CLOSE`] are no answers.
    pub answers: Vec<(&'static str, &'static str)>,
    /// Sent in the same segment as the answer to STARTTLS.
    pub injected: &'static str,
    /// Closes the connection after so many bytes of content.
    pub closes_after: Option<usize>,
    /// Keeps this many bytes of a mail, if that is more than usual.
    pub keeps: usize,
}

/// Never answers.
pub const HANG: &str = "hang";
/// Closes the connection.
pub const CLOSE: &str = "close";

/// A running server; it ends with the runtime that it was started on.
pub struct ScriptedServer {
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    script: Arc<Mutex<Script>>,
}

#[derive(Default)]
struct Seen {
    connections: usize,
    lines: Vec<String>,
    mails: Vec<Mail>,
    bytes: usize,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl ScriptedServer {
    /// Starts on a free port of 127.0.0.1.
    pub async fn start(script: Script) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), script).await
    }

    /// Starts at this address.
    pub async fn start_at(address: SocketAddr, script: Script) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Mutex<Seen>>::default();
        let script = Arc::new(Mutex::new(script));
        let (shared_seen, shared_script) = (seen.clone(), script.clone());
        tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                shared_seen.lock().unwrap().connections += 1;
                tokio::spawn(serve(Box::new(tcp), shared_script.clone(), shared_seen.clone()));
            }
        });
        Self { address, seen, script }
    }

    /// Changes what the server does from now on, on open connections, too.
    pub fn now(&self, script: Script) {
        *self.script.lock().unwrap() = script;
    }

    /// Every line that a client sent outside of content, with `TLS ` before it where it was protected.
    pub fn lines(&self) -> Vec<String> {
        self.seen.lock().unwrap().lines.clone()
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.seen.lock().unwrap().mails.clone()
    }

    /// Forgets the mails taken so far.
    pub fn forget(&self) {
        self.seen.lock().unwrap().mails.clear();
    }

    pub fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    /// Bytes of content so far, stuffing and final dots included.
    pub fn bytes(&self) -> usize {
        self.seen.lock().unwrap().bytes
    }
}

async fn serve(stream: Box<dyn Stream>, script: Arc<Mutex<Script>>, seen: Arc<Mutex<Seen>>) -> io::Result<()> {
    let Script { tls, implicit, .. } = script.lock().unwrap().clone();
    let plain = if implicit { Some(stream) } else { converse(stream, &script, &seen, false).await? };
    if let Some(stream) = plain {
        let tls = TlsAcceptor::from(tls.unwrap()).accept(stream).await?;
        converse(Box::new(tls), &script, &seen, true).await?;
    }
    Ok(())
}

/// Talks until the connection ends, or until the client may begin the handshake (then the stream is given back).
async fn converse(
    stream: Box<dyn Stream>,
    changing: &Mutex<Script>,
    seen: &Mutex<Seen>,
    protected: bool,
) -> io::Result<Option<Box<dyn Stream>>> {
    let mut stream = BufReader::new(stream);
    let script = changing.lock().unwrap().clone();
    if (script.implicit || !protected) && !script.answer("connect", "220 mx.staff.example\r\n", &mut stream).await? {
        return Ok(None);
    }
    let (mut line, mut from, mut to) = (String::new(), String::new(), Vec::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let command = line.trim_end();
        let script = changing.lock().unwrap().clone();
        let marked = format!("{}{command}", if protected { "TLS " } else { "" });
        seen.lock().unwrap().lines.push(marked);
        let path = command.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let usual = match command.get(..4).unwrap_or_default() {
            "EHLO" => script.hello(),
            "STAR" => format!("220 go\r\n{}", script.injected),
            "DATA" => "354 go\r\n".to_owned(),
            _ => "250 2.0.0 fine\r\n".to_owned(),
        };
        let positive = script.answer(command, &usual, &mut stream).await?;
        match command.get(..4).unwrap_or_default() {
            "STAR" if positive => return Ok(Some(stream.into_inner())),
            "MAIL" => (from, to) = (path, Vec::new()),
            "RCPT" if positive => to.push(path),
            "DATA" if positive => {
                let Some(text) = content(&mut stream, &script, seen).await? else { return Ok(None) };
                if script.answer(".", "250 2.0.0 taken\r\n", &mut stream).await? {
                    seen.lock().unwrap().mails.push(Mail { from: from.clone(), to: to.clone(), text });
                }
            }
            "QUIT" => return Ok(None),
            _ if !positive && script.closes(command) => return Ok(None),
            _ => {}
        }
    }
}

/// Reads content to its final dot; None when the script closes the connection in the middle.
async fn content(
    stream: &mut BufReader<Box<dyn Stream>>,
    script: &Script,
    seen: &Mutex<Seen>,
) -> io::Result<Option<String>> {
    let (mut text, mut line, mut bytes) = (Vec::new(), Vec::new(), 0);
    loop {
        line.clear();
        let length = stream.take(KEPT as u64).read_until(b'\n', &mut line).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes += length;
        seen.lock().unwrap().bytes += length;
        if line == b".\r\n" {
            return Ok(Some(String::from_utf8_lossy(&text).into_owned()));
        }
        if text.len() < KEPT.max(script.keeps) {
            text.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        if script.closes_after.is_some_and(|limit| bytes > limit) {
            return Ok(None);
        }
    }
}

impl Script {
    fn hello(&self) -> String {
        let lines: String = self.extensions.iter().map(|line| format!("250-{line}\r\n")).collect();
        format!("250-mx.staff.example\r\n{lines}250 ENHANCEDSTATUSCODES\r\n")
    }

    fn scripted(&self, line: &str) -> Option<&'static str> {
        self.answers.iter().find(|(start, _)| line.starts_with(start)).map(|(_, answer)| *answer)
    }

    fn closes(&self, line: &str) -> bool {
        self.scripted(line) == Some(CLOSE)
    }

    /// Answers a line; whether the answer was positive.
    async fn answer(&self, line: &str, usual: &str, stream: &mut BufReader<Box<dyn Stream>>) -> io::Result<bool> {
        let answer = self.scripted(line).unwrap_or(usual);
        match answer {
            HANG => std::future::pending().await,
            CLOSE => {
                stream.shutdown().await?;
                return Ok(false);
            }
            _ => {}
        }
        stream.write_all(answer.as_bytes()).await?;
        stream.flush().await?;
        Ok(answer.starts_with(['2', '3']))
    }
}
