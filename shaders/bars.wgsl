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

@fragment
fn fragment(in: Vertex) -> @location(0) vec4<f32> {
    let at = in.along.x;
    // Places that a pixel spans.
    let width = length(vec2(dpdx(at), dpdy(at)));
    let all = seen(in.row, at, width);
    leave_holes(all.there);
    let light = mix(in.light.x, in.light.y, gap(at, width));
    let colour = lit(all.colour / max(all.there, 0.5), light, in.along.y);
    return vec4(colour.rgb, select(1.0, colour.a, (scene.flags & CUT_OUT) != 0u));
}
