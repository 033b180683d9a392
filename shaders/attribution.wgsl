// What each writer adds to a logit through a head, at the selected reader: NUMERICS "Attribution". A thread is for a
// writer; it needs the reader's R-WK scores.

@group(0) @binding(2) var<storage, read> outputs: array<vec4<f32>>;    // (layer, token, channel) y, then o
@group(0) @binding(4) var<storage, read> rwk: array<f32>;              // (layer, head, token)
@group(0) @binding(12) var<storage, read> pull: array<vec4<f32>>;      // (layer, channel), all layers
@group(0) @binding(13) var<storage, read> own: array<f32>;             // (layer, head), all layers
@group(0) @binding(14) var<storage, read_write> logits: array<f32>;    // (layer, head, token)

const WRITERS: u32 = 64u;

@compute @workgroup_size(WRITERS)
fn attribution(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let s = group.z * WRITERS + thread;
    if s >= params.tokens {
        return;
    }
    let head = group.x;
    let row = (params.first_layer + group.y) * params.heads + head;
    let t = params.token;
    var added = 0.0;
    if s <= t {
        // Token 0 may stand for a state, of which the reader takes a vector of its own.
        let is_state = s == 0u && params.before > 0u;
        for (var i = 0u; i < QUADS; i += 1u) {
            var value = vec4(0.0);
            if is_state {
                value = outputs[params.before + quad_index(group.y, t, head, i)];
            } else {
                value = load(SET_V, group.y, s, head, i);
            }
            added += dot(pull[row * QUADS + i], value);
        }
        if !is_state {
            added *= rwk[row * params.tokens + s];
        }
        if s == t {
            added += own[row];
        }
    }
    logits[row * params.tokens + s] = added;
}
