//! Ready-made films.

use std::f32::consts::TAU;

use bevy::math::{Vec2, Vec3};

use super::{Ease, Film, Keyframe};
use crate::{
    camera::{MARGINS, Pose, frame},
    lattice::{Cell, HeadId, HeadSet, Lattice},
    session::Session,
};

/// Heads that a tour stops at.
const STOPS: usize = 5;
/// Tokens a second that an eye can follow.
const PACE: f64 = 8.0;
/// Radians that the camera turns by while tokens go past.
const DRIFT: f32 = 0.22;
/// Part of the distance from which the whole is seen at which one layer, or one head, is.
const NEAR_LAYER: f32 = 0.72;
const NEAR_HEAD: f32 = 0.62;

/// A film that is made by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Track {
    /// Once around everything.
    Turntable,
    /// The selection walks through the text, arcs following.
    TokenSweep,
    /// Layer after layer, from the first to the last.
    LayerClimb,
    /// To the heads with the largest numbers of the selected token; those that mostly read the token before it or
    /// the first of the text come last.
    HeadTour,
    /// Tokens appear as if they were being written.
    Typing,
}

/// What a track is made for.
#[derive(Debug, Clone)]
pub struct Ground<'a> {
    /// What is chosen.
    pub session: &'a Session,
    /// Where everything stands.
    pub lattice: &'a Lattice,
    /// Heads with what is to be said of each, in the order of a tour.
    pub heads: Vec<(HeadId, String)>,
    /// Points of the picture that panels leave free, and its height.
    pub free: Vec2,
    /// See [`Ground::free`].
    pub height: f32,
}

impl Track {
    /// All.
    pub const ALL: [Self; 5] = [
        Self::Turntable,
        Self::TokenSweep,
        Self::LayerClimb,
        Self::HeadTour,
        Self::Typing,
    ];

    /// Its name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Turntable => "turntable",
            Self::TokenSweep => "token sweep",
            Self::LayerClimb => "layer climb",
            Self::HeadTour => "head tour",
            Self::Typing => "typing",
        }
    }

    /// What it shows, in few words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Turntable => "Once around everything",
            Self::TokenSweep => "The selection walks through the text, arcs following",
            Self::LayerClimb => "Layer after layer, from the first to the last",
            Self::HeadTour => "To the heads with the largest numbers of the selected token",
            Self::Typing => "Tokens appear as if they were being written",
        }
    }

    /// Whether it shows a selected token's scores, so that one has to be selected.
    #[must_use]
    pub fn needs_token(self) -> bool {
        matches!(self, Self::LayerClimb | Self::HeadTour)
    }

    /// The film, of that many seconds.
    #[must_use]
    pub fn film(self, ground: &Ground<'_>, duration: f64) -> Film {
        let film = match self {
            Self::Turntable => turntable(ground),
            Self::TokenSweep => token_sweep(ground, duration),
            Self::LayerClimb => layer_climb(ground),
            Self::HeadTour => head_tour(ground),
            Self::Typing => typing(ground, duration),
        };
        film.lasting(duration)
    }
}

impl Ground<'_> {
    /// The whole as it is seen first, turned by some radians more.
    fn whole(&self, turn: f32) -> Pose {
        let pose = Pose::of(self.lattice.layout);
        let pose = Pose {
            yaw: pose.yaw + turn,
            ..pose
        };
        frame(pose, self.lattice.extent(), self.free, self.height, MARGINS)
    }

    fn tokens(&self) -> std::ops::Range<usize> {
        let all = 0..self.lattice.shape.tokens;
        self.session.passage.clone().unwrap_or(all)
    }

    /// The token that is looked at: the selected one, or the last.
    fn token(&self) -> usize {
        let last = self.tokens().end.saturating_sub(1);
        self.session.token.unwrap_or(last)
    }

    fn centre(&self, token: usize, head: HeadId) -> Vec3 {
        self.lattice.position(Cell { token, head })
    }
}

/// Keys at equal distances over the unit of time, each with its part of it.
fn spread<T>(
    all: impl ExactSizeIterator<Item = T>,
    mut key: impl FnMut(T) -> Keyframe,
) -> Vec<Keyframe> {
    let count = all.len().max(1) as f64;
    all.enumerate()
        .map(|(at, item)| Keyframe {
            at: at as f64 / count,
            ..key(item)
        })
        .collect()
}

fn unit(keys: Vec<Keyframe>) -> Film {
    let mut film = Film {
        duration: 1.0,
        keys,
        ..Film::default()
    };
    film.sort();
    film
}

