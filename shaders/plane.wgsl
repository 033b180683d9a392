// The selected token as a lit plane through all layers and heads: a page in rings, a strip in each
// column of the grid (one instance a column).

struct Vertex {
    @builtin(position) position: vec4<f32>,
    @location(0) at: vec2<f32>,
    @location(1) strength: f32,
}

@vertex
fn vertex(@builtin(vertex_index) index: u32, @builtin(instance_index) instance: u32) -> Vertex {
    let at = vec2(f32(index & 1u), f32(index >> 1u)) * 2.0 - 1.0;
    // While the layout changes, the plane of the nearer one is seen, and fades where they meet.
    var a = scene.becomes;
    if holds(scene.blend < 0.5) {
        a = scene.was;
    }
    let place = token_table[scene.selected].x;
    let last = vec2(f32(scene.layers - 1u), f32(scene.heads - 1u));
    // From the row below the lowest to the row above the highest, as far as arcs reach.
    let first_row = row_base(a, 0.0, 0.0);
    let last_row = row_base(a, last.x, last.y);
    let room = a.layer.w + a.half.y;
    let y = mix(first_row.y - room, last_row.y + room, at.x * 0.5 + 0.5);
    var world = vec3(first_row.x + place * a.half.w, y, 0.0);
    if holds(a.origin.w > 0.0) {
        let angle = ring_angle(a, place);
        let radius = a.origin.w + at.y * a.half.z * 2.2;
        world = vec3(sin(angle) * radius, y, cos(angle) * radius);
    } else if holds(a.head.z != 0.0) {
        let depth = a.half.z * 1.6;
        world.z = mix(first_row.z + depth, last_row.z - depth, at.y * 0.5 + 0.5);
    } else {
        let width = max(a.half.x * 1.5, a.half.z * 0.35);
        world.x += f32(instance) * a.head.x + at.y * width;
    }
    var out: Vertex;
    out.position = on_tile(scene.clip_from_world * vec4(world, 1.0));
    out.at = at;
    out.strength = abs(2.0 * scene.blend - 1.0);
    return out;
}

@fragment
fn fragment(in: Vertex) -> @location(0) vec4<f32> {
    let strength = plane_light(in.at) * in.strength;
    if holds((scene.flags & LIGHT) != 0u) {
        return vec4((1.0 - scene.selected_colour.rgb) * strength * 2.0, 0.0);
    }
    return vec4(scene.selected_colour.rgb * strength, 0.0);
}
