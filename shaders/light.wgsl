// Adds up, for every pixel, the light of the segments that `segments.wgsl` found in its square.

// The same, ready to be looked up by a pixel p: each of the first four is n · p + d.
struct Ready {
    begin: vec3<f32>,       // ≥ 0 after the edge where it begins
    end: vec3<f32>,         // < 0 before the edge where it ends
    part: vec3<f32>,        // 0 … 1 along it
    off: vec3<f32>,         // pixels off its middle
    first: vec4<f32>,       // at its beginning: place along the arc, width, depth, strength
    change: vec4<f32>,      // of these, to its end
    is_negative: u32,       // the arc's value
    overhang: f32,          // how far beyond its ends it may light, in parts of it: at sharp bends edges are no bounds
}

fn plane(normal: vec2<f32>, through: vec2<f32>) -> vec3<f32> {
    return vec3(normal, -dot(normal, through));
}

fn ready(segment: Segment, value: f32) -> Ready {
    let straight = segment.b - segment.a;
    let long = length(straight);
    let normal = vec2(straight.y, -straight.x) / long;
    var out: Ready;
    out.begin = plane(segment.edge_a, segment.a);
    out.end = plane(segment.edge_b, segment.b);
    out.part = plane(straight / (long * long), segment.a);
    out.off = plane(normal, segment.a);
    out.first = vec4(segment.along.x, segment.width.x, segment.depth.x, segment.strength.x);
    out.change = vec4(segment.along.y, segment.width.y, segment.depth.y, segment.strength.y) - out.first;
    out.is_negative = u32(value < 0.0);
    out.overhang = max(segment.width.x, segment.width.y) / long;
    return out;
}

// Which parts of a square it may light: a bit each.
fn patches_of(own: Ready, corner: vec2<f32>) -> u32 {
    let nearest = ROUNDING * (own.first.z + max(own.change.z, 0.0));
    let half = 0.5 * PATCH;
    let reach = own.first.y + max(own.change.y, 0.0) + dot(abs(own.off.xy), half);
    let overhang = own.overhang + dot(abs(own.part.xy), half);
    let before_begin = dot(abs(own.begin.xy), half);
    let after_end = dot(abs(own.end.xy), half);
    var patches = 0u;
    for (var i = 0u; i < 8u; i += 1u) {
        let middle = vec3(corner + PATCH * (vec2(f32(i & 1u), f32(i >> 1u)) + 0.5), 1.0);
        let is_beside = abs(dot(own.off, middle)) <= reach;
        let is_within = abs(dot(own.part, middle) - 0.5) <= 0.5 + overhang;
        let is_between = dot(own.begin, middle) >= -before_begin && dot(own.end, middle) <= after_end;
        // What all of the part hides is left out, and what it needs no more.
        let is_before = nearest >= bitcast<f32>(atomicLoad(&behind[i]));
        patches |= select(0u, 1u << i, is_beside && is_within && is_between && is_before);
    }
    return patches;
}

var<workgroup> batch: array<Ready, BATCH>;
// Segments of the batch that each part of the square may be lit by, a bit each: 8 parts of 4 words.
var<workgroup> wanted: array<atomic<u32>, 32>;
// The farthest that is seen in each part of the square, of the pixels that are not full of light.
var<workgroup> behind: array<atomic<u32>, 8>;

// A little more than needed, so that what is left out never depends on when.
const ROUNDING: f32 = 1.00001;
const INFINITE: u32 = 0x7f800000u;

// Workgroups at work at the same time, at least.
const TURNS: u32 = 1024u;

