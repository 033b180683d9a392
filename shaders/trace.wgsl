// What the samples of a pixel see of a large lattice that stands still: a ray for each. Where rows stand follows from
// the layout, so a ray steps from slab to slab of space until one holds a row: no lists, no triangles.
// Generated above: const RAYS.

// In step with `draw::trace::View`.
struct View {
    corner: vec4<f32>,      // the ray of depth 1 through the upper left corner of what is drawn; w: its width in pixels
    across: vec4<f32>,      // what a pixel to the right adds; w: its height
    down: vec4<f32>,        // what a pixel further down adds; w: places up to the last that is there
    grain: vec4<f32>,       // x: depth up to which cells are seen by themselves; y: 1 with holes
}

@group(0) @binding(8) var<storage, read> rows: array<u32>;      // (layer, slot): head of all layers
@group(0) @binding(9) var<storage, read> pooled: array<u32>;    // see pool.wgsl
@group(0) @binding(10) var<uniform> view: View;
// Of what is seen and of the ground, the mean of the samples; alpha is the part that is not ground, where it is cut out.
@group(0) @binding(11) var colours: texture_storage_2d<rgba16float, write>;
// Of each sample, as in a picture's depth.
@group(0) @binding(12) var depths: texture_storage_2d<rgba32float, write>;

const NEAREST: f32 = 0.1;       // of the eye's near plane

// What faces look along: the text, up or down, into the depth.
const ALONG: u32 = 0u;
const UP: u32 = 1u;
const DEEP: u32 = 2u;

// What a ray meets.
struct Hit {
    t: f32,             // its depth; 0 where it meets nothing
    at: f32,            // place along the text
    width: f32,         // places that a pixel spans
    row: u32,           // (layer, slot)
    face: u32,
    place: u32,         // of the cell, or NONE where cells are merged
}

// Where a ray goes through a row: it enters by a face and leaves.
struct Through {
    enter: f32,
    leave: f32,
    face: u32,
    row: u32,
}

fn nothing() -> Hit {
    return Hit(0.0, 0.0, 0.0, 0u, 0u, NONE);
}

fn not_zero(x: f32) -> f32 {
    return select(x, select(1e-9, -1e-9, x < 0.0), abs(x) < 1e-9);
}

fn is_there(place: f32) -> bool {
    // The same in all rows.
    return place >= 0.0 && place < view.down.w && (view.grain.y == 0.0 || pooled[u32(place)] != 0u);
}

// Places that a pixel spans on a face, `tangent` being one place.
fn spread(ray: vec3<f32>, t: f32, normal: vec3<f32>, tangent: vec3<f32>) -> f32 {
    let reach = t * dot(ray, normal);
    let across = ray + view.across.xyz;
    let down = ray + view.down.xyz;
    let here = dot(ray, tangent) * t;
    return length(vec2(
        dot(across, tangent) * reach / not_zero(dot(across, normal)) - here,
        dot(down, tangent) * reach / not_zero(dot(down, normal)) - here,
    ));
}

// Of slabs around whole numbers, `half` to each side, the first that a line at u meets.
fn first_slab(u: f32, step: f32, half: f32, count: f32) -> f32 {
    if step > 0.0 {
        return max(ceil(u - half), 0.0);
    }
    return min(floor(u + half), count - 1.0);
}

// Whether cells are too far away, or too foreshortened, to be seen by themselves.
fn is_far(through: Through, width: f32) -> bool {
    return through.enter > view.grain.x || width >= 1.0;
}

fn far(through: Through, at: f32, width: f32) -> Hit {
    if through.enter < NEAREST {
        return nothing();
    }
    if view.grain.y != 0.0 && seen(0u, at, width).there < 0.5 {
        return nothing();
    }
    return Hit(through.enter, at, width, through.row, through.face, NONE);
}

// A straight row whose first place is `first` from the eye, along the text.
fn straight(ray: vec3<f32>, first: f32, through: Through) -> Hit {
    let pitch = scene.becomes.half.w;
    let step = not_zero(ray.x / pitch);
    let at = (ray.x * through.enter - first) / pitch;
    var normal = vec3(0.0);
    normal[through.face] = 1.0;
    let width = spread(ray, through.enter, normal, vec3(1.0 / pitch, 0.0, 0.0));
    if is_far(through, width) {
        return far(through, at, width);
    }
    let side = sign(step);
    var place = round(at);
    // Holes are one place wide.
    for (var i = 0u; i < 4u; i += 1u) {
        let enter = through.enter + (place - side * CELL_HALF - at) / step;
        let leave = through.enter + (place + side * CELL_HALF - at) / step;
        if enter > through.leave {
            break;
        }
        let t = max(enter, through.enter);
        if t < leave && t >= NEAREST && is_there(place) {
            let face = select(through.face, ALONG, enter > through.enter);
            return Hit(t, place, 0.0, through.row, face, u32(place));
        }
        place += side;
    }
    return nothing();
}

