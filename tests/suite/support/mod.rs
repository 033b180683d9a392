//! What several test modules share: one device, the demo models on it, comparison, small models.

pub mod checkpoint;
mod close;
mod device;
pub mod pth;
mod python;
mod random;
pub mod server;
pub mod small;

pub use close::{assert_close, close};
pub use device::{captured_tokens, device, run};
pub use python::python;
pub use random::Random;

use std::sync::Arc;

use arclight::{
    app::{self, Stage, Start},
    gpu::{self, Gpu},
    score::{self, Measure},
    session::{Intent, Session},
    trace::Trace,
};
use bevy::math::UVec2;

/// The program without a window, with what a session shows.
pub fn stage(gpu: &Gpu, session: Session) -> Stage {
    let start = Start {
        session,
        ..Start::default()
    };
    let size = UVec2::new(480, 270);
    let mut stage = Stage::new(gpu, start, size, app::samples(gpu)).expect("a stage");
    stage.settle().expect("it is shown");
    stage
}

/// Asks it for something, and waits until that is done.
pub fn ask(stage: &mut Stage, intent: Intent) {
    stage.desk().ask(intent);
    stage.settle().expect("it goes on");
}

/// All numbers of a buffer.
pub fn read(gpu: &Gpu, buffer: &wgpu::Buffer) -> Vec<f32> {
    let bytes = gpu::read(gpu, buffer, 0, buffer.size()).expect("the buffer is read back");
    bytemuck::pod_collect_to_vec(&bytes)
}

/// Every head's matrix `[t][s]` of a measure, head after head, by [`score::lines`]: reader first, 0
/// where s > t.
pub fn matrices(gpu: &Gpu, trace: &Arc<Trace>, measure: Measure) -> Vec<Vec<Vec<f32>>> {
    let tokens = trace.filled();
    let heads = trace.dimensions.heads;
    let mut all = vec![vec![vec![0.0; tokens]; tokens]; trace.dimensions.layers * heads];
    let mut seen = vec![0; all.len()];
    score::lines(gpu, trace, measure, |layer, head, line, from, values| {
        let row = layer * heads + head;
        seen[row] += values.len();
        for (at, &value) in (from..).zip(values) {
            match measure {
                Measure::Wk => all[row][at][line] = value,
                _ => all[row][line][at] = value,
            }
        }
    })
    .expect("the scores are read back");
    let pairs = tokens * (tokens + 1) / 2;
    assert!(
        seen.iter().all(|seen| *seen == pairs),
        "{measure:?}: not every pair came once: {seen:?}, not {pairs}"
    );
    all
}
