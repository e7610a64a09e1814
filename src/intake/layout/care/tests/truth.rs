//! Every picture of the corpus: its dimensions as ImageMagick's `identify` gives them (`heif-info` for HEIC), and what is wrong
//! with it. The corpus is not part of this repository: `$SEALDROP_CORPUS`, or `../shared/corpus`; without it nothing is tested.

use super::*;
use crate::intake::layout::sniff::sniff;
use std::{fs, path::PathBuf};

type Row = (&'static str, Option<(u32, u32)>, &'static [Wrong]);

/// `identify` reads no dimensions of the last four rows: by hand from their headers. The GIFs' are those of the screen.
#[rustfmt::skip]
const TRUTH: &[Row] = &[
    ("image-rs/bmp__images__rgb24.bmp", Some((127, 64)), &[]),
    ("image-rs/gif__anim__border_touching_layers.gif", Some((100, 100)), &[]),
    ("image-rs/gif__anim__issue_1455_undersized.gif", Some((100, 100)), &[]),
    ("image-rs/gif__simple__alpha_gif_a.gif", Some((256, 256)), &[]),
    ("image-rs/gif__simple__issue_1455_oversized.gif", Some((10, 10)), &[]),
    ("image-rs/jpg__exif-xmp-metadata.jpg", Some((5, 5)), &[Thumbnail]),
    ("image-rs/jpg__iptc.jpg", Some((64, 48)), &[Thumbnail]),
    ("image-rs/jpg__progressive__3.jpg", Some((650, 470)), &[]),
    ("image-rs/jpg__progressive__test.jpg", Some((32, 23)), &[Thumbnail]),
    ("image-rs/png__16bpc__basi0g16.png", Some((32, 32)), &[Thumbnail]),
    ("image-rs/tests__bad__tiff__TODO hpredict_cmyk.tiff", Some((32, 32)), &[]),
    ("image-rs/tiff__testsuite__cmyk_u8_edge_case.tif", Some((1, 1)), &[]),
    ("image-rs/tiff__testsuite__hpredict.tiff", Some((32, 32)), &[]),
    ("image-rs/tiff__testsuite__hpredict_packbits.tiff", Some((32, 32)), &[]),
    ("image-rs/tiff__testsuite__l1.tiff", Some((100, 100)), &[]),
    ("image-rs/tiff__testsuite__l1_xmp.tiff", Some((100, 100)), &[]),
    ("image-rs/tiff__testsuite__planar.tiff", Some((374, 499)), &[]),
    ("image-rs/tiff__testsuite__rgb32f_bw.tiff", Some((32, 32)), &[]),
    ("image-rs/tiff__testsuite__rgb32f_color.tiff", Some((32, 32)), &[]),
    ("image-rs/tiff__testsuite__ycbcr_jpeg_8bit.tif", Some((512, 384)), &[]),
    ("image-rs/tiff__testsuite__ycbcr_lzw_broken.tif", Some((601, 81)), &[]),
    ("image-rs/tiff__testsuite__ycbcr_lzw_bt709.tif", Some((601, 81)), &[]),
    ("image-rs/webp__extended_images__lossy_alpha.webp", Some((100, 100)), &[Thumbnail]),
    ("image-rs/webp__lossy_images__simple-gray.webp", Some((100, 100)), &[Thumbnail]),
    ("image-rs/webp__lossy_images__simple-rgb.webp", Some((100, 100)), &[Thumbnail]),
    ("libheif/avif32.heif", Some((32, 32)), &[Thumbnail]),
    ("libheif/colors-no-alpha-thumbnail.heic", Some((72, 72)), &[Thumbnail]),
    ("libheif/example.heic", Some((1280, 854)), &[]),
    ("libheif/rainbow-451x461.heic", Some((451, 461)), &[]),
    ("mimekit/girl.jpg", Some((333, 500)), &[]),
    // The brand `jpeg`: a HEIF that holds a JPEG.
    ("libheif/jpeg32.heif", Some((32, 32)), &[Thumbnail]),
    ("libheif/clap-overflow-divide-zero.heic", Some((4032, 3024)), &[]),
    // Its rows are missing: 127 x 64 in 273 bytes.
    ("image-rs/tests__bad__bmp__Bad_shortfile.bmp", Some((127, 64)), &[CutOff]),
    // Made by a fuzzer: what it claims is told, and run-length coding hides where it should end.
    (ENDLESS, Some((2554, 18_803)), &[]),
    // Sixteen bytes with no brand.
    ("libheif/github_15.heic", None, &[]),
];

const ENDLESS: &str = "image-rs/tests__bad__bmp__Bad_unusual_extend_buffer_usage.bmp";

fn corpus() -> Option<PathBuf> {
    let place = std::env::var_os("SEALDROP_CORPUS").map_or_else(|| PathBuf::from("../shared/corpus"), PathBuf::from);
    let place = place.join("photo-formats");
    place.is_dir().then_some(place).or_else(|| {
        eprintln!("skipped: no corpus");
        None
    })
}

fn read(place: &std::path::Path, name: &str) -> (Format, Vec<u8>) {
    let file = fs::read(place.join(name)).unwrap();
    (sniff(&file[..file.len().min(32 * 1024)], Some(name), "application/octet-stream"), file)
}

#[test]
fn every_picture_of_the_corpus_is_told_as_it_is() {
    let Some(place) = corpus() else { return };
    for (name, pixels, wrong) in TRUTH {
        let (format, file) = read(&place, name);
        let expected = Seen { pixels: pixels.and_then(|(width, height)| sides(width, height)), wrong: wrong.to_vec() };
        for piece in [1, 61, 4096, file.len()] {
            assert_eq!(look(format, &file, piece), expected, "{name} in pieces of {piece}");
        }
    }
    let all = ["image-rs", "libheif", "mimekit"].map(|folder| fs::read_dir(place.join(folder)).unwrap().count());
    assert_eq!(TRUTH.len(), all.iter().sum::<usize>(), "a picture is not in the table");
}

/// Cut at some hundred places each: not noticed is only the loss of the very last bytes, and of what a TIFF has behind its
/// directory.
#[test]
fn pictures_of_the_corpus_that_break_off_are_noticed() {
    let Some(place) = corpus() else { return };
    let (mut cut, mut noticed) = (0, 0);
    for (name, _, wrong) in TRUTH {
        let (format, file) = read(&place, name);
        if format == Format::Unknown || wrong.contains(&CutOff) || *name == ENDLESS {
            continue;
        }
        let places = (24..file.len()).step_by((file.len() / 150).max(1));
        let told: Vec<bool> = places.map(|at| look(format, &file[..at], 65_536).wrong.contains(&CutOff)).collect();
        let found = told.iter().filter(|told| **told).count();
        let least = if format == Format::Tiff { 93 } else { 98 };
        assert!(100 * found >= least * told.len(), "{name}: {found} of {}", told.len());
        (cut, noticed) = (cut + told.len(), noticed + found);
    }
    assert!(cut > 3_000 && 1_000 * noticed >= 985 * cut, "{noticed} of {cut}");
}
