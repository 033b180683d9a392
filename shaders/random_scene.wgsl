// Values at random for frames without a model, always the same: few large, many small.

struct Params {
    tokens: u32,
    rows: u32,          // heads of all layers
    arcs: u32,
    vertices: u32,      // of one arc
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> values: array<f32>;      // (row, token): −1 … 1
@group(0) @binding(2) var<storage, read_write> norms: array<f32>;       // (row, token): 0 … 1
@group(0) @binding(3) var<storage, read_write> scales: array<f32>;      // (row)
@group(0) @binding(4) var<storage, read_write> arcs: array<u32>;        // cells, in their order
@group(0) @binding(5) var<storage, read_write> indirect: array<u32, 4>;

// The finaliser of MurmurHash3.
fn hash(seed: u32) -> u32 {
    var x = seed * 0x9e3779b9u + 0x7f4a7c15u;
    x = (x ^ (x >> 16u)) * 0x85ebca6bu;
    x = (x ^ (x >> 13u)) * 0xc2b2ae35u;
    return x ^ (x >> 16u);
}

fn unit(seed: u32) -> f32 {
    return f32(hash(seed) >> 8u) / 16777216.0;
}

@compute @workgroup_size(64)
fn fill(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = group.x;
    for (var token = thread; token < params.tokens; token += 64u) {
        let cell = row * params.tokens + token;
        let x = unit(cell) * 2.0 - 1.0;
        values[cell] = x * x * x;
        let y = unit(cell ^ 0x55555555u);
        norms[cell] = y * y;
    }
    if thread == 0u {
        scales[row] = 1.0;
    }
    if row == 0u && thread == 0u {
        indirect[0] = params.vertices;
        indirect[1] = params.arcs;
        indirect[2] = 0u;
        indirect[3] = 0u;
    }
}

// Arc i stands at a random token of the i-th of as many equal parts of all cells; each is as strong as an arc that
// passed a filter.
@compute @workgroup_size(64)
fn spread(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let arc = group.x * 64u + thread;
    if arc >= params.arcs {
        return;
    }
    let part = f32(params.rows) * f32(params.tokens) / f32(params.arcs);
    let first = u32(f32(arc) * part);
    var cell = min(first + u32(unit(arc ^ 0x33333333u) * floor(part)), params.rows * params.tokens - 1u);
    // The selected token has no arc to itself.
    cell -= select(0u, 1u, cell % params.tokens + 1u == params.tokens);
    arcs[arc] = cell;
    let strong = 0.5 + 0.5 * unit(arc ^ 0x0f0f0f0fu);
    values[cell] = select(-strong, strong, (hash(arc) & 1u) != 0u);
}
