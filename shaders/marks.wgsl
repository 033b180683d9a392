// From scores to what is drawn: full colour of each head, the arcs that pass the filter, one value a
// token for the text, and a few numbers that tell heads apart.

// In step with `score::marker::Params`.
struct Params {
    tokens: u32,
    heads: u32,         // heads of all layers
    layer_heads: u32,   // heads of one layer
    selected: u32,      // token, or NONE
    filter_kind: u32,   // FILTER_…
    top_k: u32,         // strongest arcs a head
    amount: f32,        // the threshold, or the part of the mass
    scale_kind: u32,    // SCALE_…
    fixed_scale: f32,
    exposure: f32,
    pool: u32,          // POOL_…
    vertices: u32,      // of one arc
    stride: u32,        // token slots a head has in `values`
}

const NONE: u32 = 0xffffffffu;
const THREADS: u32 = 256u;
// THREADS = SIDE².
const SIDE: u32 = 16u;
// Threads of `summarise` that share a token's heads.
const SHARES: u32 = 16u;

const FILTER_TOP_K: u32 = 0u;
const FILTER_THRESHOLD: u32 = 1u;
const FILTER_MASS: u32 = 2u;

const SCALE_HEAD: u32 = 0u;
const SCALE_LAYER: u32 = 1u;
const SCALE_GLOBAL: u32 = 2u;
const SCALE_FIXED: u32 = 3u;

const POOL_MEAN: u32 = 0u;
const POOL_MAX: u32 = 1u;
const POOL_SUM: u32 = 2u;

// Bits of `token_flags`, in step with `score::Shown`.
const LISTED: u32 = 1u;     // may carry an arc
const SCALING: u32 = 2u;    // counts for full colour

// Places in `statistics`, in step with `score::Statistic`.
const STATISTICS: u32 = 8u;
const PEAK: u32 = 0u;
const READ: u32 = 1u;
const READERS: u32 = 2u;
const DISTANCE: u32 = 3u;
const SPREAD: u32 = 4u;
const FIRST: u32 = 5u;
const PREVIOUS: u32 = 6u;
const ITSELF: u32 = 7u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> values: array<f32>;              // (head of all layers, token)
@group(0) @binding(2) var<storage, read_write> scales: array<f32>;        // full colour (head of all layers), then the largest
@group(0) @binding(3) var<storage, read_write> arcs: array<u32>;          // cell indices
@group(0) @binding(4) var<storage, read_write> indirect: array<u32, 4>;   // arguments of the arcs' draw
@group(0) @binding(5) var<storage, read_write> summary: array<f32>;       // (token)
@group(0) @binding(6) var<storage, read_write> plan: array<vec2<u32>>;    // (head of all layers): [count, then first place; limit]
@group(0) @binding(7) var<storage, read> token_flags: array<u32>;         // (token)
@group(0) @binding(8) var<storage, read> head_flags: array<u32>;          // (head of all layers): 1 when shown
@group(0) @binding(9) var<storage, read_write> statistics: array<f32>;    // (head of all layers, STATISTICS)
@group(0) @binding(10) var<storage, read> other_scales: array<f32>;       // `scales` of another run

var<workgroup> numbers: array<f32, THREADS>;
var<workgroup> places: array<u32, THREADS>;
var<workgroup> strongests: array<f32, THREADS>;
var<workgroup> counted: atomic<u32>;
var<workgroup> bins: array<atomic<u32>, 256>;
var<workgroup> parts: array<f32, SIDE>;
var<workgroup> row_counts: array<u32, SIDE>;
// Of each byte of the limit: its value, and how many values are above it.
var<workgroup> chosen: array<vec2<u32>, 4>;
var<workgroup> listed: array<atomic<u32>, THREADS / 32u>;

// Sums and the like over a workgroup go by rows of SIDE threads, for a barrier costs more than a few more
// numbers read. What `parts` holds is read before the next one's second barrier.
fn maximum(thread: u32, value: f32) -> f32 {
    numbers[thread] = value;
    workgroupBarrier();
    if thread < SIDE {
        var most = 0.0;
        for (var i = 0u; i < SIDE; i += 1u) {
            most = max(most, numbers[thread * SIDE + i]);
        }
        parts[thread] = most;
    }
    workgroupBarrier();
    var all = 0.0;
    for (var i = 0u; i < SIDE; i += 1u) {
        all = max(all, parts[i]);
    }
    return all;
}

