// RWKV-5's decay before its activation, the same at every token, as the trace's decays, so that the kernels of
// RWKV-6 serve it too.
// The trace is writable here.

@group(0) @binding(2) var<storage, read> decay: array<vec4<f32>>; // (layer, channel), all layers

// Tokens params.token … params.tokens − 1.
@compute @workgroup_size(QUADS)
fn static_decay(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let head = group.x;
    let layer = group.y;
    let w = pack(decay[((params.first_layer + layer) * params.heads + head) * QUADS + thread]);
    for (var t = params.token; t < params.tokens; t += 1u) {
        trace[quad_index(layer * SETS + SET_W, t, head, thread)] = w;
    }
}
