// Contribution norm: ‖W_o z‖ of each head at each token of a chunk, z being the head's gated output.
// It is the length of what the head adds to the residual stream. G = W_oᵀ W_o comes from gram.wgsl.
// Generated above: const HEAD_SIZE, QUADS, alias Stored, fn unpack.

struct Params {
    first_token: u32,
    chunk: u32,        // tokens in this chunk
    tokens: u32,       // token slots a head has in `norms`
    heads: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> gated: array<Stored>;        // (layer, chunk token, channel)
@group(0) @binding(2) var<storage, read> gram: array<vec4<f32>>;      // (layer, head, row, column)
@group(0) @binding(3) var<storage, read_write> norms: array<f32>;     // (layer, head, token)

@compute @workgroup_size(32)
fn contribution(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let token = group.x * 32u + thread;
    let head = group.y;
    let layer = group.z;
    if token >= params.chunk {
        return;
    }
    var z: array<vec4<f32>, QUADS>;
    for (var i = 0u; i < QUADS; i += 1u) {
        z[i] = unpack(gated[((layer * params.chunk + token) * params.heads + head) * QUADS + i]);
    }
    var total = 0.0;
    for (var row = 0u; row < HEAD_SIZE; row += 1u) {
        var dot_row = 0.0;
        for (var i = 0u; i < QUADS; i += 1u) {
            dot_row += dot(gram[((layer * params.heads + head) * HEAD_SIZE + row) * QUADS + i], z[i]);
        }
        total += dot_row * z[row / 4u][row % 4u];
    }
    norms[(layer * params.heads + head) * params.tokens + params.first_token + token] = sqrt(max(total, 0.0));
}
