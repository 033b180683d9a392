// What every head does over a text: sums over readers, and for how long writers last. Pairs come a batch at a time, and
// nothing of them is kept.
//
// `rows` has a workgroup a head, which goes from reader to reader; `fall` a workgroup a head and a thread a writer;
// `half_life` a thread a head.

struct Params {
    tokens: u32, // numbers of a line
    heads: u32,  // of all layers
    first: u32,  // the first token of the text
    token: u32,  // the first reader or writer of the batch
    count: u32,  // of the batch
    stride: u32, // numbers of a line of `norms`
}

const THREADS: u32 = 64u;
const NONE: u32 = 0xffffffffu;
const TINY: f32 = 1e-30;

// In step with `score::atlas::sums`.
const SUMS: u32 = 11u;
const DISTANCE: u32 = 0u;
const ENTROPY: u32 = 1u;
const ITSELF: u32 = 2u;
const PREVIOUS: u32 = 3u;
const FIRST: u32 = 4u;
const INDUCTION: u32 = 5u; // and 6, 7
const DUPLICATE: u32 = 8u;
const RETRIEVAL: u32 = 9u;
const NORM: u32 = 10u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> share: array<f32>;         // (reader, head, token)
@group(0) @binding(2) var<storage, read> ids: array<u32>;           // (token)
// (token): the last one before it of the same id, whether there is one, the id that comes next if that was read before.
@group(0) @binding(3) var<storage, read> readers: array<vec3<u32>>;
@group(0) @binding(4) var<storage, read> norms: array<f32>;         // (head, token)
@group(0) @binding(5) var<storage, read_write> sums: array<f32>;    // (head, sum)
@group(0) @binding(6) var<storage, read> wk: array<f32>;            // (writer, head, token)
// (head, distance): writers that have fallen below half by then, and writers whose text ends there.
@group(0) @binding(7) var<storage, read_write> fell: array<atomic<u32>>;
@group(0) @binding(8) var<storage, read_write> ended: array<atomic<u32>>;
@group(0) @binding(9) var<storage, read_write> half_lives: array<u32>; // (head): tokens, or NONE

// Σ |v|, Σ |v| (t − s), Σ |v| ln |v|, Σ v over tokens of the reader's own id.
var<workgroup> parts: array<vec4<f32>, THREADS>;
var<workgroup> most: array<f32, THREADS>;
var<workgroup> places: array<u32, THREADS>;

@compute @workgroup_size(THREADS)
fn rows(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let head = group.x;
    var total: array<f32, SUMS>;
    for (var i = 0u; i < params.count; i += 1u) {
        let t = params.token + i;
        let line = (i * params.heads + head) * params.tokens;
        var part = vec4(0.0);
        var own_most = -1.0;
        var own_place = NONE;
        for (var s = params.first + thread; s < t; s += THREADS) {
            let value = share[line + s];
            let size = abs(value);
            part += vec4(
                size,
                size * f32(t - s),
                size * log(max(size, TINY)),
                select(0.0, value, ids[s] == ids[t]),
            );
            if size > own_most {
                own_most = size;
                own_place = s;
            }
        }
        workgroupBarrier();
        parts[thread] = part;
        most[thread] = own_most;
        places[thread] = own_place;
        for (var step = THREADS / 2u; step > 0u; step /= 2u) {
            workgroupBarrier();
            if thread < step {
                let other = thread + step;
                parts[thread] += parts[other];
                // Of two as large the earlier one.
                let is_more = most[other] > most[thread]
                    || (most[other] == most[thread] && places[other] < places[thread]);
                if is_more {
                    most[thread] = most[other];
                    places[thread] = places[other];
                }
            }
        }
        workgroupBarrier();
        if thread == 0u {
            let all = parts[0];
            if all.x > TINY {
                total[DISTANCE] += all.y / all.x;
                total[ENTROPY] += max(log(all.x) - all.z / all.x, 0.0);
            }
            total[ITSELF] += share[line + t];
            total[PREVIOUS] += share[line + t - 1u];
            total[FIRST] += share[line + params.first];
            let reader = readers[t];
            if reader.x != NONE {
                for (var offset = 0u; offset < 3u; offset += 1u) {
                    total[INDUCTION + offset] += share[line + reader.x + offset];
                }
            }
            if reader.y != 0u {
                total[DUPLICATE] += all.w;
            }
            let place = places[0];
            if reader.z != NONE && place != NONE {
                let is_hit = ids[place] == reader.z || ids[place + 1u] == reader.z;
                total[RETRIEVAL] += select(0.0, 1.0, is_hit);
            }
            total[NORM] += norms[head * params.stride + t];
        }
    }
    if thread == 0u {
        for (var sum = 0u; sum < SUMS; sum += 1u) {
            sums[head * SUMS + sum] += total[sum];
        }
    }
}

// How far each writer of a batch comes before its W-K norm is below half of what it was at first.
@compute @workgroup_size(THREADS)
fn fall(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let head = group.x;
    for (var i = thread; i < params.count; i += THREADS) {
        let s = params.token + i;
        let line = (i * params.heads + head) * params.tokens;
        let half = 0.5 * wk[line + s];
        var t = s + 1u;
        while t < params.tokens && wk[line + t] >= half {
            t += 1u;
        }
        if t < params.tokens {
            atomicAdd(&fell[head * params.tokens + t - s], 1u);
        } else {
            atomicAdd(&ended[head * params.tokens + t - 1u - s], 1u);
        }
    }
}

// The median, by Kaplan and Meier: the text ends before some writers have fallen. count: writers in all.
@compute @workgroup_size(THREADS)
fn half_life(@builtin(global_invocation_id) at: vec3<u32>) {
    let head = at.x;
    if head >= params.heads {
        return;
    }
    let base = head * params.tokens;
    var left = params.count - atomicLoad(&ended[base]);
    var lasting = 1.0;
    half_lives[head] = NONE;
    for (var distance = 1u; distance < params.tokens && left > 0u; distance += 1u) {
        let fallen = atomicLoad(&fell[base + distance]);
        lasting *= 1.0 - f32(fallen) / f32(left);
        if lasting <= 0.5 {
            half_lives[head] = distance;
            return;
        }
        left -= fallen + atomicLoad(&ended[base + distance]);
    }
}
