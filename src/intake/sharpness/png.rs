//! PNG, row by row: the picture never stands in memory whole.

use super::{
    MAX_PIXELS, Photo, Stop,
    grid::{Grid, Shrink, luma},
};
use png::{ColorType, Decoder, Limits, Transformations};

/// Bytes that the decoder may hold.
const MEMORY: u64 = 4 << 20;

/// The picture in grey. None: not within the limits, interlaced (its rows do not come in order), or broken.
pub(super) fn decode(photo: &Photo, stop: &Stop) -> Option<Grid> {
    let mut share = photo.share.again();
    if !share.grow(MEMORY) {
        return None;
    }
    let limits = Limits { bytes: usize::try_from(MEMORY).ok()? };
    let mut decoder = Decoder::new_with_limits(photo.reader(stop), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().ok()?;
    let info = reader.info();
    let (width, height) = (info.width, info.height);
    if info.interlaced || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return None;
    }
    let colours = reader.output_color_type().0.samples();
    let grey = matches!(reader.output_color_type().0, ColorType::Grayscale | ColorType::GrayscaleAlpha);
    let mut shrink = Shrink::new(usize::try_from(width).ok()?, usize::try_from(height).ok()?)?;
    while let Some(row) = reader.next_row().ok()? {
        if stop.is_stopped() {
            return None;
        }
        let pixels = row.data().chunks_exact(colours);
        match grey {
            true => shrink.row(pixels.map(|pixel| u16::from(pixel[0]) * 256)),
            false => shrink.row(pixels.map(|pixel| luma(pixel[0], pixel[1], pixel[2]))),
        }
    }
    shrink.finish()
}
