// Shared by the draws: where cells stand, and what colour they have.
// Generated above: const COMPILES_ANEW.

// In step with `lattice::Arrangement`.
struct Arrangement {
    origin: vec4<f32>,      // base of layer 0, slot 0; w: radius of a ring, 0 where rows are straight
    layer: vec4<f32>,       // from a layer to the next; w: arc room, the height no arc exceeds
    head: vec4<f32>,        // from a head to the next; w: arc reach, the distance over which arcs rise
    half: vec4<f32>,        // half a cell; w: from a place to the next, a distance or radians in rings
}

// In step with `draw::scene::SceneUniform`.
struct Scene {
    clip_from_world: mat4x4<f32>,
    eye: vec4<f32>,         // w: how long a whole flight of light is, in seconds
    ground: vec4<f32>,      // colour; w: fog begins at this distance
    selected_colour: vec4<f32>, // w: fog is complete at this distance
    was: Arrangement,       // what the picture comes from
    becomes: Arrangement,   // what it goes to
    viewport: vec2<f32>,    // pixels
    time: f32,              // seconds
    largest: f32,           // largest contribution norm
    tokens: u32,
    layers: u32,
    heads: u32,
    selected: u32,          // token, or NONE
    hovered: u32,           // cell, or NONE
    stride: u32,            // token slots a head has in `norms`
    blend: f32,             // 0 … 1 from `was` to `becomes`
    flags: u32,             // of SIGNLESS, LIGHT, CUT_OUT, THROUGH
    tile: vec4<f32>,        // from the whole picture's clip space to that of the part drawn now: factor, shift
    // x: pixels drawn for one of the picture, in each direction; y: places along the text, z: places of a block of a
    // row, w: those of a row in `pooled`
    grain: vec4<f32>,
    always: array<vec4<u32>, 2>, // ones
}

const NONE: u32 = 0xffffffffu;
const LUT: f32 = 255.0;
const TAU: f32 = 6.2831853;
// Part of a turn the text takes up in rings, in step with `lattice::layout`.
const TURN: f32 = 0.94;

const SIGNLESS: u32 = 1u;   // sizes are shown without their sign
const LIGHT: u32 = 2u;      // dark ink on a light ground
const CUT_OUT: u32 = 4u;    // alpha says how much of a pixel is not ground
const THROUGH: u32 = 8u;    // arcs are seen through cells

// Half a cell, in parts of the distance from a place to the next, in step with `lattice::layout`.
const CELL_HALF: f32 = 0.42;

const HIDDEN: f32 = 0.0;    // states of a token: folded away, outside the passage, on show
const OUTSIDE: f32 = 1.0;
const SHOWN_HEAD: u32 = 0x80000000u;

@group(0) @binding(0) var<uniform> scene: Scene;
@group(0) @binding(1) var<storage, read> norms: array<f32>;      // contribution norm (head of all layers, token)
@group(0) @binding(2) var<storage, read> values: array<f32>;     // score of the selection (head of all layers, token)
@group(0) @binding(3) var<storage, read> scales: array<f32>;     // full colour (head of all layers)
@group(0) @binding(4) var<storage, read> palette: array<vec4<f32>, 512>; // 256 diverging, 256 sequential
@group(0) @binding(5) var<storage, read> arcs: array<u32>;       // cell indices
@group(0) @binding(6) var<storage, read> token_table: array<vec2<f32>>; // place along the text, state
@group(0) @binding(7) var<storage, read> head_table: array<u32>; // (head of all layers): slot, and SHOWN_HEAD

// Whether something holds for the whole picture. Lavapipe compiles a shader anew for each draw, and Mesa 22 keeps them all,
// where a condition rests on nothing but uniforms at places known beforehand: so it rests on another one as well.
fn holds(condition: bool) -> bool {
    if !COMPILES_ANEW {
        return condition;
    }
    return condition & (scene.always[u32(scene.viewport.x < 0.0)].x == 1u);
}

// 2 to the power of so many places are merged at most.
const LEVELS: u32 = 6u;

fn places() -> u32 {
    return u32(scene.grain.y);
}

fn block_width() -> u32 {
    return u32(scene.grain.z);
}

fn padded_places() -> u32 {
    return u32(scene.grain.w);
}

// Where a row's cells merged by 2^level begin, from where the row begins.
fn pooled_level(level: u32) -> u32 {
    let all = 2u * padded_places();
    return all - (all >> level);
}

