// RWKV-7's W-K norm of every earlier token at the selected token, as in wk_row.wgsl, faster: the product
// matrix P lies in registers, 8 rows × 16 columns a thread, and BATCH tokens are made ready at a time.
//
// Within four tokens P is kept without their decays: P = P' ⊙ λ, λ the decays of the four so far, a
// vector. Then P k = P' (λ ⊙ k), P b = P' (λ ⊙ b), and the step P ⊙ w − (P b) κ̂ᵀ is
// P' − (P b) (κ̂ / (λ ⊙ w))ᵀ. A decay is at least exp(-0.606531), so λ is at least 0.088.

@group(0) @binding(6) var<storage, read_write> wk: array<f32>; // (slot, layer, head, token)

// Threads side by side that share 8 rows; thread = row × LANES + lane.
const LANES: u32 = HEAD_SIZE / 16u;
const ROWS: u32 = HEAD_SIZE / 8u;
const THREADS: u32 = ROWS * LANES;
// Fours of tokens.
const FOURS: u32 = min(HEAD_SIZE / 32u, 2u);
const BATCH: u32 = 4u * FOURS;

// Of each token of a batch, (token, lane): the lane's 16 channels.
var<workgroup> key: array<mat4x4<f32>, BATCH * LANES>;   // λ ⊙ k
var<workgroup> b: array<mat4x4<f32>, BATCH * LANES>;     // λ ⊙ b
var<workgroup> kappa: array<mat4x4<f32>, BATCH * LANES>; // κ̂ / (λ ⊙ w)
// Of each four, (four, lane): λ after it.
var<workgroup> scale: array<mat4x4<f32>, FOURS * LANES>;
// (token, row / 4)[row % 4]: of eight rows of P k.
var<workgroup> squares: array<vec4<f32>, BATCH * ROWS / 4u>;

struct Token {
    w: Stored,
    k: Stored,
    a: Stored,
    kappa: Stored,
}

fn fetch(layer: u32, head: u32, quad: u32, at: i32) -> Token {
    let s = u32(max(at, 0));
    let first = quad_index(layer * SETS, s, head, quad);
    let set_quads = params.capacity * params.heads * QUADS;
    return Token(
        trace[first + SET_W * set_quads],
        trace[first + SET_K * set_quads],
        trace[first + SET_A * set_quads],
        trace[first + SET_KAPPA * set_quads],
    );
}

// Makes a quad of a token ready; returns λ after it. Before the first token nothing decays and nothing is erased.
fn make_ready(token: u32, quad: u32, at: i32, raw: Token, lambda: vec4<f32>) -> vec4<f32> {
    let there = select(0.0, 1.0, at >= 0);
    let after = lambda * select(vec4(1.0), decay_of(unpack(raw.w)), at >= 0);
    let removal = unpack(raw.kappa) * there;
    let slot = token * LANES + quad / 4u;
    key[slot][quad % 4u] = unpack(raw.k) * there * lambda;
    b[slot][quad % 4u] = unpack(raw.a) * removal * lambda;
    kappa[slot][quad % 4u] = removal / after;
    return after;
}

fn over_lanes(part: vec4<f32>) -> vec4<f32> {
    var all = part;
    all += subgroupShuffleXor(all, 1u);
    if LANES > 2u {
        all += subgroupShuffleXor(all, 2u);
    }
    if LANES > 4u {
        all += subgroupShuffleXor(all, 4u);
    }
    return all;
}

// m · v + sum
fn along(m: mat4x4<f32>, v: vec4<f32>, sum: vec4<f32>) -> vec4<f32> {
    return fma(m[3], vec4(v.w), fma(m[2], vec4(v.z), fma(m[1], vec4(v.y), fma(m[0], vec4(v.x), sum))));
}

// m − rows · columnsᵀ
fn less_outer(m: mat4x4<f32>, rows: vec4<f32>, columns: vec4<f32>) -> mat4x4<f32> {
    return mat4x4(
        fma(rows, vec4(-columns.x), m[0]),
        fma(rows, vec4(-columns.y), m[1]),
        fma(rows, vec4(-columns.z), m[2]),
        fma(rows, vec4(-columns.w), m[3]),
    );
}

fn scaled(m: mat4x4<f32>, columns: vec4<f32>) -> mat4x4<f32> {
    return mat4x4(m[0] * columns.x, m[1] * columns.y, m[2] * columns.z, m[3] * columns.w);
}