fn total(thread: u32, value: f32) -> f32 {
    numbers[thread] = value;
    workgroupBarrier();
    if thread < SIDE {
        var sum = 0.0;
        for (var i = 0u; i < SIDE; i += 1u) {
            sum += numbers[thread * SIDE + i];
        }
        parts[thread] = sum;
    }
    workgroupBarrier();
    var all = 0.0;
    for (var i = 0u; i < SIDE; i += 1u) {
        all += parts[i];
    }
    return all;
}

// Σ `count` of this thread and those before it.
fn running_total(thread: u32, count: u32) -> u32 {
    places[thread] = count;
    workgroupBarrier();
    let row = thread / SIDE;
    var sum = 0u;
    for (var i = row * SIDE; i <= thread; i += 1u) {
        sum += places[i];
    }
    if thread % SIDE == SIDE - 1u {
        row_counts[row] = sum;
    }
    workgroupBarrier();
    for (var i = 0u; i < row; i += 1u) {
        sum += row_counts[i];
    }
    return sum;
}

// The largest |value| of a head among the tokens that count.
@compute @workgroup_size(THREADS)
fn head_scale(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let base = group.x * params.stride;
    var most = 0.0;
    for (var i = thread; i < params.tokens; i += THREADS) {
        if (token_flags[i] & SCALING) != 0u {
            most = max(most, abs(values[base + i]));
        }
    }
    let all = maximum(thread, most);
    if thread == 0u {
        scales[group.x] = all;
    }
}

// Full colour of each head out of those, brightened by the exposure. The largest |value| of all heads
// stands behind them as it is.
@compute @workgroup_size(THREADS)
fn settle_scale(@builtin(local_invocation_index) thread: u32) {
    var most = 0.0;
    for (var i = thread; i < params.heads; i += THREADS) {
        most = max(most, scales[i]);
    }
    let largest = maximum(thread, most);
    let layers = params.heads / params.layer_heads;
    for (var layer = thread; layer < layers; layer += THREADS) {
        let first = layer * params.layer_heads;
        var of_layer = 0.0;
        for (var head = first; head < first + params.layer_heads; head += 1u) {
            of_layer = max(of_layer, scales[head]);
        }
        for (var head = first; head < first + params.layer_heads; head += 1u) {
            var full = scales[head];
            if params.scale_kind == SCALE_LAYER {
                full = of_layer;
            } else if params.scale_kind == SCALE_GLOBAL {
                full = largest;
            } else if params.scale_kind == SCALE_FIXED {
                full = params.fixed_scale;
            }
            scales[head] = full / params.exposure;
        }
    }
    if thread == 0u {
        scales[params.heads] = largest;
    }
}

// Full colour is that of the run in which it stands for more: colours of both are the same numbers then.
@compute @workgroup_size(THREADS)
fn share_scale(@builtin(local_invocation_index) thread: u32) {
    for (var head = thread; head < params.heads; head += THREADS) {
        scales[head] = max(scales[head], other_scales[head]);
    }
}

// Whether the token may carry an arc.
fn is_listed(token: u32) -> bool {
    return token != params.selected && (token_flags[token] & LISTED) != 0u;
}