// The lattice and the grid: rows along the text, in slabs by their depth, in these by layer, in these by column.
fn trace_straight(ray: vec3<f32>) -> Hit {
    let a = scene.becomes;
    let heads = f32(scene.heads);
    let is_grid = a.head.z == 0.0;
    let count = select(vec3(1.0, f32(scene.layers), heads), vec3(heads, f32(scene.layers), 1.0), is_grid);
    // From the middle of a row to its ends.
    let long = (0.5 * (view.down.w - 1.0) + CELL_HALF) * a.half.w;
    let middle = 0.5 * (view.down.w - 1.0) * a.half.w;
    let pitch = vec3(select(4.0 * long, a.head.x, is_grid), a.layer.y, select(a.head.z, 1.0, is_grid));
    let half = vec3(long, a.half.y, a.half.z) / abs(pitch);
    let eye = (scene.eye.xyz - a.origin.xyz - vec3(middle, 0.0, 0.0)) / pitch;
    let along = ray / pitch;
    let step = vec3(not_zero(along.x), not_zero(along.y), not_zero(along.z));
    let side = sign(step);
    // All of it.
    let low = (select(count - 1.0 + half, -half, step > vec3(0.0)) - eye) / step;
    let high = (select(-half, count - 1.0 + half, step > vec3(0.0)) - eye) / step;
    let begin = max(max(low.x, max(low.y, low.z)), 0.0);
    let end = min(high.x, min(high.y, high.z));
    if begin >= end {
        return nothing();
    }
    // So that what is computed of ends falls within.
    let reach = side * half;
    for (var k = first_slab(eye.z + step.z * begin, step.z, half.z, count.z); k >= 0.0 && k < count.z; k += side.z) {
        let enter_z = (k - reach.z - eye.z) / step.z;
        if enter_z > end {
            break;
        }
        let begin_z = max(begin, enter_z);
        let end_z = min(end, (k + reach.z - eye.z) / step.z);
        for (var j = first_slab(eye.y + step.y * begin_z, step.y, half.y, count.y); j >= 0.0 && j < count.y; j += side.y) {
            let enter_y = (j - reach.y - eye.y) / step.y;
            if enter_y > end_z {
                break;
            }
            let begin_y = max(begin_z, enter_y);
            let end_y = min(end_z, (j + reach.y - eye.y) / step.y);
            for (var i = first_slab(eye.x + step.x * begin_y, step.x, half.x, count.x); i >= 0.0 && i < count.x; i += side.x) {
                let enter_x = (i - reach.x - eye.x) / step.x;
                if enter_x > end_y {
                    break;
                }
                let enter = max(begin_y, enter_x);
                let leave = min(end_y, (i + reach.x - eye.x) / step.x);
                if enter < leave {
                    let face = select(select(DEEP, UP, enter_y >= enter_z), ALONG, enter_x >= max(enter_y, enter_z));
                    let row = u32(j) * scene.heads + u32(select(k, i, is_grid));
                    let first = a.origin.x + select(0.0, i * a.head.x, is_grid) - scene.eye.x;
                    let hit = straight(ray, first, Through(enter, leave, face, row));
                    if hit.t > 0.0 {
                        return hit;
                    }
                }
            }
        }
    }
    return nothing();
}

fn place_around(p: vec2<f32>) -> f32 {
    return (atan2(p.x, p.y) + 0.5 * TURN * TAU) / scene.becomes.half.w - 0.5;
}

// A cell of a ring, turned as it is.
fn turned_cell(ray: vec3<f32>, place: f32, through: Through) -> Hit {
    let own = stand_in(scene.becomes, f32(through.row / scene.heads), f32(through.row % scene.heads), place);
    let back = vec2(-own.turn.x, own.turn.y);
    let eye = turned(back, scene.eye.xyz - own.centre);
    let along = turned(back, ray);
    let step = vec3(not_zero(along.x), not_zero(along.y), not_zero(along.z));
    let reach = sign(step) * own.half;
    let low = (-reach - eye) / step;
    let high = (reach - eye) / step;
    let enter = max(low.x, max(low.y, low.z));
    if enter >= min(high.x, min(high.y, high.z)) || enter < NEAREST {
        return nothing();
    }
    let face = select(select(DEEP, UP, low.y == enter), ALONG, low.x == enter);
    return Hit(enter, place, 0.0, through.row, face, u32(place));
}

