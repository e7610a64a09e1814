//! Tells ciphertext from anything else: what comes back from disk as a sealed message must begin with session keys for
//! people (PKESK) and go on with an integrity-protected container (SEIPD). Decrypts nothing, and reads no further than
//! the container's header: that the rest is whole is for the spool's digest to say.

use sequoia_openpgp::{
    Packet,
    packet::SEIP,
    parse::{Dearmor, PacketParser, PacketParserBuilder, PacketParserResult, Parse},
};
use std::io::Read;

/// The most session key packets that are looked at.
const MOST_SESSION_KEYS: usize = 10_000;

/// What a sealed message shows to everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedShape {
    /// Key IDs or fingerprints of the (sub)keys that it is encrypted to, in upper-case hexadecimal.
    pub readers: Vec<String>,
    pub container: Container,
}

/// The container of a sealed message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// SEIPD version 1 (RFC 9580, section 5.13.1).
    Seipd1,
    /// SEIPD version 2 (section 5.13.2).
    Seipd2,
}

/// The bytes are not a sealed message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSealed {
    #[error("not OpenPGP packets, or not readable")]
    NotOpenPgp,
    #[error("an OpenPGP message, but not one that is encrypted to certificates and protected against change")]
    NotEncrypted,
}

/// Demands that `message` (binary, not armored) begins as a sealed message does.
pub fn inspect<R: Read + Send + Sync>(message: R) -> Result<SealedShape, NotSealed> {
    let mut parsed = PacketParserBuilder::from_reader(message)
        .and_then(|builder| builder.dearmor(Dearmor::Disabled).build())
        .map_err(|_| NotSealed::NotOpenPgp)?;
    let mut readers = Vec::new();
    while let PacketParserResult::Some(parser) = parsed {
        match &parser.packet {
            Packet::PKESK(session_key) if readers.len() < MOST_SESSION_KEYS => {
                readers.push(session_key.recipient().map_or_else(|| "ANONYMOUS".to_owned(), |id| id.to_hex()));
            }
            Packet::SEIP(container) if !readers.is_empty() => return shape(readers, container),
            Packet::Unknown(_) => return Err(NotSealed::NotOpenPgp),
            _ => return Err(NotSealed::NotEncrypted),
        }
        parsed = next(parser)?;
    }
    Err(NotSealed::NotOpenPgp)
}

fn next(parser: PacketParser<'_>) -> Result<PacketParserResult<'_>, NotSealed> {
    parser.next().map(|(_, rest)| rest).map_err(|_| NotSealed::NotOpenPgp)
}

fn shape(readers: Vec<String>, container: &SEIP) -> Result<SealedShape, NotSealed> {
    let container = match container {
        SEIP::V1(_) => Container::Seipd1,
        SEIP::V2(_) => Container::Seipd2,
        _ => return Err(NotSealed::NotEncrypted),
    };
    Ok(SealedShape { readers, container })
}
