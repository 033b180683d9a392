use std::sync::Arc;

use web_rwkv::{num::Float, runtime::v7, tensor::ops::TensorOp};

use super::{
    building::bytes_of,
    capture::Shared,
    inside::{Stage, look_at_residuals},
};
use crate::trace::Set;

/// Hooks that capture r w k̃ v a κ̂ and the head outputs of every layer.
pub(super) fn hooks<F: Float>(layers: usize, shared: &Arc<Shared<F>>) -> v7::HookMap<F> {
    let mut hooks = v7::HookMap::new();
    for layer in 0..layers {
        look_at_residuals!(v7, hooks, shared, layer);
        let own = shared.clone();
        hooks.insert(
            v7::Hook::PreAttTimeMix(layer),
            Box::new(move |frame: v7::Frame<F>| {
                own.change(|changing| {
                    let buffer = &frame.buffer;
                    Ok(TensorOp::List(vec![
                        changing.keys(layer, &buffer.att_k)?,
                        changing.decays(layer, &buffer.att_w)?,
                        changing.rates(layer, &buffer.att_a)?,
                    ]))
                })
            }),
        );
        let own = shared.clone();
        hooks.insert(
            v7::Hook::PostAttTimeMix(layer),
            Box::new(move |frame: v7::Frame<F>| {
                let buffer = &frame.buffer;
                let captured = own.capture(|target| {
                    Ok(TensorOp::List(vec![
                        target.copy(layer, Set::R, 1, &buffer.att_r)?,
                        // Before its activation; the kernels apply it.
                        target.copy(layer, Set::W, 1, &buffer.att_w)?,
                        // att_n stacks k̃, v, a, κ̂, in the order of `Set`.
                        target.copy(layer, Set::K, 4, &buffer.att_n)?,
                        target.copy(layer, Set::X, 1, &buffer.att_x)?,
                    ]))
                })?;
                // After x is copied: the check and the scores tell what the head did by itself.
                let cut = own.change(|changing| {
                    changing.cut(layer, &buffer.att_x, |taking| {
                        Ok(vec![
                            taking.take(0, &buffer.att_r)?,
                            taking.take(1, &buffer.att_w)?,
                            taking.take(2, &buffer.att_n)?,
                        ])
                    })
                })?;
                Ok(TensorOp::List(vec![captured, cut]))
            }),
        );
        let own = shared.clone();
        hooks.insert(
            v7::Hook::PreAttGate(layer),
            Box::new(move |frame: v7::Frame<F>| {
                own.change(|changing| changing.look(Stage::Gate(layer), &frame.buffer.att_g))
            }),
        );
        let own = shared.clone();
        hooks.insert(
            v7::Hook::PostAttGate(layer),
            Box::new(move |frame: v7::Frame<F>| {
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
        v7::Hook::PostHead,
        Box::new(move |frame: v7::Frame<F>| {
            own.note_logits(&frame.header.head_o);
            Ok(TensorOp::empty())
        }),
    );
    hooks
}

/// Bytes of the buffers that hold the matrices which web-rwkv can quantise.
pub(super) fn matrix_bytes(model: &v7::Model) -> u64 {
    let layers = model.tensor.layers.iter();
    let matrices = layers.flat_map(|layer| {
        let (att, ffn) = (&layer.att, &layer.ffn);
        [&att.w_r, &att.w_k, &att.w_v, &att.w_o, &ffn.w_k, &ffn.w_v]
    });
    matrices.map(bytes_of).sum()
}
