// The row and column scans of scores.wgsl, faster: a head takes LANES lanes of a subgroup, which add
// their sums up by shuffles, so that no token waits at a barrier; and the vectors of the next eight
// tokens are on their way while one is worked on.
//
// Generated above this text by `score::lanes`: LANES, THREADS (of a workgroup), the types `Raw` and
// `Own`, a lane's quads of a head as they are stored and as numbers, with their arithmetic, and `sum`
// and `sum4` over a head's lanes.

@group(0) @binding(2) var<storage, read> outputs: array<vec4<f32>>;      // (layer, token, channel) y
@group(0) @binding(3) var<storage, read> parameters: array<vec4<f32>>;   // (layer, [gamma, beta, u or r_k], channel)
@group(0) @binding(4) var<storage, read_write> rwk: array<f32>;          // (slot, layer, head, token)
@group(0) @binding(5) var<storage, read_write> share: array<f32>;        // (slot, layer, head, token)
@group(0) @binding(6) var<storage, read_write> wk: array<f32>;           // (slot, layer, head, token)
@group(0) @binding(7) var<storage, read_write> conservation: array<f32>; // (slot, layer, head)
@group(0) @binding(8) var<storage, read_write> weighted: array<f32>;     // (slot, layer, head, token)
// (slot, layer, head, token): RWKV-7's erase part; a row of RWKV-6 leaves its W-K norms here.
@group(0) @binding(9) var<storage, read_write> more: array<f32>;

const GROUP_NORM_EPS: f32 = 64e-5;
const HEADS_A_GROUP: u32 = THREADS / LANES;

// A lane and the head that it works for.
struct Place {
    lane: u32,
    head: u32,
    layer: u32,   // in this buffer
    line: u32,    // where the head's results begin
    slot: u32,    // result slot
    is_there: bool,
    first: u32,   // the lane's first quad of set 0 and token 0 in `trace`
    outputs: u32, // the same in `outputs`
}

// Lanes beyond the last head work for it too, for shuffles need all lanes, but write nothing.
fn place_of(group: vec3<u32>, thread: u32) -> Place {
    var place: Place;
    let heads = select(1u, params.heads * params.group_layers, params.only == ALL);
    let at = group.x * HEADS_A_GROUP + thread / LANES;
    let own = select(params.only, min(at, heads - 1u), params.only == ALL);
    place.lane = thread % LANES;
    place.head = own % params.heads;
    place.layer = own / params.heads;
    place.is_there = at < heads;
    place.slot = params.slot + group.z;
    if params.only == ALL {
        let layer = params.first_layer - params.results_layer + place.layer;
        place.slot = (place.slot * params.layers + layer) * params.heads + place.head;
    }
    place.line = place.slot * params.tokens;
    place.first = quad_index(place.layer * SETS, 0u, place.head, place.lane);
    place.outputs = quad_index(place.layer, 0u, place.head, place.lane);
    return place;
}

// Quads from one token, and from one set, to the next.
fn token_stride() -> u32 {
    return params.heads * QUADS;
}

fn set_stride() -> u32 {
    return params.capacity * params.heads * QUADS;
}

fn own_of(place: Place, kind: u32, token: u32) -> Own {
    return unpack_own(fetch_own(place.first + kind * set_stride() + token * token_stride()));
}

fn parameter(place: Place, which: u32) -> Own {
    let layer = params.first_layer + place.layer;
    let at = ((layer * 3u + which) * params.heads + place.head) * QUADS + place.lane;
    return parameters_own(at);
}

// What a scan needs of one token: of a row k and v, of a column r and y.
struct Token {
    one: Raw,
    v: Raw,
    y: Own,
    w: Raw,
    a: Raw,
    kappa: Raw,
}

