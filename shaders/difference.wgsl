// |b − a| of two runs' numbers, one of each head at each token.

struct Params {
    rows: u32,     // heads of all layers
    tokens: u32,   // numbers of a row
    stride: u32,   // places of a row in a and in the result
    b_stride: u32, // places of a row in b
}

@group(0) @binding(3) var<uniform> params: Params;
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> apart: array<f32>;

@compute @workgroup_size(256)
fn difference(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = id.y * groups.x * 256u + id.x;
    let row = at / params.tokens;
    let token = at % params.tokens;
    if row < params.rows {
        let place = row * params.stride + token;
        apart[place] = abs(b[row * params.b_stride + token] - a[place]);
    }
}