// The square of an item: the last one whose items begin there or before.
fn square_of(item: u32) -> u32 {
    let all = squares_across() * squares_down();
    var low = 0u;
    var high = all;
    while high - low > 1u {
        let middle = (low + high) / 2u;
        if atomicLoad(&squares[FIRST + all + 1u + middle]) <= item {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

@compute @workgroup_size(128)
fn shine(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    if !is_needed() {
        return;
    }
    // Items of one square come long after each other: what the first have filled the others leave.
    let round = atomicLoad(&squares[ROUND]);
    let first = atomicLoad(&squares[ITEMS + round]);
    let items = atomicLoad(&squares[ITEMS + round + 1u]) - first;
    let apart = (items + TURNS - 1u) / TURNS;
    for (var i = group.x; i < apart * TURNS; i += groups.x) {
        let item = (i % TURNS) * apart + i / TURNS;
        if item < items {
            shine_item(first + item, thread);
        }
    }
}

fn colour_from(first: u32) -> vec3<f32> {
    var colour: vec3<f32>;
    for (var i = 0u; i < 3u; i += 1u) {
        colour[i] = bitcast<f32>(atomicLoad(&squares[COLOURS + first + i]));
    }
    return colour;
}

// A pixel of the square, of those two that a thread has.
struct Pixel {
    at: vec3<f32>,          // its middle, and 1
    solid: vec4<f32>,       // depth of what hides arcs from its samples
    farthest: f32,          // of these
    to: u32,                // its light, or NONE outside of the picture
    lacking: vec3<u32>,     // of the light, what other workgroups have not given yet
    sum: vec3<u32>,
    is_full: bool,
}

fn pixel_at(place: vec2<u32>) -> Pixel {
    var out: Pixel;
    let size = vec2<u32>(part_size() + 0.5);
    out.at = vec3(vec2<f32>(place) + 0.5, 1.0);
    out.to = NONE;
    if all(place < size) {
        out.to = 3u * (place.y * size.x + place.x);
        // In rings, arcs are seen through what is before them.
        out.solid = select(depths_of(place), vec4(0.0), (scene.flags & THROUGH) != 0u);
        out.farthest = min(min(out.solid.x, out.solid.y), min(out.solid.z, out.solid.w));
        let enough = u32(select(FULL_LIGHT, FULL_INK, (scene.flags & LIGHT) != 0u) * UNIT);
        for (var i = 0u; i < 3u; i += 1u) {
            out.lacking[i] = enough - min(atomicLoad(&light[out.to + i]), enough);
        }
    }
    out.is_full = all(out.lacking == vec3(0u));
    return out;
}

// What a segment of the batch adds to a pixel.
fn light_of(i: u32, at: vec3<f32>, solid: vec4<f32>, colours: array<vec3<f32>, 2>, phase: f32) -> vec3<u32> {
    if dot(batch[i].begin, at) < 0.0 || dot(batch[i].end, at) >= 0.0 {
        return vec3(0u);
    }
    let past = dot(batch[i].part, at);
    if abs(past - 0.5) > 0.5 + batch[i].overhang {
        return vec3(0u);
    }
    // Place along the arc, width, depth, strength.
    let here = batch[i].first + clamp(past, 0.0, 1.0) * batch[i].change;
    let across = dot(batch[i].off, at) / here.y;
    if abs(across) >= 1.0 {
        return vec3(0u);
    }
    let seen = dot(select(vec4(0.0), vec4(0.25), vec4(here.z) >= solid), vec4(1.0));
    if seen == 0.0 {
        return vec3(0u);
    }
    let strength = here.w * brightness(across, here.x, phase);
    let colour = select(colours[0], colours[1], batch[i].is_negative != 0u);
    var own = colour * strength;
    if (scene.flags & LIGHT) != 0u {
        // Ink on ink leaves a part of a part: its logarithms are added.
        own = -log(max(1.0 - (1.0 - colour) * min(strength, 1.0), vec3(1e-4)));
    }
    return vec3<u32>(own * seen * UNIT + 0.5);
}

// Adds the batch's segments up that its part of the square wants.
fn add_to(pixel: ptr<function, Pixel>, part: u32, colours: array<vec3<f32>, 2>, phase: f32) {
    for (var word = 0u; word < 4u; word += 1u) {
        var left = atomicLoad(&wanted[4u * part + word]);
        while left != 0u && !(*pixel).is_full {
            (*pixel).sum += light_of(32u * word + firstTrailingBit(left), (*pixel).at, (*pixel).solid, colours, phase);
            left &= left - 1u;
            (*pixel).is_full = all((*pixel).sum >= (*pixel).lacking);
        }
    }
}

fn give(pixel: Pixel) {
    for (var i = 0u; i < 3u; i += 1u) {
        if pixel.sum[i] != 0u && pixel.to != NONE {
            atomicAdd(&light[pixel.to + i], min(pixel.sum[i], u32(MOST * UNIT)));
        }
    }
}

fn shine_item(item: u32, thread: u32) {
    let square = square_of(item);
    let begin = squares_across() * squares_down() + 1u;
    let nth = item - atomicLoad(&squares[FIRST + begin + square]);
    let before = atomicLoad(&squares[ROUND]) * atomicLoad(&squares[PER_ROUND]);
    let end = atomicLoad(&squares[FIRST + square]) - before;
    var first = atomicLoad(&squares[FIRST + square - 1u]) - before + nth * ITEM;
    let last = min(first + ITEM, end);

    // Parts are two in a line; a thread has a pixel in the upper half of the square and one in the lower.
    let corner = vec2(square % squares_across(), square / squares_across()) * SIDE;
    let part = thread / 32u;
    let within = vec2(8u * (part & 1u) + thread % 8u, 4u * (part >> 1u) + (thread % 32u) / 8u);
    var upper = pixel_at(corner + within);
    var lower = pixel_at(corner + within + vec2(0u, 8u));
    let colours = array<vec3<f32>, 2>(colour_from(3u), colour_from(0u));
    let phase = phase();
    for (; first < last; first += BATCH) {
        let count = min(last - first, BATCH);
        workgroupBarrier();
        if thread < 32u {
            atomicStore(&wanted[thread], 0u);
        }
        if thread < 8u {
            atomicStore(&behind[thread], INFINITE);
        }
        workgroupBarrier();
        // Depths are positive: they sort as their bits do.
        if !upper.is_full {
            atomicMin(&behind[part], bitcast<u32>(upper.farthest));
        }
        if !lower.is_full {
            atomicMin(&behind[part + 4u], bitcast<u32>(lower.farthest));
        }
        workgroupBarrier();
        var farthest = INFINITE;
        for (var i = 0u; i < 8u; i += 1u) {
            farthest = min(farthest, atomicLoad(&behind[i]));
        }
        if farthest == INFINITE {
            break;
        }
        if thread < count {
            let entry = of_entry(found[first + thread]);
            let path = path_of(arcs[entry.x]);
            var segment: Segment;
            let is_before = segment_of(path, entry.y, entry.z, &segment)
                && ROUNDING * max(segment.depth.x, segment.depth.y) >= bitcast<f32>(farthest);
            if is_before {
                let own = ready(segment, path.value);
                batch[thread] = own;
                var patches = patches_of(own, vec2<f32>(corner));
                while patches != 0u {
                    let patch_at = firstTrailingBit(patches);
                    patches &= patches - 1u;
                    atomicOr(&wanted[4u * patch_at + thread / 32u], 1u << (thread % 32u));
                }
            }
        }
        workgroupBarrier();
        add_to(&upper, part, colours, phase);
        add_to(&lower, part + 4u, colours, phase);
    }
    give(upper);
    give(lower);
}