fn fetch_common(place: Place, token: u32) -> Token {
    var next: Token;
    let at = place.first + token * token_stride();
    let set_quads = set_stride();
    next.w = fetch_own(at + SET_W * set_quads);
    if VERSION == 7u {
        next.a = fetch_own(at + SET_A * set_quads);
        next.kappa = fetch_own(at + SET_KAPPA * set_quads);
    }
    return next;
}

struct Row {
    bonus: Own,
    y: Own,
    y_square: f32,
    q: Own,
    erased: Own,     // what erasing has changed in q: a difference of scores would lose its digits
    decayed: Own,    // RWKV-6: the decays s + 1 … t
    total: Own,      // Σ A v
    channels: Own,   // sizes of what is added up, of channels …
    reach: f32,      // … and of tokens
    kept: vec4<f32>, // sums of the token whose place in a line of LANES is this lane's
}

fn fetch_row(place: Place, token: i32) -> Token {
    // Before the first token there is nothing to read, and what is read is not used.
    let s = u32(max(token, 0));
    let at = place.first + s * token_stride();
    let set_quads = set_stride();
    var next = fetch_common(place, s);
    next.one = fetch_own(at + SET_K * set_quads);
    next.v = fetch_own(at + SET_V * set_quads);
    return next;
}

fn row_step(place: Place, state: ptr<function, Row>, at: i32, t: u32, token: Token) {
    if at < 0 {
        return;
    }
    let s = u32(at);
    var k = unpack_own(token.one);
    let v = unpack_own(token.v);
    let decay = decay_own(unpack_own(token.w));
    let query = (*state).q;
    var sums: vec4<f32>;
    if VERSION == 7u {
        let kappa = unpack_own(token.kappa);
        let b = times(unpack_own(token.a), kappa);
        let b_q = sum(inner(b, (*state).q));
        sums = sum4(vec4(inner((*state).q, k), inner(v, (*state).y), inner(v, v), inner((*state).erased, k)));
        (*state).q = less(times(decay, (*state).q), kappa, b_q);
        (*state).erased = less(times(decay, (*state).erased), kappa, b_q);
    } else {
        let left = times((*state).decayed, k);
        if s == t {
            k = times(k, (*state).bonus);
        }
        sums = sum4(vec4(inner((*state).q, k), inner(v, (*state).y), inner(v, v), inner(left, left)));
        // The newest token is undecayed: in q, w applies at s + 1 … t − 1 only.
        if s < t {
            (*state).q = times(decay, (*state).q);
        }
        (*state).decayed = times(decay, (*state).decayed);
    }
    (*state).total = less((*state).total, v, -sums.x);
    let v_norm = sqrt(sums.z);
    (*state).channels = less((*state).channels, size_of(times(query, k)), -v_norm);
    (*state).reach += abs(sums.x) * v_norm;

    let own = s % LANES;
    if own == place.lane {
        (*state).kept = sums;
    }
    // Every LANES tokens, each lane writes one of them.
    if own == 0u && place.is_there && s + place.lane <= t {
        let kept = (*state).kept;
        let out = place.line + s + place.lane;
        rwk[out] = kept.x;
        share[out] = kept.x * kept.y / max((*state).y_square, 1e-30);
        weighted[out] = abs(kept.x) * sqrt(kept.z);
        if VERSION == 7u {
            more[out] = kept.w;
        } else {
            more[out] = sqrt(kept.w);
        }
    }
}