// A row around an axis; the eye is `eye` off it.
fn bent(ray: vec3<f32>, eye: vec2<f32>, through: Through) -> Hit {
    let a = scene.becomes;
    let p = eye + ray.xz * through.enter;
    let at = place_around(p);
    let past = place_around(eye + ray.xz * through.leave);
    let radial = normalize(p);
    let tangent = vec3(radial.y, 0.0, -radial.x) / (a.origin.w * a.half.w);
    let normal = select(vec3(radial.x, 0.0, radial.y), vec3(0.0, 1.0, 0.0), through.face == UP);
    let width = spread(ray, through.enter, normal, tangent);
    let last = view.down.w - 1.0;
    if !is_far(through, width) {
        let side = select(-1.0, 1.0, past >= at);
        var place = round(at);
        for (var i = 0u; i < 6u && (place - past) * side <= 0.5; i += 1u) {
            if is_there(place) {
                let hit = turned_cell(ray, place, through);
                if hit.t > 0.0 {
                    return hit;
                }
            }
            place += side;
        }
        return nothing();
    }
    if at >= -CELL_HALF && at <= last + CELL_HALF {
        return far(through, at, width);
    }
    // Before the text or after it: the end of a row may be met further on.
    let goal = select(last + CELL_HALF, -CELL_HALF, at < -CELL_HALF);
    if abs(past - at) * a.half.w > 0.5 * TAU || (past - goal) * (at - goal) >= 0.0 {
        return nothing();
    }
    let t = mix(through.enter, through.leave, (goal - at) / (past - at));
    return far(Through(t, through.leave, ALONG, through.row), goal, 0.0);
}

// Rings: one wall of rows around an axis, met where a ray goes in and again where it comes out.
fn trace_rings(ray: vec3<f32>) -> Hit {
    let a = scene.becomes;
    let eye = scene.eye.xyz - a.origin.xyz;
    let flat = max(dot(ray.xz, ray.xz), 1e-12);
    let closest = -dot(eye.xz, ray.xz) / flat;
    let nearest = eye.xz + ray.xz * closest;
    let off = dot(nearest, nearest);
    let outer = a.origin.w + a.half.z;
    let inner = a.origin.w - a.half.z;
    if off >= outer * outer {
        return nothing();
    }
    let wide = sqrt((outer * outer - off) / flat);
    let hollow = sqrt(max(inner * inner - off, 0.0) / flat);
    // A layer's rings stand together, with a gap of two to the next layer's.
    let stack = f32(scene.heads) + 2.0;
    let count = f32(scene.layers) * stack - 2.0;
    let half = a.half.y / a.head.y;
    let up = eye.y / a.head.y;
    let step = not_zero(ray.y / a.head.y);
    let side = sign(step);
    for (var wall = 0u; wall < 2u; wall += 1u) {
        let edge = select(closest - wide, closest + hollow, wall == 1u);
        let begin = max(edge, 0.0);
        let end = select(closest - hollow, closest + wide, wall == 1u);
        if end <= NEAREST {
            continue;
        }
        for (var k = first_slab(up + step * begin, step, half, count); k >= 0.0 && k < count; k += side) {
            let enter_y = (k - side * half - up) / step;
            if enter_y > end {
                break;
            }
            let enter = max(begin, enter_y);
            let leave = min(end, (k + side * half - up) / step);
            let layer = floor((k + 0.5) / stack);
            let slot = k - layer * stack;
            if enter < leave && slot < stack - 2.0 {
                let row = u32(layer) * scene.heads + u32(slot);
                let hit = bent(ray, eye.xz, Through(enter, leave, select(DEEP, UP, enter_y >= edge), row));
                if hit.t > 0.0 {
                    return hit;
                }
            }
        }
    }
    return nothing();
}

// Where a ray meets the selected token's plane, as `plane.wgsl` counts: −1 … 1 both ways, else it misses.
fn on_plane(ray: vec3<f32>) -> vec2<f32> {
    let a = scene.becomes;
    let eye = scene.eye.xyz;
    let place = token_table[scene.selected].x;
    let first = row_base(a, 0.0, 0.0);
    let last = row_base(a, f32(scene.layers - 1u), f32(scene.heads - 1u));
    var t: f32;
    var aside: f32;
    if a.origin.w > 0.0 {
        let angle = ring_angle(a, place);
        let out = vec2(sin(angle), cos(angle));
        let across = vec2(out.y, -out.x);
        t = -dot(eye.xz, across) / not_zero(dot(ray.xz, across));
        aside = (dot(eye.xz + t * ray.xz, out) - a.origin.w) / (a.half.z * 2.2);
    } else if a.head.z != 0.0 {
        t = (first.x + place * a.half.w - eye.x) / not_zero(ray.x);
        aside = (eye.z + t * ray.z - 0.5 * (first.z + last.z)) / (0.5 * (first.z - last.z) + a.half.z * 1.6);
    } else {
        t = -eye.z / not_zero(ray.z);
        let x = eye.x + t * ray.x - first.x - place * a.half.w;
        let column = clamp(round(x / a.head.x), 0.0, f32(scene.heads - 1u));
        aside = (x - column * a.head.x) / max(a.half.x * 1.5, a.half.z * 0.35);
    }
    let high = 0.5 * (last.y - first.y) + a.layer.w + a.half.y;
    return select(vec2(2.0), vec2((eye.y + t * ray.y - 0.5 * (first.y + last.y)) / high, aside), t >= NEAREST);
}

