// The scores of one token in every group of RWKV-4's channels: NUMERICS "RWKV-4".
//
// A pair needs no scan: each channel's weight follows from the two tokens and from what the state divides by after
// each token, which SET_W holds as a logarithm. So a thread is for a token, and a workgroup for a group.
//
// Of one group alone (params.only) the results are (slot, token).

@group(0) @binding(2) var<storage, read> outputs: array<vec4<f32>>;      // (layer, token, channel) y
@group(0) @binding(3) var<storage, read> parameters: array<vec4<f32>>;   // (layer, [1, 0, u], channel)
@group(0) @binding(4) var<storage, read_write> rwk: array<f32>;          // (slot, layer, group, token)
@group(0) @binding(5) var<storage, read_write> share: array<f32>;        // (slot, layer, group, token)
@group(0) @binding(6) var<storage, read_write> wk: array<f32>;           // (slot, layer, group, token)
@group(0) @binding(7) var<storage, read_write> conservation: array<f32>; // (slot, layer, group)
@group(0) @binding(8) var<storage, read_write> weighted: array<f32>;     // (slot, layer, group, token)
@group(0) @binding(10) var<storage, read> decay: array<vec4<f32>>;       // (layer, channel) w < 0
@group(0) @binding(12) var<storage, read> pull: array<vec4<f32>>;        // (layer, channel), all layers
@group(0) @binding(14) var<storage, read_write> logits: array<f32>;      // (layer, group, token)

var<workgroup> gate: array<vec4<f32>, QUADS>;
var<workgroup> divisor: array<vec4<f32>, QUADS>;
var<workgroup> parts: array<vec4<f32>, HEAD_SIZE>;

fn channels_of(layer: u32, head: u32, quad: u32) -> u32 {
    return ((params.first_layer + layer) * params.heads + head) * QUADS + quad;
}

fn bonus_of(layer: u32, head: u32, quad: u32) -> vec4<f32> {
    return parameters[(((params.first_layer + layer) * 3u + 2u) * params.heads + head) * QUADS + quad];
}

// ln Z_t, Z_t = Σ_(s<t) exp(k_s + (t − 1 − s) w) + exp(u + k_t): what the reader divides by.
fn log_divisor(layer: u32, t: u32, head: u32, quad: u32) -> vec4<f32> {
    let own = bonus_of(layer, head, quad) + load(SET_K, layer, t, head, quad);
    if t == 0u {
        return own;
    }
    let before = load(SET_W, layer, t - 1u, head, quad);
    let most = max(before, own);
    return most + log(exp(before - most) + exp(own - most));
}

// Each channel's weight of writer s ≤ t, with the gate and ln Z of reader t.
fn weight(layer: u32, t: u32, s: u32, head: u32, quad: u32, open: vec4<f32>, total: vec4<f32>) -> vec4<f32> {
    var strength = load(SET_K, layer, s, head, quad);
    if s == t {
        strength += bonus_of(layer, head, quad);
    } else {
        strength += f32(t - 1u - s) * decay[channels_of(layer, head, quad)];
    }
    return open * exp(strength - total);
}

// Whom does token t read? A[t, s] for s = t … 0, and Σ A v against the captured output.
@compute @workgroup_size(HEAD_SIZE)
fn row(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let head = head_of(group).x;
    let layer = head_of(group).y;
    let t = params.token + group.z;
    let base = result_base(params.slot + group.z, layer, head);
    let out = base * params.tokens;

    if thread < QUADS {
        gate[thread] = sigmoid(load(SET_R, layer, t, head, thread));
        divisor[thread] = log_divisor(layer, t, head, thread);
    }
    workgroupBarrier();
    for (var s = thread; s <= t; s += HEAD_SIZE) {
        var sum = 0.0;
        var along = 0.0;
        var square = 0.0;
        var y_square = 0.0;
        for (var i = 0u; i < QUADS; i += 1u) {
            let a = weight(layer, t, s, head, i, gate[i], divisor[i]);
            let added = a * load(SET_V, layer, s, head, i);
            let y = outputs[quad_index(layer, t, head, i)];
            sum += dot(a, vec4(1.0));
            along += dot(added, y);
            square += dot(added, added);
            y_square += dot(y, y);
        }
        rwk[out + s] = sum / f32(HEAD_SIZE);
        share[out + s] = along / max(y_square, 1e-30);
        weighted[out + s] = sqrt(square);
    }

    // Four threads a quad add up every fourth token.
    let quad = thread % QUADS;
    let stride = HEAD_SIZE / QUADS;
    var total = vec4(0.0);
    for (var s = thread / QUADS; s <= t; s += stride) {
        total += weight(layer, t, s, head, quad, gate[quad], divisor[quad]) * load(SET_V, layer, s, head, quad);
    }
    parts[thread] = total;
    workgroupBarrier();
    if thread == 0u {
        var off = 0.0;
        var whole = 0.0;
        for (var i = 0u; i < QUADS; i += 1u) {
            var expected = vec4(0.0);
            for (var j = i; j < HEAD_SIZE; j += QUADS) {
                expected += parts[j];
            }
            let captured = load(SET_X, layer, t, head, i);
            let error = expected - captured;
            off += dot(error, error);
            whole += dot(captured, captured);
        }
        conservation[base] = sqrt(off / max(whole, 1e-30));
    }
}

