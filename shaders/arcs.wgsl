// Arcs from the selected token as soft ribbons of light that faces the eye, added to what is behind.
// Generated above: const SEGMENTS.

struct Vertex {
    @builtin(position) position: vec4<f32>,
    @location(0) light: vec3<f32>,
    @location(1) across: f32,   // −1 … 1 over the ribbon
    @location(2) along: f32,    // 0 at the writer, 1 at the reader
}

// A point of the arc between two tokens of a row. Those read by the selected one pass above their
// row, those that read it below.
fn arc_point(row_centre: vec3<f32>, from_x: f32, to_x: f32, side: f32, along: f32) -> vec3<f32> {
    let reach = abs(to_x - from_x);
    let height = scene.pitch.w * max(1.0 - exp(-reach / scene.half.w), 0.15);
    let rise = 4.0 * along * (1.0 - along);
    let lift = scene.half.y + height * (1.0 - (1.0 - rise) * (1.0 - rise) * 0.5 - (1.0 - rise) * 0.5);
    return vec3(mix(from_x, to_x, along), row_centre.y + side * lift, row_centre.z);
}

@vertex
fn vertex(@builtin(vertex_index) index: u32, @builtin(instance_index) instance: u32) -> Vertex {
    let cell = arcs[instance];
    let place = place_of(cell);
    let selected_x = scene.origin.x + scene.pitch.x * f32(scene.selected);
    let earlier = place.token < scene.selected;
    // The earlier token wrote, the later one reads.
    let writer_x = select(selected_x, place.centre.x, earlier);
    let reader_x = select(place.centre.x, selected_x, earlier);
    let side = select(-1.0, 1.0, earlier);

    let along = f32(index / 2u) / f32(SEGMENTS);
    let across = f32(index % 2u) * 2.0 - 1.0;
    let here = arc_point(place.centre, writer_x, reader_x, side, along);
    let step = select(0.01, -0.01, along > 0.5);
    let near = arc_point(place.centre, writer_x, reader_x, side, along + step);

    let value = shown_value(cell, place.row);
    let size = abs(value);
    var clip = scene.clip_from_world * vec4(here, 1.0);
    let clip_near = scene.clip_from_world * vec4(near, 1.0);
    let pixel = clip.xy / clip.w * scene.viewport;
    let pixel_near = clip_near.xy / clip_near.w * scene.viewport;
    var direction = (pixel_near - pixel) * sign(step);
    direction = select(vec2(1.0, 0.0), normalize(direction), length(direction) > 1e-6);
    // Half the width in pixels of a 720-line picture, soft edge included; nearer arcs are wider.
    let distance = clip.w;
    let nearness = clamp(scene.ground.w / max(distance, 1e-3), 0.5, 1.6);
    let half_width = (2.2 + 7.0 * size) * nearness * scene.viewport.y / 720.0;
    let normal = vec2(-direction.y, direction.x) * across * half_width;
    clip = vec4(clip.xy + normal * 2.0 / scene.viewport * clip.w, clip.z, clip.w);

    var out: Vertex;
    out.position = clip;
    // Colour of the sign; brightness of the size.
    let colour = diverging(sign(value) * 0.56);
    out.light = colour * mix(0.2, 1.5, size) * (1.0 - fog(here));
    out.across = across;
    out.along = along;
    return out;
}

@fragment
fn fragment(in: Vertex) -> @location(0) vec4<f32> {
    let edge = 1.0 - in.across * in.across;
    // A bright core in a faint halo.
    let profile = 0.18 * edge * edge + 0.82 * pow(edge, 9.0);
    // Light travels from the writer to the reader: dim where it starts, with a pulse on its way.
    let phase = fract(scene.time / scene.origin.w);
    let behind = fract(phase - in.along);
    let pulse = exp(-7.0 * behind) + smoothstep(0.9, 1.0, behind);
    let flow = mix(0.3, 0.75, in.along) + 0.7 * pulse;
    return vec4(in.light * profile * flow, 0.0);
}
