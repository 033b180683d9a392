use std::{marker::PhantomData, sync::Arc};

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
    tensor::{TensorGpu, kind::ReadWrite},
};

use super::{
    capture::{Shared, Target},
    predict::Heads,
};
use crate::{gpu::Gpu, trace::Trace};

/// One chunk in, its vectors captured, its logits out. Nothing waits for the GPU here.
pub(super) trait Engine: Send {
    /// Back to the empty state, as before any text.
    fn reset(&self) -> Result<(), RuntimeError>;

    /// Submits a chunk of at most [`super::MAX_CHUNK`] tokens. With a trace, its vectors are copied
    /// there from token `offset` on. Returns the logits, f32 `[chunk, padded vocabulary]`, which the
    /// next chunk overwrites.
    fn submit(
        &self,
        tokens: &[u32],
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
    job: PhantomData<fn() -> J>,
}

impl<B, J, F: Float> Driver<B, J, F> {
    pub fn new(gpu: &Gpu, bundle: B, shared: Arc<Shared<F>>, heads: Heads) -> Self {
        Self {
            gpu: gpu.clone(),
            bundle,
            shared,
            heads,
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
        Ok(state.load(state.init(), 0)?)
    }

    fn submit(
        &self,
        tokens: &[u32],
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
        let info = RnnInfo(vec![RnnInfoBatch {
            len: chunk,
            option: Some(RnnOption::Full),
        }]);
        let job = self.bundle.dispatch(info);
        self.shared.aim(None);
        let mut job = job?;
        job.load(&RnnChunk(vec![RnnChunkBatch(
            tokens.iter().map(|id| Token::Token(*id)).collect(),
        )]))?;
        job.submit();
        if let (Some((trace, offset)), Some(gated)) = (capture, gated) {
            self.heads
                .submit(trace, offset, chunk, &gated.data().buffer);
        }
        Ok(self.shared.take_logits())
    }
}
