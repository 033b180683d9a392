// The arcs of a large lattice, by squares of the picture instead of ribbon by ribbon: each square finds the segments
// that cross it and every pixel adds their light up. It is added in whole numbers, so that the order of segments,
// which nobody knows, makes no difference.
// Generated above: const UNIT, alias Depth, fn depths_of, const SEGMENTS.

const SIDE: u32 = 16u;          // pixels of a square
const PATCH = vec2<f32>(8.0, 4.0);  // of a part of it that 32 threads light: eight make a square
const BATCH: u32 = 128u;        // segments looked at together
const ITEM: u32 = 1024u;         // segments that one workgroup adds up
const WORKERS: u32 = 8u;        // threads of an arc
const NEAREST: f32 = 0.1;       // of the eye's near plane
// Light that one workgroup gives a pixel at most: the sum fits a word.
const MOST: f32 = 16.0;
// Light that is all there can be seen of it: a pixel is white, and of ink, black.
const FULL_LIGHT: f32 = 1.0;
const FULL_INK: f32 = 12.0;

// Segments that have no room together are added up in rounds, each of some squares: all of a square's are in one.
// Places in `squares`: how many arcs there are, how many rounds they need (none where they cannot be told apart or need
// too many), which one it is, from how many segments to how many a round is, the colours of arcs below 0 and of the others,
// the first item of every round and how many there are in all, 0, the first square.
const ARCS: u32 = 0u;
const ROUNDS: u32 = 1u;
const ROUND: u32 = 2u;
const PER_ROUND: u32 = 3u;
const COLOURS: u32 = 4u;
const ITEMS: u32 = 10u;
const FIRST: u32 = ITEMS + MOST_ROUNDS + 2u;

@group(0) @binding(8) var<storage, read_write> light: array<atomic<u32>>;   // (pixel, colour), in parts of UNIT
// (square): segments, then where they begin, then where they end, which is where those of the next begin; after the last,
// how many there are. Then where the items of each begin.
@group(0) @binding(9) var<storage, read_write> squares: array<atomic<u32>>;
@group(0) @binding(10) var<storage, read_write> found: array<u32>;      // arc and segment, see `entry_of`, by square, of a round
@group(0) @binding(11) var<storage, read> draw: array<u32, 4>;          // arguments of the arcs' draw
@group(0) @binding(12) var<storage, read_write> ribbons: array<u32, 4>; // likewise, where there was no room
@group(0) @binding(13) var depth: Depth;

// Pixels of the part that is drawn.
fn part_size() -> vec2<f32> {
    return scene.viewport / scene.tile.xy;
}

fn squares_across() -> u32 {
    return (u32(part_size().x + 0.5) + SIDE - 1u) / SIDE;
}

fn squares_down() -> u32 {
    return (u32(part_size().y + 0.5) + SIDE - 1u) / SIDE;
}

fn pixel_of(clip: vec4<f32>) -> vec2<f32> {
    let on = on_tile(clip);
    return (vec2(0.5, -0.5) * on.xy / on.w + 0.5) * part_size();
}

// A straight piece of an arc, in pixels. Neighbours share an edge across their joint.
struct Segment {
    a: vec2<f32>,
    b: vec2<f32>,
    edge_a: vec2<f32>,      // direction of the arc where it begins and ends
    edge_b: vec2<f32>,
    along: vec2<f32>,       // these at both ends
    width: vec2<f32>,       // half of it
    depth: vec2<f32>,
    strength: vec2<f32>,
}

// Which of how many segments of an arc, at most 24: 9 bits.
fn entry_of(arc: u32, index: u32, count: u32) -> u32 {
    return arc * 512u + count * (count - 1u) / 2u + index;
}

const MOST_ARCS: u32 = 1u << 23u;

// Arc, segment, count.
fn of_entry(entry: u32) -> vec3<u32> {
    let code = entry % 512u;
    let count = u32(0.5 * sqrt(f32(1u + 8u * code)) + 0.505);
    return vec3(entry / 512u, code - count * (count - 1u) / 2u, count);
}

