// From scores to what is drawn: full colour of each head, the arcs that pass the filter, and one
// value a token for the text.

// In step with `score::selection::MarkParams`.
struct Params {
    tokens: u32,
    heads: u32,         // heads of all layers
    selected: u32,
    top_k: u32,         // strongest arcs a head; 0: the threshold decides
    threshold: f32,     // part of full colour
    global_scale: u32,  // 1: one full colour for all heads
    solo: u32,          // the only head shown, or NONE
    vertices: u32,      // of one arc
}

const NONE: u32 = 0xffffffffu;
const THREADS: u32 = 64u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> values: array<f32>;              // (head of all layers, token)
@group(0) @binding(2) var<storage, read_write> scales: array<f32>;        // (head of all layers), then the largest
@group(0) @binding(3) var<storage, read_write> arcs: array<u32>;          // cell indices
@group(0) @binding(4) var<storage, read_write> indirect: array<atomic<u32>, 4>;
@group(0) @binding(5) var<storage, read_write> summary: array<f32>;       // (token)

var<workgroup> largest: array<f32, THREADS>;
var<workgroup> counted: atomic<u32>;

fn maximum(thread: u32, value: f32) -> f32 {
    largest[thread] = value;
    workgroupBarrier();
    for (var step = THREADS / 2u; step > 0u; step /= 2u) {
        if thread < step {
            largest[thread] = max(largest[thread], largest[thread + step]);
        }
        workgroupBarrier();
    }
    return largest[0];
}

// Full colour of a head: the largest |value| away from the selected token itself.
@compute @workgroup_size(64)
fn head_scale(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let base = group.x * params.tokens;
    var most = 0.0;
    for (var i = thread; i < params.tokens; i += THREADS) {
        if i != params.selected {
            most = max(most, abs(values[base + i]));
        }
    }
    let all = maximum(thread, most);
    if thread == 0u {
        scales[group.x] = all;
    }
}

// The largest of all heads stands behind them; it also resets the arc count.
@compute @workgroup_size(64)
fn global_scale(@builtin(local_invocation_index) thread: u32) {
    var most = 0.0;
    for (var i = thread; i < params.heads; i += THREADS) {
        most = max(most, scales[i]);
    }
    let all = maximum(thread, most);
    if thread == 0u {
        scales[params.heads] = all;
        atomicStore(&indirect[0], params.vertices);
        atomicStore(&indirect[1], 0u);
        atomicStore(&indirect[2], 0u);
        atomicStore(&indirect[3], 0u);
    }
}

fn full_colour(head: u32) -> f32 {
    return scales[select(head, params.heads, params.global_scale == 1u)];
}

fn count_from(thread: u32, base: u32, limit: u32) -> u32 {
    if thread == 0u {
        atomicStore(&counted, 0u);
    }
    workgroupBarrier();
    var own = 0u;
    for (var i = thread; i < params.tokens; i += THREADS) {
        if i != params.selected && bitcast<u32>(abs(values[base + i])) >= limit {
            own += 1u;
        }
    }
    atomicAdd(&counted, own);
    workgroupBarrier();
    let all = atomicLoad(&counted);
    workgroupBarrier();
    return all;
}

// Appends the arcs of a head that pass the filter.
@compute @workgroup_size(64)
fn mark(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let head = group.x;
    let base = head * params.tokens;
    if params.solo != NONE && params.solo != head {
        return;
    }
    var limit = bitcast<u32>(max(params.threshold * full_colour(head), 1e-30));
    if params.top_k > 0u {
        // Non-negative floats sort as their bits do: halve the range of bits until the k-th largest is left.
        var low = 1u;
        var high = 0x7f800000u;
        while high - low > 1u {
            let middle = low + (high - low) / 2u;
            if count_from(thread, base, middle) >= params.top_k {
                low = middle;
            } else {
                high = middle;
            }
        }
        limit = low;
    }
    for (var i = thread; i < params.tokens; i += THREADS) {
        if i != params.selected && bitcast<u32>(abs(values[base + i])) >= limit {
            arcs[atomicAdd(&indirect[1], 1u)] = base + i;
        }
    }
}

// One value a token: of the soloed head, or the mean over all heads, in parts of full colour.
@compute @workgroup_size(64)
fn summarise(@builtin(global_invocation_id) id: vec3<u32>) {
    let token = id.x;
    if token >= params.tokens {
        return;
    }
    var total = 0.0;
    var count = 0.0;
    for (var head = 0u; head < params.heads; head += 1u) {
        if params.solo == NONE || params.solo == head {
            let full = full_colour(head);
            if full > 0.0 {
                total += clamp(values[head * params.tokens + token] / full, -1.0, 1.0);
            }
            count += 1.0;
        }
    }
    summary[token] = total / count;
}
