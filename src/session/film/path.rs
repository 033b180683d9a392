//! The way of the camera: a smooth curve through the poses of the keys.

use super::{Ease, Film};
use crate::camera::Pose;

/// Numbers of a pose that are interpolated: focus, yaw, pitch, and the logarithm of the radius.
type Point = [f64; 6];

/// Pieces that a way between two keys is measured in.
const PIECES: usize = 32;

/// A camera's way through a film.
#[derive(Debug, Clone)]
pub struct CameraPath {
    times: Vec<f64>,
    points: Vec<Point>,
    eases: Vec<Ease>,
    /// Length of the way to each piece's end, when it is gone at one speed.
    lengths: Option<Vec<f64>>,
}

impl CameraPath {
    /// That of a film; none where no key has a camera.
    #[must_use]
    pub fn of(film: &Film) -> Option<Self> {
        let mut keys: Vec<_> = film
            .keys
            .iter()
            .filter_map(|key| Some((key, key.camera?)))
            .collect();
        // Of several at one time the last holds.
        keys.reverse();
        keys.dedup_by(|a, b| a.0.at == b.0.at);
        keys.reverse();
        if keys.is_empty() {
            return None;
        }
        let mut path = Self {
            times: keys.iter().map(|(key, _)| key.at).collect(),
            points: keys.iter().map(|(_, pose)| point(pose)).collect(),
            eases: keys.iter().map(|(key, _)| key.ease).collect(),
            lengths: None,
        };
        if film.constant_speed && path.points.len() > 1 {
            path.measure();
        }
        Some(path)
    }

    /// Where the camera stands at a time, in seconds.
    #[must_use]
    pub fn at(&self, seconds: f64) -> Pose {
        let last = self.points.len() - 1;
        let (first, end) = (self.times[0], self.times[last]);
        if last == 0 || seconds <= first {
            return pose(&self.points[0]);
        }
        if seconds >= end {
            return pose(&self.points[last]);
        }
        let (key, part) = match &self.lengths {
            Some(lengths) => self.along(lengths, (seconds - first) / (end - first)),
            None => {
                let after = self.times.partition_point(|time| *time <= seconds);
                let key = after - 1;
                let part = (seconds - self.times[key]) / (self.times[after] - self.times[key]);
                (key, self.eases[key].of(part))
            }
        };
        pose(&self.between(key, part))
    }

    /// A point of the curve between a key and the next: a Catmull-Rom spline over the times of the keys, so
    /// that the way is smooth through each.
    fn between(&self, key: usize, u: f64) -> Point {
        let from = self.points[key];
        let to = self.points[key + 1];
        let span = self.times[key + 1] - self.times[key];
        // The slope at a key is that between its neighbours; at the ends that of the one segment.
        let slope = |at: usize| -> Point {
            let before = at.saturating_sub(1);
            let after = (at + 1).min(self.points.len() - 1);
            let time = self.times[after] - self.times[before];
            std::array::from_fn(|n| (self.points[after][n] - self.points[before][n]) / time * span)
        };
        let (leave, arrive) = (slope(key), slope(key + 1));
        let (u2, u3) = (u * u, u * u * u);
        std::array::from_fn(|n| {
            (2.0 * u3 - 3.0 * u2 + 1.0) * from[n]
                + (u3 - 2.0 * u2 + u) * leave[n]
                + (3.0 * u2 - 2.0 * u3) * to[n]
                + (u3 - u2) * arrive[n]
        })
    }

    fn measure(&mut self) {
        let mut lengths = vec![0.0];
        let mut total = 0.0;
        for key in 0..self.points.len() - 1 {
            for piece in 0..PIECES {
                let at = |piece: usize| self.between(key, piece as f64 / PIECES as f64);
                total += way(&at(piece), &at(piece + 1));
                lengths.push(total);
            }
        }
        // A camera that stands still has no way to go.
        self.lengths = (total > 0.0).then_some(lengths);
    }

    /// The key and the part behind it where the part `done` of the whole way is gone.
    fn along(&self, lengths: &[f64], done: f64) -> (usize, f64) {
        let wanted = done * lengths[lengths.len() - 1];
        let after = lengths
            .partition_point(|length| *length <= wanted)
            .clamp(1, lengths.len() - 1);
        let (from, to) = (lengths[after - 1], lengths[after]);
        let rest = if to > from {
            (wanted - from) / (to - from)
        } else {
            0.0
        };
        let piece = (after - 1) as f64 + rest;
        let key = ((after - 1) / PIECES).min(self.points.len() - 2);
        (key, piece / PIECES as f64 - key as f64)
    }
}

/// How far the eye moves between two near points, in units of the distance to what is looked at.
fn way(a: &Point, b: &Point) -> f64 {
    let middle = ((a[5] + b[5]) * 0.5).exp();
    let focus = (0..3).map(|n| (b[n] - a[n]).powi(2)).sum::<f64>().sqrt() / middle;
    let pitch = (a[4] + b[4]) * 0.5;
    let turn = ((b[3] - a[3]) * pitch.cos()).hypot(b[4] - a[4]);
    focus.hypot(turn).hypot(b[5] - a[5])
}

fn point(pose: &Pose) -> Point {
    let [x, y, z] = pose.focus.to_array().map(f64::from);
    let radius = f64::from(pose.radius).max(1e-3).ln();
    [x, y, z, f64::from(pose.yaw), f64::from(pose.pitch), radius]
}

fn pose(point: &Point) -> Pose {
    let [x, y, z, yaw, pitch, radius] = *point;
    Pose {
        focus: [x, y, z].map(|number| number as f32).into(),
        yaw: yaw as f32,
        // A curve may swing further than its keys.
        pitch: (pitch as f32).clamp(-crate::camera::STEEPEST, crate::camera::STEEPEST),
        radius: radius.exp() as f32,
    }
}
