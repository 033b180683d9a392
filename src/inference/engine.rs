use std::{
    marker::PhantomData,
    sync::{Arc, OnceLock},
};

use half::f16;
use web_rwkv::{
    num::Float,
    runtime::{
        Dispatcher, Job, RuntimeError,
        infer::{
            RnnInput, RnnOption, RnnOutput, Token,
            rnn::{RnnChunk, RnnChunkBatch, RnnInfo, RnnInfoBatch},
        },
        model::{Bundle, State},
    },
    tensor::{
        TensorCpu, TensorGpu, TensorInit, TensorShape,
        kind::ReadWrite,
        matrix::Matrix,
        ops::{Activation, TensorOp},
    },
};

use super::{
    capture::{Shared, Target},
    changing::Changing,
    predict::Heads,
};
use crate::{gpu::Gpu, trace::Trace};

/// The final normalisation and the matrix to the vocabulary.
pub(super) struct Head {
    /// γ and β.
    pub norm: [TensorGpu<f16, ReadWrite>; 2],
    pub matrix: Matrix,
    /// Logits of a token, padding included.
    pub logits: usize,
}

/// As web-rwkv has it in every version.
const NORM_EPS: f32 = 1e-5;

/// One chunk in, its vectors captured, its logits out. Nothing waits for the GPU here.
pub(super) trait Engine: Send {
    /// Back to how it is before any text.
    fn reset(&self) -> Result<(), RuntimeError>;

    /// What its heads start from, `[layers, heads, head size, head size]`; none: empty states.
    fn start(&self) -> Option<&[f32]>;

    /// The state as it is, f32 `[layers, head size + 2, width]`.
    fn state(&self) -> Result<TensorGpu<f32, ReadWrite>, RuntimeError>;

    /// Sets it back to one that was read.
    fn restore(&self, state: &TensorGpu<f32, ReadWrite>) -> Result<(), RuntimeError>;

    /// Logits, f32 `[rows, padded vocabulary]`, of residual streams as large as the last layer leaves them, `[width]` each.
    fn read_out(&self, rows: &[Vec<f32>]) -> Result<TensorGpu<f32, ReadWrite>, RuntimeError>;

    /// Submits a chunk of at most [`super::MAX_CHUNK`] tokens, with something changed or nothing. With a trace, its
    /// vectors are copied there from token `offset` on. Returns the logits, f32 `[chunk, padded vocabulary]`, which the
    /// next chunk overwrites.
    fn submit(
        &self,
        tokens: &[u32],
        changing: Option<Changing>,
        capture: Option<(&Arc<Trace>, usize)>,
    ) -> Result<Option<TensorGpu<f32, ReadWrite>>, RuntimeError>;
}

/// A web-rwkv bundle driven one job at a time, so that no job is encoded ahead of its capture target
/// and no thread sits in a waiting poll.
pub(super) struct Driver<B, J, F: Float> {
    gpu: Gpu,
    bundle: B,
    shared: Arc<Shared<F>>,
    heads: Heads,
    head: Head,
    /// As [`Engine::start`].
    state: Option<Vec<f32>>,
    /// The same as web-rwkv has it. On the GPU: to upload it before every run would hold frames up.
    start: OnceLock<TensorGpu<f32, ReadWrite>>,
    job: PhantomData<fn() -> J>,
}

impl<B, J, F: Float> Driver<B, J, F> {
    pub fn new(
        gpu: &Gpu,
        bundle: B,
        shared: Arc<Shared<F>>,
        heads: Heads,
        head: Head,
        state: Option<Vec<f32>>,
    ) -> Self {
        Self {
            gpu: gpu.clone(),
            bundle,
            shared,
            heads,
            head,
            state,
            start: OnceLock::new(),
            job: PhantomData,
        }
    }
}