// Four rows and columns at the start: the identity.
fn start(row: u32, column: u32) -> mat4x4<f32> {
    let one = select(0.0, 1.0, row == column);
    return mat4x4(
        one, 0.0, 0.0, 0.0,
        0.0, one, 0.0, 0.0,
        0.0, 0.0, one, 0.0,
        0.0, 0.0, 0.0, one,
    );
}

@compute @workgroup_size(THREADS)
fn wk_row(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(subgroup_id) subgroup: u32,
    @builtin(subgroup_size) subgroup_size: u32,
    @builtin(subgroup_invocation_id) invocation: u32,
) {
    let thread = subgroup * subgroup_size + invocation;
    let lane = thread % LANES;
    let row = thread / LANES;
    let head = group.x;
    let layer = group.y;
    let t = params.token;
    let results_layer = params.first_layer - params.results_layer + layer;
    let out = ((params.slot * params.layers + results_layer) * params.heads + head) * params.tokens;

    // The upper and the lower four rows.
    var m0 = start(2u * row, 4u * lane);
    var m1 = start(2u * row, 4u * lane + 1u);
    var m2 = start(2u * row, 4u * lane + 2u);
    var m3 = start(2u * row, 4u * lane + 3u);
    var n0 = start(2u * row + 1u, 4u * lane);
    var n1 = start(2u * row + 1u, 4u * lane + 1u);
    var n2 = start(2u * row + 1u, 4u * lane + 2u);
    var n3 = start(2u * row + 1u, 4u * lane + 3u);

    for (var done = 0u; done <= t; done += BATCH) {
        let last = t - done;
        if thread < FOURS * QUADS {
            let four = thread / QUADS;
            let quad = thread % QUADS;
            let at = i32(last) - i32(4u * four);
            let first = fetch(layer, head, quad, at);
            let second = fetch(layer, head, quad, at - 1);
            let third = fetch(layer, head, quad, at - 2);
            let fourth = fetch(layer, head, quad, at - 3);
            var lambda = make_ready(4u * four, quad, at, first, vec4(1.0));
            lambda = make_ready(4u * four + 1u, quad, at - 1, second, lambda);
            lambda = make_ready(4u * four + 2u, quad, at - 2, third, lambda);
            lambda = make_ready(4u * four + 3u, quad, at - 3, fourth, lambda);
            scale[four * LANES + quad / 4u][quad % 4u] = lambda;
        }
        workgroupBarrier();
        for (var i = 0u; i < BATCH; i += 1u) {
            let v = b[i * LANES + lane];
            let upper_b = over_lanes(along(m3, v[3], along(m2, v[2], along(m1, v[1], along(m0, v[0], vec4(0.0))))));
            let lower_b = over_lanes(along(n3, v[3], along(n2, v[2], along(n1, v[1], along(n0, v[0], vec4(0.0))))));
            let k = key[i * LANES + lane];
            let upper = over_lanes(along(m3, k[3], along(m2, k[2], along(m1, k[1], along(m0, k[0], vec4(0.0))))));
            let lower = over_lanes(along(n3, k[3], along(n2, k[2], along(n1, k[1], along(n0, k[0], vec4(0.0))))));
            if lane == 0u {
                squares[(i * ROWS + row) / 4u][row % 4u] = dot(upper, upper) + dot(lower, lower);
            }
            let erased = kappa[i * LANES + lane];
            m0 = less_outer(m0, upper_b, erased[0]);
            m1 = less_outer(m1, upper_b, erased[1]);
            m2 = less_outer(m2, upper_b, erased[2]);
            m3 = less_outer(m3, upper_b, erased[3]);
            n0 = less_outer(n0, lower_b, erased[0]);
            n1 = less_outer(n1, lower_b, erased[1]);
            n2 = less_outer(n2, lower_b, erased[2]);
            n3 = less_outer(n3, lower_b, erased[3]);
            if i % 4u == 3u {
                let left = scale[i / 4u * LANES + lane];
                m0 = scaled(m0, left[0]);
                m1 = scaled(m1, left[1]);
                m2 = scaled(m2, left[2]);
                m3 = scaled(m3, left[3]);
                n0 = scaled(n0, left[0]);
                n1 = scaled(n1, left[1]);
                n2 = scaled(n2, left[2]);
                n3 = scaled(n3, left[3]);
            }
        }
        workgroupBarrier();
        if thread < BATCH && thread <= last {
            var total = vec4(0.0);
            for (var part = 0u; part < ROWS / 4u; part += 1u) {
                total += squares[thread * ROWS / 4u + part];
            }
            wk[out + last - thread] = sqrt(dot(total, vec4(1.0)));
        }
        // The next batch's first barrier comes before `squares` is written again.
    }
}
