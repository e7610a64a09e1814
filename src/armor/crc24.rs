//! The CRC-24 of OpenPGP's armor (RFC 9580, section 6.1.1), sixteen bytes at a step. It protects nothing; it is there because
//! GnuPG 2.2 needs it (see `message`).

const START: u32 = 0xB704_CE00;
const POLYNOMIAL: u32 = 0x864C_FB00;

/// `TABLES[n][byte]` is what `byte`, followed by `n` zero bytes, does to the register.
static TABLES: [[u32; 256]; 16] = tables();

const fn tables() -> [[u32; 256]; 16] {
    let mut tables = [[0; 256]; 16];
    let mut byte = 0;
    while byte < 256 {
        let mut register = (byte as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            register = if register >> 31 == 1 { register << 1 ^ POLYNOMIAL } else { register << 1 };
            bit += 1;
        }
        tables[0][byte] = register;
        byte += 1;
    }
    let mut table = 1;
    while table < 16 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[table - 1][byte];
            tables[table][byte] = before << 8 ^ tables[0][(before >> 24) as usize];
            byte += 1;
        }
        table += 1;
    }
    tables
}

/// A CRC-24 being taken. The register is kept in the upper 24 bits.
pub(super) struct Crc24(u32);

impl Crc24 {
    pub(super) fn new() -> Self {
        Self(START)
    }

    /// Takes in the next bytes.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        let (steps, rest) = bytes.as_chunks::<16>();
        for step in steps {
            let word = u128::from_be_bytes(*step) ^ u128::from(self.0) << 96;
            self.0 = (0..16).fold(0, |register, n| register ^ TABLES[n][(word >> (8 * n)) as usize & 0xFF]);
        }
        for byte in rest {
            self.0 = self.0 << 8 ^ TABLES[0][(self.0 >> 24) as usize ^ usize::from(*byte)];
        }
    }

    /// The three bytes of the checksum.
    pub(super) fn finish(&self) -> [u8; 3] {
        let [high, middle, low, _] = self.0.to_be_bytes();
        [high, middle, low]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_catalogue() {
        let crc = |bytes: &[u8]| {
            let mut crc = Crc24::new();
            crc.update(bytes);
            crc.finish()
        };
        assert_eq!(crc(b""), [0xB7, 0x04, 0xCE]);
        assert_eq!(crc(b"123456789"), [0x21, 0xCF, 0x02]);
    }

    #[test]
    fn any_cutting_gives_the_same() {
        let bytes: Vec<u8> = (0..1000u32).map(|at| ((at * 7) >> 2) as u8).collect();
        let mut whole = Crc24::new();
        whole.update(&bytes);
        for cut in 1..40 {
            let mut cuts = Crc24::new();
            bytes.chunks(cut).for_each(|piece| cuts.update(piece));
            assert_eq!(cuts.finish(), whole.finish());
        }
    }
}
