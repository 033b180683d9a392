// Where an arc runs, how wide it is and how bright: for ribbons and for light alike.

// A point of the arc between two places of a row. Tokens read by the selected one pass above their row,
// those that read it below. In rings an arc is a chord that bends towards the centre.
fn arc_in(a: Arrangement, layer: f32, slot: f32, ends: vec2<f32>, side: f32, along: f32) -> vec3<f32> {
    let base = row_base(a, layer, slot);
    let rise = 4.0 * along * (1.0 - along);
    if holds(a.origin.w == 0.0) {
        let reach = abs(ends.y - ends.x) * a.half.w;
        let height = a.layer.w * max(1.0 - exp(-reach / a.head.w), 0.15);
        let lift = a.half.y + height * (1.0 - (1.0 - rise) * (1.0 - rise) * 0.5 - (1.0 - rise) * 0.5);
        return base + vec3(mix(ends.x, ends.y, along) * a.half.w, side * lift, 0.0);
    }
    let angles = vec2(ring_angle(a, ends.x), ring_angle(a, ends.y));
    let radius = a.origin.w - a.half.z;
    let from_writer = vec3(sin(angles.x), 0.0, cos(angles.x)) * radius;
    let to_reader = vec3(sin(angles.y), 0.0, cos(angles.y)) * radius;
    let middle = (from_writer + to_reader) * 0.5;
    let bend = middle * (1.0 - 0.45 * distance(from_writer, to_reader) / radius);
    let flat_point = mix(mix(from_writer, bend, along), mix(bend, to_reader, along), along);
    return base + flat_point + vec3(0.0, side * a.layer.w * rise * 0.5, 0.0);
}

fn arc_point(layer: f32, slot: f32, ends: vec2<f32>, side: f32, along: f32) -> vec3<f32> {
    let goal = arc_in(scene.becomes, layer, slot, ends, side, along);
    if holds(scene.blend >= 1.0) {
        return goal;
    }
    return mix(arc_in(scene.was, layer, slot, ends, side, along), goal, scene.blend);
}

// Arcs have the colour of this value, or less it.
const ARC_SHADE: f32 = 0.56;

// One arc.
struct Path {
    layer: f32,
    slot: f32,
    ends: vec2<f32>,        // places of the writer and the reader
    side: f32,              // 1 above its row, −1 below
    value: f32,             // in parts of full colour
    pointed: f32,           // 1 where it is pointed at, else 0
}

fn path_of(cell: u32) -> Path {
    let place = place_of(cell);
    let selected_at = token_table[scene.selected].x;
    let earlier = place.token < scene.selected;
    // The earlier token wrote, the later one reads.
    let ends = select(vec2(selected_at, place.at), vec2(place.at, selected_at), earlier);
    let side = select(-1.0, 1.0, earlier);
    let pointed = select(0.0, 1.0, cell == scene.hovered);
    return Path(place.layer, place.slot, ends, side, shown_value(cell, place.row), pointed);
}

// The middle of an arc's ribbon.
struct Joint {
    clip: vec4<f32>,        // in the whole picture
    direction: vec2<f32>,   // on screen, of length 1
    half_width: f32,        // pixels
    strength: f32,
}

fn joint_of(path: Path, along: f32) -> Joint {
    let here = arc_point(path.layer, path.slot, path.ends, path.side, along);
    let step = select(0.01, -0.01, along > 0.5);
    let near = arc_point(path.layer, path.slot, path.ends, path.side, along + step);
    let size = abs(path.value);
    let clip = scene.clip_from_world * vec4(here, 1.0);
    let clip_near = scene.clip_from_world * vec4(near, 1.0);
    let pixel = clip.xy / clip.w * scene.viewport;
    let pixel_near = clip_near.xy / clip_near.w * scene.viewport;
    var direction = (pixel_near - pixel) * sign(step);
    direction = select(vec2(1.0, 0.0), normalize(direction), length(direction) > 1e-6);
    // Half the width in pixels of a 720-line picture, soft edge included; nearer arcs are wider.
    let distance = clip.w;
    let nearness = clamp(length(scene.eye.xyz) / max(distance, 1e-3), 0.4, 1.6);
    // No wider than suits the room a row has for its arcs.
    let per_unit = length(vec3(scene.clip_from_world[0].y, scene.clip_from_world[1].y, scene.clip_from_world[2].y));
    let room = mix(scene.was.layer.w, scene.becomes.layer.w, scene.blend) * per_unit * 0.5 * scene.viewport.y / distance;
    let half_width = min(
        (2.2 + 7.0 * size + 4.0 * path.pointed) * nearness * scene.viewport.y / 720.0,
        (0.08 + 0.17 * size) * room + 0.9 * scene.grain.x,
    );
    let strength = mix(0.2, 1.5, size) * (1.0 - fog(here));
    return Joint(clip, direction, half_width, max(strength, 3.0 * path.pointed));
}

// Colour of the sign; strength is of the size. The arc pointed at is all but white.
fn colour_of(path: Path) -> vec3<f32> {
    return shade(sign(path.value) * max(ARC_SHADE, path.pointed));
}

// How far the pulse of light has come, 0 … 1.
fn phase() -> f32 {
    return fract(scene.time / scene.eye.w);
}

// How bright a ribbon is `across` it, −1 … 1, and `along` it, 0 at the writer and 1 at the reader.
fn brightness(across: f32, along: f32, phase: f32) -> f32 {
    let edge = 1.0 - across * across;
    // A bright core in a faint halo.
    let square = edge * edge;
    let profile = 0.18 * square + 0.82 * square * square * square * square * edge;
    // Light travels from the writer to the reader: dim where it starts, with a pulse on its way.
    let behind = fract(phase - along);
    let pulse = exp(-7.0 * behind) + smoothstep(0.9, 1.0, behind);
    return profile * (mix(0.3, 0.75, along) + 0.7 * pulse);
}