fn turntable(ground: &Ground<'_>) -> Film {
    const QUARTERS: usize = 4;
    // Far enough for every side.
    let sides = (0..16).map(|side| ground.whole(TAU * side as f32 / 16.0).radius);
    let radius = sides.fold(0.0, f32::max);
    let keys = (0..=QUARTERS).map(|quarter| {
        let part = quarter as f32 / QUARTERS as f32;
        Keyframe {
            ease: Ease::Linear,
            camera: Some(Pose {
                radius,
                ..ground.whole(TAU * part)
            }),
            ..Keyframe::at(f64::from(part))
        }
    });
    unit(keys.collect())
}

/// From the left to the right of where the whole is seen first.
fn drift(ground: &Ground<'_>) -> Vec<Keyframe> {
    let key = |at, turn| Keyframe {
        ease: Ease::Linear,
        camera: Some(ground.whole(turn)),
        ..Keyframe::at(at)
    };
    vec![key(0.0, -DRIFT * 0.5), key(1.0, DRIFT * 0.5)]
}

/// Tokens of a range that fit into a time, evenly chosen, the last one always.
fn steps(tokens: std::ops::Range<usize>, seconds: f64) -> Vec<usize> {
    let room = ((seconds * PACE) as usize).max(1);
    let count = tokens.len().min(room);
    (1..=count)
        .map(|step| tokens.start + step * tokens.len() / count - 1)
        .filter(|token| !tokens.is_empty() && tokens.contains(token))
        .collect()
}

fn token_sweep(ground: &Ground<'_>, seconds: f64) -> Film {
    let mut keys = drift(ground);
    let tokens = steps(ground.tokens(), seconds);
    keys.extend(spread(tokens.into_iter(), |token| Keyframe {
        token: Some(token),
        ..Keyframe::default()
    }));
    unit(keys)
}

fn layer_climb(ground: &Ground<'_>) -> Film {
    let shape = ground.lattice.shape;
    let whole = ground.whole(0.0);
    let token = ground.token();
    let mut keys = spread(0..shape.layers + 1, |layer| {
        if layer == shape.layers {
            return Keyframe {
                camera: Some(whole),
                heads: Some(HeadSet::default()),
                caption: Some("all layers".into()),
                ..Keyframe::default()
            };
        }
        let layer = shape.first_layer + layer;
        let middle = HeadId {
            layer,
            head: shape.heads / 2,
        };
        let height = ground.centre(token, middle).y;
        Keyframe {
            camera: Some(Pose {
                focus: whole.focus.with_y(height * 0.8),
                radius: whole.radius * NEAR_LAYER,
                ..whole
            }),
            heads: Some(HeadSet::layer(shape, layer)),
            caption: Some(format!("layer {layer}")),
            ..Keyframe::default()
        }
    });
    if let Some(first) = keys.first_mut() {
        first.token = Some(token);
    }
    unit(keys)
}

fn head_tour(ground: &Ground<'_>) -> Film {
    let whole = ground.whole(0.0);
    let token = ground.token();
    let first = Keyframe {
        camera: Some(whole),
        token: Some(token),
        heads: Some(HeadSet::default()),
        caption: Some(String::new()),
        ..Keyframe::at(0.0)
    };
    let heads: Vec<_> = ground.heads.iter().take(STOPS).collect();
    let of = ground.lattice.shape.unit;
    let count = heads.len() as f64 + 2.0;
    let mut keys = vec![first];
    for (stop, (head, said)) in heads.into_iter().enumerate() {
        let near = Pose {
            // Between the token and what it may read.
            focus: ground.centre(token, *head) * Vec3::new(0.5, 1.0, 1.0),
            radius: whole.radius * NEAR_HEAD,
            ..whole
        };
        let at = (stop as f64 + 1.0) / count;
        // It arrives, and stays for a third of its time.
        let stop = Keyframe {
            camera: Some(near),
            heads: Some(HeadSet::from(*head)),
            caption: Some(format!("{} · {said}", head.name(of))),
            ..Keyframe::at(at)
        };
        keys.push(Keyframe {
            camera: Some(near),
            ..Keyframe::at(at + 0.35 / count)
        });
        keys.push(stop);
    }
    keys.push(Keyframe {
        camera: Some(whole),
        heads: Some(HeadSet::default()),
        caption: Some(String::new()),
        ..Keyframe::at((count - 1.0) / count)
    });
    unit(keys)
}

fn typing(ground: &Ground<'_>, seconds: f64) -> Film {
    /// Part of the time that is for writing; the rest shows what was written.
    const WRITING: f64 = 0.86;
    let mut keys = drift(ground);
    let tokens = steps(ground.tokens(), seconds * WRITING);
    let written = spread(tokens.into_iter(), |token| Keyframe {
        token: Some(token),
        written: Some(token + 1),
        ..Keyframe::default()
    });
    keys.extend(written.into_iter().map(|key| Keyframe {
        at: key.at * WRITING,
        ..key
    }));
    unit(keys)
}
