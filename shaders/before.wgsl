// What y_t of every head has of the state that the model starts from: the recurrence of head_output.wgsl with nothing
// written, over a chunk of tokens. Thread j owns column j of the state.

@group(0) @binding(2) var<storage, read_write> outputs: array<f32>; // (layer, token, channel) y, then as much of it
@group(0) @binding(4) var<storage, read_write> states: array<f32>;  // (layer, head, row, column), all layers
@group(0) @binding(5) var<storage, read_write> norms: array<f32>;   // (layer, head, token), all layers

var<workgroup> receptance: array<vec4<f32>, QUADS>;
var<workgroup> decay: array<vec4<f32>, QUADS>;
var<workgroup> kappa: array<vec4<f32>, QUADS>;
var<workgroup> b: array<vec4<f32>, QUADS>;
var<workgroup> squares: array<f32, HEAD_SIZE>;

// Tokens params.token … params.tokens − 1, the first of them 1 or more: token 0 stands for the state.
@compute @workgroup_size(HEAD_SIZE)
fn before(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let head = group.x;
    let layer = group.y;
    let row = (params.first_layer + layer) * params.heads + head;
    let state_base = row * HEAD_SIZE * HEAD_SIZE + thread;

    var state: array<vec4<f32>, QUADS>;
    for (var i = 0u; i < HEAD_SIZE; i += 1u) {
        state[i / 4u][i % 4u] = states[state_base + i * HEAD_SIZE];
    }

    // One round more where it begins, for the norm of all of it.
    for (var t = select(params.token, 0u, params.token == 1u); t < params.tokens; t += 1u) {
        workgroupBarrier();
        if thread < QUADS {
            receptance[thread] = load(SET_R, layer, t, head, thread);
            decay[thread] = load_decay(layer, t, head, thread);
            if VERSION == 7u {
                kappa[thread] = load(SET_KAPPA, layer, t, head, thread);
                b[thread] = load(SET_A, layer, t, head, thread) * kappa[thread];
            }
        }
        workgroupBarrier();

        var y = 0.0;
        var square = 0.0;
        var erased = 0.0;
        if VERSION == 7u {
            for (var i = 0u; i < QUADS; i += 1u) {
                erased += dot(kappa[i], state[i]);
            }
        }
        for (var i = 0u; i < QUADS; i += 1u) {
            if t > 0u {
                if VERSION == 7u {
                    state[i] = state[i] * decay[i] - b[i] * erased;
                    y += dot(receptance[i], state[i]);
                } else {
                    y += dot(receptance[i], state[i]);
                    state[i] *= decay[i];
                }
            }
            square += dot(state[i], state[i]);
        }
        squares[thread] = square;
        workgroupBarrier();
        if thread == 0u {
            var total = 0.0;
            for (var i = 0u; i < HEAD_SIZE; i += 1u) {
                total += squares[i];
            }
            norms[row * params.capacity + t] = sqrt(total);
        }
        if t > 0u {
            let at = ((layer * params.capacity + t) * params.heads + head) * HEAD_SIZE + thread;
            outputs[params.before * 4u + at] = y;
        }
    }

    for (var i = 0u; i < HEAD_SIZE; i += 1u) {
        states[state_base + i * HEAD_SIZE] = state[i / 4u][i % 4u];
    }
}
