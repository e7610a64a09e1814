//! Measures photos while their mail comes in, with `picture_care = "sharpness"`: on a thread that may work, for a bounded time.
//! It never fails a mail: what cannot be measured in time is not measured.

use super::arriving::Arriving;
use crate::{
    config::{Intake, PictureCare},
    intake::sharpness::{Budget, Measured, Photo, Settings, Stop},
};
use std::time::{Duration, Instant};

/// How photos are held, one budget for all arrivals; None with `picture_care = "headers"`.
pub(in crate::serve) fn settings(config: &Intake) -> Option<Settings> {
    let settings = Settings { max_photo: config.max_photo_size, budget: Budget::new(config.photo_budget) };
    (config.picture_care == PictureCare::Sharpness).then_some(settings)
}

impl Arriving {
    /// Measures the photos that are whole by now, one after the other: no more than one is held for long.
    pub(in crate::serve) async fn measure_photos(&mut self) {
        while let Some(photo) = self.arrival.next_photo() {
            if let Some(measured) = measure(photo, &mut self.measuring_left).await {
                self.arrival.measured(measured);
            }
        }
    }

    /// The last byte is in: the last photo is measured, too.
    pub(in crate::serve) async fn close(&mut self) {
        self.arrival.close();
        self.measure_photos().await;
    }
}

/// Measures one photo within the time that is `left` of its mail's.
async fn measure(photo: Photo, left: &mut Duration) -> Option<Measured> {
    if left.is_zero() {
        return None;
    }
    let (began, stop) = (Instant::now(), StopAtEnd(Stop::default()));
    let told = stop.0.clone();
    let work = tokio::task::spawn_blocking(move || photo.measure(&told));
    let measured = tokio::time::timeout(*left, work).await;
    *left = left.saturating_sub(began.elapsed());
    measured.ok()?.ok()
}

/// Stops the measurement when nobody waits for it any more: its time is over, or the mail was broken off.
struct StopAtEnd(Stop);

impl Drop for StopAtEnd {
    fn drop(&mut self) {
        self.0.stop();
    }
}
