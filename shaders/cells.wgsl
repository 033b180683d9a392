// Cells as boxes, three visible faces each, corners made from the vertex number.

struct Vertex {
    @builtin(position) position: vec4<f32>,
    @location(0) @interpolate(flat) colour: vec3<f32>,
}

@vertex
fn vertex(@builtin(vertex_index) index: u32, @builtin(instance_index) cell: u32) -> Vertex {
    let place = place_of(cell);
    let axis = index / 6u;
    // Two triangles of a unit square, in both of the face's own axes.
    let corner = index % 6u;
    let u = select(-1.0, 1.0, corner == 1u || corner == 2u || corner == 4u);
    let v = select(-1.0, 1.0, corner == 2u || corner == 4u || corner == 5u);
    // The face that looks at the eye.
    let side = select(vec3(-1.0), vec3(1.0), scene.eye.xyz > place.centre);
    var offset = vec3(u, v, side.z);
    var light = 0.86;
    if axis == 0u {
        offset = vec3(side.x, u, v);
        light = 0.62;
    } else if axis == 1u {
        offset = vec3(u, side.y, v);
        light = 1.0;
    }

    var colour: vec3<f32>;
    if scene.selected == NONE {
        let norm = norms[place.row * scene.stride + place.token];
        // The square root keeps small norms in sight; the legend is marked accordingly.
        colour = sequential(sqrt(norm / max(scene.largest, 1e-30)));
        if scene.solo != NONE && scene.solo != place.row {
            colour *= 0.25;
        }
    } else {
        let value = shown_value(cell, place.row);
        // Dimmed, so that the arcs stand out. Size stays: picking knows one box a cell.
        colour = diverging(value) * mix(0.3, 0.8, abs(value));
        if scene.solo != NONE && scene.solo != place.row {
            colour = mix(scene.ground.rgb, diverging(0.0), 0.55);
        } else if place.token == scene.selected {
            colour = mix(colour, scene.selected_colour.rgb, 0.75);
        }
    }
    if cell == scene.hovered {
        colour = mix(colour, scene.selected_colour.rgb, 0.6);
    }

    let world = place.centre + offset * scene.half.xyz;
    var out: Vertex;
    out.position = scene.clip_from_world * vec4(world, 1.0);
    out.colour = mix(colour * light, scene.ground.rgb, fog(place.centre));
    return out;
}

@fragment
fn fragment(in: Vertex) -> @location(0) vec4<f32> {
    return vec4(in.colour, 1.0);
}
