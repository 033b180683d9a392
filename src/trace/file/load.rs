use std::sync::Arc;

use super::{
    PIECE, TraceError, TraceFile,
    layout::{Expected, PARAMETERS, Part, name, unwritten},
    read::numbers,
};
use crate::{
    files::Watch,
    gpu::{self, Gpu},
    trace::{Dimensions, Parameters, Trace, parameters::no_group_norm},
};

impl TraceFile {
    /// Brings a trace to the GPU, a piece at a time; y is still to be computed. `watch` hears of the bytes.
    ///
    /// # Errors
    /// When the adapter has no room, the device fails or the work is to end.
    pub(crate) fn load(&self, gpu: &Gpu, watch: &mut Watch<'_>) -> Result<Trace, TraceError> {
        let room = |reason| TraceError::Room {
            file: self.file.clone(),
            reason,
        };
        let decay = match self.sizes.dimensions.version.has_static_decay() {
            true => numbers(&self.container, name::DECAY),
            false => Vec::new(),
        };
        let parameters = Parameters::without_model(gpu, &self.parameters(), &decay);
        let parameters = Arc::new(parameters);
        let trace = Trace::new(
            gpu,
            self.origin().clone(),
            self.stored(),
            parameters,
            self.tokens().to_vec(),
        )
        .map_err(room)?;
        gpu.fault().map_err(room)?;
        for tensor in self.sizes.tensors() {
            match tensor.part {
                Part::Vectors(set) => {
                    let layers = 0..trace.dimensions.layers;
                    let places: Vec<_> = layers.filter_map(|at| trace.place(at, set)).collect();
                    self.copy(gpu, &tensor, &places, watch)?;
                }
                Part::Contribution => {
                    self.copy(gpu, &tensor, &[(&trace.contribution, 0)], watch)?;
                }
                Part::Before => {
                    if let Some(before) = &trace.before {
                        self.copy(gpu, &tensor, &[(&before.initial, 0)], watch)?;
                    }
                }
                // Small, and read when the file was opened.
                _ => {}
            }
        }
        trace.begin(gpu);
        trace.grow(self.sizes.tokens, self.predictions.clone());
        Ok(trace)
    }

    /// Copies a tensor in equal shares to places in buffers, a piece at a time.
    fn copy(
        &self,
        gpu: &Gpu,
        tensor: &Expected,
        places: &[(&wgpu::Buffer, u64)],
        watch: &mut Watch<'_>,
    ) -> Result<(), TraceError> {
        let share = tensor.bytes() as usize / places.len().max(1);
        for (index, (buffer, start)) in places.iter().enumerate() {
            for first in (0..share).step_by(PIECE) {
                let length = PIECE.min(share - first);
                let from = index * share + first;
                let piece = self.container.window(tensor.name, from..from + length);
                let piece = piece.map_err(|reason| TraceError::Read {
                    file: self.file.clone(),
                    reason,
                })?;
                let queue = gpu.queue();
                queue.write_buffer(
                    buffer,
                    start + first as u64,
                    piece.as_deref().unwrap_or(&[]),
                );
                // What is written waits in memory until it has been submitted.
                queue.submit([]);
                gpu::wait_idle(gpu);
                gpu.fault()?;
                watch
                    .step(length as u64)
                    .map_err(|_| TraceError::NOT_OPENED)?;
            }
        }
        Ok(())
    }

    /// Bytes of which [`TraceFile::load`] tells.
    pub(crate) fn load_bytes(&self) -> u64 {
        let tensors = self.sizes.tensors();
        let is_large = |part| matches!(part, Part::Vectors(_) | Part::Contribution | Part::Before);
        let large = tensors.iter().filter(|tensor| is_large(tensor.part));
        large.map(Expected::bytes).sum()
    }

    /// `[layers, 3, width]`.
    fn parameters(&self) -> Vec<f32> {
        let Dimensions {
            version,
            layers,
            width,
            ..
        } = self.sizes.dimensions;
        let missing = unwritten(version);
        let written = PARAMETERS[missing..].iter();
        let parts: Vec<Vec<f32>> = written.map(|name| numbers(&self.container, name)).collect();
        let mut all = Vec::with_capacity(layers * PARAMETERS.len() * width);
        for layer in 0..layers {
            if missing > 0 {
                all.extend(no_group_norm(width));
            }
            for part in &parts {
                all.extend(&part[layer * width..(layer + 1) * width]);
            }
        }
        all
    }
}
