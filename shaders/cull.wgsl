// Which blocks of rows are in sight, and which of them are near enough that their cells are boxes of their own. Three
// passes: count, allot, list; the lists keep the order of rows and of places, so that frames are the same each time.

// In step with `draw::cull::Params`.
struct Params {
    planes: array<vec4<f32>, 5>,    // of the part that is drawn: inside where dot(xyz, p) + w ≥ 0; xyz of length 1
    rows: u32,
    blocks: u32,            // of a row
    pixels: f32,            // of a unit of length that is 1 away
    least: f32,             // pixels that a place has to be wide for boxes
}

const BATCH: u32 = 256u;
const OUT: u32 = 0u;
const BAR: u32 = 1u;
const BOXES: u32 = 2u;

@group(0) @binding(8) var<storage, read> token_at: array<u32>;          // (place): its first token
@group(0) @binding(9) var<storage, read> pooled: array<u32>;
@group(0) @binding(10) var<uniform> params: Params;
@group(0) @binding(11) var<storage, read> order: array<u32>;            // rows, the nearest first
@group(0) @binding(12) var<storage, read_write> counts: array<vec2<u32>>;   // (row in order): bars, boxes; then places
@group(0) @binding(13) var<storage, read_write> bars: array<u32>;
@group(0) @binding(14) var<storage, read_write> boxes: array<u32>;
@group(0) @binding(15) var<storage, read_write> indirect: array<u32, 10>;   // arguments of the draws of bars and boxes

var<workgroup> kinds: array<u32, 64>;
var<workgroup> bits: array<atomic<u32>, 2>;
var<workgroup> sums: array<vec2<u32>, 256>;

fn is_in_sight(centre: vec3<f32>, radius: f32) -> bool {
    // A little more than needed, for rounding.
    let reach = -1.01 * radius;
    var inside = true;
    for (var i = 0u; i < 5u; i += 1u) {
        inside &= dot(params.planes[i].xyz, centre) + params.planes[i].w >= reach;
    }
    return inside;
}

// How far an end of a block is from its middle, at most, in any blend.
fn reach_of(layer: f32, slot: f32, middle: f32, end: f32) -> f32 {
    let goal = distance(stand_in(scene.becomes, layer, slot, middle).centre, stand_in(scene.becomes, layer, slot, end).centre);
    if holds(scene.blend >= 1.0) {
        return goal;
    }
    let start = distance(stand_in(scene.was, layer, slot, middle).centre, stand_in(scene.was, layer, slot, end).centre);
    return mix(start, goal, scene.blend);
}

// From a place to the next.
fn pitch_of(a: Arrangement) -> f32 {
    return a.half.w * select(1.0, a.origin.w, a.origin.w > 0.0);
}

fn kind_of(row: u32, block: u32) -> u32 {
    let width = block_width();
    let first = block * width;
    let last = min(first + width, places()) - 1u;
    let level = min(firstTrailingBit(width), LEVELS);
    var is_there = false;
    for (var i = first >> level; i <= last >> level; i += 1u) {
        is_there |= pooled[row * 2u * padded_places() + pooled_level(level) + i] != 0u;
    }
    if !is_there {
        return OUT;
    }
    let layer = f32(row / scene.heads);
    let slot = f32(head_table[row] & ~SHOWN_HEAD);
    let middle = 0.5 * f32(first + last);
    let own = stand(layer, slot, middle);
    // Both ends are as far from the middle.
    let pitch = max(pitch_of(scene.becomes), select(0.0, pitch_of(scene.was), scene.blend < 1.0));
    let radius = reach_of(layer, slot, middle, f32(last)) + length(own.half) + 0.5 * pitch;
    if !is_in_sight(own.centre, radius) {
        return OUT;
    }
    let clip = scene.clip_from_world;
    let away = dot(vec3(clip[0].w, clip[1].w, clip[2].w), own.centre) + clip[3].w;
    return select(BAR, BOXES, pitch * params.pixels >= params.least * max(away - radius, 0.0));
}

fn is_cell_in_sight(row: u32, place: u32) -> bool {
    if place >= places() || token_table[token_at[place]].y == HIDDEN {
        return false;
    }
    let slot = f32(head_table[row] & ~SHOWN_HEAD);
    let own = stand(f32(row / scene.heads), slot, f32(place));
    return is_in_sight(own.centre, length(own.half));
}

