// Adds up, for every pixel, the light of the segments that `segments.wgsl` found in its square.

// The same, ready to be looked up by a pixel p: each of the first four is n · p + d.
struct Ready {
    begin: vec3<f32>,       // ≥ 0 after the edge where it begins
    end: vec3<f32>,         // < 0 before the edge where it ends
    part: vec3<f32>,        // 0 … 1 along it
    off: vec3<f32>,         // pixels off its middle
    along: vec2<f32>,
    width: vec2<f32>,
    depth: vec2<f32>,
    strength: vec2<f32>,
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
    out.along = segment.along;
    out.width = segment.width;
    out.depth = segment.depth;
    out.strength = segment.strength;
    out.is_negative = u32(value < 0.0);
    out.overhang = max(segment.width.x, segment.width.y) / long;
    return out;
}

// Which parts of a square it may light: a bit each.
fn patches_of(own: Ready, corner: vec2<f32>) -> u32 {
    let reach = max(own.width.x, own.width.y) + dot(abs(own.off.xy), 0.5 * PATCH);
    var patches = 0u;
    for (var i = 0u; i < 8u; i += 1u) {
        let middle = corner + PATCH * (vec2(f32(i & 1u), f32(i >> 1u)) + 0.5);
        let is_beside = abs(dot(own.off, vec3(middle, 1.0))) <= reach;
        let past = abs(dot(own.part, vec3(middle, 1.0)) - 0.5);
        let is_within = past <= 0.5 + own.overhang + 0.5 * length(PATCH) * length(own.part.xy);
        patches |= select(0u, 1u << i, is_beside && is_within);
    }
    return patches;
}

var<workgroup> batch: array<Ready, BATCH>;
// Segments of the batch that each part of the square may be lit by, a bit each: 8 parts of 4 words.
var<workgroup> wanted: array<atomic<u32>, 32>;
var<workgroup> farthest: atomic<u32>;

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

@compute @workgroup_size(256)
fn shine(
    @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let items = atomicLoad(&squares[ITEMS]);
    for (var item = group.x; item < items; item += groups.x) {
        shine_item(item, thread);
    }
}

fn colour_from(first: u32) -> vec3<f32> {
    var colour: vec3<f32>;
    for (var i = 0u; i < 3u; i += 1u) {
        colour[i] = bitcast<f32>(atomicLoad(&squares[COLOURS + first + i]));
    }
    return colour;
}

// What a segment of the batch adds to a pixel.
fn light_of(i: u32, at: vec3<f32>, solid: vec4<f32>, colours: array<vec3<f32>, 2>) -> vec3<u32> {
    if dot(batch[i].begin, at) < 0.0 || dot(batch[i].end, at) >= 0.0 {
        return vec3(0u);
    }
    let past = dot(batch[i].part, at);
    if abs(past - 0.5) > 0.5 + batch[i].overhang {
        return vec3(0u);
    }
    let part = clamp(past, 0.0, 1.0);
    let across = dot(batch[i].off, at) / mix(batch[i].width.x, batch[i].width.y, part);
    if abs(across) >= 1.0 {
        return vec3(0u);
    }
    let deep = mix(batch[i].depth.x, batch[i].depth.y, part);
    let seen = dot(select(vec4(0.0), vec4(0.25), vec4(deep) >= solid), vec4(1.0));
    if seen == 0.0 {
        return vec3(0u);
    }
    let along = mix(batch[i].along.x, batch[i].along.y, part);
    let strength = mix(batch[i].strength.x, batch[i].strength.y, part) * brightness(across, along);
    let colour = select(colours[0], colours[1], batch[i].is_negative != 0u);
    var own = colour * strength;
    if (scene.flags & LIGHT) != 0u {
        // Ink on ink leaves a part of a part: its logarithms are added.
        own = -log(max(1.0 - (1.0 - colour) * min(strength, 1.0), vec3(1e-4)));
    }
    return vec3<u32>(own * seen * UNIT + 0.5);
}

fn shine_item(item: u32, thread: u32) {
    let square = square_of(item);
    let begin = squares_across() * squares_down() + 1u;
    let nth = item - atomicLoad(&squares[FIRST + begin + square]);
    let end = atomicLoad(&squares[FIRST + square + 1u]);
    var first = atomicLoad(&squares[FIRST + square]) + nth * ITEM;
    let last = min(first + ITEM, end);

    let corner = vec2(square % squares_across(), square / squares_across()) * SIDE;
    let patch_of = thread / 32u;
    let within = vec2(8u * (patch_of & 1u) + thread % 8u, 4u * (patch_of >> 1u) + (thread % 32u) / 8u);
    let pixel = corner + within;
    let size = vec2<u32>(part_size() + 0.5);
    let is_inside = all(pixel < size);
    var solid = vec4(2.0);
    var least = 1.0;
    if is_inside {
        for (var i = 0; i < 4; i += 1) {
            solid[i] = textureLoad(depth, pixel, min(i, SAMPLES - 1));
        }
        // In rings, arcs are seen through what is before them.
        solid = select(solid, vec4(0.0), (scene.flags & THROUGH) != 0u);
        least = min(min(solid.x, solid.y), min(solid.z, solid.w));
    }
    workgroupBarrier();
    if thread == 0u {
        atomicStore(&farthest, 0x7f800000u);
    }
    workgroupBarrier();
    // Depths are positive: they sort as their bits do.
    atomicMin(&farthest, bitcast<u32>(max(least, 0.0)));
    workgroupBarrier();
    let behind = bitcast<f32>(atomicLoad(&farthest));
    let at = vec3(vec2<f32>(pixel) + 0.5, 1.0);
    let colours = array<vec3<f32>, 2>(colour_from(3u), colour_from(0u));
    var sum = vec3<u32>(0u);
    for (; first < last; first += BATCH) {
        let count = min(last - first, BATCH);
        workgroupBarrier();
        if thread < 32u {
            atomicStore(&wanted[thread], 0u);
        }
        workgroupBarrier();
        if thread < count {
            let entry = found[first + thread];
            let path = path_of(arcs[entry / 32u]);
            var segment: Segment;
            // What all of the square hides is left out.
            let is_before = segment_of(path, entry % 32u, segments_of(path), &segment)
                && max(segment.depth.x, segment.depth.y) >= behind;
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
        for (var word = 0u; word < 4u; word += 1u) {
            var left = atomicLoad(&wanted[4u * patch_of + word]);
            while left != 0u {
                sum += light_of(32u * word + firstTrailingBit(left), at, solid, colours);
                left &= left - 1u;
            }
        }
    }
    if is_inside {
        let to = 3u * (pixel.y * size.x + pixel.x);
        for (var i = 0u; i < 3u; i += 1u) {
            if sum[i] != 0u {
                atomicAdd(&light[to + i], min(sum[i], u32(MOST * UNIT)));
            }
        }
    }
}