// Enough that the bends do not show.
fn segments_of(path: Path) -> u32 {
    var pixels: array<vec2<f32>, 3>;
    for (var i = 0u; i < 3u; i += 1u) {
        let clip = scene.clip_from_world * vec4(arc_point(path.layer, path.slot, path.ends, path.side, 0.5 * f32(i)), 1.0);
        if clip.w < NEAREST {
            return SEGMENTS;
        }
        pixels[i] = pixel_of(clip);
    }
    let height = distance(pixels[1], 0.5 * (pixels[0] + pixels[2]));
    return u32(clamp(ceil(3.0 * sqrt(height)), 2.0, f32(SEGMENTS)));
}

// The segment, and whether any of it is before the eye.
fn segment_of(path: Path, index: u32, count: u32, out: ptr<function, Segment>) -> bool {
    var along = vec2(f32(index), f32(index + 1u)) / f32(count);
    let a = joint_of(path, along.x);
    let b = joint_of(path, along.y);
    if max(a.clip.w, b.clip.w) < NEAREST {
        return false;
    }
    // What is behind the eye is cut off.
    let from_a = clamp((NEAREST - a.clip.w) / (b.clip.w - a.clip.w), 0.0, 1.0);
    let cut_a = select(0.0, from_a, a.clip.w < NEAREST);
    let cut_b = select(1.0, from_a, b.clip.w < NEAREST);
    let begin = mix(a.clip, b.clip, cut_a);
    let end = mix(a.clip, b.clip, cut_b);
    (*out).a = pixel_of(begin);
    (*out).b = pixel_of(end);
    let straight = (*out).b - (*out).a;
    let is_long = length(straight) > 1e-4;
    let own = select(vec2(1.0, 0.0), straight / max(length(straight), 1e-4), is_long);
    // Pixels count downwards.
    (*out).edge_a = select(a.direction * vec2(1.0, -1.0), own, cut_a > 0.0);
    (*out).edge_b = select(b.direction * vec2(1.0, -1.0), own, cut_b < 1.0);
    (*out).along = mix(vec2(along.x), vec2(along.y), vec2(cut_a, cut_b));
    (*out).width = vec2(select(a.half_width, b.half_width, cut_a > 0.0), select(b.half_width, a.half_width, cut_b < 1.0));
    (*out).depth = vec2(begin.z / begin.w, end.z / end.w);
    (*out).strength = mix(vec2(a.strength), vec2(b.strength), vec2(cut_a, cut_b));
    return is_long;
}

// Squares that a segment may touch: the first and the last.
fn reach_of(segment: Segment) -> vec4<i32> {
    let width = max(segment.width.x, segment.width.y) + 1.0;
    let low = floor((min(segment.a, segment.b) - width) / f32(SIDE));
    let high = floor((max(segment.a, segment.b) + width) / f32(SIDE));
    let last = vec2(f32(squares_across()), f32(squares_down())) - 1.0;
    return vec4(vec2<i32>(clamp(low, vec2(0.0), last + 1.0)), vec2<i32>(clamp(high, vec2(-1.0), last)));
}

// Whether a segment's ribbon comes into a square.
fn touches(segment: Segment, x: i32, y: i32) -> bool {
    let middle = (vec2(f32(x), f32(y)) + 0.5) * f32(SIDE);
    let straight = segment.b - segment.a;
    let normal = vec2(-straight.y, straight.x) / length(straight);
    let half = 0.5 * f32(SIDE) * (abs(normal.x) + abs(normal.y));
    let width = max(segment.width.x, segment.width.y) + 1.0;
    return abs(dot(middle - segment.a, normal)) <= half + width;
}

@compute @workgroup_size(256)
fn clear(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x < squares_across() * squares_down() {
        atomicStore(&squares[FIRST + id.x], 0u);
    }
    if id.x == 0u {
        atomicStore(&squares[ARCS], draw[1]);
        atomicStore(&squares[ROUND], 0u);
        atomicStore(&squares[FIRST - 1u], 0u);
        for (var i = 0u; i < 3u; i += 1u) {
            atomicStore(&squares[COLOURS + i], bitcast<u32>(shade(-ARC_SHADE)[i]));
            atomicStore(&squares[COLOURS + 3u + i], bitcast<u32>(shade(ARC_SHADE)[i]));
        }
    }
}

