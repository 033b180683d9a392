// The arcs of a large lattice, by squares of the picture instead of ribbon by ribbon: each square finds the segments
// that cross it and every pixel adds their light up. It is added in whole numbers, so that the order of segments,
// which nobody knows, makes no difference.
// Generated above: alias Depth, const SAMPLES, const SEGMENTS.

const SIDE: u32 = 16u;          // pixels of a square
const PIXELS: u32 = 256u;
const BATCH: u32 = 128u;        // segments looked at together
const WORKERS: u32 = 8u;        // threads of an arc
const UNIT: f32 = 65536.0;      // of light
const NEAREST: f32 = 0.1;       // of the eye's near plane

// Places in `squares`: how many arcs there are, whether all their segments found room, the first square.
const ARCS: u32 = 0u;
const IS_WHOLE: u32 = 1u;
const FIRST: u32 = 2u;

// (square): segments, then where they end, then where they begin; and after the last, where all end.
@group(0) @binding(9) var<storage, read_write> squares: array<atomic<u32>>;
@group(0) @binding(10) var<storage, read_write> found: array<u32>;      // arc × 32 + segment, square by square
@group(0) @binding(11) var<storage, read> draw: array<u32, 4>;          // arguments of the arcs' draw
@group(0) @binding(12) var<storage, read_write> ribbons: array<u32, 4>; // likewise, where there was no room
@group(0) @binding(13) var depth: Depth;
@group(0) @binding(14) var light: texture_storage_2d<rgba16float, write>;

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
    colour: vec3<f32>,
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
    return u32(clamp(ceil(3.0 * sqrt(height)), 4.0, f32(SEGMENTS)));
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
    }
}

fn each_segment(worker: u32, workers: u32, is_filling: bool) {
    let across = squares_across();
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
                    let square = FIRST + u32(y) * across + u32(x);
                    if is_filling {
                        let at = atomicSub(&squares[square], 1u) - 1u;
                        found[at] = arc * 32u + index;
                    } else {
                        atomicAdd(&squares[square], 1u);
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

var<workgroup> sums: array<u32, 256>;

// Where each square's segments end; those before it begin there. Filling counts down to where they begin.
@compute @workgroup_size(256)
fn allot(@builtin(local_invocation_index) thread: u32) {
    let all = squares_across() * squares_down();
    var before = 0u;
    for (var first = 0u; first < all; first += 256u) {
        let square = first + thread;
        var own = 0u;
        if square < all {
            own = atomicLoad(&squares[FIRST + square]);
        }
        sums[thread] = own;
        workgroupBarrier();
        for (var apart = 1u; apart < 256u; apart *= 2u) {
            var more = 0u;
            if thread >= apart {
                more = sums[thread - apart];
            }
            workgroupBarrier();
            sums[thread] += more;
            workgroupBarrier();
        }
        if square < all {
            atomicStore(&squares[FIRST + square], before + sums[thread]);
        }
        before += sums[255];
        workgroupBarrier();
    }
    if thread == 0u {
        let is_whole = before <= arrayLength(&found);
        atomicStore(&squares[FIRST + all], before);
        atomicStore(&squares[IS_WHOLE], u32(is_whole));
        ribbons[0] = draw[0];
        ribbons[1] = select(draw[1], 0u, is_whole);
        ribbons[2] = 0u;
        ribbons[3] = 0u;
    }
}

@compute @workgroup_size(64)
fn fill(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    if atomicLoad(&squares[IS_WHOLE]) != 0u {
        each_segment(id.x, groups.x * 64u, true);
    }
}

var<workgroup> batch: array<Segment, BATCH>;
var<workgroup> is_there: array<u32, BATCH>;
var<workgroup> farthest: atomic<u32>;

@compute @workgroup_size(256)
fn shine(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let pixel = group.xy * SIDE + vec2(thread % SIDE, thread / SIDE);
    let size = vec2<u32>(part_size() + 0.5);
    let is_inside = all(pixel < size);
    var solid: array<f32, SAMPLES>;
    var least = 1.0;
    for (var i = 0; i < SAMPLES; i += 1) {
        solid[i] = 2.0;
        if is_inside {
            // In rings, arcs are seen through what is before them.
            solid[i] = select(textureLoad(depth, pixel, i), 0.0, (scene.flags & THROUGH) != 0u);
            least = min(least, solid[i]);
        }
    }
    if thread == 0u {
        atomicStore(&farthest, 0x7f800000u);
    }
    workgroupBarrier();
    // Depths are positive: they sort as their bits do.
    atomicMin(&farthest, bitcast<u32>(max(least, 0.0)));
    workgroupBarrier();
    let behind = bitcast<f32>(atomicLoad(&farthest));
    let square = FIRST + group.y * squares_across() + group.x;
    var first = atomicLoad(&squares[square]);
    var last = atomicLoad(&squares[square + 1u]);
    if atomicLoad(&squares[IS_WHOLE]) == 0u {
        last = first;
    }
    let is_ink = (scene.flags & LIGHT) != 0u;
    let at = vec2<f32>(pixel) + 0.5;
    var sum = vec3<u32>(0u);
    for (; first < last; first += BATCH) {
        let count = min(last - first, BATCH);
        workgroupBarrier();
        if thread < count {
            let entry = found[first + thread];
            let path = path_of(arcs[entry / 32u]);
            var segment: Segment;
            // What all of the square hides is left out.
            let is_before = segment_of(path, entry % 32u, segments_of(path), &segment)
                && max(segment.depth.x, segment.depth.y) >= behind;
            is_there[thread] = u32(is_before);
            segment.colour = colour_of(path);
            batch[thread] = segment;
        }
        workgroupBarrier();
        for (var i = 0u; i < count; i += 1u) {
            if is_there[i] == 0u {
                continue;
            }
            let a = batch[i].a;
            let b = batch[i].b;
            if dot(at - a, batch[i].edge_a) < 0.0 || dot(at - b, batch[i].edge_b) >= 0.0 {
                continue;
            }
            let straight = b - a;
            let squared = dot(straight, straight);
            let part = clamp(dot(at - a, straight) / squared, 0.0, 1.0);
            let width = mix(batch[i].width.x, batch[i].width.y, part);
            let away = at - a;
            let across = (away.x * straight.y - away.y * straight.x) * inverseSqrt(squared) / width;
            if abs(across) >= 1.0 {
                continue;
            }
            let deep = mix(batch[i].depth.x, batch[i].depth.y, part);
            var seen = 0.0;
            for (var s = 0; s < SAMPLES; s += 1) {
                seen += select(0.0, 1.0 / f32(SAMPLES), deep >= solid[s]);
            }
            let along = mix(batch[i].along.x, batch[i].along.y, part);
            let strength = mix(batch[i].strength.x, batch[i].strength.y, part) * brightness(across, along);
            var own: vec3<f32>;
            if is_ink {
                // Ink on ink leaves a part of a part: its logarithms are added.
                own = -log(max(1.0 - (1.0 - batch[i].colour) * min(strength, 1.0), vec3(1e-4)));
            } else {
                own = batch[i].colour * strength;
            }
            sum = min(sum + vec3<u32>(own * seen * UNIT + 0.5), vec3(0x3fffffffu));
        }
    }
    if is_inside {
        var all = vec3<f32>(sum) / UNIT;
        if is_ink {
            all = 1.0 - exp(-all);
        }
        textureStore(light, pixel, vec4(min(all, vec3(16.0)), 0.0));
    }
}
