//! What each writer adds to a logit, at the reader that was scored last.

use std::sync::Arc;

use super::{Measure, Params, Request, Scores, Shown, kernels};
use crate::{
    gpu::{self, Gpu, GpuError, Kernel},
    model::Version,
    trace::Trace,
};

/// Writers of one workgroup of `attribution.wgsl`; in `scores_v4.wgsl` a head's channels.
const WRITERS: u32 = 64;

/// What a reader's heads pull at, and what comes of it.
#[derive(Debug)]
pub(super) struct Push {
    token: usize,
    /// f32 `[layers, width]`.
    pull: wgpu::Buffer,
    /// f32 `[layers, heads]`.
    own: wgpu::Buffer,
    kernel: Kernel,
    /// Whether it has been worked out.
    is_there: bool,
}

impl Scores {
    /// From now on [`Measure::Logit`] of `token` tells what each writer adds to a logit: ⟨`pull`, A\[t,s\] v_s⟩ in every
    /// head, `[layers, width]`, and for the token itself what `own` has of the head, `[layers, heads]`, beside that.
    ///
    /// # Panics
    /// When there are not as many numbers.
    pub fn push(&mut self, token: usize, pull: &[f32], own: &[f32]) {
        let dimensions = &self.trace().dimensions;
        let rows = dimensions.layers * dimensions.heads;
        assert_eq!(pull.len(), dimensions.layers * dimensions.width);
        assert_eq!(own.len(), rows);
        let (entry, text) = kernel(dimensions.version);
        let text = kernels::source(dimensions, self.trace().stored(), text);
        let kernel = self.gpu.kernel(entry, &text);
        let bytes = dimensions.cells(self.room) as u64 * 4;
        let device = self.gpu.device();
        if self.logits.size() < bytes {
            self.logits = gpu::storage(device, "parts of a logit", bytes);
        }
        let upload = |label, numbers: &[f32]| {
            let buffer = gpu::storage(device, label, numbers.len() as u64 * 4);
            let bytes = bytemuck::cast_slice(numbers);
            self.gpu.queue().write_buffer(&buffer, 0, bytes);
            buffer
        };
        self.push = Some(Push {
            token,
            pull: upload("pull", pull),
            own: upload("own part", own),
            kernel,
            is_there: false,
        });
    }

    /// Whether there are parts of a logit of the token scored last.
    pub(super) fn has_push(&self) -> bool {
        let push = self.push.as_ref();
        push.is_some_and(|push| Some(push.token) == self.scored() && push.is_there)
    }

    /// Records it for `token`, whose R-WK scores are there, where it is wanted and not there yet.
    pub(super) fn record_push(
        &mut self,
        encoder: &mut wgpu::CommandEncoder,
        measure: Measure,
        token: usize,
    ) {
        let Some(push) = self.push.as_ref() else {
            return;
        };
        if measure != Measure::Logit || push.token != token || push.is_there {
            return;
        }
        let device = self.gpu.device();
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        let trace = self.trace();
        for group in &trace.groups {
            let params = Params::new(trace, group, token, 0).over(self.tokens());
            let params = gpu::uniform(device, "attribution", &params);
            let mut buffers = vec![
                (0, &params),
                (1, group.buffer()),
                (12, &push.pull),
                (14, &self.logits),
            ];
            let threads = match trace.dimensions.version {
                Version::V4 => {
                    let parameters = &trace.parameters;
                    buffers.extend([(3, &parameters.heads), (10, &parameters.decay)]);
                    trace.dimensions.head_size as u32
                }
                _ => {
                    buffers.extend([(2, &group.outputs), (4, &self.rwk), (13, &push.own)]);
                    WRITERS
                }
            };
            let bindings = push.kernel.bind(device, &buffers);
            let groups = [
                trace.dimensions.heads as u32,
                group.layers.len() as u32,
                (self.tokens() as u32).div_ceil(threads),
            ];
            push.kernel.dispatch(&mut pass, &bindings, groups);
        }
        drop(pass);
        if let Some(push) = &mut self.push {
            push.is_there = true;
        }
    }

    /// Another token is scored: what there was of it is not there any more.
    pub(super) fn forget_push(&mut self) {
        if let Some(push) = &mut self.push {
            push.is_there = false;
        }
    }
}

/// What each writer adds to a logit in every head at `token`, `[layers × heads][tokens]`; `pull` and `own` as in
/// [`Scores::push`].
///
/// # Errors
/// When memory runs out or the device fails.
pub fn parts_of_logit(
    gpu: &Gpu,
    trace: &Arc<Trace>,
    token: usize,
    (pull, own): (&[f32], &[f32]),
) -> Result<Vec<Vec<f32>>, GpuError> {
    let (tokens, heads) = (trace.filled(), trace.dimensions.cells(1));
    let mut scores = Scores::new(gpu, trace)?;
    scores.push(token, pull, own);
    let shown = Arc::new(Shown::all(tokens, heads, Some(token)));
    let request = Request {
        measure: Measure::Logit,
        ..Request::new(token, shown, 0)
    };
    scores.select(&request).wait(gpu)?;
    let bytes = (heads * tokens) as u64 * 4;
    let all = gpu::read(gpu, &scores.logits, 0, bytes)?;
    let numbers: Vec<f32> = bytemuck::pod_collect_to_vec(&all);
    Ok(numbers.chunks(tokens.max(1)).map(<[f32]>::to_vec).collect())
}

fn kernel(version: Version) -> (&'static str, &'static str) {
    let text = match version {
        Version::V4 => include_str!("../../shaders/scores_v4.wgsl"),
        _ => include_str!("../../shaders/attribution.wgsl"),
    };
    ("attribution", text)
}
