use std::sync::Arc;

use super::{InferenceError, predict::each_head_output, room};
use crate::{
    files::Watch,
    gpu::{self, Gpu},
    trace::{Trace, TraceError, TraceFile},
};

/// Chunks of tokens between two looks at how far the device is.
const CHUNKS: usize = 8;

/// Brings an open trace file to the GPU and computes y there, so that all scores can be had. `watch` hears
/// of the bytes that this makes on the GPU.
///
/// # Errors
/// When the adapter has no room, the device fails or the work is to end.
pub fn open_trace(
    gpu: &Gpu,
    file: &TraceFile,
    watch: &mut Watch<'_>,
) -> Result<Arc<Trace>, InferenceError> {
    let dimensions = &file.dimensions();
    let output = (dimensions.layers * dimensions.width * 4) as u64;
    room::require_trace(gpu, file.origin(), file.tokens().len())?;
    watch.expect(file.load_bytes() + output * file.tokens().len() as u64);
    let trace = file.load(gpu, watch)?;
    let mut chunks = 0;
    each_head_output(gpu, &trace, trace.tokens.len(), |tokens| {
        chunks += 1;
        if chunks % CHUNKS == 0 {
            gpu::wait_idle(gpu);
        }
        let done = watch.step(output * tokens as u64);
        done.map_err(|_| TraceError::NOT_OPENED)
    })?;
    Ok(Arc::new(trace))
}
