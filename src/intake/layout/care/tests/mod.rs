//! Observers on files made here: every cutting gives the same answer, what is cut off is noticed, what is whole is not.

mod truth;

use super::*;
use Wrong::*;
use proptest::prelude::*;

/// Watches a file that comes in pieces of this size.
fn look(format: Format, bytes: &[u8], piece: usize) -> Seen {
    let mut care = Care::new(format);
    bytes.chunks(piece.max(1)).for_each(|piece| care.push(piece));
    care.finish()
}

fn sides(width: u32, height: u32) -> Option<Pixels> {
    Some(Pixels { width, height })
}

/// A JPEG of this size whose frame header stands behind `before` bytes of colour profile.
fn jpeg(width: u16, height: u16, before: usize) -> Vec<u8> {
    let mut file = b"\xff\xd8".to_vec();
    for piece in vec![7u8; before].chunks(60_000) {
        file.extend(b"\xff\xe2");
        file.extend(u16::try_from(piece.len() + 2).unwrap().to_be_bytes());
        // End markers and frame headers within a segment mean nothing.
        file.extend(piece.iter().enumerate().map(|(n, _)| [0xff, 0xd9, 0xff, 0xc0][n % 4]));
    }
    file.extend(b"\xff\xc0\0\x11\x08");
    file.extend([height.to_be_bytes(), width.to_be_bytes()].concat());
    file.extend(b"\x03\x01\x22\0\x02\x11\x01\x03\x11\x01");
    file.extend(b"\xff\xda\0\x0c\x03\x01\0\x02\x11\x03\x11\0\x3f\0data\xff\0more\xff\xd0data\xff\xd9");
    file
}

fn chunk(kind: &[u8], body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len()).unwrap().to_be_bytes(), kind, body, b"CRC!"].concat()
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let chunks = [chunk(b"IHDR", &header), chunk(b"IDAT", &[1, 2, 3, 4]), chunk(b"IEND", b"")];
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
}

fn gif(width: u16, height: u16) -> Vec<u8> {
    let screen = [&b"GIF89a"[..], &width.to_le_bytes(), &height.to_le_bytes(), b"\x80\0\0abcdef"].concat();
    [screen, b"!\xf9\x04\0\0\0\0\0,\0\0\0\0\x02\0\x02\0\0\x02\x03abc\0;".to_vec()].concat()
}

/// A TIFF whose directory stands at its end, as scanners write it; one strip.
fn tiff(little: bool) -> Vec<u8> {
    let two = |n: u16| if little { n.to_le_bytes() } else { n.to_be_bytes() };
    let four = |n: u32| if little { n.to_le_bytes() } else { n.to_be_bytes() };
    let entry = |tag: u16, value: u32| [&two(tag)[..], &two(4), &four(1), &four(value)].concat();
    let entries = [entry(256, 1728), entry(257, 2200), entry(273, 8), entry(279, 500)].concat();
    let mark: &[u8] = if little { b"II*\0" } else { b"MM\0*" };
    [mark, &four(508), &[9; 500], &two(4), &entries, &four(0)].concat()
}

fn boxed(kind: &[u8], body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len() + 8).unwrap().to_be_bytes(), kind, body].concat()
}

/// An iPhone's HEIC: tiles of 512, a thumbnail, and the whole, which is turned.
fn heic() -> Vec<u8> {
    let extent = |w: u32, h: u32| boxed(b"ispe", &[&[0; 4][..], &w.to_be_bytes(), &h.to_be_bytes()].concat());
    let turn = boxed(b"irot", &[1]);
    let properties = boxed(b"ipco", &[extent(512, 512), extent(4032, 3024), turn, extent(320, 240)].concat());
    let items = b"\0\0\0\0\0\0\0\x02\0\x01\x01\x01\0\x31\x02\x02\x83";
    let container = boxed(b"iprp", &[properties, boxed(b"ipma", items)].concat());
    let meta = [b"\0\0\0\0".to_vec(), boxed(b"pitm", b"\0\0\0\0\0\x31"), container].concat();
    [boxed(b"ftyp", b"heic\0\0\0\0mif1heic"), boxed(b"meta", &meta), boxed(b"mdat", &[5; 300])].concat()
}

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\nxref\ntrailer << /Size 2 >>\nstartxref\n30\n%%EOF\n";
const ZIP: &[u8] =
    b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\x03\0\0\0\x03\0\0\0\x01\0\0\0aabcPK\x01\x02\x14\0\x14\0\0\0\x08\0\
    PK\x05\x06\0\0\0\0\x01\0\x01\0\x10\0\0\0\x10\0\0\0\0\0";

