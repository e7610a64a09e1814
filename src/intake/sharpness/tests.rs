//! Sharp and blurred pictures, budgets, and files that are made to harm.

use super::*;
use proptest::prelude::*;

fn settings(max_photo: u64, budget: u64) -> Settings {
    Settings { max_photo, budget: Budget::new(budget) }
}

/// Holds a file as it comes in, in pieces of 1000.
fn hold(kind: Kind, file: &[u8], settings: &Settings) -> Option<Photo> {
    let mut pieces = file.chunks(1000);
    pieces.try_fold(Held::new(1, kind, settings), Held::push).map(Held::finish)
}

fn sharpness(kind: Kind, file: &[u8]) -> Option<f32> {
    hold(kind, file, &settings(12 << 20, 64 << 20))?.measure(&Stop::default()).sharpness
}

/// A grey PNG.
fn png(width: u32, height: u32, grey: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut file, width, height);
    encoder.set_color(::png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(grey).unwrap();
    file
}

const SIDE: usize = 640;

/// Dark strokes on light paper, as lines of writing are; `blur` times smoothed over five pixels each way.
fn page(blur: usize) -> Vec<u8> {
    let ink = |x: usize, y: usize| y % 24 < 12 && (x * 7 + y / 24 * 13) % 31 < 11;
    let mut grey: Vec<f32> = (0..SIDE * SIDE).map(|at| if ink(at % SIDE, at / SIDE) { 40.0 } else { 235.0 }).collect();
    for step in std::iter::repeat_n([1, SIDE], blur).flatten() {
        let reach = |at: usize| at.saturating_sub(2 * step)..(at + 2 * step + 1).min(grey.len());
        let mean = |at: usize| {
            reach(at).step_by(step).map(|at| grey[at]).sum::<f32>() / reach(at).step_by(step).count() as f32
        };
        grey = (0..grey.len()).map(mean).collect();
    }
    grey.iter().map(|grey| *grey as u8).collect()
}

#[test]
fn a_sharp_page_is_told_from_a_blurred_one() {
    let measured: Vec<f32> =
        (0..5).map(|blur| sharpness(Kind::Png, &png(SIDE as u32, SIDE as u32, &page(blur))).unwrap()).collect();
    assert!(measured.is_sorted_by(|a, b| a > b), "{measured:?}");
    assert!(measured[0] > 10.0 * BLURRED && measured[4] < BLURRED, "{measured:?}");
    let blurred = |sharpness| Measured { document: 1, sharpness: Some(sharpness) }.is_blurred();
    assert_eq!((blurred(measured[0]), blurred(measured[4])), (false, true));
}

#[test]
fn a_blank_page_is_not_judged() {
    assert_eq!(sharpness(Kind::Png, &png(600, 600, &vec![250; 360_000])), None);
    assert!(!Measured { document: 1, sharpness: None }.is_blurred());
}

#[test]
fn what_is_no_picture_is_not_judged() {
    assert_eq!(sharpness(Kind::Jpeg, b"\xff\xd8\xff\xe0\0\x10JFIF"), None);
    assert_eq!(sharpness(Kind::Png, b"\x89PNG\r\n\x1a\n"), None);
    let whole = png(SIDE as u32, SIDE as u32, &page(0));
    assert_eq!(sharpness(Kind::Png, &whole[..whole.len() / 2]), None);
}

#[test]
fn a_file_that_claims_to_be_huge_is_not_decoded() {
    let mut bomb = png(1, 1, &[0]);
    bomb[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    assert_eq!(sharpness(Kind::Png, &bomb), None);
    let header = b"\xff\xd8\xff\xc2\0\x0b\x08\xff\xff\xff\xff\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\0\0\xff\xd9";
    assert_eq!(sharpness(Kind::Jpeg, header), None);
}

#[test]
fn a_photo_that_is_too_large_or_finds_no_room_is_given_up_and_gives_back() {
    let small = settings(5_000, 64 << 20);
    assert!(hold(Kind::Jpeg, &[1; 5_000], &small).is_some() && hold(Kind::Jpeg, &[1; 5_001], &small).is_none());
    let poor = settings(12 << 20, 130 * 1024);
    let first = hold(Kind::Jpeg, &[1; 70_000], &poor);
    assert!(first.is_some() && hold(Kind::Jpeg, &[1; 100], &poor).is_none());
    drop(first);
    assert_eq!((poor.budget.left(), small.budget.left()), (130 * 1024, 64 << 20));
}

/// The decoder's own memory comes out of the budget, too.
#[test]
fn a_budget_that_has_no_room_for_the_decoder_measures_nothing() {
    let poor = settings(12 << 20, 1 << 20);
    let photo = hold(Kind::Png, &png(SIDE as u32, SIDE as u32, &page(0)), &poor).unwrap();
    assert_eq!(photo.measure(&Stop::default()).sharpness, None);
    assert_eq!(poor.budget.left(), 1 << 20);
}

#[test]
fn a_measurement_that_is_told_to_stop_gives_nothing() {
    let stop = Stop::default();
    stop.stop();
    let photo = hold(Kind::Png, &png(SIDE as u32, SIDE as u32, &page(0)), &settings(12 << 20, 64 << 20)).unwrap();
    assert_eq!(photo.measure(&stop), Measured { document: 1, sharpness: None });
}

/// That is how a JPEG's decoder is stopped: it reads byte by byte.
#[test]
fn a_reader_that_is_told_to_stop_fails() {
    use std::io::Read;
    let photo = hold(Kind::Jpeg, &[1; 5_000], &settings(12 << 20, 64 << 20)).unwrap();
    let stop = Stop::default();
    let mut reader = photo.reader(&stop);
    let mut byte = [0];
    assert!(reader.read_exact(&mut byte).is_ok());
    stop.stop();
    assert!(reader.read_exact(&mut byte).is_err());
}

#[test]
fn a_picture_is_read_across_pieces() {
    // Noise does not pack: the file is several pieces of memory long.
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let noise: Vec<u8> = (0..640 * 640).map(|_| next()).collect();
    let file = png(640, 640, &noise);
    assert!(file.len() > 200_000 && sharpness(Kind::Png, &file).unwrap() > 1.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn broken_files_do_no_harm(at in any::<prop::sample::Index>(), byte in any::<u8>(), tail in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut file = png(64, 64, &[77; 4096]);
        let at = at.index(file.len());
        file[at] = byte;
        let _ = sharpness(Kind::Png, &file);
        let _ = sharpness(Kind::Jpeg, &[b"\xff\xd8\xff\xc0\0\x0b\x08\0\x40\0\x40\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0", &tail[..]].concat());
    }
}
