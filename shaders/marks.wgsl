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
@group(0) @binding(4) var<storage, read_write> indirect: array<u32, 4>;   // arguments of the arcs' draw
@group(0) @binding(5) var<storage, read_write> summary: array<f32>;       // (token)
@group(0) @binding(6) var<storage, read_write> plan: array<vec2<u32>>;    // (head of all layers): [count, then first place; limit]

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

// The largest of all heads stands behind them.
@compute @workgroup_size(64)
fn global_scale(@builtin(local_invocation_index) thread: u32) {
    var most = 0.0;
    for (var i = thread; i < params.heads; i += THREADS) {
        most = max(most, scales[i]);
    }
    let all = maximum(thread, most);
    if thread == 0u {
        scales[params.heads] = all;
    }
}

fn full_colour(head: u32) -> f32 {
    return scales[select(head, params.heads, params.global_scale == 1u)];
}

fn passes(base: u32, token: u32, limit: u32) -> bool {
    return token != params.selected && bitcast<u32>(abs(values[base + token])) >= limit;
}

fn count_from(thread: u32, base: u32, limit: u32) -> u32 {
    if thread == 0u {
        atomicStore(&counted, 0u);
    }
    workgroupBarrier();
    var own = 0u;
    for (var i = thread; i < params.tokens; i += THREADS) {
        own += u32(passes(base, i, limit));
    }
    atomicAdd(&counted, own);
    workgroupBarrier();
    let all = atomicLoad(&counted);
    workgroupBarrier();
    return all;
}

// How many arcs of a head pass the filter, and the bits of the smallest |value| that does.
@compute @workgroup_size(64)
fn limit(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let head = group.x;
    let base = head * params.tokens;
    var least = bitcast<u32>(max(params.threshold * full_colour(head), 1e-30));
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
        least = low;
    }
    if params.solo != NONE && params.solo != head {
        least = NONE;
    }
    let count = count_from(thread, base, least);
    if thread == 0u {
        plan[head] = vec2(count, least);
    }
}

// Where each head's arcs begin in the list. Arcs keep the order of their cells, because light that is
// added in another order is rounded differently.
@compute @workgroup_size(1)
fn allot() {
    var total = 0u;
    for (var head = 0u; head < params.heads; head += 1u) {
        let count = plan[head].x;
        plan[head].x = total;
        total += count;
    }
    indirect[0] = params.vertices;
    indirect[1] = total;
    indirect[2] = 0u;
    indirect[3] = 0u;
}

var<workgroup> flags: array<u32, THREADS>;

// Lists the arcs of a head.
@compute @workgroup_size(64)
fn list(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let base = group.x * params.tokens;
    let least = plan[group.x].y;
    var place = plan[group.x].x;
    for (var first = 0u; first < params.tokens; first += THREADS) {
        let token = first + thread;
        let own = token < params.tokens && passes(base, min(token, params.tokens - 1u), least);
        flags[thread] = u32(own);
        workgroupBarrier();
        var before = 0u;
        var all = 0u;
        for (var i = 0u; i < THREADS; i += 1u) {
            before += select(0u, flags[i], i < thread);
            all += flags[i];
        }
        if own {
            arcs[place + before] = base + token;
        }
        place += all;
        workgroupBarrier();
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
