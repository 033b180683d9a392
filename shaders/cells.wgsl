// Cells as boxes, three visible faces each, corners made from the vertex number.
//
// Cells sink into the ground: a colour is S with a part of the ground mixed in, a S + (1 − a) ground. Where the
// ground is cut out, a is the pixel's alpha, so that the cell sinks into whatever the picture is laid over.

struct Vertex {
    @builtin(position) position: vec4<f32>,
    @location(0) @interpolate(flat) colour: vec4<f32>,
}

// Turns about the vertical axis by the angle of (sine, cosine).
fn turned(turn: vec2<f32>, v: vec3<f32>) -> vec3<f32> {
    return vec3(v.x * turn.y + v.z * turn.x, v.y, v.z * turn.y - v.x * turn.x);
}

// A colour with the part of it that is not ground.
fn over_ground(colour: vec3<f32>, part: f32) -> vec4<f32> {
    return vec4(mix(scene.ground.rgb, colour, part), part);
}

fn idle_colour(place: Place) -> vec4<f32> {
    let norm = norms[place.row * scene.stride + place.token];
    // The square root keeps small norms in sight; the legend is marked accordingly.
    let colour = sequential(sqrt(norm / max(scene.largest, 1e-30)));
    return over_ground(colour, select(0.25, 1.0, place.is_shown));
}

fn scored_colour(cell: u32, place: Place) -> vec4<f32> {
    if !place.is_shown {
        return over_ground(shade(0.0), 0.55);
    }
    let value = shown_value(cell, place.row);
    if place.token == scene.selected {
        // The diagonal: what the token has with itself, at full strength inside the lit plane.
        return vec4(mix(shade(value), scene.selected_colour.rgb, 0.12), 1.0);
    }
    // Dimmed, so that the arcs stand out. Size stays: picking knows one box a cell.
    return over_ground(shade(value), mix(0.3, 0.8, abs(value)));
}

@vertex
fn vertex(@builtin(vertex_index) index: u32, @builtin(instance_index) cell: u32) -> Vertex {
    var out: Vertex;
    let place = place_of(cell);
    if place.state == HIDDEN {
        // Behind everything, and of no size.
        out.position = vec4(0.0, 0.0, -1.0, 1.0);
        return out;
    }
    let own = stand(place.layer, place.slot, place.at);
    let axis = index / 6u;
    // Two triangles of a unit square, in both of the face's own axes.
    let corner = index % 6u;
    let u = select(-1.0, 1.0, corner == 1u || corner == 2u || corner == 4u);
    let v = select(-1.0, 1.0, corner == 2u || corner == 4u || corner == 5u);
    // The face that looks at the eye.
    let to_eye = turned(vec2(-own.turn.x, own.turn.y), scene.eye.xyz - own.centre);
    let side = select(vec3(-1.0), vec3(1.0), to_eye > vec3(0.0));
    var offset = vec3(u, v, side.z);
    var light = 0.86;
    if axis == 0u {
        offset = vec3(side.x, u, v);
        light = 0.62;
    } else if axis == 1u {
        offset = vec3(u, side.y, v);
        light = 1.0;
    }
    // On a light ground every face keeps more of its colour.
    light = select(light, 0.5 + 0.5 * light, (scene.flags & LIGHT) != 0u);

    var colour: vec4<f32>;
    if scene.selected == NONE {
        colour = idle_colour(place);
    } else {
        colour = scored_colour(cell, place);
    }
    if place.state == OUTSIDE {
        colour = mix(vec4(scene.ground.rgb, 0.0), colour, 0.18);
    }
    if cell == scene.hovered {
        colour = mix(colour, vec4(scene.selected_colour.rgb, 1.0), 0.6);
    }
    let world = own.centre + turned(own.turn, offset * own.half);
    out.position = on_tile(scene.clip_from_world * vec4(world, 1.0));
    let haze = fog(own.centre);
    out.colour = vec4(mix(colour.rgb * light, scene.ground.rgb, haze), colour.a * (1.0 - haze));
    return out;
}

@fragment
fn fragment(in: Vertex) -> @location(0) vec4<f32> {
    return vec4(in.colour.rgb, select(1.0, in.colour.a, (scene.flags & CUT_OUT) != 0u));
}
