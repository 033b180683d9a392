// What the adapter can do at most, for the floors of `arclight bench --shape`.

struct Params {
    count: u32,   // copy: quads; multiply: steps
    threads: u32, // of one row of the dispatch
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> copied: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> products: array<vec4<f32>>;

// Memory read and written.
@compute @workgroup_size(256)
fn copy(@builtin(global_invocation_id) id: vec3<u32>) {
    let at = id.y * params.threads + id.x;
    if at < params.count {
        copied[at] = source[at];
    }
}

// Fused multiply-adds: a step is 128 a thread, in 8 vectors that do not wait for each other.
@compute @workgroup_size(256)
fn multiply(@builtin(global_invocation_id) id: vec3<u32>) {
    // Neither is known when this is compiled.
    let a = vec4(1.0 - f32(params.threads) * 1e-9);
    let b = vec4(f32(params.count) * 1e-9);
    var p = vec4(f32(id.x) * 1e-6);
    var q = p + 1.0;
    var r = p + 2.0;
    var s = p + 3.0;
    var t = p + 4.0;
    var u = p + 5.0;
    var v = p + 6.0;
    var w = p + 7.0;
    for (var step = 0u; step < params.count; step += 1u) {
        p = fma(p, a, b);
        q = fma(q, a, b);
        r = fma(r, a, b);
        s = fma(s, a, b);
        t = fma(t, a, b);
        u = fma(u, a, b);
        v = fma(v, a, b);
        w = fma(w, a, b);
        p = fma(p, a, b);
        q = fma(q, a, b);
        r = fma(r, a, b);
        s = fma(s, a, b);
        t = fma(t, a, b);
        u = fma(u, a, b);
        v = fma(v, a, b);
        w = fma(w, a, b);
        p = fma(p, a, b);
        q = fma(q, a, b);
        r = fma(r, a, b);
        s = fma(s, a, b);
        t = fma(t, a, b);
        u = fma(u, a, b);
        v = fma(v, a, b);
        w = fma(w, a, b);
        p = fma(p, a, b);
        q = fma(q, a, b);
        r = fma(r, a, b);
        s = fma(s, a, b);
        t = fma(t, a, b);
        u = fma(u, a, b);
        v = fma(v, a, b);
        w = fma(w, a, b);
    }
    products[id.x] = p + q + r + s + t + u + v + w;
}
