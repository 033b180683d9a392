// Shared by the draws of the lattice.

// In step with `draw::scene::SceneUniform`.
struct Scene {
    clip_from_world: mat4x4<f32>,
    eye: vec4<f32>,
    origin: vec4<f32>,      // centre of cell (0, 0, 0); w: how long a whole flight of light is, in seconds
    pitch: vec4<f32>,       // w: arc room, the height no arc exceeds
    half: vec4<f32>,        // half a cell; w: arc reach, the distance over which arcs rise
    ground: vec4<f32>,      // colour; w: fog begins at this distance
    selected_colour: vec4<f32>, // w: fog is complete at this distance
    viewport: vec2<f32>,    // pixels
    time: f32,              // seconds
    largest: f32,           // largest contribution norm
    tokens: u32,
    layers: u32,
    heads: u32,
    selected: u32,          // token, or NONE
    solo: u32,              // head of all layers, or NONE
    hovered: u32,           // cell, or NONE
    global_scale: u32,      // 1: one full colour for all heads
    stride: u32,            // token slots a head has in `norms`
}

const NONE: u32 = 0xffffffffu;
const LUT: f32 = 255.0;

@group(0) @binding(0) var<uniform> scene: Scene;
@group(0) @binding(1) var<storage, read> norms: array<f32>;      // contribution norm (head of all layers, token)
@group(0) @binding(2) var<storage, read> values: array<f32>;     // score of the selection (head of all layers, token)
@group(0) @binding(3) var<storage, read> scales: array<f32>;     // full colour (head of all layers), largest
@group(0) @binding(4) var<storage, read> palette: array<vec4<f32>, 512>; // 256 diverging, 256 sequential
@group(0) @binding(5) var<storage, read> arcs: array<u32>;       // cell indices

struct Place {
    token: u32,
    row: u32,
    centre: vec3<f32>,
}

fn place_of(cell: u32) -> Place {
    let row = cell / scene.tokens;
    let token = cell % scene.tokens;
    let at = vec3(f32(token), f32(row / scene.heads), -f32(row % scene.heads));
    return Place(token, row, scene.origin.xyz + scene.pitch.xyz * at);
}

fn diverging(value: f32) -> vec3<f32> {
    return palette[u32(clamp(value * 0.5 + 0.5, 0.0, 1.0) * LUT + 0.5)].rgb;
}

fn sequential(value: f32) -> vec3<f32> {
    return palette[256u + u32(clamp(value, 0.0, 1.0) * LUT + 0.5)].rgb;
}

// The score of a cell in parts of full colour, −1 … 1.
fn shown_value(cell: u32, row: u32) -> f32 {
    let full = scales[select(row, scene.layers * scene.heads, scene.global_scale == 1u)];
    return clamp(values[cell] / max(full, 1e-30), -1.0, 1.0);
}

// Far things sink into the ground colour, so that depth shows.
fn fog(position: vec3<f32>) -> f32 {
    let begin = scene.ground.w;
    let end = scene.selected_colour.w;
    return clamp((distance(position, scene.eye.xyz) - begin) / max(end - begin, 1e-3), 0.0, 1.0) * 0.72;
}
