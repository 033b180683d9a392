use std::{num::NonZero, thread::available_parallelism};

use crate::record::Settings;

/// Cores that are left to whatever draws the frames.
const FOR_DRAWING: usize = 2;

/// Bytes that frames may take while they wait: 345 of 1080p, 86 of 4K.
const BYTES: usize = 1 << 30;

/// How much is encoded at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::record) struct Room {
    /// Groups of pictures that are begun and not finished, each with an encoder.
    pub encoders: usize,
    /// Frames that wait or are being encoded, in all groups.
    pub frames: usize,
}

impl Room {
    /// What this machine has for a clip of groups of `period` frames.
    pub fn of(settings: &Settings, period: u32) -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        Self::on(cores, settings, period)
    }

    fn on(cores: usize, settings: &Settings, period: u32) -> Self {
        let groups = settings.frames.div_ceil(period) as usize;
        let encoders = cores.saturating_sub(FOR_DRAWING).min(groups).max(1);
        let bytes = settings.width as usize * settings.height as usize * 3 / 2;
        Self {
            encoders,
            // One encoder alone gains nothing from frames that wait: one to encode, and one to go on with.
            frames: if encoders == 1 { 2 } else { BYTES / bytes },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_encoders_for_the_cores_and_frames_for_the_memory() {
        let clip = |frames| Settings::new(1920, 1080, 60, frames);
        let one = Room {
            encoders: 1,
            frames: 2,
        };
        for cores in [1, 2, 3] {
            assert_eq!(Room::on(cores, &clip(600), 120), one);
        }
        assert_eq!(Room::on(16, &clip(120), 120), one, "one group");
        for (cores, frames, encoders) in [(4, 600, 2), (16, 600, 5), (16, 601, 6), (16, 9999, 14)] {
            let room = Room::on(cores, &clip(frames), 120);
            assert_eq!((room.encoders, room.frames), (encoders, 345));
        }
        let large = Settings::new(3840, 2160, 60, 600);
        assert_eq!(Room::on(16, &large, 120).frames, 86);
    }
}
