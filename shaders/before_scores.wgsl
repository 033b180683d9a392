// Scores of token 0 where it stands for the state that the model starts from: a reader t takes a vector o_t from it,
// which before.wgsl has left. One thread a reader.

@group(0) @binding(2) var<storage, read> outputs: array<vec4<f32>>;    // (layer, token, channel) y, then o
@group(0) @binding(4) var<storage, read_write> rwk: array<f32>;        // (slot, layer, head, token)
@group(0) @binding(5) var<storage, read_write> share: array<f32>;      // (slot, layer, head, token)
@group(0) @binding(6) var<storage, read_write> wk: array<f32>;         // (slot, layer, head, token)
@group(0) @binding(8) var<storage, read_write> weighted: array<f32>;   // (slot, layer, head, token)
@group(0) @binding(11) var<storage, read> norms: array<f32>;           // (layer, head, token), all layers

const READERS: u32 = 64u;

struct Place {
    head: u32,
    layer: u32, // in this buffer
    norms: u32, // where the head's norms begin
}

fn place_of(group: vec3<u32>) -> Place {
    let own = head_of(group);
    let row = (params.first_layer + own.y) * params.heads + own.x;
    return Place(own.x, own.y, row * params.capacity);
}

// As in scans.wgsl.
fn line_of(slot: u32, place: Place) -> u32 {
    var line = slot;
    if params.only == ALL {
        let layer = params.first_layer - params.results_layer + place.layer;
        line = (slot * params.layers + layer) * params.heads + place.head;
    }
    return line * params.tokens;
}

fn write_scores(place: Place, t: u32, out: u32) {
    let base = quad_index(place.layer, t, place.head, 0u);
    var y_square = 0.0;
    var along = 0.0;
    var square = 0.0;
    for (var i = 0u; i < QUADS; i += 1u) {
        let y = outputs[base + i];
        let o = outputs[params.before + base + i];
        y_square += dot(y, y);
        along += dot(o, y);
        square += dot(o, o);
    }
    let size = sqrt(square);
    rwk[out] = select(size, -size, along < 0.0) / max(norms[place.norms], 1e-30);
    share[out] = along / max(y_square, 1e-30);
    weighted[out] = size;
}

// Of readers params.token …, a slot each: what they take from token 0.
@compute @workgroup_size(READERS)
fn before_row(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let at = group.z * READERS + thread;
    if at >= params.count {
        return;
    }
    let place = place_of(group);
    write_scores(place, params.token + at, line_of(params.slot + at, place));
}

@compute @workgroup_size(READERS)
fn before_wk_row(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let at = group.z * READERS + thread;
    if at >= params.count {
        return;
    }
    let place = place_of(group);
    wk[line_of(params.slot + at, place)] = norms[place.norms + params.token + at];
}

// Of all readers, in the slot of token 0.
@compute @workgroup_size(READERS)
fn before_column(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let t = group.z * READERS + thread;
    if t >= params.tokens {
        return;
    }
    let place = place_of(group);
    write_scores(place, t, line_of(params.slot, place) + t);
}

@compute @workgroup_size(READERS)
fn before_wk_column(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let t = group.z * READERS + thread;
    if t >= params.tokens {
        return;
    }
    let place = place_of(group);
    wk[line_of(params.slot, place) + t] = norms[place.norms + t];
}