fn passes(base: u32, token: u32, limit: u32) -> bool {
    return is_listed(token) && bitcast<u32>(abs(values[base + token])) >= limit;
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

// Σ |value| of those that reach the limit.
fn mass_from(thread: u32, base: u32, limit: u32) -> f32 {
    var own = 0.0;
    for (var i = thread; i < params.tokens; i += THREADS) {
        if passes(base, i, limit) {
            own += abs(values[base + i]);
        }
    }
    return total(thread, own);
}

// The bits of the `params.top_k`-th largest |value| of a head; 1, the least above 0, when there are fewer.
// Non-negative floats sort as their bits do: eight bits at a time, from the highest, the values that share
// the bits found so far are counted by their next eight.
fn top_limit(thread: u32, base: u32) -> u32 {
    var found = 0u;
    var mask = 0u;
    var wanted = params.top_k;
    if wanted == 0u {
        return NONE;
    }
    for (var byte = 0u; byte < 4u; byte += 1u) {
        let shift = 24u - 8u * byte;
        // Thread i counts the bin 255 − i, so that those before it have the larger values.
        atomicStore(&bins[thread], 0u);
        if thread == 0u {
            chosen[byte] = vec2(NONE, 0u);
        }
        workgroupBarrier();
        for (var i = thread; i < params.tokens; i += THREADS) {
            let bits = bitcast<u32>(abs(values[base + i]));
            if is_listed(i) && bits > 0u && (bits & mask) == found {
                atomicAdd(&bins[255u - ((bits >> shift) & 255u)], 1u);
            }
        }
        workgroupBarrier();
        let own = atomicLoad(&bins[thread]);
        let all = running_total(thread, own);
        if all >= wanted && all - own < wanted {
            chosen[byte] = vec2(255u - thread, all - own);
        }
        workgroupBarrier();
        let choice = chosen[byte];
        if choice.x == NONE {
            return 1u;
        }
        found |= choice.x << shift;
        mask |= 255u << shift;
        wanted -= choice.y;
    }
    return found;
}

// The largest limit that lets a part of the mass through, halving the range of bits.
fn mass_limit(thread: u32, base: u32) -> u32 {
    let wanted = mass_from(thread, base, 1u) * params.amount;
    var low = 1u;
    var high = 0x7f800000u;
    while high - low > 1u {
        let middle = low + (high - low) / 2u;
        if mass_from(thread, base, middle) >= wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

// How many arcs of a head pass the filter, and the bits of the smallest |value| that does.
@compute @workgroup_size(THREADS)
fn limit(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let head = group.x;
    let base = head * params.stride;
    if head_flags[head] == 0u {
        if thread == 0u {
            plan[head] = vec2(0u, NONE);
        }
        return;
    }
    var least = bitcast<u32>(max(params.amount, 1e-30));
    if params.filter_kind == FILTER_TOP_K {
        least = top_limit(thread, base);
    } else if params.filter_kind == FILTER_MASS {
        least = mass_limit(thread, base);
    }
    let count = count_from(thread, base, least);
    if thread == 0u {
        plan[head] = vec2(count, least);
    }
}

// Where each head's arcs begin in the list. Arcs keep the order of their cells, because light that is
// added in another order is rounded differently.
@compute @workgroup_size(THREADS)
fn allot(@builtin(local_invocation_index) thread: u32) {
    let share = (params.heads + THREADS - 1u) / THREADS;
    let first = min(thread * share, params.heads);
    let end = min(first + share, params.heads);
    var own = 0u;
    for (var head = first; head < end; head += 1u) {
        own += plan[head].x;
    }
    let all = running_total(thread, own);
    var at = all - own;
    for (var head = first; head < end; head += 1u) {
        let count = plan[head].x;
        plan[head].x = at;
        at += count;
    }
    if thread == THREADS - 1u {
        indirect[0] = params.vertices;
        indirect[1] = all;
        indirect[2] = 0u;
        indirect[3] = 0u;
    }
}

// Lists the arcs of a head.
@compute @workgroup_size(THREADS)
fn list(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let base = group.x * params.stride;
    let least = plan[group.x].y;
    var place = plan[group.x].x;
    let word = thread / 32u;
    let bit = 1u << (thread % 32u);
    for (var first = 0u; first < params.tokens; first += THREADS) {
        if thread % 32u == 0u {
            atomicStore(&listed[word], 0u);
        }
        workgroupBarrier();
        let token = first + thread;
        let own = token < params.tokens && passes(base, min(token, params.tokens - 1u), least);
        if own {
            atomicOr(&listed[word], bit);
        }
        workgroupBarrier();
        var before = 0u;
        var all = 0u;
        for (var i = 0u; i < THREADS / 32u; i += 1u) {
            let bits = atomicLoad(&listed[i]);
            let count = countOneBits(bits);
            before += select(0u, count, i < word);
            before += select(0u, countOneBits(bits & (bit - 1u)), i == word);
            all += count;
        }
        if own {
            arcs[place + before] = base + token;
        }
        place += all;
        workgroupBarrier();
    }
}

// One value a token out of the shown heads' values in parts of full colour.
@compute @workgroup_size(THREADS)
fn summarise(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let tokens = THREADS / SHARES;
    let token = group.x * tokens + thread % tokens;
    let share = (params.heads + SHARES - 1u) / SHARES;
    let first = thread / tokens * share;
    var sum = 0.0;
    var strongest = 0.0;
    var count = 0u;
    for (var head = first; head < min(first + share, params.heads); head += 1u) {
        if head_flags[head] != 0u {
            let full = scales[head];
            if full > 0.0 {
                let at = head * params.stride + min(token, params.tokens - 1u);
                let value = clamp(values[at] / full, -1.0, 1.0);
                sum += value;
                strongest = select(strongest, value, abs(value) > abs(strongest));
            }
            count += 1u;
        }
    }
    numbers[thread] = sum;
    places[thread] = count;
    strongests[thread] = strongest;
    workgroupBarrier();
    if thread >= tokens || token >= params.tokens {
        return;
    }
    for (var other = thread + tokens; other < THREADS; other += tokens) {
        sum += numbers[other];
        count += places[other];
        strongest = select(strongest, strongests[other], abs(strongests[other]) > abs(strongest));
    }
    var pooled = sum;
    if params.pool == POOL_MEAN {
        pooled = sum / max(f32(count), 1.0);
    } else if params.pool == POOL_MAX {
        pooled = strongest;
    }
    summary[token] = pooled;
}

// What a head does with the selected token, in eight numbers: see `score::Statistic`. With nothing
// selected every token counts as read.
@compute @workgroup_size(THREADS)
fn characterise(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let head = group.x;
    let base = head * params.stride;
    var own_read = 0.0;
    var own_readers = 0.0;
    var own_distance = 0.0;
    var most = 0.0;
    var at = NONE;
    for (var i = thread; i < params.tokens; i += THREADS) {
        if is_listed(i) {
            let size = abs(values[base + i]);
            if i < params.selected {
                own_read += size;
                own_distance += size * f32(params.selected - i);
            } else {
                own_readers += size;
            }
            if size > most {
                most = size;
                at = i;
            }
        }
    }
    let read = total(thread, own_read);
    let readers = total(thread, own_readers);
    let distance = total(thread, own_distance);

    // −Σ p ln p over what is read.
    var own_entropy = 0.0;
    for (var i = thread; i < min(params.tokens, params.selected); i += THREADS) {
        if is_listed(i) {
            let part = abs(values[base + i]) / max(read, 1e-30);
            own_entropy -= part * log(max(part, 1e-30));
        }
    }
    let entropy = total(thread, own_entropy);

    // The first token that has the largest size.
    let largest = maximum(thread, most);
    places[thread] = select(NONE, at, most == largest);
    workgroupBarrier();
    if thread != 0u {
        return;
    }
    var peak_at = NONE;
    for (var i = 0u; i < THREADS; i += 1u) {
        peak_at = min(peak_at, places[i]);
    }
    let out = head * STATISTICS;
    let is_selected = params.selected != NONE;
    let safe = max(read, 1e-30);
    statistics[out + PEAK] = select(0.0, values[base + min(peak_at, params.tokens - 1u)], peak_at != NONE);
    statistics[out + READ] = read;
    statistics[out + READERS] = readers;
    statistics[out + DISTANCE] = select(0.0, distance / safe, is_selected);
    statistics[out + SPREAD] = select(0.0, exp(entropy), read > 0.0);
    let has_first = is_listed(0u) && params.selected > 0u;
    statistics[out + FIRST] = select(0.0, abs(values[base]) / safe, has_first);
    let previous = select(0u, params.selected - 1u, is_selected && params.selected > 0u);
    let has_previous = is_selected && params.selected > 0u && is_listed(previous);
    statistics[out + PREVIOUS] = select(0.0, abs(values[base + previous]) / safe, has_previous);
    let itself = select(0u, params.selected, is_selected);
    statistics[out + ITSELF] = select(0.0, values[base + itself], is_selected);
}