// What the plane gives a ray, or takes from it.
fn veil_of(ray: vec3<f32>) -> f32 {
    if scene.selected == NONE {
        return 0.0;
    }
    let at = on_plane(ray);
    return select(0.0, plane_light(at), all(abs(at) <= vec2(1.0)));
}

fn colour_of(hit: Hit) -> vec4<f32> {
    let row = rows[hit.row];
    let own = stand_in(scene.becomes, f32(hit.row / scene.heads), f32(hit.row % scene.heads), hit.at);
    let light = on_ground(select(select(LIGHTS.z, LIGHTS.y, hit.face == UP), LIGHTS.x, hit.face == ALONG));
    var colour: vec4<f32>;
    if hit.place != NONE {
        colour = lit(merged(row, 0u, hit.place).colour, light, fog(own.centre));
    } else {
        let all = seen(row, hit.at, hit.width);
        // Between cells the sides of their neighbours are seen.
        let mixed_light = mix(light, on_ground(LIGHTS.x), gap(hit.at, hit.width));
        colour = lit(all.colour / max(all.there, 0.5), mixed_light, fog(own.centre));
    }
    return vec4(colour.rgb, select(1.0, colour.a, (scene.flags & CUT_OUT) != 0u));
}

// Where the samples of a pixel are: the usual places of four.
fn sample_at(i: u32) -> vec2<f32> {
    if RAYS == 1u {
        return vec2(0.5);
    }
    return vec2(0.375, 0.125) + f32(i & 1u) * vec2(0.5, 0.25) + f32(i >> 1u) * vec2(-0.25, 0.5);
}

@compute @workgroup_size(8, 8)
fn trace(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= u32(view.corner.w) || id.y >= u32(view.across.w) {
        return;
    }
    var hits: array<Hit, RAYS>;
    var solid = vec4(0.0);
    var veils = vec4(0.0);
    for (var i = 0u; i < RAYS; i += 1u) {
        let at = vec2<f32>(id.xy) + sample_at(i);
        let ray = view.corner.xyz + at.x * view.across.xyz + at.y * view.down.xyz;
        if scene.becomes.origin.w > 0.0 {
            hits[i] = trace_rings(ray);
        } else {
            hits[i] = trace_straight(ray);
        }
        veils[i] = veil_of(ray);
        // Depth is reversed.
        solid[i] = select(0.0, scene.clip_from_world[3].z / hits[i].t, hits[i].t > 0.0);
    }
    // The plane adds light to a dark ground, and takes it away from a light one.
    let is_light = (scene.flags & LIGHT) != 0u;
    let added = select(scene.selected_colour.rgb, vec3(0.0), is_light);
    let taken = select(vec3(0.0), 2.0 * (1.0 - scene.selected_colour.rgb), is_light);
    // Samples of the same face are coloured once, in their middle.
    let ground = vec4(scene.ground.rgb, select(1.0, 0.0, (scene.flags & CUT_OUT) != 0u));
    var sum = vec4(0.0);
    var done = 0u;
    for (var i = 0u; i < RAYS; i += 1u) {
        if (done & (1u << i)) != 0u {
            continue;
        }
        var own = hits[i];
        var samples = 1.0;
        var veil = veils[i];
        for (var j = i + 1u; j < RAYS; j += 1u) {
            let other = hits[j];
            if (other.t > 0.0) == (own.t > 0.0) && other.row == own.row && other.face == own.face && other.place == own.place {
                samples += 1.0;
                own.at += other.at;
                veil += veils[j];
                done |= 1u << j;
            }
        }
        own.at /= samples;
        var colour = ground;
        if own.t > 0.0 {
            colour = colour_of(own);
        }
        sum += vec4(colour.rgb * (samples - taken * veil) + added * veil, colour.a * samples);
    }
    if RAYS == 1u {
        solid = vec4(solid.x);
    }
    textureStore(colours, id.xy, sum / f32(RAYS));
    textureStore(depths, id.xy, solid);
}