// How much of the state after token t is still token s: ‖exp(k_s + (t − s) w) / Σ_(i≤t) exp(k_i + (t − i) w)‖.
fn held(layer: u32, t: u32, s: u32, head: u32) -> f32 {
    var square = 0.0;
    for (var i = 0u; i < QUADS; i += 1u) {
        let strength = load(SET_K, layer, s, head, i) + f32(t - s) * decay[channels_of(layer, head, i)];
        let part = exp(strength - load(SET_W, layer, t, head, i));
        square += dot(part, part);
    }
    return sqrt(square);
}

// Who reads token s later? A[t, s] for t = s + 1 … T − 1, and the W-K norm from t = s on.
@compute @workgroup_size(HEAD_SIZE)
fn column(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let head = head_of(group).x;
    let layer = head_of(group).y;
    let s = params.token + group.z;
    let out = result_base(params.slot + group.z, layer, head) * params.tokens;

    for (var t = s + thread; t < params.tokens; t += HEAD_SIZE) {
        wk[out + t] = held(layer, t, s, head);
        if t == s {
            continue;
        }
        var sum = 0.0;
        var along = 0.0;
        var square = 0.0;
        var y_square = 0.0;
        for (var i = 0u; i < QUADS; i += 1u) {
            let open = sigmoid(load(SET_R, layer, t, head, i));
            let a = weight(layer, t, s, head, i, open, log_divisor(layer, t, head, i));
            let added = a * load(SET_V, layer, s, head, i);
            let y = outputs[quad_index(layer, t, head, i)];
            sum += dot(a, vec4(1.0));
            along += dot(added, y);
            square += dot(added, added);
            y_square += dot(y, y);
        }
        rwk[out + t] = sum / f32(HEAD_SIZE);
        share[out + t] = along / max(y_square, 1e-30);
        weighted[out + t] = sqrt(square);
    }
}

// W-K norm of every earlier token at the selected token, for s = 0 … t.
@compute @workgroup_size(HEAD_SIZE)
fn wk_row(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let head = group.x;
    let layer = group.y;
    let t = params.token;
    let out = ((params.slot * params.layers + params.first_layer + layer) * params.heads + head) * params.tokens;
    for (var s = thread; s <= t; s += HEAD_SIZE) {
        wk[out + s] = held(layer, t, s, head);
    }
}

// What each writer adds to a logit through a group: NUMERICS "Attribution".
@compute @workgroup_size(HEAD_SIZE)
fn attribution(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let s = group.z * HEAD_SIZE + thread;
    if s >= params.tokens {
        return;
    }
    let head = group.x;
    let layer = group.y;
    let t = params.token;
    let row = (params.first_layer + layer) * params.heads + head;
    var added = 0.0;
    if s <= t {
        for (var i = 0u; i < QUADS; i += 1u) {
            let open = sigmoid(load(SET_R, layer, t, head, i));
            let a = weight(layer, t, s, head, i, open, log_divisor(layer, t, head, i));
            added += dot(a * load(SET_V, layer, s, head, i), pull[row * QUADS + i]);
        }
    }
    logits[row * params.tokens + s] = added;
}