/// Each file, what it is, and its dimensions.
fn files() -> Vec<(Format, Vec<u8>, Option<Pixels>)> {
    let webp = [&b"RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0"[..], b"\x8f\x01\0\x2b\x01\0", b"....".as_slice()].concat();
    let mut bmp = [&b"BM"[..], &[0; 1000]].concat();
    bmp[10] = 54;
    bmp[14] = 40;
    bmp[18] = 10;
    // Minus 20: the rows run downwards.
    bmp[22..26].copy_from_slice(&(-20i32).to_le_bytes());
    bmp[28] = 24;
    bmp.truncate(54 + 20 * 32);
    vec![
        (Format::Jpeg, jpeg(4032, 3024, 0), sides(4032, 3024)),
        (Format::Jpeg, jpeg(4032, 3024, 200_000), sides(4032, 3024)),
        (Format::Png, png(900, 640), sides(900, 640)),
        (Format::Gif, gif(400, 300), sides(400, 300)),
        (Format::Bmp, bmp, sides(10, 20)),
        (Format::WebP, webp, sides(400, 300)),
        (Format::Tiff, tiff(true), sides(1728, 2200)),
        (Format::Tiff, tiff(false), sides(1728, 2200)),
        (Format::Heic, heic(), sides(3024, 4032)),
        (Format::Pdf, PDF.to_vec(), None),
        (Format::Zip, ZIP.to_vec(), None),
    ]
}

#[test]
fn whole_files_are_whole_and_have_their_dimensions() {
    for (format, file, pixels) in files() {
        assert_eq!(look(format, &file, 4096), Seen { pixels, wrong: vec![] }, "{format:?}");
    }
}

#[test]
fn junk_behind_the_end_does_no_harm() {
    for (format, file, pixels) in files() {
        let seen = look(format, &[file, b"\0\0<html>\xff\xd9 trailing junk".to_vec()].concat(), 4096);
        assert_eq!(seen, Seen { pixels, wrong: vec![] }, "{format:?}");
    }
}

/// Wherever a file breaks off, it is noticed, but for its very last bytes.
#[test]
fn a_file_that_breaks_off_is_noticed() {
    for (format, file, _) in files() {
        for length in 16..file.len() - 24 {
            // In steps within the long profile.
            if length % 997 == 0 || file.len() < 5_000 {
                let seen = look(format, &file[..length], 4096);
                assert!(seen.wrong.contains(&CutOff), "{format:?} cut to {length} of {}: {seen:?}", file.len());
            }
        }
    }
}

#[test]
fn a_photo_whose_rest_is_zeros_is_cut_off_and_one_of_zeros_cannot_be_read() {
    let mut photo = jpeg(4032, 3024, 0);
    let end = photo.len() - 2;
    photo[end..].fill(0);
    photo.extend([0; 5000]);
    assert_eq!(look(Format::Jpeg, &photo, 512).wrong, [CutOff]);
    assert_eq!(look(Format::Unknown, &[0; 5000], 512).wrong, [Unreadable]);
    assert_eq!(look(Format::Unknown, &[0; 15], 512).wrong, []);
    assert_eq!(look(Format::Text, &[b'-'; 80], 512).wrong, []);
}

#[test]
fn pictures_that_nothing_can_show_are_told() {
    assert_eq!(look(Format::Jpeg, b"\xff\xd8\xff\xe0\0\x10JFIF no picture follows at all", 7).wrong, [Unreadable]);
    assert_eq!(look(Format::Jpeg, b"\xff\xd8\xff\xd9 and a tail of something", 7).wrong, [Unreadable]);
    assert_eq!(look(Format::Png, b"\x89PNG\r\n\x1a\nthis was text once", 7).wrong, [Unreadable]);
    assert_eq!(look(Format::Png, &png(0, 10), 7).wrong, [Unreadable]);
    assert_eq!(look(Format::Gif, b"GIF89a\x02\0\x02\0\0\0\0;trailing", 7).wrong, [Unreadable]);
}

