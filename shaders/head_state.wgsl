// The state of one head along the text, a chunk of tokens at a time: NUMERICS "The state". Thread j owns column j.

struct Chunk {
    layer: u32,  // in this buffer
    head: u32,
    first: u32,  // tokens first … end − 1
    end: u32,
    source: u32, // where the state before them stands in `states`, in numbers
    goal: u32,   // where the state after them goes
    parts: u32,  // 1: what the last token adds and erases goes behind it, and nothing to the track
    pad: u32,
}

@group(0) @binding(2) var<uniform> chunk: Chunk;
@group(0) @binding(3) var<storage, read_write> states: array<f32>;    // (…, row, column)
@group(0) @binding(4) var<storage, read_write> track: array<vec4<f32>>; // (token) norm, rank, added, erased

var<workgroup> decay: array<vec4<f32>, QUADS>;
var<workgroup> key: array<vec4<f32>, QUADS>;
var<workgroup> value: array<vec4<f32>, QUADS>;
var<workgroup> kappa: array<vec4<f32>, QUADS>;
var<workgroup> b: array<vec4<f32>, QUADS>;
var<workgroup> sums: array<vec4<f32>, HEAD_SIZE>;

@compute @workgroup_size(HEAD_SIZE)
fn head_state(@builtin(local_invocation_index) thread: u32) {
    let size = HEAD_SIZE * HEAD_SIZE;
    var state: array<vec4<f32>, QUADS>;
    for (var i = 0u; i < HEAD_SIZE; i += 1u) {
        state[i / 4u][i % 4u] = states[chunk.source + i * HEAD_SIZE + thread];
    }
    for (var t = chunk.first; t < chunk.end; t += 1u) {
        workgroupBarrier();
        if thread < QUADS {
            decay[thread] = load_decay(chunk.layer, t, chunk.head, thread);
            key[thread] = load(SET_K, chunk.layer, t, chunk.head, thread);
            value[thread] = load(SET_V, chunk.layer, t, chunk.head, thread);
            if VERSION == 7u {
                kappa[thread] = load(SET_KAPPA, chunk.layer, t, chunk.head, thread);
                b[thread] = load(SET_A, chunk.layer, t, chunk.head, thread) * kappa[thread];
            }
        }
        workgroupBarrier();
        let v = value[thread / 4u][thread % 4u];
        var stored = 0.0;
        if VERSION == 7u {
            for (var i = 0u; i < QUADS; i += 1u) {
                stored += dot(kappa[i], state[i]);
            }
        }
        var added = 0.0;
        var erased = 0.0;
        for (var i = 0u; i < QUADS; i += 1u) {
            let written = key[i] * v;
            var removed = vec4(0.0);
            if VERSION == 7u {
                removed = b[i] * stored;
            }
            state[i] = state[i] * decay[i] + written - removed;
            added += dot(written, written);
            erased += dot(removed, removed);
            if chunk.parts == 1u && t + 1u == chunk.end {
                for (var c = 0u; c < 4u; c += 1u) {
                    let at = chunk.goal + (4u * i + c) * HEAD_SIZE + thread;
                    states[at + size] = written[c];
                    states[at + 2u * size] = removed[c];
                }
            }
        }
        if chunk.parts == 1u {
            continue;
        }
        // ‖S‖² and ‖SᵀS‖², column by column; other threads read the own one from where the state goes in the end.
        for (var i = 0u; i < HEAD_SIZE; i += 1u) {
            states[chunk.goal + i * HEAD_SIZE + thread] = state[i / 4u][i % 4u];
        }
        storageBarrier();
        workgroupBarrier();
        var square = 0.0;
        var products = 0.0;
        for (var j = 0u; j < HEAD_SIZE; j += 1u) {
            var product = 0.0;
            for (var i = 0u; i < QUADS; i += 1u) {
                let at = chunk.goal + 4u * i * HEAD_SIZE + j;
                let other = vec4(
                    states[at],
                    states[at + HEAD_SIZE],
                    states[at + 2u * HEAD_SIZE],
                    states[at + 3u * HEAD_SIZE],
                );
                product += dot(state[i], other);
            }
            products += product * product;
            if j == thread {
                square = product;
            }
        }
        sums[thread] = vec4(square, products, added, erased);
        workgroupBarrier();
        if thread == 0u {
            var total = vec4(0.0);
            for (var j = 0u; j < HEAD_SIZE; j += 1u) {
                total += sums[j];
            }
            let rank = select(total.x * total.x / max(total.y, 1e-30), 0.0, total.x == 0.0);
            track[t] = vec4(sqrt(total.x), rank, sqrt(total.z), sqrt(total.w));
        }
    }
    for (var i = 0u; i < HEAD_SIZE; i += 1u) {
        states[chunk.goal + i * HEAD_SIZE + thread] = state[i / 4u][i % 4u];
    }
}
