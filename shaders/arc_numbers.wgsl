// The numbers of the arcs on show, in their order.

// In step with `score::strength::Params`.
struct Params {
    arcs: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> values: array<f32>;            // (head of all layers, token)
@group(0) @binding(2) var<storage, read> arcs: array<u32>;              // cell indices
@group(0) @binding(3) var<storage, read_write> numbers: array<f32>;     // one an arc

@compute @workgroup_size(64)
fn arc_numbers(@builtin(global_invocation_id) at: vec3<u32>) {
    if at.x < params.arcs {
        numbers[at.x] = values[arcs[at.x]];
    }
}