// Those of all squares are counted; those of a round's squares are noted.
fn each_segment(worker: u32, workers: u32, is_filling: bool) {
    let across = squares_across();
    let items = FIRST + across * squares_down() + 1u;
    let round = atomicLoad(&squares[ROUND]);
    let first_item = atomicLoad(&squares[ITEMS + round]);
    let last_item = atomicLoad(&squares[ITEMS + round + 1u]);
    let before = round * atomicLoad(&squares[PER_ROUND]);
    let arcs_in_all = atomicLoad(&squares[ARCS]);
    for (var i = worker; i < arcs_in_all * WORKERS; i += workers) {
        let arc = i / WORKERS;
        let path = path_of(arcs[arc]);
        let count = segments_of(path);
        for (var index = i % WORKERS; index < count; index += WORKERS) {
            var segment: Segment;
            if !segment_of(path, index, count, &segment) {
                continue;
            }
            let reach = reach_of(segment);
            for (var y = reach.y; y <= reach.w; y += 1) {
                for (var x = reach.x; x <= reach.z; x += 1) {
                    if !touches(segment, x, y) {
                        continue;
                    }
                    let square = u32(y) * across + u32(x);
                    if !is_filling {
                        atomicAdd(&squares[FIRST + square], 1u);
                        continue;
                    }
                    let item = atomicLoad(&squares[items + square]);
                    if first_item <= item && item < last_item {
                        let at = atomicAdd(&squares[FIRST + square], 1u) - before;
                        found[at] = entry_of(arc, index, count);
                    }
                }
            }
        }
    }
}

@compute @workgroup_size(64)
fn count(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    each_segment(id.x, groups.x * 64u, false);
}

// So many segments, and the items that they make.
fn with_items(segments: u32) -> vec2<u32> {
    return vec2(segments, (segments + ITEM - 1u) / ITEM);
}

var<workgroup> sums: array<vec2<u32>, 256>;
// Segments of the fullest square.
var<workgroup> fullest: atomic<u32>;

// Where each square's segments and items begin, and which squares a round has: from its first segment on as many as
// leave room for those of one square more.
@compute @workgroup_size(256)
fn allot(@builtin(local_invocation_index) thread: u32) {
    let all = squares_across() * squares_down();
    let items = FIRST + all + 1u;
    // Each thread has as many squares, one after another.
    let each = (all + 255u) / 256u;
    let first = min(thread * each, all);
    let last = min(first + each, all);
    var own = vec2<u32>(0u);
    for (var square = first; square < last; square += 1u) {
        let segments = atomicLoad(&squares[FIRST + square]);
        own += with_items(segments);
        atomicMax(&fullest, segments);
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
    let sum = sums[255];
    if thread <= MOST_ROUNDS {
        atomicStore(&squares[ITEMS + thread], sum.y);
    }
    storageBarrier();
    let room = arrayLength(&found);
    let most = atomicLoad(&fullest);
    let is_apart = most <= room / 2u && draw[1] < MOST_ARCS;
    let per_round = select(room, room - most, is_apart);
    var before = sums[thread] - own;
    for (var square = first; square < last; square += 1u) {
        let after = before + with_items(atomicLoad(&squares[FIRST + square]));
        atomicStore(&squares[FIRST + square], before.x);
        atomicStore(&squares[items + square], before.y);
        atomicMin(&squares[ITEMS + min(before.x / per_round, MOST_ROUNDS)], before.y);
        before = after;
    }
    if thread == 0u {
        let rounds = sum.x / per_round + 1u;
        let is_possible = is_apart && rounds <= MOST_ROUNDS;
        atomicStore(&squares[FIRST + all], sum.x);
        atomicStore(&squares[ROUNDS], select(0u, rounds, is_possible));
        atomicStore(&squares[PER_ROUND], per_round);
        ribbons[0] = draw[0];
        ribbons[1] = select(draw[1], 0u, is_possible);
        ribbons[2] = 0u;
        ribbons[3] = 0u;
    }
}

fn is_needed() -> bool {
    return atomicLoad(&squares[ROUND]) < atomicLoad(&squares[ROUNDS]);
}

@compute @workgroup_size(64)
fn fill(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    if is_needed() {
        each_segment(id.x, groups.x * 64u, true);
    }
}

@compute @workgroup_size(1)
fn turn() {
    atomicAdd(&squares[ROUND], 1u);
}
