// Fills a trace with random vectors of the sizes that a model's have: for measuring speed, and for
// nothing else. Above this text come the constants of the score kernels.

// In step with `bench::shape::random::Params`.
struct Params {
    quads: u32,       // of all layers, sets, tokens and channels in this buffer
    layer_quads: u32, // of all tokens and channels in one set of one layer
    seed: u32,
    threads: u32,     // of one row of the dispatch
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> trace: array<Stored>; // (layer, set, token, channel)

// In step with `prelude.wgsl`.
const SET_W: u32 = 1u;
const SET_A: u32 = 4u;
const SET_KAPPA: u32 = 5u;

// PCG hash: M. Jarzynski and M. Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020.
fn hash(x: u32) -> u32 {
    let state = x * 747796405u + 2891336453u;
    let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
    return (word >> 22u) ^ word;
}

// Evenly spread from -1 to 1.
fn random(at: u32) -> vec4<f32> {
    let x = hash(at ^ params.seed);
    let y = hash(x);
    let bits = vec4(x & 0xffffu, x >> 16u, y & 0xffffu, y >> 16u);
    return vec4<f32>(bits) * (2.0 / 65535.0) - 1.0;
}

@compute @workgroup_size(256)
fn fill(@builtin(global_invocation_id) id: vec3<u32>) {
    let at = id.y * params.threads + id.x;
    if at >= params.quads {
        return;
    }
    let x = random(at);
    let kind = at / params.layer_quads % SETS;
    var value = x;
    if VERSION == 7u {
        if kind == SET_W {
            value = 5.0 * x - 3.0;
        } else if kind == SET_A {
            value = 0.5 + 0.5 * x;
        } else if kind == SET_KAPPA {
            // Of length 1.
            value = sign(x + 1e-6) * inverseSqrt(f32(HEAD_SIZE));
        }
    } else if kind == SET_W {
        value = 3.0 * x - 3.0;
    }
    trace[at] = pack(value);
}
