// y_t of every head before GroupNorm, by running the recurrence over a chunk of tokens.
// Thread j owns column j of the head's state, [HEAD_SIZE] numbers.

@group(0) @binding(2) var<storage, read_write> outputs: array<f32>;    // (layer, token, channel)
@group(0) @binding(3) var<storage, read> parameters: array<vec4<f32>>; // (layer, [gamma, beta, u or r_k], channel)
@group(0) @binding(4) var<storage, read_write> states: array<f32>;     // (layer, head, row, column), all layers

var<workgroup> receptance: array<vec4<f32>, QUADS>;
var<workgroup> decay: array<vec4<f32>, QUADS>;
var<workgroup> key: array<vec4<f32>, QUADS>;
var<workgroup> value: array<vec4<f32>, QUADS>;
var<workgroup> kappa: array<vec4<f32>, QUADS>;
var<workgroup> b: array<vec4<f32>, QUADS>;

// Tokens params.token … params.tokens − 1.
@compute @workgroup_size(HEAD_SIZE)
fn head_output(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let head = group.x;
    let layer = group.y;
    let whole_layer = params.first_layer + layer;
    let state_base = (whole_layer * params.heads + head) * HEAD_SIZE * HEAD_SIZE + thread;

    var state: array<vec4<f32>, QUADS>;
    for (var i = 0u; i < HEAD_SIZE; i += 1u) {
        // A run that starts at token 0 starts from nothing.
        state[i / 4u][i % 4u] = select(0.0, states[state_base + i * HEAD_SIZE], params.token > 0u);
    }

    for (var t = params.token; t < params.tokens; t += 1u) {
        workgroupBarrier();
        if thread < QUADS {
            receptance[thread] = load(SET_R, layer, t, head, thread);
            decay[thread] = load_decay(layer, t, head, thread);
            key[thread] = load(SET_K, layer, t, head, thread);
            value[thread] = load(SET_V, layer, t, head, thread);
            if VERSION == 7u {
                kappa[thread] = load(SET_KAPPA, layer, t, head, thread);
                b[thread] = load(SET_A, layer, t, head, thread) * kappa[thread];
            } else {
                // The bonus u takes the place of b, which RWKV-6 does not have.
                b[thread] = parameters[((whole_layer * 3u + 2u) * params.heads + head) * QUADS + thread];
            }
        }
        workgroupBarrier();

        let v = value[thread / 4u][thread % 4u];
        var y = 0.0;
        if VERSION == 7u {
            var erased = 0.0;
            for (var i = 0u; i < QUADS; i += 1u) {
                erased += dot(kappa[i], state[i]);
            }
            for (var i = 0u; i < QUADS; i += 1u) {
                state[i] = state[i] * decay[i] + key[i] * v - b[i] * erased;
                y += dot(receptance[i], state[i]);
            }
        } else {
            for (var i = 0u; i < QUADS; i += 1u) {
                let written = key[i] * v;
                y += dot(receptance[i], state[i] + b[i] * written);
                state[i] = state[i] * decay[i] + written;
            }
        }
        outputs[((layer * params.capacity + t) * params.heads + head) * HEAD_SIZE + thread] = y;
    }

    for (var i = 0u; i < HEAD_SIZE; i += 1u) {
        states[state_base + i * HEAD_SIZE] = state[i / 4u][i % 4u];
    }
}