#[test]
fn thumbnails_are_told_and_decoration_is_not_a_photo() {
    assert_eq!(look(Format::Jpeg, &jpeg(320, 240, 0), 7).wrong, [Thumbnail]);
    assert_eq!(look(Format::Jpeg, &jpeg(321, 240, 0), 7).wrong, []);
    assert_eq!(look(Format::Png, &png(1, 1), 7).wrong, [Thumbnail]);
    assert_eq!(look(Format::Gif, &gif(200, 200), 7).wrong, []);
}

#[test]
fn locks_are_told() {
    let locked = |trailer: &str| {
        let file = format!("%PDF-1.6\n1 0 obj endobj\ntrailer << {trailer} >>\nstartxref\n1\n%%EOF\n");
        [1, 3, 4096].map(|piece| look(Format::Pdf, file.as_bytes(), piece).wrong == [Locked])
    };
    assert_eq!(locked("/Encrypt 12 0 R /Size 9"), [true; 3]);
    assert_eq!(locked("/Encrypt<< /Filter /Standard >>"), [true; 3]);
    assert_eq!(locked("/Encrypt\r\n7 0 R>"), [true; 3]);
    assert_eq!(locked("/EncryptMetadata false"), [false; 3]);
    assert_eq!(locked("(the word /Encrypt in a sentence)"), [false; 3]);
    let mut zip = ZIP.to_vec();
    zip[6] = 1;
    assert_eq!(look(Format::Zip, &zip, 5).wrong, [Locked]);
    let name: Vec<u8> = "EncryptedPackage".bytes().flat_map(|byte| [byte, 0]).collect();
    let mut ole =
        [&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], &[0; 22], b"\x09\0", &[0; 1100], &name, &[0; 500]].concat();
    assert_eq!(look(Format::OldOffice, &ole, 9).wrong, [Locked]);
    // The directory is in the second sector behind the header.
    ole[0x30] = 1;
    assert_eq!(look(Format::OldOffice, &ole[..700], 9).wrong, [CutOff]);
}

#[test]
fn a_page_by_page_pdf_that_breaks_off_has_an_early_end_marker() {
    let start = b"%PDF-1.5\n1 0 obj endobj\nstartxref\n0\n%%EOF\n2 0 obj stream";
    assert_eq!(look(Format::Pdf, &[&start[..], b" ...endstream endobj"].concat(), 11).wrong, [CutOff]);
}

#[test]
fn claims_are_only_claims() {
    assert_eq!(look(Format::Jpeg, &jpeg(65_535, 65_535, 0), 50).pixels, sides(65_535, 65_535));
    assert_eq!(look(Format::Png, &png(u32::MAX, u32::MAX), 50).pixels, sides(u32::MAX, u32::MAX));
}

/// What classification asks for: dimensions from the first bytes alone.
#[test]
fn dimensions_come_from_the_first_bytes() {
    assert_eq!(pixels(Format::Gif, b"GIF89a\x10\0\x20\0\0\0\0"), sides(16, 32));
    assert_eq!(pixels(Format::Png, &png(512, 16)[..24]), sides(512, 16));
    assert!(sides(512, 16).unwrap().is_banner() && !sides(50, 11).unwrap().is_banner());
    assert_eq!(pixels(Format::Png, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0"), None);
    assert_eq!(pixels(Format::Text, b"GIF89a\x10\0\x20\0\0\0\0"), None);
}

proptest! {
    #[test]
    fn any_cutting_gives_the_same(which in 0..11usize, at in any::<prop::sample::Index>(), piece in 1..700usize) {
        let (format, file, _) = files().swap_remove(which);
        let file = &file[..at.index(file.len()) + 1];
        prop_assert_eq!(look(format, file, piece), look(format, file, file.len()));
    }

    /// A good file with bytes overwritten, as any format: no panic, and the same whatever the pieces.
    #[test]
    fn never_panics(
        which in 0..11usize,
        as_other in 0..11usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
        piece in 1..50usize,
    ) {
        let mut file = files().swap_remove(which).1;
        file.truncate(2_000);
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        for format in [files().swap_remove(as_other).0, files().swap_remove(which).0, Format::OldOffice] {
            prop_assert_eq!(look(format, &file, piece), look(format, &file, file.len()));
        }
    }
}
