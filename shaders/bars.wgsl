// Cells too narrow to be seen by themselves, a block of a row as one bar: what each pixel shows of them is looked up
// in `pooled` (docs/NUMERICS.md, far cells).
// Generated above: const BATCH, fn leave_holes, which discards where less than half is there, or does nothing when all
// is: without it, what is hidden need not be coloured.

const FACE_X: u32 = 6u;
const FACE_Y: u32 = 5u;

@group(1) @binding(0) var<storage, read> listed: array<u32>;    // blocks in sight, (row, block of it), or NONE
@group(1) @binding(1) var<storage, read> pooled: array<u32>;    // see pool.wgsl

struct Vertex {
    @builtin(position) position: vec4<f32>,
    @location(0) along: vec2<f32>,                  // place along the text, and fog
    @location(1) @interpolate(flat) light: vec2<f32>,   // of the face, and of what is seen in gaps
    @location(2) @interpolate(flat) row: u32,
}

@vertex
fn vertex(@builtin(vertex_index) index: u32, @builtin(instance_index) batch: u32) -> Vertex {
    var out: Vertex;
    let block = listed[batch * BATCH + index / 8u];
    if block == NONE {
        out.position = vec4(0.0, 0.0, -1.0, 1.0);
        return out;
    }
    let corner = index % 8u;
    let width = block_width();
    let blocks = (places() + width - 1u) / width;
    let row = block / blocks;
    let first = (block % blocks) * width;
    let last = min(first + width, places()) - 1u;
    let layer = f32(row / scene.heads);
    let head = head_table[row];
    let slot = f32(head & ~SHOWN_HEAD);
    // Bars of a row meet; at its ends they are as long as their cells.
    let begin = f32(first) - select(0.5, CELL_HALF, first == 0u);
    let end = f32(last) + select(0.5, CELL_HALF, last + 1u == places());
    let middle = stand(layer, slot, 0.5 * (begin + end));
    let side = side_seen(middle);
    let sign = side * away(corner);
    let at = select(begin, end, sign.x > 0.0);
    let own = stand(layer, slot, at);
    let world = own.centre + turned(own.turn, vec3(0.0, sign.yz) * own.half);
    out.position = on_tile(scene.clip_from_world * vec4(world, 1.0));
    out.along = vec2(at, fog(own.centre));
    // Between cells the sides of their neighbours are seen; at the end of a row, no gap.
    let light = select(select(LIGHTS.z, LIGHTS.y, corner == FACE_Y), LIGHTS.x, corner == FACE_X);
    out.light = vec2(on_ground(light), on_ground(LIGHTS.x));
    out.row = row;
    return out;
}

// A colour, unlit, and how much of it stands there: 0 or 1, or a part of a mean.
struct Seen {
    colour: vec4<f32>,
    there: f32,
}

// The cells that share 2^level places.
fn merged(in: Vertex, level: u32, index: u32) -> Seen {
    let word = pooled[in.row * 2u * padded_places() + pooled_level(level) + index];
    return Seen(unpacked(word), select(0.0, 1.0, word != 0u));
}

fn mixed(a: Seen, b: Seen, part: f32) -> Seen {
    return Seen(mix(a.colour, b.colour, part), mix(a.there, b.there, part));
}

// The mean over `width` places around `at`, at most one merged cell wide.
fn seen(in: Vertex, level: u32, at: f32, width: f32) -> Seen {
    let size = f32(1u << level);
    let last = f32((places() - 1u) >> level);
    let end = (at + 0.5 + 0.5 * width) / size;
    let own = min(width / size, 1.0);
    let left = clamp(floor(end - own), 0.0, last);
    let right = clamp(floor(end), 0.0, last);
    let before = merged(in, level, u32(left));
    if left == right {
        return before;
    }
    return mixed(before, merged(in, level, u32(right)), clamp((end - right) / max(own, 1e-6), 0.0, 1.0));
}

// Integral from 0 to x of what is gap: the last part of each place.
fn gaps_until(x: f32) -> f32 {
    return floor(x) * (1.0 - 2.0 * CELL_HALF) + max(fract(x) - 2.0 * CELL_HALF, 0.0);
}

@fragment
fn fragment(in: Vertex) -> @location(0) vec4<f32> {
    let at = in.along.x;
    // Places that a pixel spans.
    let width = length(vec2(dpdx(at), dpdy(at)));
    let depth = log2(max(width, 1e-6));
    let level = clamp(ceil(depth), 0.0, f32(LEVELS));
    let part = clamp(depth - level + 1.0, 0.0, select(1.0, 0.0, level >= f32(LEVELS)));
    var all = seen(in, u32(level), at, width);
    if part > 0.0 {
        all = mixed(all, seen(in, u32(level) + 1u, at, width), part);
    }
    leave_holes(all.there);
    var gap = 0.0;
    if width > 1e-4 {
        let x = at + CELL_HALF;
        gap = (gaps_until(x + 0.5 * width) - gaps_until(x - 0.5 * width)) / width;
    }
    let light = mix(in.light.x, in.light.y, clamp(gap, 0.0, 1.0));
    let colour = lit(all.colour / max(all.there, 0.5), light, in.along.y);
    return vec4(colour.rgb, select(1.0, colour.a, (scene.flags & CUT_OUT) != 0u));
}
