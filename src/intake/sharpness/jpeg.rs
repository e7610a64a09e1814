//! JPEG, decoded at a half, quarter or eighth of its size where it is large: that costs a fraction of the whole.

use super::{
    MAX_DECODER, MAX_PIXELS, Photo, Stop,
    grid::{Grid, SIDE, Shrink, luma},
};
use jpeg_decoder::{CodingProcess, Decoder, ImageInfo, PixelFormat};
use zeroize::Zeroizing;

/// The photo in grey. None: not within the limits, in colours for print, or broken.
pub(super) fn decode(photo: &Photo, stop: &Stop) -> Option<Grid> {
    let mut share = photo.share.again();
    let mut decoder = Decoder::new(photo.reader(stop));
    decoder.read_info().ok()?;
    let whole = decoder.info()?;
    let side = u16::try_from(SIDE).unwrap_or(u16::MAX);
    let (width, height) = decoder.scale(side, side).ok()?;
    let colours = match whole.pixel_format {
        PixelFormat::L8 => 1,
        PixelFormat::RGB24 => 3,
        PixelFormat::L16 | PixelFormat::CMYK32 => return None,
    };
    let (width, height) = (usize::from(width), usize::from(height));
    let memory = memory(whole, width, height)?;
    if !share.grow(memory) {
        return None;
    }
    decoder.set_max_decoding_buffer_size(usize::try_from(memory).ok()?);
    let pixels = Zeroizing::new(decoder.decode().ok()?);
    let mut shrink = Shrink::new(width, height)?;
    for row in pixels.chunks_exact(width * colours).take(height) {
        match colours {
            1 => shrink.row(row.iter().map(|grey| u16::from(*grey) * 256)),
            _ => shrink.row(row.chunks_exact(3).map(|pixel| luma(pixel[0], pixel[1], pixel[2]))),
        }
    }
    shrink.finish()
}

/// Bytes that the decoder holds at most: the decoded picture, the planes it is put together from, and with progressive files the
/// coefficients of the whole picture, two bytes each.
fn memory(whole: ImageInfo, width: usize, height: usize) -> Option<u64> {
    let pixels = u64::from(whole.width) * u64::from(whole.height);
    let scaled = (width * height) as u64 * 3 * 3;
    // Blocks at the edges are whole blocks.
    let padded = (u64::from(whole.width) + 64) * (u64::from(whole.height) + 64);
    let coefficients = match whole.coding_process {
        CodingProcess::DctSequential => 0,
        CodingProcess::DctProgressive => padded * 2 * 3,
        CodingProcess::Lossless => return None,
    };
    let memory = scaled + coefficients + (1 << 20);
    (pixels <= MAX_PIXELS && memory <= MAX_DECODER).then_some(memory)
}
