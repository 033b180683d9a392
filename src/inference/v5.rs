use std::sync::Arc;

use web_rwkv::{num::Float, runtime::v5, tensor::ops::TensorOp};

use super::{capture::Shared, model::bytes_of};
use crate::trace::Set;

/// Hooks that capture r k v and the head outputs of every layer. The decay is the same for every token and comes
/// from the file.
pub(super) fn hooks<F: Float>(layers: usize, shared: &Arc<Shared<F>>) -> v5::HookMap<F> {
    let mut hooks = v5::HookMap::new();
    for layer in 0..layers {
        let own = shared.clone();
        hooks.insert(
            v5::Hook::PreAttTimeMix(layer),
            Box::new(move |frame: v5::Frame<F>| {
                own.change(|changing| changing.keys(layer, &frame.buffer.att_k))
            }),
        );
        let own = shared.clone();
        hooks.insert(
            v5::Hook::PostAttTimeMix(layer),
            Box::new(move |frame: v5::Frame<F>| {
                let buffer = &frame.buffer;
                let captured = own.capture(|target| {
                    Ok(TensorOp::List(vec![
                        target.copy(layer, Set::R, 1, &buffer.att_r)?,
                        target.copy(layer, Set::K, 1, &buffer.att_k)?,
                        target.copy(layer, Set::V, 1, &buffer.att_v)?,
                        target.copy(layer, Set::X, 1, &buffer.att_x)?,
                    ]))
                })?;
                // After x is copied: the check and the scores tell what the head did by itself.
                let cut = own.change(|changing| {
                    changing.cut(layer, &buffer.att_x, |taking| {
                        Ok(vec![
                            taking.take(0, &buffer.att_r)?,
                            taking.take(1, &buffer.att_k)?,
                            taking.take(2, &buffer.att_v)?,
                        ])
                    })
                })?;
                Ok(TensorOp::List(vec![captured, cut]))
            }),
        );
        let own = shared.clone();
        hooks.insert(
            v5::Hook::PostAttGate(layer),
            Box::new(move |frame: v5::Frame<F>| {
                let x = &frame.buffer.att_x;
                Ok(TensorOp::List(vec![
                    own.change(|changing| changing.outputs(layer, x))?,
                    own.capture(|target| target.copy_gated(layer, x))?,
                ]))
            }),
        );
    }
    let own = shared.clone();
    hooks.insert(
        v5::Hook::PostHead,
        Box::new(move |frame: v5::Frame<F>| {
            own.note_logits(&frame.header.head_o);
            Ok(TensorOp::empty())
        }),
    );
    hooks
}

/// Bytes of the buffers that hold the matrices which web-rwkv can quantise.
pub(super) fn matrix_bytes(model: &v5::Model) -> u64 {
    let layers = model.tensor.layers.iter();
    let matrices = layers.flat_map(|layer| {
        let (att, ffn) = (&layer.att, &layer.ffn);
        [
            &att.w_r, &att.w_k, &att.w_v, &att.w_g, &att.w_o, &ffn.w_r, &ffn.w_k, &ffn.w_v,
        ]
    });
    matrices.map(bytes_of).sum()
}
