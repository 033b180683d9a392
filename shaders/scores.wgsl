// R-WK score, contribution share, value-weighted score and erase part of one token, in every head:
// NUMERICS "row" and "column" scans.
//
// One workgroup a head, one thread a quad of channels, one barrier a token: each thread writes its
// part of the sums to one half of `partial`, all threads add them up, and the next token uses the
// other half.
//
// Of one head alone (params.only) the results are (slot, token).

@group(0) @binding(2) var<storage, read> outputs: array<vec4<f32>>;      // (layer, token, channel) y
@group(0) @binding(3) var<storage, read> parameters: array<vec4<f32>>;   // (layer, [gamma, beta, u or r_k], channel)
@group(0) @binding(4) var<storage, read_write> rwk: array<f32>;          // (slot, layer, head, token)
@group(0) @binding(5) var<storage, read_write> share: array<f32>;        // (slot, layer, head, token)
@group(0) @binding(6) var<storage, read_write> wk: array<f32>;           // (slot, layer, head, token)
@group(0) @binding(7) var<storage, read_write> conservation: array<f32>; // (slot, layer, head)
@group(0) @binding(8) var<storage, read_write> weighted: array<f32>;     // (slot, layer, head, token)
@group(0) @binding(9) var<storage, read_write> erase: array<f32>;        // (slot, layer, head, token), RWKV-7 only

const GROUP_NORM_EPS: f32 = 64e-5;

var<workgroup> partial: array<vec4<f32>, 2u * QUADS>;
var<workgroup> partial_more: array<vec3<f32>, 2u * QUADS>;

struct Sums {
    a: vec4<f32>,
    b: vec3<f32>,
}

// Adds `a` and `b` up over the workgroup. `half` alternates between calls.
fn sum(thread: u32, half: u32, a: vec4<f32>, b: vec3<f32>) -> Sums {
    let base = half * QUADS;
    partial[base + thread] = a;
    partial_more[base + thread] = b;
    workgroupBarrier();
    var total: Sums;
    for (var i = 0u; i < QUADS; i += 1u) {
        total.a += partial[base + i];
        total.b += partial_more[base + i];
    }
    return total;
}

fn load_parameter(which: u32, layer: u32, head: u32, quad: u32) -> vec4<f32> {
    return parameters[(((params.first_layer + layer) * 3u + which) * params.heads + head) * QUADS + quad];
}

// Whom does token t read? A[t, s] for s = t … 0, and Σ A v against the captured output.
@compute @workgroup_size(QUADS)
fn row(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let head = head_of(group).x;
    let layer = head_of(group).y;
    let t = params.token + group.z;
    let base = result_base(params.slot + group.z, layer, head);
    let out = base * params.tokens;

    let receptance = load(SET_R, layer, t, head, thread);
    let key_t = load(SET_K, layer, t, head, thread);
    let y = outputs[quad_index(layer, t, head, thread)];
    let bonus = load_parameter(2u, layer, head, thread);

    var half = 0u;
    // ‖y_t‖² and, for RWKV-7, the bonus after GroupNorm.
    let fixed = sum(thread, half, vec4(dot(y, y), dot(receptance * bonus, key_t), 0.0, 0.0), vec3(0.0));
    let y_square = fixed.a.x;

    var q = receptance;
    // Sizes of what is added up, of channels and of tokens.
    var channels = vec4(0.0);
    var reach = 0.0;
    // What erasing has changed in it: carried along by itself, as a difference of scores would lose its digits.
    var erased = vec4(0.0);
    var total = vec4(0.0);
    if params.before > 0u {
        total = outputs[params.before + quad_index(layer, t, head, thread)];
        half = 1u - half;
        reach = sqrt(sum(thread, half, vec4(dot(total, total), 0.0, 0.0, 0.0), vec3(0.0)).a.x);
    }
    for (var i = 0u; i <= t; i += 1u) {
        let s = t - i;
        half = 1u - half;
        var k = load(SET_K, layer, s, head, thread);
        let v = load(SET_V, layer, s, head, thread);
        var b_q = 0.0;
        var kappa = vec4(0.0);
        if VERSION == 7u {
            kappa = load(SET_KAPPA, layer, s, head, thread);
            b_q = dot(load(SET_A, layer, s, head, thread) * kappa, q);
        } else if s == t {
            k *= bonus;
        }
        let sums = sum(thread, half, vec4(dot(q, k), dot(v, y), b_q, dot(v, v)), vec3(dot(erased, k), 0.0, 0.0));
        let score = sums.a.x;
        total += score * v;
        let v_norm = sqrt(sums.a.w);
        channels += abs(q * k) * v_norm;
        reach += abs(score) * v_norm;
        if thread == 0u {
            rwk[out + s] = score;
            share[out + s] = score * sums.a.y / max(y_square, 1e-30);
            weighted[out + s] = abs(score) * v_norm;
            if VERSION == 7u {
                erase[out + s] = sums.b.x;
            }
        }
        if VERSION == 7u {
            let decay = load_decay(layer, s, head, thread);
            q = decay * q - kappa * sums.a.z;
            erased = decay * erased - kappa * sums.a.z;
        } else if s < t {
            // The newest token is undecayed: w applies at s + 1 … t − 1 only.
            q *= load_decay(layer, s, head, thread);
        }
    }

    // GroupNorm of the sum, as the model does it, against what the model wrote.
    let n = f32(HEAD_SIZE);
    half = 1u - half;
    let mean = sum(thread, half, vec4(dot(total, vec4(1.0)), 0.0, 0.0, 0.0), vec3(0.0)).a.x / n;
    half = 1u - half;
    let centred = total - mean;
    let squares = sum(thread, half, vec4(dot(centred, centred), dot(channels, channels), 0.0, 0.0), vec3(0.0)).a;
    let variance = squares.x / n;
    let cancelled = max(sqrt((squares.y + reach * reach) / (n * (variance + GROUP_NORM_EPS))), 1.0);
    var expected = centred * inverseSqrt(variance + GROUP_NORM_EPS) * load_parameter(0u, layer, head, thread)
        + load_parameter(1u, layer, head, thread);
    if VERSION == 7u {
        expected += fixed.a.y * load(SET_V, layer, t, head, thread);
    }
    half = 1u - half;
    let captured = load(SET_X, layer, t, head, thread);
    let error = expected - captured;
    let norms = sum(thread, half, vec4(dot(error, error), dot(captured, captured), 0.0, 0.0), vec3(0.0));
    if thread == 0u {
        // The token that stands for a state has no output.
        let is_state = params.before > 0u && t == 0u;
        conservation[base] = select(sqrt(norms.a.x / max(norms.a.y, 1e-30)) / cancelled, 0.0, is_state);
    }
}

