// |b − a| of two lists of numbers.

struct Params {
    count: u32, // of each list
}

@group(0) @binding(3) var<uniform> params: Params;
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> apart: array<f32>;

@compute @workgroup_size(256)
fn difference(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let at = id.y * groups.x * 256u + id.x;
    if at < params.count {
        apart[at] = abs(b[at] - a[at]);
    }
}
