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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Timestamp,
        config::Profile,
        openpgp::{Certificate, EncryptionSet, Reader, ReaderKey},
    };
    use sequoia_openpgp::{
        crypto::{S2K, SessionKey, SymmetricAlgorithm},
        packet::{Literal, PKESK, SKESK, pkesk::PKESK3, skesk::SKESK4},
        serialize::SerializeInto,
        types::DataFormat,
    };

    const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
    /// A SEIPD packet of version 1 with the shortest body that there can be.
    const SEIPD1: &[u8] = &{
        let mut packet = [7; 42];
        (packet[0], packet[1], packet[2]) = (0xD2, 40, 1);
        packet
    };
    /// A symmetrically encrypted packet without integrity protection (tag 9).
    const SED: &[u8] = &[0xC9, 4, 7, 7, 7, 7];

    fn session_key() -> Vec<u8> {
        let key = ReaderKey::generate("ana@example.org", NOW);
        let certificate = Certificate::parse(key.certificate_armored().as_bytes()).unwrap();
        let reader = Reader { email: "ana@example.org".to_owned(), certificate };
        let set = EncryptionSet::at(NOW, Profile::Compatible, vec![reader]).unwrap();
        let session = SessionKey::new(32).unwrap();
        let packet = PKESK3::for_recipient(SymmetricAlgorithm::AES256, &session, &set.keys()[0]).unwrap();
        Packet::from(PKESK::from(packet)).to_vec().unwrap()
    }

    fn literal() -> Vec<u8> {
        let mut literal = Literal::new(DataFormat::Binary);
        literal.set_body(b"plain words".to_vec());
        Packet::from(literal).to_vec().unwrap()
    }

    fn password() -> Vec<u8> {
        let packet = SKESK4::new(SymmetricAlgorithm::AES256, S2K::default(), None).unwrap();
        Packet::from(SKESK::from(packet)).to_vec().unwrap()
    }

    #[test]
    fn session_keys_and_a_container_are_sealed() {
        let message = [session_key(), session_key(), SEIPD1.to_vec()].concat();
        let shape = inspect(&message[..]).unwrap();
        assert_eq!((shape.readers.len(), shape.container), (2, Container::Seipd1));
    }

    #[test]
    fn everything_else_is_not() {
        let (key, literal, password) = (session_key(), literal(), password());
        let cases: [&[&[u8]]; 9] = [
            &[],
            &[b"From: ana@example.org\r\n\r\nplain words\r\n"],
            &[b"-----BEGIN PGP MESSAGE-----\r\n\r\n"],
            &[&literal],
            &[&key],
            &[&key, &literal],
            &[&key, SED],
            &[SEIPD1],
            &[&password, SEIPD1],
        ];
        for case in cases {
            let message = case.concat();
            assert!(inspect(&message[..]).is_err(), "{message:?}");
        }
        let message = [&key[..], SEIPD1].concat();
        for length in 0..=key.len() + 1 {
            assert!(inspect(&message[..length]).is_err(), "cut at {length}");
        }
    }
}
