use std::sync::Arc;

use web_rwkv::{num::Float, runtime::v6, tensor::ops::TensorOp};

use super::{
    building::bytes_of,
    capture::Shared,
    inside::{Stage, look_at_residuals},
};
use crate::trace::Set;

/// Hooks that capture r w k v and the head outputs of every layer, w before its activation exp(−exp(w)).
pub(super) fn hooks<F: Float>(layers: usize, shared: &Arc<Shared<F>>) -> v6::HookMap<F> {
    let mut hooks = v6::HookMap::new();
    for layer in 0..layers {
        look_at_residuals!(v6, hooks, shared, layer);
        let own = shared.clone();
        hooks.insert(
            v6::Hook::PreAttTimeDecayActivate(layer),
            Box::new(move |frame: v6::Frame<F>| {
                let decay = &frame.buffer.time_decay;
                Ok(TensorOp::List(vec![
                    own.change(|changing| changing.decays(layer, decay))?,
                    own.capture(|target| target.copy(layer, Set::W, 1, decay))?,
                ]))
            }),
        );
        let own = shared.clone();
        hooks.insert(
            v6::Hook::PreAttTimeMix(layer),
            Box::new(move |frame: v6::Frame<F>| {
                own.change(|changing| changing.keys(layer, &frame.buffer.att_k))
            }),
        );
        let own = shared.clone();
        hooks.insert(
            v6::Hook::PostAttTimeMix(layer),
            Box::new(move |frame: v6::Frame<F>| {
                let buffer = &frame.buffer;
                let mixed = [&buffer.att_r, &buffer.att_k, &buffer.att_v];
                own.after_time_mix(layer, mixed, &buffer.att_x, |taking| {
                    Ok(vec![taking.take(3, &buffer.time_decay)?])
                })
            }),
        );
        let own = shared.clone();
        hooks.insert(
            v6::Hook::PreAttGate(layer),
            Box::new(move |frame: v6::Frame<F>| {
                own.change(|changing| changing.look(Stage::Gate(layer), &frame.buffer.att_g))
            }),
        );
        let own = shared.clone();
        hooks.insert(
            v6::Hook::PostAttGate(layer),
            Box::new(move |frame: v6::Frame<F>| {
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
        v6::Hook::PostHead,
        Box::new(move |frame: v6::Frame<F>| {
            own.note_logits(&frame.header.head_o);
            Ok(TensorOp::empty())
        }),
    );
    hooks
}

/// Bytes of the buffers that hold the matrices which web-rwkv can quantise.
pub(super) fn matrix_bytes(model: &v6::Model) -> u64 {
    let layers = model.tensor.layers.iter();
    let matrices = layers.flat_map(|layer| {
        let (att, ffn) = (&layer.att, &layer.ffn);
        [
            &att.w_r, &att.w_k, &att.w_v, &att.w_g, &att.w_o, &ffn.w_r, &ffn.w_k, &ffn.w_v,
        ]
    });
    matrices.map(bytes_of).sum()
}