// Finds the kinds of 64 blocks.
fn survey(row: u32, block: u32, thread: u32) -> u32 {
    var kind = OUT;
    if block + thread < params.blocks {
        kind = kind_of(row, block + thread);
    }
    workgroupBarrier();
    kinds[thread] = kind;
    workgroupBarrier();
    return kind;
}

@compute @workgroup_size(64)
fn count(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = order[group.x];
    var own = vec2<u32>(0u);
    for (var block = 0u; block < params.blocks; block += 64u) {
        own.x += u32(survey(row, block, thread) == BAR);
        for (var i = 0u; i < min(64u, params.blocks - block); i += 1u) {
            if kinds[i] == BOXES {
                let first = (block + i) * block_width();
                for (var place = thread; place < block_width(); place += 64u) {
                    own.y += u32(is_cell_in_sight(row, first + place));
                }
            }
        }
    }
    sums[thread] = own;
    workgroupBarrier();
    for (var apart = 32u; apart > 0u; apart /= 2u) {
        if thread < apart {
            sums[thread] += sums[thread + apart];
        }
        workgroupBarrier();
    }
    if thread == 0u {
        counts[group.x] = sums[0];
    }
}

// Where each row's begin.
@compute @workgroup_size(256)
fn allot(@builtin(local_invocation_index) thread: u32) {
    var before = vec2<u32>(0u);
    for (var first = 0u; first < params.rows; first += 256u) {
        let row = first + thread;
        var own = vec2<u32>(0u);
        if row < params.rows {
            own = counts[row];
        }
        sums[thread] = own;
        workgroupBarrier();
        for (var apart = 1u; apart < 256u; apart *= 2u) {
            var more = vec2<u32>(0u);
            if thread >= apart {
                more = sums[thread - apart];
            }
            workgroupBarrier();
            sums[thread] += more;
            workgroupBarrier();
        }
        if row < params.rows {
            counts[row] = before + sums[thread] - own;
        }
        before += sums[255];
        workgroupBarrier();
    }
    // The last batches are filled up with nothing.
    let batches = (before + vec2(BATCH - 1u)) / BATCH;
    if before.x + thread < batches.x * BATCH {
        bars[before.x + thread] = NONE;
    }
    if before.y + thread < batches.y * BATCH {
        boxes[before.y + thread] = NONE;
    }
    if thread == 0u {
        for (var i = 0u; i < 2u; i += 1u) {
            indirect[5u * i] = 18u * BATCH;
            indirect[5u * i + 1u] = batches[i];
            indirect[5u * i + 2u] = 0u;
            indirect[5u * i + 3u] = 0u;
            indirect[5u * i + 4u] = 0u;
        }
    }
}

// How many of the threads before this one, and of all, say so.
fn rank_among(thread: u32, is_one: bool) -> vec2<u32> {
    workgroupBarrier();
    if thread < 2u {
        atomicStore(&bits[thread], 0u);
    }
    workgroupBarrier();
    if is_one {
        atomicOr(&bits[thread / 32u], 1u << (thread % 32u));
    }
    workgroupBarrier();
    let low = atomicLoad(&bits[0]);
    let high = atomicLoad(&bits[1]);
    let own = select(low, high, thread >= 32u) & ((1u << (thread % 32u)) - 1u);
    let lower = select(0u, countOneBits(low), thread >= 32u);
    return vec2(lower + countOneBits(own), countOneBits(low) + countOneBits(high));
}

@compute @workgroup_size(64)
fn list(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = order[group.x];
    var next = counts[group.x];
    for (var block = 0u; block < params.blocks; block += 64u) {
        let is_bar = survey(row, block, thread) == BAR;
        let rank = rank_among(thread, is_bar);
        if is_bar {
            bars[next.x + rank.x] = row * params.blocks + block + thread;
        }
        next.x += rank.y;
        for (var i = 0u; i < min(64u, params.blocks - block); i += 1u) {
            if workgroupUniformLoad(&kinds[i]) != BOXES {
                continue;
            }
            for (var place = 0u; place < block_width(); place += 64u) {
                let at = (block + i) * block_width() + place + thread;
                let is_one = place + thread < block_width() && is_cell_in_sight(row, at);
                let rank = rank_among(thread, is_one);
                if is_one {
                    boxes[next.y + rank.x] = row * scene.tokens + token_at[at];
                }
                next.y += rank.y;
            }
        }
    }
}
