// Cells as boxes, three visible faces each, corners made from the vertex number.
// Generated above: const BATCH.

// Corners of a box: bits 1, 2, 4 when far from the eye in x, y, z. Each face's triangles begin with the one corner
// that no other face in sight has, and take its light: see `draw::boxes`.
const FACE_X: u32 = 6u;
const FACE_Y: u32 = 5u;

@group(1) @binding(0) var<storage, read> listed: array<u32>;    // cells in sight, or NONE

struct Vertex {
    @builtin(position) position: vec4<f32>,
    @location(0) @interpolate(flat) colour: vec4<f32>,
}

// Nothing: behind everything, and of no size.
fn hidden() -> Vertex {
    return Vertex(vec4(0.0, 0.0, -1.0, 1.0), vec4(0.0));
}

// What the colour of a cell goes by.
fn amount_of(cell: u32, place: Place) -> f32 {
    if holds(scene.selected == NONE) {
        return norms[place.row * scene.stride + place.token] / max(scene.largest, 1e-30);
    }
    return shown_value(cell, place.row);
}

fn corner_of(cell: u32, corner: u32) -> Vertex {
    let place = place_of(cell);
    if place.state == HIDDEN {
        return hidden();
    }
    let own = stand(place.layer, place.slot, place.at);
    let side = side_seen(own);
    let light = select(select(LIGHTS.z, LIGHTS.y, corner == FACE_Y), LIGHTS.x, corner == FACE_X);
    let colour = cell_colour(
        amount_of(cell, place), place.is_shown, place.token == scene.selected,
        place.state == OUTSIDE, cell == scene.hovered,
    );
    let world = own.centre + turned(own.turn, side * away(corner) * own.half);
    var out: Vertex;
    out.position = on_tile(scene.clip_from_world * vec4(world, 1.0));
    out.colour = lit(colour, on_ground(light), fog(own.centre));
    return out;
}

// All cells, in their order.
@vertex
fn vertex(@builtin(vertex_index) index: u32, @builtin(instance_index) batch: u32) -> Vertex {
    let cell = batch * BATCH + index / 8u;
    if cell >= scene.tokens * scene.layers * scene.heads {
        return hidden();
    }
    return corner_of(cell, index % 8u);
}

// Those in sight.
@vertex
fn vertex_listed(@builtin(vertex_index) index: u32, @builtin(instance_index) batch: u32) -> Vertex {
    let cell = listed[batch * BATCH + index / 8u];
    if cell == NONE {
        return hidden();
    }
    return corner_of(cell, index % 8u);
}

@fragment
fn fragment(in: Vertex) -> @location(0) vec4<f32> {
    return vec4(in.colour.rgb, select(1.0, in.colour.a, (scene.flags & CUT_OUT) != 0u));
}
