// web-rwkv's state as a trace keeps it: the heads' matrices of some layers, by themselves.
// Generated above: const HEAD_SIZE.

struct Params {
    first_layer: u32, // of the model, the first that is kept
    heads: u32,
    numbers: u32,     // of the states that are kept
    columns: u32,     // workgroups in a row
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> engine: array<f32>;         // (layer, HEAD_SIZE + 2, channel); rows 1 … HEAD_SIZE
@group(0) @binding(2) var<storage, read_write> states: array<f32>;   // (layer, head, row, column)

@compute @workgroup_size(64)
fn engine_state(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let at = (group.y * params.columns + group.x) * 64u + thread;
    if at >= params.numbers {
        return;
    }
    let column = at % HEAD_SIZE;
    let row = at / HEAD_SIZE % HEAD_SIZE;
    let head = at / (HEAD_SIZE * HEAD_SIZE) % params.heads;
    let layer = at / (HEAD_SIZE * HEAD_SIZE * params.heads);
    let width = params.heads * HEAD_SIZE;
    let line = (params.first_layer + layer) * (HEAD_SIZE + 2u) + 1u + row;
    states[at] = engine[line * width + head * HEAD_SIZE + column];
}
