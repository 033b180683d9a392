// The selected token as a lit plane through all layers and heads.

struct Vertex {
    @builtin(position) position: vec4<f32>,
    @location(0) at: vec2<f32>,
}

@vertex
fn vertex(@builtin(vertex_index) index: u32) -> Vertex {
    let at = vec2(f32(index & 1u), f32(index >> 1u)) * 2.0 - 1.0;
    let rows = vec2(f32(scene.layers - 1u), f32(scene.heads - 1u)) * 0.5;
    // From the row below the lowest to the row above the highest, as far as arcs reach.
    let size = rows * scene.pitch.yz + vec2(scene.pitch.w + scene.half.y, scene.half.z * 1.6);
    let x = scene.origin.x + scene.pitch.x * f32(scene.selected);
    var out: Vertex;
    out.position = scene.clip_from_world * vec4(x, at.x * size.x, at.y * size.y, 1.0);
    out.at = at;
    return out;
}

@fragment
fn fragment(in: Vertex) -> @location(0) vec4<f32> {
    let edge = max(abs(in.at.x), abs(in.at.y));
    let rim = smoothstep(0.965, 0.995, edge);
    return vec4(scene.selected_colour.rgb * (0.009 + 0.09 * rim), 0.0);
}