impl<B, J, F> Engine for Driver<B, J, F>
where
    B: Dispatcher<J, Info = RnnInfo> + Bundle + Send,
    J: Job<Input = RnnInput, Output = RnnOutput>,
    F: Float,
{
    fn reset(&self) -> Result<(), RuntimeError> {
        let state = self.bundle.state();
        if let Some(start) = self.start.get() {
            return Ok(state.write(start.clone(), 0)?);
        }
        let mut start = state.init();
        if let Some(heads) = &self.state {
            let [width, lines, layers, _] = start.shape().into();
            start = TensorCpu::from_data(start.shape(), spread(heads, width, lines, layers))?;
        }
        state.load(start, 0)?;
        let _ = self.start.set(state.read(0)?);
        Ok(())
    }

    fn start(&self) -> Option<&[f32]> {
        self.state.as_deref()
    }

    fn state(&self) -> Result<TensorGpu<f32, ReadWrite>, RuntimeError> {
        Ok(self.bundle.state().read(0)?)
    }

    fn restore(&self, state: &TensorGpu<f32, ReadWrite>) -> Result<(), RuntimeError> {
        Ok(self.bundle.state().write(state.clone(), 0)?)
    }

    fn read_out(&self, rows: &[Vec<f32>]) -> Result<TensorGpu<f32, ReadWrite>, RuntimeError> {
        let context = &self.gpu.context;
        let width = rows.first().map_or(0, Vec::len);
        let shape = [width, rows.len(), 1, 1];
        let given: TensorGpu<f32, ReadWrite> = context.tensor_from_data(shape, rows.concat())?;
        let stream: TensorGpu<F, ReadWrite> = context.tensor_init(shape);
        let logits = context.tensor_init([self.head.logits, rows.len(), 1, 1]);
        let [gamma, beta] = &self.head.norm;
        let ops = TensorOp::List(vec![
            TensorOp::blit(&given, &stream)?,
            TensorOp::layer_norm(gamma, beta, &stream, NORM_EPS)?,
            self.head
                .matrix
                .matmul_op(&stream, &logits, Activation::None, false)?,
        ]);
        context.queue.submit(context.encode(&ops));
        Ok(logits)
    }

    fn submit(
        &self,
        tokens: &[u32],
        changing: Option<Changing>,
        capture: Option<(&Arc<Trace>, usize)>,
    ) -> Result<Option<TensorGpu<f32, ReadWrite>>, RuntimeError> {
        let chunk = tokens.len();
        let target = capture.map(|(trace, offset)| {
            let dimensions = &trace.dimensions;
            let gated =
                self.gpu
                    .context
                    .tensor_init([dimensions.width, chunk, dimensions.layers, 1]);
            Target {
                trace: trace.clone(),
                offset,
                chunk,
                gated,
            }
        });
        let gated = target.as_ref().map(|target| target.gated.clone());
        self.shared.aim(target);
        self.shared.change_by(changing);
        let info = RnnInfo(vec![RnnInfoBatch {
            len: chunk,
            option: Some(RnnOption::Full),
        }]);
        let job = self.bundle.dispatch(info);
        self.shared.aim(None);
        let changing = self.shared.change_by(None);
        let mut job = job?;
        job.load(&RnnChunk(vec![RnnChunkBatch(
            tokens.iter().map(|id| Token::Token(*id)).collect(),
        )]))?;
        job.submit();
        drop(changing);
        if let (Some((trace, offset)), Some(gated)) = (capture, gated) {
            self.heads
                .submit(trace, offset, chunk, &gated.data().buffer);
        }
        Ok(self.shared.take_logits())
    }
}

/// Heads' states `[layers, heads, row, column]` as web-rwkv has them: lines 1 … of `[layers, lines, width]`, a line a row,
/// side by side for all heads. The first and the last line are what a layer's mixes saw last: nothing.
fn spread(heads: &[f32], width: usize, lines: usize, layers: usize) -> Vec<f32> {
    let size = lines - 2;
    let mut all = vec![0.0; width * lines * layers];
    for (at, row) in heads.chunks_exact(size).enumerate() {
        let (layer, head, line) = (at / width, at % width / size, at % size);
        let start = (layer * lines + 1 + line) * width + head * size;
        all[start..start + size].copy_from_slice(row);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_stand_side_by_side() {
        // Two layers, two heads of two channels.
        let heads: Vec<f32> = (1..=16_u8).map(f32::from).collect();
        let expected = [
            [0.0; 4],
            [1.0, 2.0, 5.0, 6.0],
            [3.0, 4.0, 7.0, 8.0],
            [0.0; 4],
            [0.0; 4],
            [9.0, 10.0, 13.0, 14.0],
            [11.0, 12.0, 15.0, 16.0],
            [0.0; 4],
        ];
        assert_eq!(spread(&heads, 4, 4, 2), expected.concat());
    }
}
