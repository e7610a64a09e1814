//! Ana's mail program: lettre over STARTTLS. It also tries, first, what must not work: mail without TLS.

use super::{
    Failure, failed,
    photos::{PHOTOS, Photo},
    story::Story,
};
use crate::{cli::message::size, config::Config};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    address::Envelope,
    message::{Attachment, Mailbox, MultiPart, SinglePart, header::ContentType},
    transport::smtp::client::{Certificate, Tls, TlsParameters},
};
use std::{net::SocketAddr, time::Instant};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufStream},
    net::TcpStream,
};

/// Ana's address.
pub const ANA: &str = "ana@example.com";
/// Ana's words. Nobody but the staff may ever read them.
pub const NOTE: &str = "Hello Alice, here are my papers for the apartment on Juniper Street.\r\n\
    My case worker said you also need the letter. I lost my job in September.\r\nThank you, Ana";
const SUBJECT: &str = "Papers for the Juniper Street apartment";

/// A mail that is ready to go.
pub struct Letter {
    pub envelope: Envelope,
    pub bytes: Vec<u8>,
}

/// A mail that was taken over.
pub struct Sent {
    /// Exactly as it went.
    pub bytes: Vec<u8>,
    /// The relay's 250.
    pub reply: String,
    pub millis: u128,
}

/// Ana's mail: a note and three photos.
pub fn write(case: &str) -> Result<Letter, Failure> {
    let broken = |error: &dyn std::fmt::Display| failed(&format!("the client's mail cannot be written: {error}"));
    let mailbox = |address: &str| address.parse::<Mailbox>().map_err(|error| broken(&error));
    let mut parts = MultiPart::mixed().singlepart(SinglePart::plain(NOTE.to_owned()));
    for photo in &PHOTOS {
        parts = parts.singlepart(attachment(photo)?);
    }
    let message = Message::builder()
        .from(mailbox(&format!("Ana Moreno <{ANA}>"))?)
        .to(mailbox(case)?)
        .subject(SUBJECT)
        .message_id(None)
        .multipart(parts)
        .map_err(|error| broken(&error))?;
    Ok(Letter { envelope: message.envelope().clone(), bytes: message.formatted() })
}

fn attachment(photo: &Photo) -> Result<SinglePart, Failure> {
    let media_type = ContentType::parse(photo.media_type).map_err(|error| failed(&error.to_string()))?;
    Ok(Attachment::new(photo.name.to_owned()).body(photo.bytes.to_vec(), media_type))
}

/// Sends a mail over STARTTLS, trusting the relay's certificate and no other.
pub async fn send(relay: SocketAddr, config: &Config, letter: &Letter) -> Result<Sent, Failure> {
    let broken = |error: &dyn std::fmt::Display| failed(&format!("the client's mail was not taken: {error}"));
    let pem = std::fs::read(&config.tls.certificate).map_err(|error| broken(&error))?;
    let trusted = Certificate::from_pem(&pem).map_err(|error| broken(&error))?;
    let tls = TlsParameters::builder(config.relay.hostname.clone())
        .add_root_certificate(trusted)
        .build_rustls()
        .map_err(|error| broken(&error))?;
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(relay.ip().to_string())
        .port(relay.port())
        .tls(Tls::Required(tls))
        .build();
    // lettre ends every mail with a line end of its own.
    let unended = letter.bytes.strip_suffix(b"\r\n").unwrap_or(&letter.bytes);
    let began = Instant::now();
    let reply = transport.send_raw(&letter.envelope, unended).await.map_err(|error| broken(&error))?;
    let millis = began.elapsed().as_millis();
    let reply = format!("{} {}", reply.code(), reply.message().collect::<Vec<_>>().join(" "));
    Ok(Sent { bytes: [unended, b"\r\n"].concat(), reply, millis })
}

/// Offers mail without TLS; gives the relay's answer to MAIL.
pub async fn try_without_tls(relay: SocketAddr) -> Result<String, Failure> {
    let talk = async {
        let mut stream = BufStream::new(TcpStream::connect(relay).await?);
        read_reply(&mut stream).await?;
        for command in ["EHLO phone.example.com\r\n", "MAIL FROM:<ana@example.com>\r\n"] {
            stream.write_all(command.as_bytes()).await?;
            stream.flush().await?;
            let reply = read_reply(&mut stream).await?;
            if command.starts_with("MAIL") {
                return Ok(reply);
            }
        }
        Err(std::io::ErrorKind::UnexpectedEof.into())
    };
    let talk: Result<String, std::io::Error> = talk.await;
    talk.map_err(|error| failed(&format!("the relay does not answer: {error}")))
}

/// The last line of a reply (RFC 5321, section 4.2.1).
async fn read_reply(stream: &mut BufStream<TcpStream>) -> std::io::Result<String> {
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(line.trim_end().to_owned());
        }
    }
}

/// Tells what was sent and what the relay said.
pub fn tell(sent: &Sent, plaintext_answer: &str, story: &Story) -> Result<(), Failure> {
    for photo in &PHOTOS {
        let digest = photo.digest().to_string();
        let size = size(photo.bytes.len() as u64);
        story.say(&format!("{:<13} {size:>6}  SHA-256 {}…  {}", photo.name, &digest[..16], photo.note))?;
    }
    story.say(&format!("the note      \"{}…\"", NOTE.lines().next().unwrap_or_default()))?;
    story.say(&format!("without TLS the relay says:   {plaintext_answer}"))?;
    story.say(&format!("over STARTTLS, {} ms later:   {}", sent.millis, sent.reply))
}
