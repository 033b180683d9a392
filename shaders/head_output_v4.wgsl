// y_t of every group of RWKV-4's channels, and what its state divides by, by running the recurrence over a chunk
// of tokens. The trace is writable here. A thread owns a quad of channels.
//
// The state is Σ exp(k_i + (t − i) w) v_i and the same sum without v, both divided by exp(most), which keeps them
// in range.

@group(0) @binding(2) var<storage, read_write> outputs: array<vec4<f32>>; // (layer, token, channel)
@group(0) @binding(3) var<storage, read> parameters: array<vec4<f32>>;    // (layer, [1, 0, u], channel)
@group(0) @binding(4) var<storage, read_write> states: array<vec4<f32>>;  // (layer, group, [sum, divisor, most, …], channel)
@group(0) @binding(5) var<storage, read> decay: array<vec4<f32>>;         // (layer, channel) w < 0, all layers

// Tokens params.token … params.tokens − 1.
@compute @workgroup_size(QUADS)
fn head_output(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let head = group.x;
    let layer = group.y;
    let row = (params.first_layer + layer) * params.heads + head;
    let w = decay[row * QUADS + thread];
    let u = parameters[(((params.first_layer + layer) * 3u + 2u) * params.heads + head) * QUADS + thread];
    let place = row * HEAD_SIZE * QUADS + thread;

    var sum = vec4(0.0);
    var divisor = vec4(0.0);
    var most = vec4(-1e30);
    // A run that starts at token 0 starts from nothing.
    if params.token > 0u {
        sum = states[place];
        divisor = states[place + QUADS];
        most = states[place + 2u * QUADS];
    }
    for (var t = params.token; t < params.tokens; t += 1u) {
        let k = load(SET_K, layer, t, head, thread);
        let v = load(SET_V, layer, t, head, thread);

        let own = u + k;
        let reading = max(most, own);
        let old = exp(most - reading);
        let new_part = exp(own - reading);
        let gate = sigmoid(load(SET_R, layer, t, head, thread));
        outputs[quad_index(layer, t, head, thread)] = gate * (old * sum + new_part * v) / (old * divisor + new_part);

        let writing = max(most + w, k);
        let kept = exp(most + w - writing);
        let written = exp(k - writing);
        sum = kept * sum + written * v;
        divisor = kept * divisor + written;
        most = writing;
        trace[quad_index(layer * SETS + SET_W, t, head, thread)] = pack(most + log(divisor));
    }
    states[place] = sum;
    states[place + QUADS] = divisor;
    states[place + 2u * QUADS] = most;
}
