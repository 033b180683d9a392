// The colour of cells: of boxes and of bars alike.
//
// Cells sink into the ground: a colour is S with a part of the ground mixed in, a S + (1 − a) ground. Where the
// ground is cut out, a is the pixel's alpha, so that the cell sinks into whatever the picture is laid over.

// Light on the faces that look along the text, up or down, and into the depth.
const LIGHTS = vec3<f32>(0.62, 1.0, 0.86);

// A colour with the part of it that is not ground.
fn over_ground(colour: vec3<f32>, part: f32) -> vec4<f32> {
    return vec4(mix(scene.ground.rgb, colour, part), part);
}

// Nothing is selected; the norm is in parts of the largest.
fn idle_colour(norm: f32, is_shown: bool) -> vec4<f32> {
    // The square root keeps small norms in sight; the legend is marked accordingly.
    let colour = sequential(sqrt(norm));
    return over_ground(colour, select(0.25, 1.0, is_shown));
}

// The value is in parts of full colour.
fn scored_colour(value: f32, is_shown: bool, is_selected: bool) -> vec4<f32> {
    if !is_shown {
        return over_ground(shade(0.0), 0.55);
    }
    if is_selected {
        // The diagonal: what the token has with itself, at full strength inside the lit plane.
        return vec4(mix(shade(value), scene.selected_colour.rgb, 0.12), 1.0);
    }
    // Dimmed, so that the arcs stand out. Size stays: picking knows one box a cell.
    return over_ground(shade(value), mix(0.3, 0.8, abs(value)));
}

// Of what `amount` tells, unlit: a norm or a value as above.
fn cell_colour(amount: f32, is_shown: bool, is_selected: bool, is_outside: bool, is_hovered: bool) -> vec4<f32> {
    var colour: vec4<f32>;
    if holds(scene.selected == NONE) {
        colour = idle_colour(amount, is_shown);
    } else {
        colour = scored_colour(amount, is_shown, is_selected);
    }
    if is_outside {
        colour = mix(vec4(scene.ground.rgb, 0.0), colour, 0.18);
    }
    if is_hovered {
        colour = mix(colour, vec4(scene.selected_colour.rgb, 1.0), 0.6);
    }
    return colour;
}

// On a light ground every face keeps more of its colour.
fn on_ground(light: f32) -> f32 {
    return select(light, 0.5 + 0.5 * light, (scene.flags & LIGHT) != 0u);
}

// Lit, and sunk into the ground by fog.
fn lit(colour: vec4<f32>, light: f32, haze: f32) -> vec4<f32> {
    return vec4(mix(colour.rgb * light, scene.ground.rgb, haze), colour.a * (1.0 - haze));
}

// A colour with its part that is not ground, in one word; 0 stands for nothing at all.
fn packed(colour: vec4<f32>) -> u32 {
    return pack4x8unorm(vec4(sqrt(max(colour.rgb, vec3(0.0))), max(colour.a, 0.01)));
}

fn unpacked(word: u32) -> vec4<f32> {
    let colour = unpack4x8unorm(word);
    return vec4(colour.rgb * colour.rgb, colour.a);
}
