// Shared by the score kernels. Generated above this text:
//   const HEAD_SIZE, QUADS (= HEAD_SIZE / 4), VERSION (4, 6 or 7; 6 for RWKV-5), SETS (vector sets in the trace)
//   alias Stored = vec2<u32> (f16) or vec4<f32>, fn unpack(x: Stored) -> vec4<f32>, and fn pack, its inverse

// In step with `score::kernels::Params`.
struct Params {
    tokens: u32,       // tokens in the trace
    capacity: u32,     // token slots in the trace buffers
    heads: u32,
    layers: u32,       // layers of the whole model
    first_layer: u32,  // first layer of this buffer
    group_layers: u32, // layers in this buffer
    token: u32,        // the selected token, or the first of a batch
    slot: u32,         // result slot of the first of a batch
    only: u32,         // scores.wgsl, scans.wgsl: the one head to score, of this buffer's layers × heads, or ALL
    results_layer: u32, // scans.wgsl, wk_tiles.wgsl, before_scores.wgsl: first layer of the buffers for results
    before: u32,       // quads before what y has of the state that the model starts from; 0: it starts from nothing
    count: u32,        // before_scores.wgsl: readers of a batch
}

const ALL: u32 = 0xffffffffu;

// Vector sets in the trace, in step with `trace::Set`.
const SET_R: u32 = 0u;
const SET_W: u32 = 1u;
const SET_K: u32 = 2u;
const SET_V: u32 = 3u;
const SET_A: u32 = 4u;
const SET_KAPPA: u32 = 5u;
const SET_X: u32 = SETS - 1u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> trace: array<Stored>; // (layer, set, token, channel)

// Where the quad of a head begins in one layer's [token][channel] array.
fn quad_index(layer: u32, token: u32, head: u32, quad: u32) -> u32 {
    return ((layer * params.capacity + token) * params.heads + head) * QUADS + quad;
}

fn load(kind: u32, layer: u32, token: u32, head: u32, quad: u32) -> vec4<f32> {
    return unpack(trace[quad_index(layer * SETS + kind, token, head, quad)]);
}

fn sigmoid(x: vec4<f32>) -> vec4<f32> {
    return 1.0 / (1.0 + exp(-x));
}

// The decay from what is stored, which is before its activation: near 1 a half float would lose long decays.
// 0.606531 = exp(-0.5). RWKV-4 stores something else there and has kernels of its own.
fn decay_of(w: vec4<f32>) -> vec4<f32> {
    if VERSION == 7u {
        return exp(-0.606531 * sigmoid(w));
    }
    return exp(-exp(w));
}

fn load_decay(layer: u32, token: u32, head: u32, quad: u32) -> vec4<f32> {
    return decay_of(load(SET_W, layer, token, head, quad));
}

// With a workgroup a head: which, and its layer in this buffer.
fn head_of(group: vec3<u32>) -> vec2<u32> {
    if params.only == ALL {
        return group.xy;
    }
    return vec2(params.only % params.heads, params.only / params.heads);
}

// The line of its results, a number a token each.
fn result_base(slot: u32, layer: u32, head: u32) -> u32 {
    // Of one head alone there is one line a slot.
    if params.only != ALL {
        return slot;
    }
    return (slot * params.layers + params.first_layer + layer) * params.heads + head;
}