// Whom does token t read? A[t, s] for s = t … 0, and Σ A v against the captured output.
@compute @workgroup_size(THREADS)
fn row(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(subgroup_id) subgroup: u32,
    @builtin(subgroup_size) subgroup_size: u32,
    @builtin(subgroup_invocation_id) invocation: u32,
) {
    let place = place_of(group, subgroup * subgroup_size + invocation);
    let t = params.token + group.z;

    var state: Row;
    state.q = own_of(place, SET_R, t);
    state.decayed = every(1.0);
    state.y = outputs_own(place.outputs + t * token_stride());
    state.bonus = parameter(place, 2u);
    if params.before > 0u {
        state.total = outputs_own(place.outputs + params.before + t * token_stride());
        state.reach = sqrt(sum(inner(state.total, state.total)));
    }
    // ‖y_t‖² and, for RWKV-7, the bonus after GroupNorm.
    state.y_square = sum(inner(state.y, state.y));
    let bonus = sum(inner(times(state.q, state.bonus), own_of(place, SET_K, t)));

    var s = i32(t);
    var first = fetch_row(place, s);
    var second = fetch_row(place, s - 1);
    var third = fetch_row(place, s - 2);
    var fourth = fetch_row(place, s - 3);
    var fifth = fetch_row(place, s - 4);
    var sixth = fetch_row(place, s - 5);
    var seventh = fetch_row(place, s - 6);
    var eighth = fetch_row(place, s - 7);
    while s >= 0 {
        row_step(place, &state, s, t, first);
        first = fetch_row(place, s - 8);
        row_step(place, &state, s - 1, t, second);
        second = fetch_row(place, s - 9);
        row_step(place, &state, s - 2, t, third);
        third = fetch_row(place, s - 10);
        row_step(place, &state, s - 3, t, fourth);
        fourth = fetch_row(place, s - 11);
        row_step(place, &state, s - 4, t, fifth);
        fifth = fetch_row(place, s - 12);
        row_step(place, &state, s - 5, t, sixth);
        sixth = fetch_row(place, s - 13);
        row_step(place, &state, s - 6, t, seventh);
        seventh = fetch_row(place, s - 14);
        row_step(place, &state, s - 7, t, eighth);
        eighth = fetch_row(place, s - 15);
        s -= 8;
    }

    // GroupNorm of the sum, as the model does it, against what the model wrote.
    let n = f32(HEAD_SIZE);
    let ones = every(1.0);
    let mean = sum(inner(state.total, ones)) / n;
    let centred = less(state.total, ones, mean);
    let squares = sum4(vec4(inner(centred, centred), inner(state.channels, state.channels), 0.0, 0.0));
    let variance = squares.x / n;
    let cancelled = max(sqrt((squares.y + state.reach * state.reach) / (n * (variance + GROUP_NORM_EPS))), 1.0);
    let scaled = times(centred, parameter(place, 0u));
    var expected = less(parameter(place, 1u), scaled, -inverseSqrt(variance + GROUP_NORM_EPS));
    if VERSION == 7u {
        expected = less(expected, own_of(place, SET_V, t), -bonus);
    }
    let captured = own_of(place, SET_X, t);
    let error = less(expected, captured, 1.0);
    let norms = sum4(vec4(inner(error, error), inner(captured, captured), 0.0, 0.0));
    if place.lane == 0u && place.is_there {
        // The token that stands for a state has no output.
        let is_state = params.before > 0u && t == 0u;
        conservation[place.slot] = select(sqrt(norms.x / max(norms.y, 1e-30)) / cancelled, 0.0, is_state);
    }
}

struct Column {
    v: Own,
    v_norm: f32,
    p: Own,
    erased: Own,     // what erasing has changed in p
    kept: vec4<f32>, // as in a row
    kept_norm: f32,
}

fn fetch_column(place: Place, token: u32) -> Token {
    // Past the last token there is nothing to read, and what is read is not used.
    let t = min(token, params.tokens - 1u);
    let at = t * token_stride();
    var next = fetch_common(place, t);
    next.one = fetch_own(place.first + at + SET_R * set_stride());
    next.y = outputs_own(place.outputs + at);
    return next;
}