struct Place {
    token: u32,
    row: u32,               // head of all layers
    layer: f32,
    slot: f32,
    at: f32,                // place along the text
    state: f32,
    is_shown: bool,         // the head
}

fn place_of(cell: u32) -> Place {
    let row = cell / scene.tokens;
    let token = cell % scene.tokens;
    let entry = token_table[token];
    let head = head_table[row];
    return Place(
        token, row,
        f32(row / scene.heads), f32(head & ~SHOWN_HEAD),
        entry.x, entry.y,
        (head & SHOWN_HEAD) != 0u,
    );
}

// Where a cell stands, and the sine and cosine of its turn about the vertical axis.
struct Stand {
    centre: vec3<f32>,
    turn: vec2<f32>,
    half: vec3<f32>,
}

fn ring_angle(a: Arrangement, at: f32) -> f32 {
    return (at + 0.5) * a.half.w - 0.5 * TURN * TAU;
}

fn row_base(a: Arrangement, layer: f32, slot: f32) -> vec3<f32> {
    return a.origin.xyz + layer * a.layer.xyz + slot * a.head.xyz;
}

fn stand_in(a: Arrangement, layer: f32, slot: f32, at: f32) -> Stand {
    let base = row_base(a, layer, slot);
    if holds(a.origin.w == 0.0) {
        return Stand(base + vec3(at * a.half.w, 0.0, 0.0), vec2(0.0, 1.0), a.half.xyz);
    }
    let angle = ring_angle(a, at);
    let turn = vec2(sin(angle), cos(angle));
    return Stand(base + vec3(turn.x, 0.0, turn.y) * a.origin.w, turn, a.half.xyz);
}

fn stand(layer: f32, slot: f32, at: f32) -> Stand {
    let goal = stand_in(scene.becomes, layer, slot, at);
    if holds(scene.blend >= 1.0) {
        return goal;
    }
    let start = stand_in(scene.was, layer, slot, at);
    let turn = mix(start.turn, goal.turn, scene.blend);
    return Stand(
        mix(start.centre, goal.centre, scene.blend),
        turn / max(length(turn), 1e-3),
        mix(start.half, goal.half, scene.blend),
    );
}

fn diverging(value: f32) -> vec3<f32> {
    return palette[u32(clamp(value * 0.5 + 0.5, 0.0, 1.0) * LUT + 0.5)].rgb;
}

fn sequential(value: f32) -> vec3<f32> {
    return palette[256u + u32(clamp(value, 0.0, 1.0) * LUT + 0.5)].rgb;
}

// The colour of a value in parts of full colour.
fn shade(value: f32) -> vec3<f32> {
    if holds((scene.flags & SIGNLESS) != 0u) {
        return sequential(abs(value));
    }
    return diverging(value);
}

// The score of a cell in parts of full colour, −1 … 1.
fn shown_value(cell: u32, row: u32) -> f32 {
    return clamp(values[cell] / max(scales[row], 1e-30), -1.0, 1.0);
}

// Turns about the vertical axis by the angle of (sine, cosine).
fn turned(turn: vec2<f32>, v: vec3<f32>) -> vec3<f32> {
    return vec3(v.x * turn.y + v.z * turn.x, v.y, v.z * turn.y - v.x * turn.x);
}

// The sides of a box that look at the eye, −1 or 1 in each of its axes.
fn side_seen(own: Stand) -> vec3<f32> {
    let to_eye = turned(vec2(-own.turn.x, own.turn.y), scene.eye.xyz - own.centre);
    return select(vec3(-1.0), vec3(1.0), to_eye > vec3(0.0));
}

// A corner of a box: −1 in the axes in which it is away from the eye, bits 1, 2, 4 of its number, else 1.
fn away(corner: u32) -> vec3<f32> {
    return select(vec3(1.0), vec3(-1.0), (vec3(corner) & vec3(1u, 2u, 4u)) != vec3(0u));
}

// A point of the whole picture's clip space in the part that is drawn.
fn on_tile(clip: vec4<f32>) -> vec4<f32> {
    return vec4(clip.xy * scene.tile.xy + clip.w * scene.tile.zw, clip.zw);
}

// Far things sink into the ground colour, so that depth shows.
fn fog(position: vec3<f32>) -> f32 {
    let begin = scene.ground.w;
    let end = scene.selected_colour.w;
    return clamp((distance(position, scene.eye.xyz) - begin) / max(end - begin, 1e-3), 0.0, 1.0) * 0.72;
}
