//! A picture in grey, shrunk to one size whatever the camera's, and how sharp it is: the variance of the Laplacian, which
//! answers to fine detail, beside the variance of the brightness, in small tiles.
//!
//! Contrast alone would call a white page blurred, and the variance of the Laplacian alone a photo in poor light; their ratio does
//! neither. In tiles, because one sharp part (the document) outweighs a blurred background.

use zeroize::Zeroizing;

/// Pixels of the longer side, at most.
pub(super) const SIDE: usize = 1024;
/// Pixels of the side of a tile.
const TILE: usize = 32;
/// Tiles with a standard deviation of brightness below this (of 256) have nothing in them that could be sharp.
const CONTRAST: f32 = 12.0;
/// Tiles with contrast below which a picture is not judged.
const LEAST_TILES: usize = 12;

/// Brightness, 256 times 0 to 255.
pub(super) fn luma(red: u8, green: u8, blue: u8) -> u16 {
    u16::from(red) * 77 + u16::from(green) * 150 + u16::from(blue) * 29
}

/// Shrinks a picture by a whole factor, row by row: each pixel is the mean of a square.
pub(super) struct Shrink {
    factor: usize,
    width: usize,
    height: usize,
    rows: usize,
    sums: Zeroizing<Vec<u32>>,
    grey: Zeroizing<Vec<u16>>,
}

impl Shrink {
    /// For a picture of this size. None when nothing is left of it.
    pub(super) fn new(width: usize, height: usize) -> Option<Self> {
        let factor = width.max(height).div_ceil(SIDE).max(1);
        let (width, height) = (width / factor, height / factor);
        let (sums, grey) = (vec![0; width], Vec::with_capacity(width * height));
        let shrink = Self { factor, width, height, rows: 0, sums: sums.into(), grey: grey.into() };
        (width > 0 && height > 0).then_some(shrink)
    }

    /// Takes the next row.
    pub(super) fn row(&mut self, pixels: impl Iterator<Item = u16>) {
        if self.grey.len() == self.width * self.height {
            return;
        }
        for (at, pixel) in pixels.take(self.width * self.factor).enumerate() {
            self.sums[at / self.factor] += u32::from(pixel);
        }
        self.rows += 1;
        if self.rows.is_multiple_of(self.factor) {
            let area = u32::try_from(self.factor * self.factor).unwrap_or(u32::MAX);
            // A mean of 16-bit numbers is one.
            self.grey.extend(self.sums.iter().map(|sum| u16::try_from(sum / area).unwrap_or(u16::MAX)));
            self.sums.fill(0);
        }
    }

    /// The picture, if all of its rows came.
    pub(super) fn finish(self) -> Option<Grid> {
        let whole = self.grey.len() == self.width * self.height;
        whole.then_some(Grid { width: self.width, height: self.height, grey: self.grey })
    }
}

/// A picture in grey.
pub(super) struct Grid {
    width: usize,
    height: usize,
    grey: Zeroizing<Vec<u16>>,
}

impl Grid {
    /// The sharpness of the sharpest tenth of the tiles that have contrast; None when they are too few.
    pub(super) fn sharpness(&self) -> Option<f32> {
        let mut tiles = Vec::new();
        // A border of one pixel has no neighbours.
        for top in (1..self.height.saturating_sub(TILE)).step_by(TILE) {
            for left in (1..self.width.saturating_sub(TILE)).step_by(TILE) {
                tiles.extend(self.tile(left, top));
            }
        }
        if tiles.len() < LEAST_TILES {
            return None;
        }
        tiles.sort_by(f32::total_cmp);
        tiles.get(tiles.len() * 9 / 10).copied()
    }

    /// The variance of the Laplacian in a tile over that of its brightness; None without contrast.
    fn tile(&self, left: usize, top: usize) -> Option<f32> {
        let (mut brightness, mut laplacian) = (Variance::default(), Variance::default());
        for y in top..top + TILE {
            for x in left..left + TILE {
                let at = |x: usize, y: usize| f32::from(self.grey[y * self.width + x]) / 256.0;
                let here = at(x, y);
                brightness.add(here);
                laplacian.add(at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4.0 * here);
            }
        }
        let contrast = brightness.get();
        (contrast >= CONTRAST * CONTRAST).then(|| laplacian.get() / contrast)
    }
}

/// A variance, summed up.
#[derive(Default)]
struct Variance {
    count: f32,
    sum: f32,
    squares: f32,
}

impl Variance {
    fn add(&mut self, value: f32) {
        self.count += 1.0;
        self.sum += value;
        self.squares += value * value;
    }

    fn get(&self) -> f32 {
        let mean = self.sum / self.count;
        (self.squares / self.count - mean * mean).max(0.0)
    }
}