fn column_step(place: Place, state: ptr<function, Column>, s: u32, t: u32, token: Token) {
    if t >= params.tokens {
        return;
    }
    let receptance = unpack_own(token.one);
    let decay = decay_own(unpack_own(token.w));
    let p = (*state).p;
    let decayed = times(decay, p);
    // ‖p‖² of the token before comes with the sums of this one.
    var kept = vec4(0.0, inner((*state).v, token.y), inner(token.y, token.y), 0.0);
    var norm = 0.0;
    if VERSION == 7u {
        let kappa = unpack_own(token.kappa);
        let b = times(unpack_own(token.a), kappa);
        let kappa_p = sum(inner(kappa, p));
        // r·(w ⊙ p − b (κ̂·p)) = (r ⊙ w)·p − (r·b)(κ̂·p): one sum a token in place of two.
        let sums = sum4(vec4(
            inner(receptance, decayed),
            inner(receptance, b),
            inner(p, p),
            inner(receptance, times(decay, (*state).erased)),
        ));
        let of_y = sum4(kept);
        norm = sums.z;
        kept = vec4(sums.x - sums.y * kappa_p, of_y.y, of_y.z, sums.w - sums.y * kappa_p);
        (*state).erased = less(times(decay, (*state).erased), b, kappa_p);
        (*state).p = less(decayed, b, kappa_p);
    } else {
        kept.x = inner(receptance, p);
        kept.w = inner(p, p);
        kept = sum4(kept);
        norm = kept.w;
        (*state).p = decayed;
    }

    let own = t % LANES;
    if own == place.lane {
        (*state).kept = kept;
        (*state).kept_norm = norm;
    }
    if own == LANES - 1u || t == params.tokens - 1u {
        let reader = t - own + place.lane;
        if place.is_there && s < reader && reader <= t {
            let out = place.line + reader;
            let kept = (*state).kept;
            rwk[out] = kept.x;
            share[out] = kept.x * kept.y / max(kept.z, 1e-30);
            weighted[out] = abs(kept.x) * (*state).v_norm;
            wk[out - 1u] = sqrt((*state).kept_norm);
            if VERSION == 7u {
                more[out] = kept.w;
            }
        }
    }
}

// Who reads token s later? A[t, s] for t = s + 1 … T − 1, and the W-K norm ‖p‖ after the decays s + 1 … t.
@compute @workgroup_size(THREADS)
fn column(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(subgroup_id) subgroup: u32,
    @builtin(subgroup_size) subgroup_size: u32,
    @builtin(subgroup_invocation_id) invocation: u32,
) {
    let place = place_of(group, subgroup * subgroup_size + invocation);
    let s = params.token + group.z;

    var state: Column;
    state.p = own_of(place, SET_K, s);
    state.v = own_of(place, SET_V, s);
    state.v_norm = sqrt(sum(inner(state.v, state.v)));

    var t = s + 1u;
    var first = fetch_column(place, t);
    var second = fetch_column(place, t + 1u);
    var third = fetch_column(place, t + 2u);
    var fourth = fetch_column(place, t + 3u);
    var fifth = fetch_column(place, t + 4u);
    var sixth = fetch_column(place, t + 5u);
    var seventh = fetch_column(place, t + 6u);
    var eighth = fetch_column(place, t + 7u);
    while t < params.tokens {
        column_step(place, &state, s, t, first);
        first = fetch_column(place, t + 8u);
        column_step(place, &state, s, t + 1u, second);
        second = fetch_column(place, t + 9u);
        column_step(place, &state, s, t + 2u, third);
        third = fetch_column(place, t + 10u);
        column_step(place, &state, s, t + 3u, fourth);
        fourth = fetch_column(place, t + 11u);
        column_step(place, &state, s, t + 4u, fifth);
        fifth = fetch_column(place, t + 12u);
        column_step(place, &state, s, t + 5u, sixth);
        sixth = fetch_column(place, t + 13u);
        column_step(place, &state, s, t + 6u, seventh);
        seventh = fetch_column(place, t + 14u);
        column_step(place, &state, s, t + 7u, eighth);
        eighth = fetch_column(place, t + 15u);
        t += 8u;
    }
    let last = sum(inner(state.p, state.p));
    if place.lane == 0u && place.is_there {
        wk[place.line + params.tokens - 1u] = sqrt(last);
    }
}
