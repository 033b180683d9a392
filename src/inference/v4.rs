use std::sync::Arc;

use web_rwkv::{num::Float, runtime::v4, tensor::ops::TensorOp};

use super::{
    building::bytes_of,
    capture::Shared,
    inside::{Stage, look_at_residuals},
};

/// Hooks that capture r k v and the outputs of every layer. The decay is the same for every token and comes from
/// the file.
pub(super) fn hooks<F: Float>(layers: usize, shared: &Arc<Shared<F>>) -> v4::HookMap<F> {
    let mut hooks = v4::HookMap::new();
    for layer in 0..layers {
        look_at_residuals!(v4, hooks, shared, layer);
        let own = shared.clone();
        hooks.insert(
            v4::Hook::PostAttTimeMix(layer),
            Box::new(move |frame: v4::Frame<F>| {
                let buffer = &frame.buffer;
                let mixed = [&buffer.att_r, &buffer.att_k, &buffer.att_v];
                own.after_time_mix(layer, mixed, &buffer.att_x, |taking| {
                    Ok(vec![taking.take(3, &buffer.att_x)?])
                })
            }),
        );
        let own = shared.clone();
        hooks.insert(
            v4::Hook::PreAttOut(layer),
            Box::new(move |frame: v4::Frame<F>| {
                // With no GroupNorm and no gate after it, the same goes into the output matrix.
                let x = &frame.buffer.att_x;
                Ok(TensorOp::List(vec![
                    own.change(|changing| changing.outputs(layer, x))?,
                    own.change(|changing| changing.look(Stage::Heads(layer), x))?,
                    own.capture(|target| target.copy_gated(layer, x))?,
                ]))
            }),
        );
    }
    let own = shared.clone();
    hooks.insert(
        v4::Hook::PostHead,
        Box::new(move |frame: v4::Frame<F>| {
            own.note_logits(&frame.header.head_o);
            Ok(TensorOp::empty())
        }),
    );
    hooks
}

/// Bytes of the buffers that hold the matrices which web-rwkv can quantise.
pub(super) fn matrix_bytes(model: &v4::Model) -> u64 {
    let layers = model.tensor.layers.iter();
    let matrices = layers.flat_map(|layer| {
        let (att, ffn) = (&layer.att, &layer.ffn);
        [
            &att.w_r, &att.w_k, &att.w_v, &att.w_o, &ffn.w_r, &ffn.w_k, &ffn.w_v,
        ]
    });
    matrices.map(bytes_of).sum()
}
