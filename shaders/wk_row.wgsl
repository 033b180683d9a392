// W-K norm of every earlier token at the selected token: ‖G_t … G_{s+1} k̃_s‖ for s = t … 0.
//
// RWKV-6 decays each channel by itself, so the product is a vector. RWKV-7 mixes channels, so
// thread j keeps row j of the product matrix and no thread needs another's row.

@group(0) @binding(6) var<storage, read_write> wk: array<f32>; // (slot, layer, head, token)

var<workgroup> decay: array<vec4<f32>, QUADS>;
var<workgroup> key: array<vec4<f32>, QUADS>;
var<workgroup> kappa: array<vec4<f32>, QUADS>;
var<workgroup> b: array<vec4<f32>, QUADS>;
var<workgroup> squares: array<f32, HEAD_SIZE>;

@compute @workgroup_size(HEAD_SIZE)
fn wk_row(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let head = group.x;
    let layer = group.y;
    let t = params.token;
    let out = ((params.slot * params.layers + params.first_layer + layer) * params.heads + head) * params.tokens;

    var row: array<vec4<f32>, QUADS>;
    for (var i = 0u; i < QUADS; i += 1u) {
        row[i] = vec4(0.0);
    }
    row[thread / 4u][thread % 4u] = 1.0;

    for (var i = 0u; i <= t; i += 1u) {
        let s = t - i;
        workgroupBarrier();
        if thread < QUADS {
            decay[thread] = load_decay(layer, s, head, thread);
            key[thread] = load(SET_K, layer, s, head, thread);
            if VERSION == 7u {
                kappa[thread] = load(SET_KAPPA, layer, s, head, thread);
                b[thread] = load(SET_A, layer, s, head, thread) * kappa[thread];
            }
        }
        workgroupBarrier();

        var value = 0.0;
        if VERSION == 7u {
            var row_b = 0.0;
            for (var j = 0u; j < QUADS; j += 1u) {
                value += dot(row[j], key[j]);
                row_b += dot(row[j], b[j]);
            }
            for (var j = 0u; j < QUADS; j += 1u) {
                row[j] = row[j] * decay[j] - row_b * kappa[j];
            }
        } else {
            let j = thread / 4u;
            value = row[j][thread % 4u] * key[j][thread % 4u];
            row[j] *= decay[j];
        }
        squares[thread] = value * value;
        workgroupBarrier();
        if thread == 0u {
            var total = 0.0;
            for (var j = 0u; j < HEAD_SIZE; j += 1u) {
                total += squares[j];
            }
            wk[out + s] = sqrt(total);
        }
    }
}
