// Cells of a row merged by 2, 4 … 64 places, for those too narrow to be seen by themselves: of what is on show the
// amount of the largest size, the earlier of two as large; see `POOLED_OUTSIDE` for the rest.

@group(0) @binding(8) var<storage, read> token_at: array<u32>;              // (place): its first token
@group(0) @binding(9) var<storage, read_write> pooled: array<f32>;          // (row, level, place >> level)

var<workgroup> codes: array<f32, 64>;

fn code_of(row: u32, place: u32) -> f32 {
    if place >= places() {
        return POOLED_HIDDEN;
    }
    let token = token_at[place];
    let state = token_table[token].y;
    if state == HIDDEN {
        return POOLED_HIDDEN;
    }
    var amount: f32;
    if scene.selected == NONE {
        amount = min(norms[row * scene.stride + token] / max(scene.largest, 1e-30), 1.0);
    } else {
        amount = shown_value(row * scene.tokens + token, row);
    }
    return select(amount, amount + POOLED_OUTSIDE, state == OUTSIDE);
}

// 0 on show, 1 outside, 2 not there.
fn rank(code: f32) -> f32 {
    return select(select(0.0, 1.0, code > POOLED_OUTSIDE - 2.0), 2.0, code > POOLED_OUTSIDE + 2.0);
}

fn size_of(code: f32) -> f32 {
    return abs(select(code, code - POOLED_OUTSIDE, code > POOLED_OUTSIDE - 2.0));
}

fn merge(a: f32, b: f32) -> f32 {
    let later = rank(b) < rank(a) || (rank(b) == rank(a) && size_of(b) > size_of(a));
    return select(a, b, later);
}

@compute @workgroup_size(64)
fn pool(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = group.y;
    let base = row * 2u * padded_places();
    let place = group.x * 64u + thread;
    let own = code_of(row, place);
    pooled[base + place] = own;
    codes[thread] = own;
    for (var level = 1u; level <= LEVELS; level += 1u) {
        workgroupBarrier();
        let apart = 1u << (level - 1u);
        if thread % (2u * apart) == 0u {
            let both = merge(codes[thread], codes[thread + apart]);
            codes[thread] = both;
            pooled[base + pooled_level(level) + (place >> level)] = both;
        }
    }
}
