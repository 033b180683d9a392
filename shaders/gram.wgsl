// Per head, G = W_oᵀ W_o over the head's columns of the output matrix, so that ‖W_o z‖² = zᵀ G z.
// Generated above: const HEAD_SIZE.

struct Params {
    width: u32,
    heads: u32,
    layer: u32,
    pad: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<u32>;       // (out, in), pairs of f16
@group(0) @binding(2) var<storage, read_write> gram: array<f32>;   // (layer, head, row, column)

fn at(out: u32, channel: u32) -> f32 {
    let index = out * params.width + channel;
    return unpack2x16float(weight[index / 2u])[index % 2u];
}

@compute @workgroup_size(HEAD_SIZE)
fn gram_matrix(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) column: u32) {
    let row = group.x;
    let head = group.y;
    let first = head * HEAD_SIZE;
    var total = 0.0;
    for (var out = 0u; out < params.width; out += 1u) {
        total += at(out, first + row) * at(out, first + column);
    }
    gram[((params.layer * params.heads + head) * HEAD_SIZE + row) * HEAD_SIZE + column] = total;
}
