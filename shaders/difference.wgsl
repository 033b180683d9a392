// b − a, or |b − a|, of two runs' numbers, one of each head at each token; 0 where a token has none in the other run
// that stands for it.

// In step with `score::difference::Params`.
struct Params {
    rows: u32,      // heads of all layers
    tokens: u32,    // numbers of a row of a
    stride: u32,    // places of a row in a and in the result
    b_stride: u32,  // places of a row in b
    is_signed: u32, // 1: the sign stays
}

const NONE: u32 = 0xffffffffu;

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> apart: array<f32>;
@group(0) @binding(3) var<uniform> params: Params;
@group(0) @binding(4) var<storage, read> there: array<u32>;    // (token of a): token of b, or NONE

@compute @workgroup_size(256)
fn difference(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = id.y * groups.x * 256u + id.x;
    let row = at / params.tokens;
    let token = at % params.tokens;
    if row >= params.rows {
        return;
    }
    let place = row * params.stride + token;
    let other = there[token];
    if other == NONE {
        apart[place] = 0.0;
        return;
    }
    let moved = b[row * params.b_stride + other] - a[place];
    apart[place] = select(abs(moved), moved, params.is_signed == 1u);
}
