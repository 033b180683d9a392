// Arcs from the selected token as soft ribbons that face the eye: light added to a dark ground, or ink
// that takes light away from a light one.
// Generated above: const SEGMENTS, fn part_seen.

struct Vertex {
    @builtin(position) position: vec4<f32>,
    @location(0) colour: vec3<f32>,
    @location(1) strength: f32,
    @location(2) across: f32,   // −1 … 1 over the ribbon
    @location(3) along: f32,    // 0 at the writer, 1 at the reader
}

@vertex
fn vertex(@builtin(vertex_index) index: u32, @builtin(instance_index) instance: u32) -> Vertex {
    let path = path_of(arcs[instance]);
    let along = f32(index / 2u) / f32(SEGMENTS);
    let across = f32(index % 2u) * 2.0 - 1.0;
    let joint = joint_of(path, along);
    let normal = vec2(-joint.direction.y, joint.direction.x) * across * joint.half_width;
    let clip = vec4(joint.clip.xy + normal * 2.0 / scene.viewport * joint.clip.w, joint.clip.zw);

    var out: Vertex;
    out.position = on_tile(clip);
    out.colour = colour_of(path);
    out.strength = joint.strength;
    out.across = across;
    out.along = along;
    return out;
}

@fragment
fn fragment(in: Vertex) -> @location(0) vec4<f32> {
    let strength = in.strength * brightness(in.across, in.along, phase()) * part_seen(in.position);
    if holds((scene.flags & LIGHT) != 0u) {
        // What the ink takes away.
        return vec4((1.0 - in.colour) * min(strength, 1.0), 0.0);
    }
    return vec4(in.colour * strength, 0.0);
}