// Who reads token s later? A[t, s] for t = s + 1 … T − 1, and the W-K norm ‖p‖ after the decays s + 1 … t.
@compute @workgroup_size(QUADS)
fn column(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let head = head_of(group).x;
    let layer = head_of(group).y;
    let s = params.token + group.z;
    let out = result_base(params.slot + group.z, layer, head) * params.tokens;

    var p = load(SET_K, layer, s, head, thread);
    // What erasing has changed in it.
    var erased = vec4(0.0);
    let v = load(SET_V, layer, s, head, thread);
    let v_norm = sqrt(sum(thread, 1u, vec4(dot(v, v), 0.0, 0.0, 0.0), vec3(0.0)).a.x);
    var half = 1u;
    for (var t = s + 1u; t < params.tokens; t += 1u) {
        half = 1u - half;
        let receptance = load(SET_R, layer, t, head, thread);
        let y = outputs[quad_index(layer, t, head, thread)];
        let decay = load_decay(layer, t, head, thread);
        let decayed = decay * p;
        var score = 0.0;
        var share_sums = vec2(0.0);
        var erased_score = 0.0;
        // ‖p‖² of the step before comes with this step's sums.
        let norm = dot(p, p);
        if VERSION == 7u {
            let kappa = load(SET_KAPPA, layer, t, head, thread);
            let b = load(SET_A, layer, t, head, thread) * kappa;
            // r·(w ⊙ p − b (κ̂·p)) = (r ⊙ w)·p − (r·b)(κ̂·p): one sum a token in place of two.
            let sums = sum(
                thread, half,
                vec4(dot(receptance, decayed), dot(receptance, b), dot(kappa, p), norm),
                vec3(dot(v, y), dot(y, y), dot(receptance, decay * erased)),
            );
            score = sums.a.x - sums.a.y * sums.a.z;
            share_sums = sums.b.xy;
            erased_score = sums.b.z - sums.a.y * sums.a.z;
            erased = decay * erased - b * sums.a.z;
            if thread == 0u {
                wk[out + t - 1u] = sqrt(sums.a.w);
            }
            p = decayed - b * sums.a.z;
        } else {
            let sums = sum(thread, half, vec4(dot(receptance, p), 0.0, 0.0, norm), vec3(dot(v, y), dot(y, y), 0.0));
            score = sums.a.x;
            share_sums = sums.b.xy;
            if thread == 0u {
                wk[out + t - 1u] = sqrt(sums.a.w);
            }
            p = decayed;
        }
        if thread == 0u {
            rwk[out + t] = score;
            share[out + t] = score * share_sums.x / max(share_sums.y, 1e-30);
            weighted[out + t] = abs(score) * v_norm;
            if VERSION == 7u {
                erase[out + t] = erased_score;
            }
        }
    }
    half = 1u - half;
    let last = sum(thread, half, vec4(0.0, 0.0, 0.0, dot(p, p)), vec3(0.0));
    if thread == 0u {
        wk[out + params.tokens - 1u] = sqrt(last.a.w);
    }
}
