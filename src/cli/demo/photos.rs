//! The photos that Ana sends: small, made for this demo, of nobody's documents.

use crate::digest::{Digest, sha256};

/// A photo as Ana's telephone sends it.
pub struct Photo {
    pub name: &'static str,
    /// What the telephone says it is.
    pub media_type: &'static str,
    /// What it is.
    pub note: &'static str,
    pub bytes: &'static [u8],
}

impl Photo {
    pub fn digest(&self) -> Digest {
        sha256(self.bytes)
    }
}

/// The three photos. Telephones send HEIC under the name and type of a JPEG: only the bytes tell.
pub const PHOTOS: [Photo; 3] = [
    Photo {
        name: "id-card.jpg",
        media_type: "image/jpeg",
        note: "her identity card, a JPEG",
        bytes: include_bytes!("photos/id-card.jpg"),
    },
    Photo {
        name: "pay-stub.png",
        media_type: "image/png",
        note: "her pay stub, a PNG",
        bytes: include_bytes!("photos/pay-stub.png"),
    },
    Photo {
        name: "IMG_4781.jpg",
        media_type: "image/jpeg",
        note: "a letter: a HEIC that calls itself .jpg",
        bytes: include_bytes!("photos/letter.heic"),
    },
];
